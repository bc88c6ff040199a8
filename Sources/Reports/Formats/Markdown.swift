import Mustache

/// The report as Markdown: for a ticket, a wiki or a mail.
package struct MarkdownReport: ReportFormat {
    package static let fileExtension = "md"

    package init() {}

    package func render(_ content: ReportContent) throws -> String {
        let template = try MustacheTemplate(string: MarkdownReport.template)
        return template.render(ReportPage(content, escape: MarkdownReport.escape).dictionary)
    }

    /// Text that Markdown and the HTML in it leave alone, in one table cell.
    static func escape(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\\", "`", "*", "_", "[", "]", "|", "#", "!", "~", "$": out += "\\\(character)"
            default: out.append(character.isNewline ? " " : character)
            }
        }
        // A bare address would become a link in some readers.
        return out.replacing("://", with: "&#58;//")
    }

    private static let template = """
        # AI on this network, {{{day}}}

        Seen between {{{from}}} and {{{to}}} UTC (packet time).

        {{#figures}}
        - **{{{number}}}** {{{name}}}
        {{/figures}}

        ## What nobody approved

        {{#teams}}
        ### {{{team}}}: {{{count}}}

        | severity | finding | subject | who answers | evidence |
        | --- | --- | --- | --- | --- |
        {{#rows}}
        | {{{severity}}} | {{{detail}}} | {{{subject}}} | {{{owner}}} | {{{evidence}}} ({{{id}}}) |
        {{/rows}}

        {{/teams}}
        {{^hasUnsanctioned}}
        Nothing: every app and MCP server in use is approved, or no policy speaks of it.

        {{/hasUnsanctioned}}
        ## New in this time

        {{#hasNew}}
        | first seen | kind | what | where | who answers |
        | --- | --- | --- | --- | --- |
        {{#new}}
        | {{{time}}} | {{{kind}}} | {{{what}}} | {{{where}}} | {{{owner}}} |
        {{/new}}
        {{/hasNew}}
        {{^hasNew}}
        Nothing.
        {{/hasNew}}

        ## MCP servers and their tools

        {{#hasServers}}
        | server | name | status | authentication | tools | clients | host | who answers |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        {{#servers}}
        | {{{endpoint}}} | {{{name}}} {{{version}}} | {{{status}}} | {{{auth}}} | {{{tools}}} | {{{clients}}} | {{{who}}} | {{{owner}}} |
        {{/servers}}
        {{/hasServers}}
        {{^hasServers}}
        None.
        {{/hasServers}}

        ## Agents

        {{#hasAgents}}
        | agent | kind | host | team | reaches | who answers |
        | --- | --- | --- | --- | --- | --- |
        {{#agents}}
        | {{{name}}} {{{version}}} | {{{kind}}} | {{{who}}} | {{{team}}} | {{{reaches}}} | {{{owner}}} |
        {{/agents}}
        {{/hasAgents}}
        {{^hasAgents}}
        None.
        {{/hasAgents}}

        ## Who acts for whom

        {{#hasChains}}
        | began at | led to | sure | who answers |
        | --- | --- | --- | --- |
        {{#chains}}
        | {{{start}}}{{#hasName}} in the name of {{{name}}}, as tokens claim{{/hasName}} ({{{id}}}) | {{#hops}}→ {{{what}}}, {{{count}}}, at {{{to}}}{{#how}} ({{{.}}}){{/how}} {{/hops}}| {{{sure}}} | {{{owner}}} |
        {{/chains}}

        {{#moreChains}}
        {{{.}}}: `tyto chains` prints all.

        {{/moreChains}}
        {{/hasChains}}
        {{^hasChains}}
        No delegation was seen.

        {{/hasChains}}
        ## What servers changed

        {{#hasChanges}}
        | when | server | of | what | told to | who answers |
        | --- | --- | --- | --- | --- | --- |
        {{#changes}}
        | {{{time}}} | {{{server}}}, {{{endpoint}}} ({{{id}}}) | {{{item}}} | {{{what}}} | {{{told}}} | {{{owner}}} |
        {{/changes}}

        {{#moreChanges}}
        {{{.}}}: `tyto show ID` prints all of a server or a tool.

        {{/moreChanges}}
        {{/hasChanges}}
        {{^hasChanges}}
        No tool, resource, prompt or instruction changed.

        {{/hasChanges}}
        ## Model endpoints

        {{#hasModels}}
        | endpoint | API | models | requests | status | host | who answers |
        | --- | --- | --- | --- | --- | --- | --- |
        {{#models}}
        | {{{endpoint}}} | {{{api}}} | {{{models}}} | {{{requests}}} | {{{status}}} | {{{who}}} | {{{owner}}} |
        {{/models}}
        {{/hasModels}}
        {{^hasModels}}
        None in plain text.
        {{/hasModels}}

        ## Nobody answers for

        {{#orphans}}
        - {{{host}}}, team {{{team}}}
        {{/orphans}}
        {{^hasOrphans}}
        Every host has an owner.
        {{/hasOrphans}}

        ## How sure this is

        `proof`: only this explains what was seen. `strong`: the other side's own word, or two facts that
        agree. `hint`: points somewhere, and never makes an alert. `tyto show ID` prints all evidence.

        Captures:

        {{#sources}}
        - {{{name}}}: {{{packets}}} packets, {{{bytes}}}, {{{first}}} to {{{last}}} UTC
        {{/sources}}

        {{#hasDrops}}
        Not fully used (packets or bytes, by cause):

        {{#drops}}
        - {{{cause}}}: {{{count}}}
        {{/drops}}
        {{/hasDrops}}
        {{^hasDrops}}
        Every packet was fully used.
        {{/hasDrops}}

        """
}

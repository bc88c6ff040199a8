import Mustache

/// The report as one HTML page: no script, nothing fetched, readable in the dark and on paper.
package struct HTMLReport: ReportFormat {
    package static let fileExtension = "html"

    package init() {}

    package func render(_ content: ReportContent) throws -> String {
        // `{{ }}` escapes for HTML, so what comes from the wire needs no other care.
        let template = try MustacheTemplate(string: HTMLReport.template)
        return template.render(ReportPage(content, escape: { $0 }).dictionary)
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5;
          --paper: #ffffff; --band: #f4f6f9; --bad: #b3261e; --mid: #8a5a00; --good: #1b6e3c; --link: #1d4f91; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e5e9f0; --soft: #a2adbd; --line: #394454;
          --paper: #161b22; --band: #1f2630; --bad: #ff8a80; --mid: #f0c060; --good: #7fd6a0; --link: #8ab8ff; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 78rem; background: var(--paper);
          color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
        h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
        h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; } p { margin: .3rem 0; color: var(--soft); }
        .figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0 0; padding: 0; list-style: none; }
        .figures li { background: var(--band); border-radius: .5rem; padding: .6rem 1rem; min-width: 7rem; }
        .figures b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .figures span { color: var(--soft); font-size: .85rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .88rem; }
        th { text-align: left; color: var(--soft); font-weight: 600; white-space: nowrap; }
        th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
        td { min-width: 5.5rem; } td.text { min-width: 13rem; } td.owner { min-width: 14rem; } td.number { text-align: right; min-width: 3rem; }
        .tag { display: inline-block; white-space: nowrap; font-weight: 600; }
        .high, .unsanctioned { color: var(--bad); } .medium, .unreviewed { color: var(--mid); }
        .low, .sanctioned { color: var(--good); }
        small { color: var(--soft); } code { font-size: .85em; color: var(--link); white-space: nowrap; } td.time { white-space: nowrap; }
        td.steps { min-width: 18rem; } ol { margin: 0; padding-left: 1.3rem; } ol li { margin-bottom: .3rem; }
        ul { margin: .3rem 0; padding-left: 1.2rem; }
        @media screen and (max-width: 40rem) { body { padding: 1.2rem 1rem 3rem; }
          thead { position: absolute; clip-path: inset(50%); } table, tbody, tr, td { display: block; }
          tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
          td, td.text, td.owner, td.number, td.steps { min-width: 0; border: 0; padding: .1rem 0; text-align: left; }
          td:empty { display: none; }
          td[data-name]::before { content: attr(data-name) ": "; color: var(--soft); } }
        @media print { body { max-width: none; padding: 0; font-size: 10pt; } .wide { overflow: visible; }
          h2 { break-after: avoid; } tr { break-inside: avoid; } }
        """

    private static let template = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>AI on this network, {{day}}</title>
        <style>
        \(style)
        </style>
        </head>
        <body>
        <header>
        <h1>AI on this network</h1>
        <p>Seen between {{from}} and {{to}} UTC (packet time), by Tyto.</p>
        <ul class="figures">
        {{#figures}}
        <li><b>{{number}}</b><span>{{name}}</span></li>
        {{/figures}}
        </ul>
        </header>
        <main>
        <h2>What nobody approved</h2>
        {{#teams}}
        <h3>{{team}}: {{count}}</h3>
        <div class="wide"><table>
        <thead><tr><th scope="col">Severity</th><th scope="col">Finding</th><th scope="col">Who answers</th><th scope="col">Evidence</th></tr></thead>
        <tbody>
        {{#rows}}
        <tr><td><span class="tag {{severity}}">{{severity}}</span></td><td class="text">{{detail}}<br><small>{{subject}}</small></td><td class="owner" data-name="Who answers">{{owner}}</td><td class="text" data-name="Evidence">{{evidence}}<br><code>{{id}}</code></td></tr>
        {{/rows}}
        </tbody></table></div>
        {{/teams}}
        {{^hasUnsanctioned}}
        <p>Nothing: every app and MCP server in use is approved, or no policy speaks of it.</p>
        {{/hasUnsanctioned}}
        <h2>New in this time</h2>
        {{#hasNew}}
        <div class="wide"><table>
        <thead><tr><th scope="col">First seen</th><th scope="col">Kind</th><th scope="col">What</th><th scope="col">Where</th><th scope="col">Who answers</th></tr></thead>
        <tbody>
        {{#new}}
        <tr><td class="time">{{time}}</td><td>{{kind}}</td><td class="text">{{what}}</td><td data-name="Where">{{where}}</td><td class="owner" data-name="Who answers">{{owner}}</td></tr>
        {{/new}}
        </tbody></table></div>
        {{/hasNew}}
        {{^hasNew}}<p>Nothing.</p>{{/hasNew}}
        <h2>MCP servers and their tools</h2>
        {{#hasServers}}
        <div class="wide"><table>
        <thead><tr><th scope="col">Server</th><th scope="col">Status</th><th scope="col">Tools</th><th scope="col">Clients</th><th scope="col">Host</th><th scope="col">Who answers</th></tr></thead>
        <tbody>
        {{#servers}}
        <tr><td>{{name}} {{version}}<br><small>{{endpoint}}<br>{{transport}}, authentication: {{auth}}</small><br><code>{{id}}</code></td><td><span class="tag {{status}}">{{status}}</span></td><td class="text" data-name="Tools">{{tools}}</td><td data-name="Clients">{{clients}}</td><td data-name="Host">{{who}}<br><small>{{team}}</small></td><td class="owner" data-name="Who answers">{{owner}}</td></tr>
        {{/servers}}
        </tbody></table></div>
        {{/hasServers}}
        {{^hasServers}}<p>None.</p>{{/hasServers}}
        <h2>Agents</h2>
        {{#hasAgents}}
        <div class="wide"><table>
        <thead><tr><th scope="col">Agent</th><th scope="col">Kind</th><th scope="col">Host</th><th scope="col">Reaches</th><th scope="col">Who answers</th></tr></thead>
        <tbody>
        {{#agents}}
        <tr><td>{{name}} {{version}}<br><code>{{id}}</code></td><td>{{kind}}</td><td data-name="Host">{{who}}<br><small>{{team}}</small></td><td class="text" data-name="Reaches">{{reaches}}</td><td class="owner" data-name="Who answers">{{owner}}</td></tr>
        {{/agents}}
        </tbody></table></div>
        {{/hasAgents}}
        {{^hasAgents}}<p>None.</p>{{/hasAgents}}
        <h2>Who acts for whom</h2>
        {{#hasChains}}
        <p>Each request was made while, or because, the one above it was answered. How sure that is runs from 0 to 1.</p>
        <div class="wide"><table>
        <thead><tr><th scope="col">Began at</th><th scope="col">Led to</th><th scope="col">Sure</th><th scope="col">Who answers</th></tr></thead>
        <tbody>
        {{#chains}}
        <tr><td class="text">{{start}}{{#hasName}}<br><small>in the name of {{name}}, as tokens claim</small>{{/hasName}}<br><code>{{id}}</code></td><td class="steps" data-name="Led to"><ol>
        {{#hops}}
        <li>{{what}} <small>{{count}}</small><br>→ {{to}}{{#how}}<br><small>{{.}}</small>{{/how}}</li>
        {{/hops}}
        </ol></td><td class="number" data-name="Sure">{{sure}}</td><td class="owner" data-name="Who answers">{{owner}}</td></tr>
        {{/chains}}
        </tbody></table></div>
        {{#moreChains}}<p>{{.}}: <code>tyto chains</code> prints all.</p>{{/moreChains}}
        {{/hasChains}}
        {{^hasChains}}<p>No delegation was seen.</p>{{/hasChains}}
        <h2>What servers changed</h2>
        {{#hasChanges}}
        <div class="wide"><table>
        <thead><tr><th scope="col">When</th><th scope="col">Server</th><th scope="col">Of</th><th scope="col">What</th><th scope="col">Told to</th><th scope="col">Who answers</th></tr></thead>
        <tbody>
        {{#changes}}
        <tr><td class="time">{{time}}</td><td data-name="Server">{{server}}<br><small>{{endpoint}}</small><br><code>{{id}}</code></td><td data-name="Of">{{item}}</td><td class="text" data-name="What">{{what}}</td><td data-name="Told to">{{told}}</td><td class="owner" data-name="Who answers">{{owner}}</td></tr>
        {{/changes}}
        </tbody></table></div>
        {{#moreChanges}}<p>{{.}}: <code>tyto show ID</code> prints all of a server or a tool.</p>{{/moreChanges}}
        {{/hasChanges}}
        {{^hasChanges}}<p>No tool, resource, prompt or instruction changed.</p>{{/hasChanges}}
        <h2>Model endpoints</h2>
        {{#hasModels}}
        <div class="wide"><table>
        <thead><tr><th scope="col">Endpoint</th><th scope="col">Status</th><th scope="col">Models</th><th scope="col">Requests</th><th scope="col">Host</th><th scope="col">Who answers</th></tr></thead>
        <tbody>
        {{#models}}
        <tr><td>{{endpoint}}<br><small>{{api}}</small><br><code>{{id}}</code></td><td><span class="tag {{status}}">{{status}}</span></td><td data-name="Models">{{models}}</td><td class="number" data-name="Requests">{{requests}}</td><td data-name="Host">{{who}}</td><td class="owner" data-name="Who answers">{{owner}}</td></tr>
        {{/models}}
        </tbody></table></div>
        {{/hasModels}}
        {{^hasModels}}<p>None in plain text.</p>{{/hasModels}}
        <h2>Nobody answers for</h2>
        {{#hasOrphans}}
        <ul>
        {{#orphans}}
        <li>{{host}} <small>team {{team}}</small></li>
        {{/orphans}}
        </ul>
        {{/hasOrphans}}
        {{^hasOrphans}}<p>Every host has an owner.</p>{{/hasOrphans}}
        <h2>How sure this is</h2>
        <p><b>proof</b>: only this explains what was seen. <b>strong</b>: the other side's own word, or two facts that agree.
        <b>hint</b>: points somewhere, and never makes an alert. <code>tyto show ID</code> prints all evidence.</p>
        <ul>
        {{#sources}}
        <li>{{name}}: {{packets}} packets, {{bytes}}, {{first}} to {{last}} UTC</li>
        {{/sources}}
        </ul>
        {{#hasDrops}}
        <p>Not fully used (packets or bytes, by cause):
        {{#drops}}{{cause}} {{count}}; {{/drops}}</p>
        {{/hasDrops}}
        {{^hasDrops}}<p>Every packet was fully used.</p>{{/hasDrops}}
        </main>
        </body>
        </html>

        """
}

import Foundation
import Testing

/// `tyto owner`, `review`, `explain`, and declarations in every form, through the program.
@Suite struct DecisionTests {
    private let office = Case(folder: "office/day")

    private func replayed(_ folder: TemporaryFolder, config: String? = nil) throws -> String {
        let db = folder.file("tyto.db")
        let file = try config.map { try folder.write("c.yaml", $0) } ?? office.path("hosts.yaml")
        let outcome = try Program.run("replay", office.capture, "--config", file, "--db", db)
        #expect(outcome.status == 0, "\(outcome.err)")
        return db
    }

    private func out(_ arguments: String...) throws -> String {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 0, "\(outcome.err)")
        return outcome.out
    }

    @Test func anOwnerIsSetConfirmedAndEnded() throws {
        let folder = try TemporaryFolder()
        let db = try replayed(folder)
        let host = "10.10.10.100"
        #expect(try out("explain", host, "--db", db).contains("answers for it: jun.larsen@corp"))
        let set = try out("owner", "set", host, "eve@corp.example", "--by", "anna", "--db", db)
        #expect(set == "decision 1 of anna: eve@corp.example answers for ip:\(host)\n")
        let explained = try out("explain", host, "--db", db)
        #expect(explained.contains("answers for it: eve@corp.example"))
        #expect(explained.contains("decides  owner eve@corp.example"))
        #expect(explained.contains("loses    owner jun.larsen@corp.example"))
        #expect(explained.contains("hosts.yaml:"))
        #expect(try out("owner", "confirm", host, "--by", "bert", "--db", db).contains("still"))
        _ = try out("owner", "expire", host, "--by", "bert", "--db", db)
        #expect(try out("explain", host, "--db", db).contains("answers for it: nobody"))
        #expect(try out("inventory", "orphans", "--db", db).contains("host"))
        let history = try out("owner", "--format", "ndjson", "--db", db)
        #expect(history.split(separator: "\n").count == 3)
        let none = try Program.run("owner", "confirm", "10.9.9.9", "--db", db)
        #expect(none.status == 1 && none.err.contains("owner set"))
    }

    @Test func aStatusIsGivenAndTakenBack() throws {
        let folder = try TemporaryFolder()
        let db = try replayed(folder)
        let waiting = try out("review", "--format", "csv", "--db", db)
        let line = try #require(
            waiting.split(whereSeparator: \.isNewline).first { $0.hasPrefix("domain:") })
        let subject = String(try #require(line.split(separator: ",").first))
        _ = try out(
            "review", "set", subject, "tolerated", "--reason", "a pilot", "--until", "2031-01-31",
            "--by", "anna", "--db", db)
        let after = try out("review", "--format", "csv", "--db", db)
        #expect(!after.contains(subject + ","))
        let apps = try out(
            "inventory", "apps", "--status", "tolerated", "--format", "json", "--db", db)
        #expect(apps.contains("until 2031-02-01") && apps.contains("a pilot"))
        _ = try out("review", "withdraw", subject, "--by", "anna", "--db", db)
        #expect(try out("review", "--format", "csv", "--db", db) == waiting)
        let again = try Program.run("review", "withdraw", subject, "--db", db)
        #expect(again.status == 1 && again.err.contains("review history"))
    }

    /// A row stands for what it is: a use of an app on one machine.
    @Test func anIDStandsForItsRow() throws {
        let folder = try TemporaryFolder()
        let db = try replayed(folder)
        let rows = try out("inventory", "apps", "--format", "csv", "--db", db)
        let row = try #require(
            rows.split(whereSeparator: \.isNewline).first { $0.contains("strong") })
        let id = String(try #require(row.split(separator: ",").first))
        let said = try out("review", "set", id, "sanctioned", "--by", "anna", "--db", db)
        #expect(said.contains("is sanctioned for mac:") || said.contains("is sanctioned for ip:"))
        let shown = try out("show", id, "--db", db)
        #expect(shown.contains("Status: sanctioned") && shown.contains("decision 1 of anna"))
    }

    @Test(
        arguments: [
            (["owner", "set", "a b", "x"], "agent:"),
            (["review", "set", "x", "tolerated"], "app:ID"),
            (["review", "set", "app:x", "fine"], "tolerated"),
            (["review", "set", "app:x", "tolerated", "--until", "soon"], "2027-01-31"),
            (["review", "set", "app:x", "tolerated", "--team", "a", "--host", "b"], "one of them"),
            (["explain", "10.1.1.1", "--at", "noon"], "2026-11-23"),
        ] as [([String], String)])
    func aWrongDecisionChangesNothing(_ arguments: [String], _ word: String) throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        let dns = Case(folder: "dns/lookups")
        #expect(try Program.run("replay", dns.capture, "--db", db).status == 0)
        let outcome = try Program.run(arguments + ["--db", db])
        #expect(outcome.status == 2 && outcome.err.contains(word), "\(outcome.err)")
        #expect(outcome.err.split(separator: "\n").count == 1)
        #expect(try out("review", "history", "--format", "ndjson", "--db", db).isEmpty)
        #expect(try out("owner", "history", "--format", "ndjson", "--db", db).isEmpty)
    }

    // MARK: - Declarations

    private static let forms: [(name: String, text: String)] = [
        ("d.yaml", "mcp_servers:\n  - name: t\n    url: http://10.10.50.20:3001/mcp\n"),
        ("d.csv", "kind,name,location\nmcp-server,\"t, \"\"x\"\"\",10.10.50.20:3001\n"),
        (
            "server.json",
            #"{"name":"io.x/t","version":"1","remotes":[{"type":"sse","url":"http://10.10.50.20:3001/"}]}"#
        ),
        (
            "list.json",
            #"{"servers":[{"server":{"name":"t","remotes":[{"url":"http://10.10.50.20:3001/"}]}}]}"#
        ),
        (
            "bom.json",
            #"{"bomFormat":"CycloneDX","services":[{"name":"x","services":[{"name":"t mcp","endpoints":["http://10.10.50.20:3001/mcp"]}]}]}"#
        ),
    ]

    @Test(arguments: forms.indices) func everyFormIsRead(_ index: Int) throws {
        let form = Self.forms[index]
        let folder = try TemporaryFolder()
        _ = try folder.write(form.name, form.text)
        let db = try replayed(folder, config: "declared: [\(form.name)]\n")
        let rows = try out("inventory", "declared", "--format", "ndjson", "--db", db)
        #expect(rows.contains(#""state": "#) || rows.contains(#""state":"#))
        let met = rows.split(separator: "\n").filter {
            $0.contains("confirmed") || $0.contains("different")
        }
        #expect(met.count == 1 && met[0].contains(form.name), "\(rows)")
        let there = try out(
            "inventory", "declared", "--host", "10.10.50.20", "--format", "ndjson", "--db", db)
        #expect(there.contains(form.name))
    }

    @Test func anAgentCardIsRead() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(
            "card.json",
            #"{"name":"planner","version":"2","url":"http://10.1.1.1:9000/","skills":[]}"#)
        let db = try replayed(folder, config: "declared: [card.json]\n")
        let rows = try out("inventory", "declared", "--format", "csv", "--db", db)
        #expect(rows.contains("unseen,agent,planner"))
    }

    @Test(arguments: [
        ("d.yaml", "mcp_servers:\n  - version: 1\n", "d.yaml:2"),
        ("d.yaml", "agents:\n  - name: a\n    nmae: b\n", "d.yaml:3"),
        ("d.yaml", "mcp_servers:\n  - name: a\n    url: nowhere\n", "d.yaml:3"),
        ("d.yaml", "things: []\n", "list of declarations"),
        ("d.csv", "kind,name\nserver,a\n", "d.csv:2"),
        ("d.csv", "kind,nam\nagent,a\n", "d.csv:1"),
        ("d.csv", "kind,name\nagent\n", "d.csv:2"),
        ("d.csv", "kind,name\nagent,\"a\n", "d.csv:2"),
        ("d.json", "{\"remotes\": []}", "needs \"name\""),
        ("d.json", "{\"remotes\": [", "d.json:"),
    ]) func aMistakeInADeclarationIsShownWithItsLine(
        _ name: String, _ text: String, _ word: String
    ) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(name, text)
        let config = try folder.write("c.yaml", "declared: [\(name)]\n")
        let outcome = try Program.run("replay", office.capture, "--config", config)
        #expect(outcome.status == 2 && outcome.err.contains(word), "\(outcome.err)")
        #expect(outcome.err.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        ("teams:\n  - vlan: 5000\n    team: a\n", ["c.yaml:2", "4094"]),
        ("teams:\n  - cidr: 10.0.0.0/8\n", ["c.yaml:2", "needs `team:`"]),
        (
            "networks:\n  - cidr: 10.0.0.0/8\n    team: a\nteams:\n  - cidr: 10.0.0.0/8\n    team: b\n",
            ["c.yaml:5", "networks:"]
        ),
        ("owners:\n  - mcp_server: here\n    owner: a\n", ["c.yaml:2", "endpoint"]),
        ("owners:\n  - hostname: a b\n    owner: a\n", ["c.yaml:2", "host name"]),
        ("status:\n  - app: a\n    agent: b\n    status: tolerated\n", ["c.yaml:3", "one thing"]),
        ("status:\n  - app: a\n", ["c.yaml:2", "needs `status:`"]),
        ("status:\n  - status: tolerated\n", ["c.yaml:2", "needs one of"]),
        ("status:\n  - app: a\n    status: good\n", ["c.yaml:3", "tolerated"]),
        (
            "status:\n  - app: a\n    status: tolerated\n    until: soon\n",
            ["c.yaml:4", "2027-01-31"]
        ),
        (
            "status:\n  - app: a\n    status: tolerated\n  - app: a\n    status: sanctioned\n",
            ["c.yaml:4", "line 2"]
        ),
        ("declared: [none.yaml]\n", ["none.yaml", "cannot be read"]),
    ]) func aMistakeIsShownWithItsLine(_ text: String, _ words: [String]) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("c.yaml", text)
        let outcome = try Program.run("replay", office.capture, "--config", file)
        #expect(outcome.status == 2)
        #expect(outcome.err.split(separator: "\n").count == 1, "\(outcome.err)")
        for word in words { #expect(outcome.err.contains(word), "\(outcome.err)") }
    }
}

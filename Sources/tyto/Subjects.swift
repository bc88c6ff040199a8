import Foundation
import Inventory
import Sensor
import Wire

/// What people name on the command line when they decide something.
enum Subjects {
    /// Whoever is at the keyboard, where `--by` does not say it.
    static func person(_ given: String?) throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let found = given ?? environment["SUDO_USER"] ?? environment["USER"] ?? NSUserName()
        guard !found.isEmpty else {
            throw Failure(message: "--by: say who decides, with --by NAME", code: 2)
        }
        return try plain(found, "--by")
    }

    /// A text that stands in tables and between separators.
    static func plain(_ text: String, _ option: String) throws -> String {
        guard !text.isEmpty, text.utf8.count <= 500,
            text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else {
            throw Failure(
                message: "\(option): write one line of at most 500 bytes, without controls",
                code: 2)
        }
        return text
    }

    static func now() -> Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970) * 1_000_000_000)
    }

    static func until(_ text: String?) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = PointInTime.end(of: text) else {
            throw Failure(
                message: "--until \(text): write a day like 2027-01-31, which is the last it "
                    + "holds, or a time like 2027-01-31T18:00:00Z", code: 2)
        }
        return time
    }

    /// Whom an owner is given for: one of `SubjectText.ownerForms`, or the id of a row.
    static func ownerKey(_ text: String, _ snapshot: () throws -> Snapshot) throws
        -> Organization.Key
    {
        if let found = try row(text, snapshot)?.owner { return found }
        guard let key = SubjectText.key(text) else {
            throw Failure(message: "\(text): write \(SubjectText.ownerForms), or an id", code: 2)
        }
        return key
    }

    /// What a status is given to, and where: one of `SubjectText.statusForms`, or the id of a row,
    /// which is on one host.
    static func statusSubject(_ text: String, _ snapshot: () throws -> Snapshot) throws
        -> (subject: Verdict.Subject, scope: Verdict.Scope?)
    {
        if let found = try row(text, snapshot), let subject = found.status {
            return (subject, found.scope)
        }
        guard let subject = SubjectText.subject(text) else {
            throw Failure(message: "\(text): write \(SubjectText.statusForms), or an id", code: 2)
        }
        return (subject, nil)
    }

    private struct Row {
        var owner: Organization.Key?
        var status: Verdict.Subject?
        var scope: Verdict.Scope?
    }

    /// The row of an id; nil for what does not look like one.
    private static func row(
        _ id: String, _ snapshot: () throws -> Snapshot
    ) throws -> Row? {
        guard let dash = id.lastIndex(of: "-"), id[id.index(after: dash)...].count == 10,
            ["app", "agent", "mcp", "llm", "host"].contains(String(id[..<dash]))
        else { return nil }
        let snapshot = try snapshot()
        if let app = snapshot.apps.first(where: { $0.id == id }) {
            return Row(status: .domain(app.domainName), scope: host(app.host, app.attribution))
        }
        if let agent = snapshot.agents.first(where: { $0.id == id }),
            let name = NamePattern(agent.name)
        {
            return Row(
                owner: .agent(name), status: .agent(name),
                scope: host(agent.host, agent.attribution))
        }
        if let server = snapshot.mcpServers.first(where: { $0.id == id }) {
            return Row(owner: .mcpServer(server.endpoint), status: .mcpServer(server.endpoint))
        }
        if let model = snapshot.modelEndpoints.first(where: { $0.id == id }) {
            return Row(status: .modelServer(model.endpoint))
        }
        if let known = snapshot.hosts.first(where: { $0.id == id }) {
            let key = known.attribution.mac.map { Organization.Key.mac($0) }
            return Row(owner: key ?? .address(known.address))
        }
        throw Failure(message: "\(id): no such id; `tyto inventory` lists them", code: 1)
    }

    /// What stays with a machine when its address goes to another.
    private static func host(_ address: IPAddress, _ attribution: Attribution) -> Verdict.Scope {
        attribution.mac.map { .mac($0) } ?? .address(address)
    }
}

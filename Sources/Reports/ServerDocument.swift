import Inventory
import Wire

/// What an MCP server's row says beyond names: versions, outcomes, and what goes on beside calls.
extension InventoryDocument {
    /// The history of an item, as members of the object that names it.
    static func writeHistory(_ history: ItemHistory, _ out: inout JSONWriter) {
        out.member("last_listed", history.lastListed.rfc3339)
        out.member("removed", ifPresent: history.removed?.rfc3339)
        out.member("told_differently", ifPresent: history.difference?.rawValue)
        if history.isVolatile { out.member("volatile", true) }
        out.member("version_count", history.count)
        out.key("versions")
        out.beginArray()
        for version in history.versions { write(version, &out) }
        out.endArray()
    }

    private static func write(_ version: ItemVersion, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("digest", version.digest)
        if let hashes = version.hashes {
            out.member("shape", hashes.shape)
            out.member("text", hashes.text)
            out.member("hints", hashes.hints)
        }
        out.member("count", version.count)
        out.member("first_seen", version.firstSeen.rfc3339)
        out.member("last_seen", version.lastSeen.rfc3339)
        if !version.changes.isEmpty {
            out.key("changes")
            out.beginArray()
            for change in version.changes {
                out.beginObject()
                out.member("part", change.part.rawValue)
                out.member("what", change.what)
                out.endObject()
            }
            out.endArray()
        }
        out.key("told")
        out.beginArray()
        for telling in version.tellings {
            out.beginObject()
            InventoryDocument.write("client", telling.client, &out)
            out.member(
                "protocol_version", ifPresent: telling.revision.isEmpty ? nil : telling.revision)
            out.member("auth", telling.scheme)
            out.member("count", telling.count)
            out.member("first_seen", telling.firstSeen.rfc3339)
            out.member("last_seen", telling.lastSeen.rfc3339)
            out.endObject()
        }
        out.endArray()
        out.endObject()
    }

    static func write(_ call: MCPServer.Call, _ out: inout JSONWriter) {
        out.beginObject()
        InventoryDocument.write("client", call.client, &out)
        out.member("tool", call.tool)
        out.member("count", call.count)
        out.member("errors", call.errors)
        let others: [(String, Int)] = [
            ("tool_errors", call.toolErrors), ("protocol_errors", call.protocolErrors),
            ("input_required", call.inputRequired), ("cancelled", call.cancelled),
            ("unanswered", call.unanswered), ("progress", call.progress),
        ]
        for (name, count) in others where count > 0 { out.member(name, count) }
        if let mean = call.meanLatency, let longest = call.longestLatency {
            out.member("latency_us", mean / 1000)
            out.member("longest_latency_us", longest / 1000)
        }
        out.member("result_bytes", call.resultBytes)
        out.endObject()
    }

    /// Nothing where nobody was seen to grant anything.
    private static func writeAuthorization(_ server: MCPServer, _ out: inout JSONWriter) {
        guard !server.authorization.isEmpty else { return }
        out.key("authorization")
        out.beginObject()
        for what in AuthorizationFact.allCases {
            let values = server.authorization.filter { $0.what == what }
            guard !values.isEmpty else { continue }
            if what == .step || what == .error || what == .secret {
                // How often each was seen.
                out.key(what.rawValue)
                out.beginObject()
                for value in values { out.member(value.value, value.count) }
                out.endObject()
            } else {
                out.member(what.rawValue, values.map(\.value))
            }
        }
        out.endObject()
    }

    /// Nothing where no text was given.
    private static func writeInstructions(
        _ versions: [InstructionsVersion], _ out: inout JSONWriter
    ) {
        guard !versions.isEmpty else { return }
        out.key("instructions")
        out.beginArray()
        for version in versions {
            out.beginObject()
            out.member("hash", version.hash)
            out.member("server_versions", version.serverVersions)
            out.member("count", version.count)
            out.member("first_seen", version.firstSeen.rfc3339)
            out.member("last_seen", version.lastSeen.rfc3339)
            out.endObject()
        }
        out.endArray()
    }

    /// Nothing where nothing went on.
    static func members(of client: MCPServer.Client, _ out: inout JSONWriter) {
        InventoryDocument.write("host", client.host, &out)
        out.member("name", client.name)
        out.member("version", orNull: client.version)
    }

    /// Who was turned away; nothing where nobody was.
    static func writeRefused(_ refused: [MCPServer.Refused], _ out: inout JSONWriter) {
        guard !refused.isEmpty else { return }
        out.key("refused_clients")
        out.beginArray()
        for attempt in refused {
            out.beginObject()
            members(of: attempt.client, &out)
            out.member("count", attempt.count)
            out.endObject()
        }
        out.endArray()
    }

    static func writeActivities(_ server: MCPServer, _ out: inout JSONWriter) {
        writeAuthorization(server, &out)
        writeInstructions(server.instructions, &out)
        if !server.activities.isEmpty {
            out.key("activities")
            out.beginArray()
            for activity in server.activities {
                out.beginObject()
                out.member("what", activity.name)
                InventoryDocument.write("client", activity.client, &out)
                out.member("count", activity.count)
                out.member("first_seen", activity.firstSeen.rfc3339)
                out.member("last_seen", activity.lastSeen.rfc3339)
                out.endObject()
            }
            out.endArray()
        }
        guard !server.oddities.isEmpty else { return }
        out.key("anomalies")
        out.beginArray()
        for oddity in server.oddities {
            out.beginObject()
            out.member("what", oddity.name)
            InventoryDocument.write("client", oddity.client, &out)
            out.member("count", oddity.count)
            out.member("accepted", oddity.accepted)
            out.member("refused", oddity.refused)
            out.member("first_seen", oddity.firstSeen.rfc3339)
            out.member("last_seen", oddity.lastSeen.rfc3339)
            out.endObject()
        }
        out.endArray()
    }
}

/// An MCP server's history, for people.
struct ServerText {
    let server: MCPServer

    /// Lines below a title, nothing where there is nothing to tell.
    var lines: [String] {
        section("Authorization", authorization) + section("Changes", changes)
            + section("Calls", calls { _ in true }) + section("Beside calls", beside)
            + section("Read in two ways", odd)
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", title] + lines.map { "  " + Words.harmless($0) }
    }

    /// The same of one tool.
    func lines(ofTool name: String) -> [String] {
        let history = server.histories.filter { $0.kind == .tool && $0.key == name }
        return section("Versions", history.flatMap(ServerText.versions))
            + section("Calls", calls { $0.tool == name })
    }

    private var changes: [String] {
        instructions + server.histories.flatMap(ServerText.changes)
    }

    private static func changes(_ history: ItemHistory) -> [String] {
        let name = "\(history.kind.rawValue) \(history.key)"
        var lines: [String] = []
        for version in history.versions where !version.changes.isEmpty {
            lines.append("\(version.firstSeen.rfc3339)  \(name): \(what(version))")
            lines += told(version)
        }
        return lines + ending(history)
    }

    /// Every version, with what it changed.
    private static func versions(_ history: ItemHistory) -> [String] {
        history.versions.flatMap { version in
            let what = version.changes.isEmpty ? "first seen" : what(version)
            return ["\(version.firstSeen.rfc3339)  \(what)"] + told(version)
        } + ending(history)
    }

    static func what(_ version: ItemVersion) -> String {
        version.changes.map(text).joined(separator: "; ")
    }

    private static func told(_ version: ItemVersion) -> [String] {
        let clients = Set(version.tellings.map(\.client)).sorted()
        guard !clients.isEmpty else { return [] }
        let told = clients.prefix(8).map(\.description).joined(separator: ", ")
        return ["    version \(version.digest.prefix(12)), told to \(told)"]
    }

    private static func ending(_ history: ItemHistory) -> [String] {
        let name = "\(history.kind.rawValue) \(history.key)"
        var lines: [String] = []
        if let difference = history.difference {
            lines.append("\(name): told differently \(reason(difference))")
        }
        if let removed = history.removed {
            lines.append(
                "\(removed.rfc3339)  \(name): removed, last listed \(history.lastListed.rfc3339)")
        }
        return lines
    }

    /// Each text of instructions that followed another, or was given beside it.
    private var instructions: [String] {
        zip(server.instructions, server.instructions.dropFirst()).map { old, new in
            "\(new.firstSeen.rfc3339)  instructions: \(ServerText.what(new, behind: old))"
        }
    }

    /// `other text than before`, and the hashes.
    static func what(_ new: InstructionsVersion, behind old: InstructionsVersion) -> String {
        let how =
            old.lastSeen <= new.firstSeen ? "other text than before" : "two texts at one time"
        let version =
            new.serverVersions.isEmpty || new.serverVersions == old.serverVersions
            ? "" : ", server version \(new.serverVersions.joined(separator: ", "))"
        return "\(how) (hash \(old.hash.prefix(12)) → \(new.hash.prefix(12))\(version))"
    }

    private static func text(_ change: ItemChange) -> String {
        change.part == .text ? "text of \(change.what)" : change.what
    }

    static func reason(_ difference: ItemDifference) -> String {
        switch difference {
        case .clients: "to different clients at one time"
        case .alternating: "by turns to one client, as servers of two versions would"
        case .credentials: "under other credentials, whose view it may be"
        case .revisions: "under another protocol revision, which has other fields"
        }
    }

    private var authorization: [String] {
        AuthorizationFact.allCases.compactMap { what in
            let values = server.authorization.filter { $0.what == what }
            guard !values.isEmpty else { return nil }
            let isCounted = what == .step || what == .error || what == .secret
            let texts = values.map { isCounted ? "\($0.value): \($0.count)" : $0.value }
            let name = what.rawValue.map { $0 == "_" ? " " : $0 }
            return "\(String(name))  \(texts.joined(separator: ", "))"
        }
    }

    private func calls(_ isWanted: (MCPServer.Call) -> Bool) -> [String] {
        server.calls.filter(isWanted).map { call in
            var parts = ["\(call.tool) by \(call.client): \(call.count)"]
            let counts: [(Int, String)] = [
                (call.toolErrors, "failed"), (call.protocolErrors, "refused"),
                (call.inputRequired, "asked for input"), (call.cancelled, "cancelled"),
                (call.unanswered, "unanswered"),
            ]
            parts += counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
            if let mean = call.meanLatency, let longest = call.longestLatency {
                parts.append("\(mean / 1_000_000) ms, at most \(longest / 1_000_000) ms")
                parts.append("\(Words.bytes(call.resultBytes)) of results")
            }
            return parts.joined(separator: ", ")
        }
    }

    private var beside: [String] {
        server.activities.map { "\($0.name) with \($0.client): \($0.count)" }
    }

    private var odd: [String] {
        server.oddities.map {
            "\($0.name) by \($0.client): \($0.count), \($0.accepted) acted on, \($0.refused) refused"
        }
    }
}

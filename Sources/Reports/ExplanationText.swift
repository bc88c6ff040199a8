package import Inventory
import Wire

/// Why a host is whose, for people and as JSON.
package struct ExplanationText {
    private let explanation: Explanation
    private typealias Use = (what: String, status: Status, reason: String)
    private let uses: [Use]

    /// `snapshot` tells what is used on the host, and what was decided on that.
    package init(_ explanation: Explanation, _ snapshot: Snapshot) {
        self.explanation = explanation
        let addresses = explanation.addresses
        let all: [Use] =
            snapshot.apps.filter { addresses.contains($0.host) }.map {
                ("\($0.name) at \($0.domain)", $0.status, $0.statusReason)
            }
            + snapshot.agents.filter { addresses.contains($0.host) }.map {
                ("agent \($0.name)", $0.status, $0.statusReason)
            }
            + snapshot.mcpServers.filter { addresses.contains($0.endpoint.address) }.map {
                (
                    "MCP server \($0.name.map { "\($0) at " } ?? "")\($0.endpoint)", $0.status,
                    $0.statusReason
                )
            }
            + snapshot.modelEndpoints.filter { addresses.contains($0.endpoint.address) }.map {
                ("LLM endpoint \($0.endpoint)\($0.path)", $0.status, $0.statusReason)
            }
        // A use and a mere lookup of one app are two rows.
        var known: Set<[String]> = []
        uses = all.filter { known.insert([$0.what, $0.status.rawValue, $0.reason]).inserted }
    }

    package func text() -> String {
        let who = explanation.attribution
        let names = explanation.addresses.map(\.description).joined(separator: ", ")
        var lines = [
            "Host \(Words.harmless(who.hostname ?? "without a name"))  \(names), at "
                + explanation.time.rfc3339, "",
            "Team: \(Words.harmless(who.team ?? "none"))",
            "Who answers for it: \(Words.harmless(who.owner ?? "nobody is known"))", "", "How",
        ]
        if who.reasons.isEmpty { lines.append("  nothing is known of it") }
        lines += who.reasons.enumerated().map {
            "  \($0.offset + 1). \(Words.harmless($0.element))"
        }
        lines += list("What gives it a team", explanation.teams, "no entry does")
        lines += list("What gives it an owner", explanation.owners, "no entry does")
        guard !uses.isEmpty else { return lines.joined(separator: "\n") + "\n" }
        lines += ["", "What is used on it"]
        for use in uses {
            lines.append("  \(use.status.rawValue)  \(Words.harmless(use.what))")
            lines.append("        for \(Words.harmless(use.reason))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func list(
        _ title: String, _ entries: [Explanation.Entry], _ none: String
    ) -> [String] {
        var lines = ["", title]
        if entries.isEmpty { lines.append("  \(none)") }
        for entry in entries {
            lines.append(
                Words.harmless(
                    "  \(entry.wins ? "decides" : "loses  ")  \(entry.says) by \(entry.by) "
                        + "(\(entry.place))"))
        }
        return lines
    }

    package func json() -> String {
        var out = JSONWriter(pretty: true)
        out.beginObject()
        out.member("addresses", explanation.addresses.map(\.description))
        out.member("at", explanation.time.rfc3339)
        out.member("hostname", orNull: explanation.attribution.hostname)
        out.member("mac", orNull: explanation.attribution.mac?.description)
        InventoryDocument.attribution(explanation.attribution, &out)
        out.member("reasons", explanation.attribution.reasons)
        InventoryDocument.list("teams", explanation.teams, &out, ExplanationText.write)
        InventoryDocument.list("owners", explanation.owners, &out, ExplanationText.write)
        InventoryDocument.list("uses", uses, &out) { use, out in
            out.beginObject()
            out.member("what", use.what)
            out.member("status", use.status.rawValue)
            out.member("status_reason", use.reason)
            out.endObject()
        }
        out.endObject()
        return out.text + "\n"
    }

    private static func write(_ entry: Explanation.Entry, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("says", entry.says)
        out.member("by", entry.by)
        out.member("place", entry.place)
        out.member("decides", entry.wins)
        out.endObject()
    }
}

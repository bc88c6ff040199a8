package import Inventory
import Wire

/// Chains for people: who asked, and below each what it led to.
package enum ChainText {
    /// One chain under another; `names` are those of the hosts.
    package static func render(_ chains: [Chain], hosts: [Host]) -> String {
        guard !chains.isEmpty else { return "no delegation was seen\n" }
        let names = names(of: hosts)
        return chains.map { lines($0, names).joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }

    /// Chains that an entity's own page shows.
    private static let shown = 16

    /// The chains as a part of an entity's page; nothing where there is none.
    static func section(_ chains: [Chain], hosts: [Host]) -> [String] {
        guard !chains.isEmpty else { return [] }
        let names = names(of: hosts)
        var out = ["", "Delegations it stands in"]
        for chain in chains.prefix(shown) { out += lines(chain, names).map { "  " + $0 } }
        if chains.count > shown {
            out.append("  and \(chains.count - shown) more: tyto chains")
        }
        return out
    }

    /// `subject-1 of https://as.example`: in whose name, as tokens claim.
    static func text(of delegators: [Chain.Delegator]) -> String {
        delegators.map { one in one.issuer.map { "\(one.label) of \($0)" } ?? one.label }
            .joined(separator: ", ")
    }

    /// `asked for by model llama at 10.0.0.1:8000, with equal arguments, 3 times`.
    static func text(of model: Chain.Model) -> String {
        "asked for by \(model.name.map { "model \($0)" } ?? "a model") at \(model.endpoint), with "
            + "equal arguments, \(model.count == 1 ? "once" : "\(model.count) times")"
    }

    static func names(of hosts: [Host]) -> [IPAddress: String] {
        var names: [IPAddress: String] = [:]
        for host in hosts {
            for address in host.addresses { names[address] = host.attribution.hostname }
        }
        return names
    }

    private static func lines(_ chain: Chain, _ names: [IPAddress: String]) -> [String] {
        guard let first = chain.hops.first else { return [] }
        let owner = chain.attribution.owner ?? "nobody is known to answer for it"
        var head = "\(chain.id)  sure \(share(chain.confidence))  \(Words.harmless(owner))"
        if let team = chain.attribution.team { head += " (\(Words.harmless(team)))" }
        var lines = [
            head, "  \(chain.firstSeen.rfc3339) to \(chain.lastSeen.rfc3339)",
        ]
        if let trace = chain.traceID { lines.append("  trace \(trace)") }
        if !chain.delegators.isEmpty {
            lines.append(
                "  in the name of \(Words.harmless(text(of: chain.delegators))) "
                    + "(what tokens claim, not verified)")
        }
        lines.append("  " + place(first.fromName, first.from, nil, names))
        for (depth, hop) in chain.hops.enumerated() {
            let indent = String(repeating: "  ", count: depth + 1)
            let times = hop.count == 1 ? "once" : "\(hop.count) times"
            lines.append(
                indent + "\u{2514} \(hop.kind) \(Words.harmless(hop.what)), \(times) \u{2192} "
                    + place(hop.toName, hop.to.address, hop.to.port, names))
            if !hop.witnesses.isEmpty {
                let by = hop.witnesses.map(\.rawValue).joined(separator: ", ")
                lines.append(indent + "    by \(by); sure \(share(hop.confidence))")
            }
            lines += hop.reasons.map { indent + "    " + Words.harmless($0) }
            lines += hop.models.map { indent + "    " + Words.harmless(text(of: $0)) }
        }
        return lines
    }

    static func place(
        _ name: String?, _ address: IPAddress, _ port: UInt16?, _ names: [IPAddress: String]
    ) -> String {
        let endpoint = port.map { "\(Endpoint(address, $0))" } ?? "\(address)"
        let host = names[address].map { "\(Words.harmless($0)), \(endpoint)" } ?? endpoint
        return name.map { "\(Words.harmless($0)) (\(host))" } ?? host
    }

    /// `0.95`.
    static func share(_ value: Double) -> String {
        let hundredths = Int((min(max(value, 0), 1) * 100).rounded())
        return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
    }

    /// One row a hop.
    package static func table(of chains: [Chain]) -> Table {
        var table = Table([
            Table.text("id", least: 16), Table.number("hop"), Table.text("from"),
            Table.text("from name"), Table.text("to"), Table.text("to name"),
            Table.text("protocol"), Table.text("what"), Table.number("count"),
            Table.text("witnesses"), Table.text("models"), Table.text("sure"), Table.text("owner"),
            Table.text("in the name of"), Table.text("trace"), Table.text("last seen"),
        ])
        for chain in chains {
            for (number, hop) in chain.hops.enumerated() {
                table.rows.append([
                    .init(chain.id), .init(number + 1), .init(hop.from.description),
                    .init(hop.fromName), .init(hop.to.description), .init(hop.toName),
                    .init(hop.kind), .init(hop.what), .init(hop.count),
                    .init(hop.witnesses.map(\.rawValue)),
                    .init(hop.models.map { $0.name ?? "\($0.endpoint)" }),
                    .init(share(hop.confidence)),
                    .init(chain.attribution.owner), .init(chain.delegators.map(\.label)),
                    .init(chain.traceID), .init(chain.lastSeen),
                ])
            }
        }
        return table
    }
}

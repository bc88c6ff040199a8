package import Wire

/// A delegation: who asked whom, who asked the next to answer it, and how that is known.
package struct Chain: Sendable {
    /// How a hop is known to be on behalf of the one before.
    package enum Witness: String, Sendable, CaseIterable {
        /// Both carry one trace id (W3C Trace Context).
        case trace
        /// Both carry one id of a context, a task or a message of A2A.
        case context
        /// The token of the one was exchanged for that of the other, as both tokens claim.
        case token
        /// Both tokens claim to be for one subject, and the inner exchange lies within the outer.
        case subject
        /// The inner exchanges lie within outer ones, and hardly any by chance.
        case timing
        /// A model that was asked within the outer exchange asked for the inner one, by its name
        /// and with equal arguments.
        case arguments
        /// The server of the one and the client of the other give themselves one name.
        case name
    }

    package struct Hop: Sendable {
        package var from: IPAddress
        package var to: Endpoint
        /// `mcp`, `a2a` or `http`.
        package var kind: String
        /// The tool, operation or path.
        package var what: String
        /// How the asker is called there, and the server; nil where nothing names it.
        package var fromName: String?
        /// Version in the asker's User-Agent.
        var fromVersion: String?
        package var toName: String?
        /// None for the first hop, which is on behalf of nobody that was seen.
        package var witnesses: [Witness]
        /// From 0 to 1; 1 for the first hop.
        package var confidence: Double
        /// One sentence for each witness.
        package var reasons: [String]
        /// Exchanges of this hop that were led by the hop before; all, for the first.
        package var count: Int
        /// Models that asked for it, with equal arguments, by endpoint; at most 8.
        package var models: [Model] = []
    }
    /// A model that asked its client to call a tool, which the client then did.
    package struct Model: Sendable, Hashable {
        package var endpoint: Endpoint
        /// Nil where nothing names it.
        package var name: String?
        /// Calls that it asked for.
        package var count: Int
    }
    /// In whose name a request was made, as its token claims.
    package struct Delegator: Sendable, Hashable {
        /// Stands for the subject, under the installation's own key: shown nowhere.
        var mark: String
        package var issuer: String?
        /// `subject-1` and on, by when they are first met in the chains: says who is the same.
        package var label = ""
    }
    package var id: String
    package var hops: [Hop]
    /// A trace id that the hops carried, 32 hex digits.
    package var traceID: String?
    /// Persons at its head, as tokens of the first hop that names any claim; at most 8.
    package var delegators: [Delegator]
    /// Who answers for the host where it begins.
    package var attribution: Attribution
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp

    /// The hosts, from the first asker to the last asked.
    package var path: [IPAddress] {
        hops.prefix(1).map(\.from) + hops.map(\.to.address)
    }
    /// That of its weakest hop.
    package var confidence: Double { hops.map(\.confidence).min() ?? 0 }
}

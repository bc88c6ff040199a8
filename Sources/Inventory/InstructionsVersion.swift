package import Wire

/// One text that a server tells clients to work by (MCP `instructions`); a hash stands for it.
package struct InstructionsVersion: Sendable {
    /// The first 16 bytes, in hex, of its SHA-256.
    package let hash: String
    /// What the server called its own version when it gave the text, each once.
    package private(set) var serverVersions: [String] = []
    private var seen: Period?

    package var firstSeen: Timestamp { seen?.first ?? .zero }
    package var lastSeen: Timestamp { seen?.last ?? .zero }
    /// How often it was given.
    package var count: Int { seen?.count ?? 0 }

    init(hash: String) { self.hash = hash }

    /// Takes a fact about this text.
    mutating func merge(_ fact: FactRow) {
        if !fact.key.detail.isEmpty { serverVersions.append(fact.key.detail) }
        guard var known = seen else {
            seen = fact.seen
            return
        }
        known.merge(fact.seen)
        seen = known
    }
}

/// Finds the agent that a User-Agent or an MCP client name belongs to.
///
/// An exact mark goes before a prefix, a prefix before a product, a product before a part of the
/// text; of two prefixes or parts the longer, of two products the one that stands first.
struct AgentIndex: Sendable {
    /// What a mark was found in.
    struct Hit: Equatable {
        /// Where the agent stands in the catalog.
        var agent: Int
        /// The word of the User-Agent with the product; nil if only a part of the text told.
        var word: Int?
    }
    /// The marks of one signal, all in lower case.
    private struct Marks: Sendable {
        var exact: [String: Int] = [:]
        var products: [String: Int] = [:]
        /// Longest first, then by text.
        var prefixes: [(text: [UInt8], agent: Int)] = []
        var parts: [(text: [UInt8], agent: Int)] = []
        /// Bytes of the longest product: no longer one is looked up.
        var longestProduct = 0
    }
    private var userAgents = Marks()
    private var clients = Marks()

    init(_ agents: [KnownAgent]) {
        for (index, agent) in agents.enumerated() {
            for mark in agent.marks {
                switch mark.signal {
                case .userAgent: AgentIndex.add(mark, agent: index, to: &userAgents)
                case .mcpClient: AgentIndex.add(mark, agent: index, to: &clients)
                }
            }
        }
        AgentIndex.sort(&userAgents)
        AgentIndex.sort(&clients)
    }

    private static func add(_ mark: AgentMark, agent: Int, to marks: inout Marks) {
        let text = Array(mark.text.utf8).map(AgentIndex.folded)
        let key = String(decoding: text, as: UTF8.self)
        switch mark.match {
        case .exact: marks.exact[key] = agent
        case .prefix: marks.prefixes.append((text, agent))
        case .contains: marks.parts.append((text, agent))
        case .product:
            marks.products[key] = agent
            marks.longestProduct = max(marks.longestProduct, text.count)
        }
    }

    private static func sort(_ marks: inout Marks) {
        let longestFirst = {
            (left: (text: [UInt8], agent: Int), right: (text: [UInt8], agent: Int)) in
            left.text.count == right.text.count
                ? left.text.lexicographicallyPrecedes(right.text)
                : left.text.count > right.text.count
        }
        marks.prefixes.sort(by: longestFirst)
        marks.parts.sort(by: longestFirst)
    }

    func match(_ field: UserAgent) -> Hit? {
        let text = field.bytes.map(AgentIndex.folded)
        if let agent = userAgents.exact[String(decoding: text, as: UTF8.self)] {
            return Hit(agent: agent, word: 0)
        }
        if let found = userAgents.prefixes.first(where: { text.starts(with: $0.text) }) {
            return Hit(agent: found.agent, word: 0)
        }
        for (index, word) in field.words.enumerated() {
            if let agent = product(of: text[word]) { return Hit(agent: agent, word: index) }
        }
        let part = userAgents.parts.first { AgentIndex.contains(text, $0.text) }
        return part.map { Hit(agent: $0.agent, word: nil) }
    }

    /// The agent with this MCP client name.
    func match(client name: String) -> Int? {
        let text = name.utf8.prefix(UserAgent.longest).map(AgentIndex.folded)
        return clients.exact[String(decoding: text, as: UTF8.self)]
            ?? clients.prefixes.first { text.starts(with: $0.text) }?.agent
            ?? clients.parts.first { AgentIndex.contains(text, $0.text) }?.agent
    }

    /// The longest product that is the word up to its end or a slash.
    private func product(of word: ArraySlice<UInt8>) -> Int? {
        var found: Int?
        for end in word.indices.dropFirst() where word[end] == UInt8(ascii: "/") {
            guard end - word.startIndex <= userAgents.longestProduct else { return found }
            found = userAgents.products[String(decoding: word[..<end], as: UTF8.self)] ?? found
        }
        guard word.count <= userAgents.longestProduct else { return found }
        return userAgents.products[String(decoding: word, as: UTF8.self)] ?? found
    }

    /// Whether the word is this product, alone or up to a slash.
    static func isProduct(_ product: [UInt8], of word: ArraySlice<UInt8>) -> Bool {
        guard word.starts(with: product) else { return false }
        let end = word.startIndex + product.count
        return end == word.endIndex || word[end] == UInt8(ascii: "/")
    }

    static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte >= 65 && byte <= 90 ? byte + 32 : byte
    }
}

/// An agent card in Protocol Buffers, by the numbers of `a2a.proto` (A2A 1.0 §4.4.1, and 0.3).
struct AgentCardMessage {
    private var found = AgentCard(name: "")
    private var url: String?
    private var transport: String?
    private let isOld: Bool

    init(isOld: Bool) { self.isOld = isOld }

    /// Nil while it lacks what every card has.
    var card: AgentCard? {
        guard !found.name.isEmpty, found.version != nil else { return nil }
        var card = found
        // Only who may call gets it this way (A2A 1.0 §8.2).
        card.isExtended = true
        card.schemes = Set(card.schemes).sorted()
        card.capabilities = Set(card.capabilities).sorted()
        if let url = PlainURL.bare(url) {
            AgentCardMessage.add(url, transport ?? "JSONRPC", card.protocolVersion, to: &card)
        }
        return card
    }

    private static func add(
        _ url: String, _ binding: String, _ version: String?, to card: inout AgentCard
    ) {
        let isKnown = card.interfaces.contains {
            $0.url == url && $0.binding == binding && (version == nil || $0.version == version)
        }
        guard !isKnown, card.interfaces.count < 32 else { return }
        card.interfaces.append(.init(url: url, binding: binding, version: version))
    }

    mutating func read(_ input: inout ProtobufReader) throws(ParseFailure) {
        while let number = try input.nextField() {
            switch number {
            case 1: found.name = try input.textIfPresent(limit: 256) ?? ""
            case 3 where isOld: url = try input.textIfPresent(limit: 1024)
            case 3, 15, 19: try readInterface(&input)
            case 4: try readProvider(&input)
            case 5: found.version = try input.textIfPresent(limit: 64)
            case 7: try readCapabilities(&input)
            case 8: try readScheme(&input)
            case 12: try readSkill(&input)
            case 14 where isOld: transport = try input.textIfPresent(limit: 64)
            case 16 where isOld: found.protocolVersion = try input.textIfPresent(limit: 32)
            case isOld ? 17 : 13:
                if input.holdsBytes { found.isSigned = true }
                try input.skipValue()
            default: try input.skipValue()
            }
        }
    }

    private mutating func readInterface(_ input: inout ProtobufReader) throws(ParseFailure) {
        guard input.holdsBytes else { return try input.skipValue() }
        var part = try input.message()
        var (url, binding, version): (String?, String?, String?)
        while let number = try part.nextField() {
            switch number {
            case 1: url = PlainURL.bare(try part.textIfPresent(limit: 1024))
            case 2: binding = try part.textIfPresent(limit: 64)
            case 4: version = try part.textIfPresent(limit: 32)
            default: try part.skipValue()
            }
        }
        guard let url, let binding, !binding.isEmpty else { return }
        AgentCardMessage.add(url, binding, version, to: &found)
    }

    private mutating func readProvider(_ input: inout ProtobufReader) throws(ParseFailure) {
        guard input.holdsBytes else { return try input.skipValue() }
        var part = try input.message()
        while let number = try part.nextField() {
            switch number {
            case 1: found.providerURL = PlainURL.bare(try part.textIfPresent(limit: 1024))
            case 2: found.organization = try part.textIfPresent(limit: 256)
            default: try part.skipValue()
            }
        }
    }

    /// By the names that JSON has for them.
    private mutating func readCapabilities(_ input: inout ProtobufReader) throws(ParseFailure) {
        guard input.holdsBytes else { return try input.skipValue() }
        var part = try input.message()
        while let number = try part.nextField() {
            let name: String? =
                switch (number, isOld) {
                case (1, _): "streaming"
                case (2, _): "pushNotifications"
                case (4, true): "stateTransitionHistory"
                case (4, false), (5, true): "extendedAgentCard"
                default: nil
                }
            guard let name else {
                try part.skipValue()
                continue
            }
            if try part.numberIfPresent() == 1, found.capabilities.count < 32 {
                found.capabilities.append(name)
            }
        }
    }

    /// An entry of a map: the kind is the one member that its value has.
    private mutating func readScheme(_ input: inout ProtobufReader) throws(ParseFailure) {
        guard input.holdsBytes else { return try input.skipValue() }
        let kinds = ["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"]
        var entry = try input.message()
        while let number = try entry.nextField() {
            guard number == 2, entry.holdsBytes else {
                try entry.skipValue()
                continue
            }
            var value = try entry.message()
            while let kind = try value.nextField() {
                if value.holdsBytes, kind <= kinds.count, found.schemes.count < 16 {
                    found.schemes.append(kinds[kind - 1])
                }
                try value.skipValue()
            }
        }
    }

    private mutating func readSkill(_ input: inout ProtobufReader) throws(ParseFailure) {
        guard input.holdsBytes else { return try input.skipValue() }
        var part = try input.message()
        var skill = AgentCard.Skill(id: "", name: "", tags: [])
        while let number = try part.nextField() {
            switch number {
            case 1: skill.id = try part.textIfPresent(limit: 128) ?? ""
            case 2: skill.name = try part.textIfPresent(limit: 256) ?? ""
            case 4:
                let tag = try part.textIfPresent(limit: 64)
                if let tag, skill.tags.count < 16 { skill.tags.append(tag) }
            default: try part.skipValue()
            }
        }
        if !skill.id.isEmpty, found.skills.count < 128 { found.skills.append(skill) }
    }
}

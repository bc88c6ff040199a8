/// What has been read of an agent card of any version (A2A 0.1 to 1.0).
struct AgentCardDraft {
    var name: String?
    var version: String?
    var hasSkills = false
    var hasCapabilities = false
    private var card = AgentCard(name: "")
    private var url: String?
    private var transport: String?

    /// Whether `key` is a card's; then its value was read.
    mutating func read(
        _ key: borrowing JSONKey, _ input: inout JSONReader
    ) throws(ParseFailure) -> Bool {
        switch key {
        case "name": name = try input.stringIfPresent(limit: 256)
        case "version": version = try input.stringIfPresent(limit: 64)
        case "protocolVersion": card.protocolVersion = try input.stringIfPresent(limit: 32)
        case "preferredTransport": transport = try input.stringIfPresent(limit: 64)
        case "provider": try readProvider(&input)
        case "skills": try readSkills(&input)
        case "capabilities": try readCapabilities(&input)
        case "supportedInterfaces", "additionalInterfaces": try readInterfaces(&input)
        case "securitySchemes": try readSchemes(&input)
        case "authentication": try readOldSchemes(&input)
        case "signatures":
            let isList = try input.kind() == .array
            let length = try input.raw().count
            card.isSigned = isList && length > 2
        default: return false
        }
        return true
    }

    /// `url` stands in other objects too, so their reader keeps it.
    func card(url: String?, isExtended: Bool) -> AgentCard? {
        guard let name, !name.isEmpty, let version, hasSkills, hasCapabilities else { return nil }
        var card = card
        card.name = name
        card.version = version
        card.isExtended = isExtended
        if let url = PlainURL.bare(url) {
            let binding = transport ?? "JSONRPC"
            let isKnown = card.interfaces.contains { $0.url == url && $0.binding == binding }
            if !isKnown {
                card.interfaces.append(
                    .init(url: url, binding: binding, version: card.protocolVersion))
            }
        }
        return card
    }

    private mutating func readProvider(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            switch key {
            case "organization": card.organization = try input.stringIfPresent(limit: 256)
            case "url":
                card.providerURL = PlainURL.bare(try input.stringIfPresent(limit: 1024))
            default: try input.skipValue()
            }
        }
    }

    private mutating func readSkills(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        hasSkills = true
        while try input.nextObject() {
            var skill = AgentCard.Skill(id: "", name: "", tags: [])
            while let key = try input.nextKey() {
                switch key {
                case "id": skill.id = try input.stringIfPresent(limit: 128) ?? ""
                case "name": skill.name = try input.stringIfPresent(limit: 256) ?? ""
                case "tags": skill.tags = try input.strings(limit: 16, bytes: 64)
                default: try input.skipValue()
                }
            }
            if !skill.id.isEmpty, card.skills.count < 128 { card.skills.append(skill) }
        }
    }

    private mutating func readCapabilities(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        hasCapabilities = true
        var found: [String] = []
        while let key = try input.nextKey() {
            let name = key.text
            if try input.boolIfPresent() == true, found.count < 32 { found.append(name) }
        }
        card.capabilities = found.sorted()
    }

    private mutating func readInterfaces(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        while try input.nextObject() {
            var url: String?
            var binding: String?
            var version: String?
            while let key = try input.nextKey() {
                switch key {
                case "url": url = PlainURL.bare(try input.stringIfPresent(limit: 1024))
                case "transport", "protocolBinding":
                    binding = try input.stringIfPresent(limit: 64)
                case "protocolVersion": version = try input.stringIfPresent(limit: 32)
                default: try input.skipValue()
                }
            }
            guard let url, let binding, card.interfaces.count < 32 else { continue }
            let way = AgentCard.Interface(url: url, binding: binding, version: version)
            // The SDK of 1.0 writes for clients of 0.3 once more what it says in its own way.
            let isKnown = card.interfaces.contains {
                $0.url == url && $0.binding == binding && (version == nil || $0.version == version)
            }
            if !isKnown { card.interfaces.append(way) }
        }
    }

    /// Objects by name: each has a `type`, or as 1.0 writes them one member that names it.
    private mutating func readSchemes(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        var found: Set<String> = Set(card.schemes)
        while try input.nextKey() != nil {
            guard try input.kind() == .object else {
                try input.skipValue()
                continue
            }
            try input.enterObject()
            while let key = try input.nextKey() {
                var kind: String?
                switch key {
                case "type": kind = try input.stringIfPresent(limit: 32)
                case "apiKeySecurityScheme": kind = "apiKey"
                case "httpAuthSecurityScheme": kind = "http"
                case "oauth2SecurityScheme": kind = "oauth2"
                case "openIdConnectSecurityScheme": kind = "openIdConnect"
                case "mtlsSecurityScheme": kind = "mutualTLS"
                default: break
                }
                if !("type" ~= key) { try input.skipValue() }
                if let kind, found.count < 16 { found.insert(kind) }
            }
        }
        card.schemes = found.sorted()
    }

    /// `authentication.schemes` of 0.1.
    private mutating func readOldSchemes(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            if "schemes" ~= key {
                card.schemes = Set(try input.strings(limit: 16, bytes: 32)).sorted()
            } else {
                try input.skipValue()
            }
        }
    }
}

import Wire

/// What decisions are about, as one word: `mac:3c:52:82:e4:69:8f`, `mcp:10.1.2.3:3001`,
/// `tool:delete_*@10.1.2.3:3001`. So it is kept in the inventory, and so people may write it.
package enum SubjectText {
    package static let ownerForms =
        "an address, MAC, network, endpoint or name, or one of mac:, ip:, host:, cidr:, vlan:, "
        + "user:, mcp:, agent:"
    package static let statusForms =
        "app:ID, domain:NAME, agent:NAME, mcp:ADDRESS:PORT, llm:ADDRESS:PORT, tool:NAME or "
        + "tool:NAME@ADDRESS:PORT"

    // MARK: - Who answers

    package static func text(_ key: Organization.Key) -> String {
        switch key {
        case .mac(let mac): "mac:\(mac)"
        case .address(let address): "ip:\(address)"
        case .hostname(let name): "host:\(name)"
        case .names(let pattern): "host:\(pattern)"
        case .user(let pattern): "user:\(pattern)"
        case .network(let network): "cidr:\(network)"
        case .vlan(let vlan): "vlan:\(vlan)"
        case .mcpServer(let endpoint): "mcp:\(endpoint)"
        case .agent(let pattern): "agent:\(pattern)"
        }
    }

    /// Nil for what is none of the forms. Without a word in front, the form itself tells.
    package static func key(_ text: String) -> Organization.Key? {
        if let (word, rest) = parted(text) {
            switch word {
            case "mac": return MACAddress(rest).map { .mac($0) }
            case "ip": return IPAddress(rest).map { .address($0) }
            case "host": return name(rest)
            case "user": return NamePattern(rest).map { .user($0) }
            case "cidr": return Network(rest).map { .network($0) }
            case "vlan": return vlan(rest).map { .vlan($0) }
            case "mcp": return Endpoint(rest).map { .mcpServer($0) }
            case "agent": return NamePattern(rest).map { .agent($0) }
            default: break
            }
        }
        if let address = IPAddress(text) { return .address(address) }
        if let mac = MACAddress(text) { return .mac(mac) }
        if text.contains("/") { return Network(text).map { .network($0) } }
        if let endpoint = Endpoint(text) { return .mcpServer(endpoint) }
        return text.contains(":") ? nil : name(text)
    }

    /// A name without letters that no name has.
    package static func name(_ text: String) -> Organization.Key? {
        guard let pattern = NamePattern(text),
            !text.contains(where: { $0.isWhitespace || $0 == "/" || $0 == ":" })
        else { return nil }
        return pattern.isExact ? .hostname(pattern.text) : .names(pattern)
    }

    /// 1 to 4094 (IEEE 802.1Q §9.6).
    package static func vlan(_ text: String) -> Int? {
        Int(text).flatMap { (1...4094).contains($0) ? $0 : nil }
    }

    // MARK: - Status

    package static func text(_ subject: Verdict.Subject) -> String {
        switch subject {
        case .app(let id): "app:\(id)"
        case .domain(let domain): "domain:\(domain)"
        case .agent(let pattern): "agent:\(pattern)"
        case .mcpServer(let endpoint): "mcp:\(endpoint)"
        case .modelServer(let endpoint): "llm:\(endpoint)"
        case .tool(let pattern, server: nil): "tool:\(pattern)"
        case .tool(let pattern, server: let endpoint?): "tool:\(pattern)@\(endpoint)"
        }
    }

    package static func subject(_ text: String) -> Verdict.Subject? {
        guard let (word, rest) = parted(text) else { return nil }
        switch word {
        case "app": return NamePattern(rest).flatMap { $0.isExact ? .app($0.text) : nil }
        case "domain": return domain(rest).map { .domain($0) }
        case "agent": return NamePattern(rest).map { .agent($0) }
        case "mcp": return Endpoint(rest).map { .mcpServer($0) }
        case "llm": return Endpoint(rest).map { .modelServer($0) }
        case "tool":
            guard let at = rest.lastIndex(of: "@") else {
                return NamePattern(rest).map { .tool($0, server: nil) }
            }
            guard let pattern = NamePattern(String(rest[..<at])),
                let endpoint = Endpoint(String(rest[rest.index(after: at)...]))
            else { return nil }
            return .tool(pattern, server: endpoint)
        default: return nil
        }
    }

    package static func domain(_ text: String) -> String? {
        let domain = text.lowercased()
        guard domain.contains("."), domain.utf8.count <= 253,
            !domain.contains(where: { $0 == "/" || $0 == ":" || $0 == "*" || $0.isWhitespace })
        else { return nil }
        return domain
    }

    // MARK: - Where

    package static func text(_ scope: Verdict.Scope) -> String {
        switch scope {
        case .everywhere: ""
        case .team(let team): "team:\(team)"
        case .mac(let mac): "mac:\(mac)"
        case .address(let address): "ip:\(address)"
        case .hostname(let name): "host:\(name)"
        }
    }

    package static func scope(_ text: String) -> Verdict.Scope? {
        if text.isEmpty { return .everywhere }
        if let (word, rest) = parted(text), word == "team" { return .team(rest) }
        return host(text)
    }

    /// A host by address, MAC or name.
    package static func host(_ text: String) -> Verdict.Scope? {
        switch key(text) {
        case .mac(let mac): .mac(mac)
        case .address(let address): .address(address)
        case .hostname(let name): .hostname(name)
        default: nil
        }
    }

    private static func parted(_ text: String) -> (word: String, rest: String)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = text[text.index(after: colon)...]
        return rest.isEmpty ? nil : (String(text[..<colon]), String(rest))
    }
}

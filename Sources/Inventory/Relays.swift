import Wire

/// Proxies, and what they were asked to send on: what they then say themselves is an echo.
///
/// A request with an absolute target goes to a proxy (RFC 9112 §3.2.2), and the proxy repeats it to
/// the server. Both legs may be in a capture; the second names the proxy where a program on another
/// host spoke. An echo is left out where it is the same program, call or model request.
struct Relays {
    /// Something that a proxy repeats.
    enum What {
        case agent(String)
        case call(Endpoint, String)
        case model(ModelUseRow.Key)

        /// Its one text, for a fact's detail.
        var text: String {
            switch self {
            case .agent(let name): "agent\u{1f}\(name)"
            case .call(let endpoint, let tool): "call\u{1f}\(endpoint)\u{1f}\(tool)"
            case .model(let key):
                "model\u{1f}\(key.endpoint)\u{1f}\(key.path)\u{1f}\(key.model)\u{1f}"
                    + key.userAgent
            }
        }
    }

    /// Subject of the facts that say so; the proxy's address is their value.
    static let subject = "relay"

    /// Proxy's own address, and what it was asked to send on.
    private var echoes: Set<String> = []

    init(_ facts: some Sequence<FactRow>, _ identity: Identity) {
        for fact in facts {
            guard let proxy = IPAddress(stored: fact.key.value) else { continue }
            var parts = fact.key.detail.split(
                separator: "\u{1f}", maxSplits: 2, omittingEmptySubsequences: false
            ).map(String.init)
            if parts.count == 3, parts[0] != "agent", let endpoint = Endpoint(stored: parts[1]) {
                parts[1] = "\(identity.canonical(endpoint))"
            }
            echoes.insert(
                Relays.key(identity.canonical(proxy), parts.joined(separator: "\u{1f}")))
        }
    }

    private static func key(_ proxy: IPAddress, _ text: String) -> String { "\(proxy) \(text)" }

    /// Whether `what`, seen from `host`, is what `host` was asked to send on for another.
    func isEcho(_ what: What, by host: IPAddress) -> Bool {
        !echoes.isEmpty && echoes.contains(Relays.key(host, what.text))
    }
}

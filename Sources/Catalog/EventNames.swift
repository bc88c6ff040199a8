package import Wire

/// What events say that the catalog can be asked for.
extension Catalog {
    /// The name a ClientHello shows, and the clue it is; nil for a name that is not the one the
    /// client wants.
    package static func name(in hello: ClientHello) -> (name: String, clue: Clue)? {
        guard let name = hello.serverName else { return nil }
        switch hello.encryptedHello?.kind {
        case nil, .grease, .inner: return (name, .tlsSNI)
        case .unknown: return (name, .tlsOuterSNI)
        case .real: return nil
        }
    }

    /// The same of a QUIC client's hello; Google's own handshake hides no name.
    package static func name(in hello: QUICHello) -> (name: String, clue: Clue)? {
        guard let inner = hello.hello else { return hello.serverName.map { ($0, .quicSNI) } }
        return name(in: inner).map { ($0.name, $0.clue == .tlsSNI ? .quicSNI : .quicOuterSNI) }
    }

    /// The host a request is for, and the clue it is.
    package static func name(in request: HTTPRequest) -> (name: String, clue: Clue)? {
        let isConnect = request.method == "CONNECT"
        guard let authority = isConnect ? request.target : request.host else { return nil }
        let host = HostName.host(ofAuthority: authority)
        // Mostly it is the whole field, which is then no new string.
        let name = host.utf8.count == authority.utf8.count ? authority : String(host)
        return (name, isConnect ? .httpConnect : .httpHost)
    }
}

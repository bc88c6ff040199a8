/// The dissectors and the content readers, in the order in which they are asked.
///
/// A protocol is a line in `others`. The few that most flows speak are cases of their own, with a
/// line in each switch of `ActiveDissector`: written out, the compiler knows every call, where a
/// list of types costs a look into the runtime at each. Nothing but speed depends on which.
package enum Dissectors {
    /// Asked after the cases of `Kind`, in this order.
    static let others: [any Dissector.Type] = [
        LinesDissector.self, WebSocketDissector.self, DNSStreamDissector.self, SSHDissector.self,
        HTTP2Dissector.self,
        SOCKSDissector.self, SMTPDissector.self, IMAPDissector.self, POP3Dissector.self,
        FTPDissector.self, LDAPDissector.self, PostgreSQLDissector.self, MySQLDissector.self,
        QUICDissector.self, DTLSDissector.self, MDNSDissector.self, LLMNRDissector.self,
        NBNSDissector.self, KerberosDissector.self, KerberosDatagramDissector.self,
        SMBDissector.self, RADIUSDissector.self, DHCPv6Dissector.self,
    ]

    package enum Kind: BitwiseCopyable, Sendable, Equatable {
        case tls, http, dhcp, dns
        /// By its place in `others`.
        case other(UInt8)

        /// The protocol's name in events.
        package var name: String {
            switch self {
            case .tls: TLSDissector.name
            case .http: HTTP1Dissector.name
            case .dhcp: DHCPDissector.name
            case .dns: DNSDissector.name
            case .other(let place): Dissectors.others[Int(place)].name
            }
        }

        /// Whether the protocol could begin so, and who would be speaking.
        func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
            switch self {
            case .tls: TLSDissector.likelihood(of: opening, ports: ports)
            case .http: HTTP1Dissector.likelihood(of: opening, ports: ports)
            case .dhcp: DHCPDissector.likelihood(of: opening, ports: ports)
            case .dns: DNSDissector.likelihood(of: opening, ports: ports)
            case .other(let place):
                Dissectors.others[Int(place)].likelihood(of: opening, ports: ports)
            }
        }

        /// The same of what either side could be speaking, in the middle of a flow.
        func likelihood(
            ofMidstream opening: ByteReader, other: ByteReader, ports: Ports
        ) -> Likelihood {
            guard case .other(let place) = self else { return .either }
            return Dissectors.others[Int(place)].likelihood(
                ofMidstream: opening, other: other, ports: ports)
        }
    }

    /// The protocols of a transport, in the order in which they are asked.
    static func kinds(of transport: Transport) -> [Kind] { transport == .tcp ? tcp : udp }

    private static let tcp = [.tls, .http] + otherKinds(of: .tcp)
    private static let udp = [.dhcp, .dns] + otherKinds(of: .udp)

    private static func otherKinds(of transport: Transport) -> [Kind] {
        others.indices.filter { others[$0].transport == transport }.map { .other(UInt8($0)) }
    }

    /// Gives a message of gRPC to the reader of its service.
    static func read(_ content: GRPCContent, emit: EmitMessage) {
        for read in services where read(content, emit) { return }
    }

    /// Reads the messages of a service, or says that it is another's.
    private typealias ServiceReader = @Sendable (GRPCContent, EmitMessage) -> Bool

    /// In the order in which they are asked: a service of gRPC is a line.
    private static let services: [ServiceReader] = [
        { A2AServiceReader.read($0, emit: $1) }
    ]

    /// Gives content to the readers, until one says that it is its own.
    ///
    /// JSON-RPC comes first: most that is read is MCP. All others are told by the members they have
    /// at their top.
    static func read(_ content: Content, emit: EmitMessage) {
        if JSONRPC.read(content, emit: emit) { return }
        guard let outline = Outline(of: content.bytes.span, isTruncated: content.isTruncated) else {
            return
        }
        for read in readers where read(content, outline, emit) { return }
    }

    /// Reads content of one sort, or says that it is another's.
    private typealias Reader = @Sendable (Content, Outline, EmitMessage) -> Bool

    /// In the order in which they are asked: a protocol on JSON is a line.
    private static let readers: [Reader] = [
        { A2AReader.read($0, $1, emit: $2) },
        { RunReader.read($0, $1, emit: $2) },
        { ModelCallReader.read($0, $1, emit: $2) },
        { OAuthReader.read($0, $1, emit: $2) },
    ]

    /// Reads a message of JSON-RPC that bears no mark of MCP, or says that it is another's.
    private typealias Dialect =
        @Sendable (borrowing Span<UInt8>, RPCMessage, Content, EmitMessage) -> Bool

    /// Protocols on JSON-RPC besides MCP.
    private static let dialects: [Dialect] = [
        { A2AReader.readRPC($0, $1, $2, emit: $3) },
        { AgentClientReader.read($0, $1, $2, emit: $3) },
    ]

    /// Whether a protocol other than MCP takes the message for its own.
    static func readDialect(
        _ bytes: borrowing Span<UInt8>, _ message: RPCMessage, _ content: Content,
        emit: EmitMessage
    ) -> Bool {
        for read in dialects where read(bytes, message, content, emit) { return true }
        return false
    }
}

/// The dissector of one flow.
struct ActiveDissector {
    /// What HTTP keeps is large, and most flows are of another protocol.
    private final class HTTP {
        var dissector = HTTP1Dissector()
        init(_ memory: DefinitionMemory?) { dissector.memory = memory }
        func heldBytes() -> Int { dissector.held() }
    }

    /// Nil while the protocol is unknown.
    private(set) var kind: Dissectors.Kind?
    private var tls = TLSDissector()
    private var http: HTTP?
    private var dhcp = DHCPDissector()
    private var dns = DNSDissector()
    private var other: (any Dissector)?
    /// The request that asked for what the flow speaks from here on.
    private var asking: HTTPRequest?

    /// The flow speaks this from here on.
    mutating func become(_ kind: Dissectors.Kind, _ memory: DefinitionMemory?) {
        forget()
        self.kind = kind
        if kind == .tls { tls.use(memory) }
        if kind == .http { http = HTTP(memory) }
        guard case .other(let place) = kind else { return }
        other = Dissectors.others[Int(place)].init()
        other?.use(memory)
        guard let request = asking.take() else { return }
        other?.adopt(request)
    }

    /// Another flow's.
    mutating func clear() {
        forget()
        asking = nil
    }

    /// Which protocol it is has to be found out anew.
    mutating func forget() {
        switch kind {
        case .tls: tls = TLSDissector()
        case .http:
            asking = http?.dissector.asking
            http = nil
        case .other: other = nil
        case .dhcp, .dns, nil: break
        }
        kind = nil
    }

    /// Changes nothing; but of a place that may change, the compiler makes no copy to look at it.
    mutating func heldBytes() -> Int {
        switch kind {
        case .tls: tls.heldBytes
        case .http: http?.heldBytes() ?? 0
        case .other: other?.heldBytes ?? 0
        case .dhcp, .dns, nil: 0
        }
    }

    mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        switch kind {
        case .tls: return try tls.dissect(&input, from: side, emit: emit)
        case .http:
            return try http?.dissector.dissect(&input, from: side, emit: emit) ?? .done
        case .dhcp: return try dhcp.dissect(&input, from: side, emit: emit)
        case .dns: return try dns.dissect(&input, from: side, emit: emit)
        case .other: return try other?.dissect(&input, from: side, emit: emit) ?? .done
        case nil: return .done
        }
    }

    func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool {
        switch kind {
        case .tls: tls.resumes(at: opening, from: side, ports: ports)
        case .http: http?.dissector.resumes(at: opening, from: side, ports: ports) ?? false
        case .other: other?.resumes(at: opening, from: side, ports: ports) ?? false
        case .dhcp, .dns, nil: false
        }
    }

    mutating func bridges(_ missing: Int, from side: Side) -> Bool {
        switch kind {
        case .http: http?.dissector.bridges(missing, from: side) ?? false
        case .other: other?.bridges(missing, from: side) ?? false
        case .tls, .dhcp, .dns, nil: false
        }
    }

    mutating func gap(from side: Side) {
        switch kind {
        case .tls: tls.gap(from: side)
        case .http: http?.dissector.gap(from: side)
        case .other: other?.gap(from: side)
        case .dhcp, .dns, nil: break
        }
    }

    mutating func cut(_ held: ByteReader, from side: Side, emit: EmitMessage) {
        switch kind {
        case .http: http?.dissector.cut(held, from: side, emit: emit)
        case .other: other?.cut(held, from: side, emit: emit)
        case .tls, .dhcp, .dns, nil: break
        }
    }

    mutating func end(of side: Side, emit: EmitMessage) {
        switch kind {
        case .http: http?.dissector.end(of: side, emit: emit)
        case .other: other?.end(of: side, emit: emit)
        case .tls, .dhcp, .dns, nil: break
        }
    }

    mutating func finish(emit: EmitMessage) {
        switch kind {
        case .tls: tls.finish(emit: emit)
        case .http: http?.dissector.finish(emit: emit)
        case .other: other?.finish(emit: emit)
        case .dhcp, .dns, nil: break
        }
    }
}

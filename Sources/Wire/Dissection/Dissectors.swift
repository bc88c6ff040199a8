/// The dissectors and the content readers, in the order in which they are asked.
///
/// A protocol is a case here, and a line in each switch of `ActiveDissector`: written out, the
/// compiler knows every call, where a list of types would cost a look into the runtime.
package enum Dissectors {
    package enum Kind: UInt8, CaseIterable, BitwiseCopyable, Sendable {
        case tls, http, lines, dhcp, dns

        /// The protocol's name in events.
        package var name: String {
            switch self {
            case .tls: TLSDissector.name
            case .http: HTTP1Dissector.name
            case .lines: LinesDissector.name
            case .dhcp: DHCPDissector.name
            case .dns: DNSDissector.name
            }
        }

        /// Whether the protocol could begin so, and who would be speaking.
        func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
            switch self {
            case .tls: TLSDissector.likelihood(of: opening, ports: ports)
            case .http: HTTP1Dissector.likelihood(of: opening, ports: ports)
            case .lines: LinesDissector.likelihood(of: opening, ports: ports)
            case .dhcp: DHCPDissector.likelihood(of: opening, ports: ports)
            case .dns: DNSDissector.likelihood(of: opening, ports: ports)
            }
        }
    }

    /// The protocols of a transport, in the order in which they are asked.
    @inline(__always)
    static func kinds(of transport: Transport) -> InlineArray<3, Kind?> {
        transport == .tcp ? [.tls, .http, .lines] : [.dhcp, .dns, nil]
    }

    /// Gives content to the readers, until one says that it is its own.
    static func read(_ content: Content, emit: EmitMessage) {
        _ = JSONRPC.read(content, emit: emit) || ModelCallReader.read(content, emit: emit)
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
    private var lines = LinesDissector()
    private var dhcp = DHCPDissector()
    private var dns = DNSDissector()

    /// The flow speaks this from here on.
    mutating func become(_ kind: Dissectors.Kind, _ memory: DefinitionMemory?) {
        forget()
        self.kind = kind
        if kind == .http { http = HTTP(memory) }
        if kind == .lines { lines.memory = memory }
    }

    /// Which protocol it is has to be found out anew.
    mutating func forget() {
        switch kind {
        case .tls: tls = TLSDissector()
        case .http: http = nil
        case .lines: lines = LinesDissector()
        case .dhcp, .dns, nil: break
        }
        kind = nil
    }

    var heldBytes: Int {
        switch kind {
        case .tls: tls.heldBytes
        case .http: http?.heldBytes() ?? 0
        case .lines, .dhcp, .dns, nil: 0
        }
    }

    mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        switch kind {
        case .tls: return try tls.dissect(&input, from: side, emit: emit)
        case .http:
            return try http?.dissector.dissect(&input, from: side, emit: emit) ?? .done
        case .lines: return try lines.dissect(&input, from: side, emit: emit)
        case .dhcp: return try dhcp.dissect(&input, from: side, emit: emit)
        case .dns: return try dns.dissect(&input, from: side, emit: emit)
        case nil: return .done
        }
    }

    func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool {
        switch kind {
        case .tls: tls.resumes(at: opening, from: side, ports: ports)
        case .http: http?.dissector.resumes(at: opening, from: side, ports: ports) ?? false
        case .lines: lines.resumes(at: opening, from: side, ports: ports)
        case .dhcp, .dns, nil: false
        }
    }

    mutating func bridges(_ missing: Int, from side: Side) -> Bool {
        guard kind == .http, let http else { return false }
        return http.dissector.bridges(missing, from: side)
    }

    mutating func gap(from side: Side) {
        switch kind {
        case .tls: tls.gap(from: side)
        case .http: http?.dissector.gap(from: side)
        case .lines: lines.gap(from: side)
        case .dhcp, .dns, nil: break
        }
    }

    mutating func end(of side: Side, emit: EmitMessage) {
        if kind == .http { http?.dissector.end(of: side, emit: emit) }
    }

    mutating func finish(emit: EmitMessage) {
        if kind == .http { http?.dissector.finish(emit: emit) }
    }
}

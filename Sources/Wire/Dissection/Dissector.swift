/// How sure a dissector is that a stream begins its protocol, and who would be speaking.
package enum Likelihood: Equatable, Sendable {
    case no
    /// Too short to tell.
    case maybe
    case yes(Side)
    /// The protocol, but either side could be speaking.
    case either
}

/// What a dissector wants after one unit.
package enum Step: Equatable, Sendable {
    case next
    /// Pass over so many bytes of this side.
    case skip(Int)
    /// This side holds nothing more of interest.
    case done
    /// From here on the flow speaks another protocol (CONNECT, Upgrade): recognize it anew.
    case recognizeAnew
    /// The datagram shows that the sides are the other way round: nothing of it was told yet, and
    /// it is to be read again from the other side.
    case turned
}

/// Takes what was read. It is given away, for to copy a message and free the first costs as much as
/// to read it.
package typealias EmitMessage = (consuming Message) -> Void

/// Reads one protocol's units from a flow's two streams, or its datagrams.
///
/// Takes a whole unit first, then changes state and emits: when bytes run out, the reader throws
/// `.needMore` and the unit is read again from its start.
package protocol Dissector: SendableMetatype {
    /// The protocol's name in events (`tls`, `http`, `dns`).
    static var name: String { get }
    static var transport: Transport { get }
    /// Whether this protocol could begin so, and which side would be speaking.
    static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood
    /// The same of an opening that either side could be speaking, where the flow's beginning was
    /// not seen; `other` is what the other side said before, as far as nobody knew it.
    static func likelihood(
        ofMidstream opening: ByteReader, other: ByteReader, ports: Ports
    ) -> Likelihood
    init()
    /// The definitions that this worker met last, for protocols that may carry them.
    mutating func use(_ memory: DefinitionMemory?)
    /// The flow began with a request of HTTP/1 that asked for this protocol.
    mutating func adopt(_ request: HTTPRequest)
    /// Reads exactly one unit: a TLS record, an HTTP head, a DNS message.
    mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step
    /// Bytes that the dissector itself holds back: parts of messages, bodies being gathered.
    var heldBytes: Int { get }
    /// Whether this segment, the first after lost bytes, may be read as it stands.
    func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool
    /// Whether so many lost bytes of `side` were all inside a part that measured itself: then the
    /// dissector has passed over them, and reads on behind them. Asked between two units.
    mutating func bridges(_ missing: Int, from side: Side) -> Bool
    /// Forgets what was half read from `side`: bytes after it were lost.
    mutating func gap(from side: Side)
    /// The flow is over, and of `side` these bytes of a unit are left whose rest never came. Asked
    /// before `finish`.
    mutating func cut(_ held: ByteReader, from side: Side, emit: EmitMessage)
    /// `side` sends nothing more.
    mutating func end(of side: Side, emit: EmitMessage)
    /// The flow is over: emits what still waits.
    mutating func finish(emit: EmitMessage)
}

extension Dissector {
    package static func likelihood(
        ofMidstream opening: ByteReader, other: ByteReader, ports: Ports
    ) -> Likelihood { .either }
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool {
        let likelihood = Self.likelihood(of: opening, ports: ports)
        return likelihood == .yes(side) || likelihood == .either
    }
    package mutating func use(_ memory: DefinitionMemory?) {}
    package mutating func adopt(_ request: HTTPRequest) {}
    package var heldBytes: Int { 0 }
    package mutating func bridges(_ missing: Int, from side: Side) -> Bool { false }
    package mutating func gap(from side: Side) {}
    package mutating func cut(_ held: ByteReader, from side: Side, emit: EmitMessage) {}
    package mutating func end(of side: Side, emit: EmitMessage) {}
    package mutating func finish(emit: EmitMessage) {}
}

/// The two ports of a packet: weak evidence, for protocols that have no magic number.
package struct Ports: BitwiseCopyable, Sendable {
    package var source: UInt16
    package var destination: UInt16

    package init(source: UInt16, destination: UInt16) {
        self.source = source
        self.destination = destination
    }

    func either(_ port: UInt16) -> Bool { source == port || destination == port }
}

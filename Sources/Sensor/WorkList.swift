import Wire

/// What a worker has to do of one batch, in order. Small, for all of it crosses from one core's
/// cache to another's.
struct WorkList: Sendable {
    enum Item: BitwiseCopyable, Sendable {
        case plain(PlainPacket)
        /// One of `others`.
        case other(Int)
        /// Idle flows end; the packet with this ordinal comes next.
        case tick(Timestamp, UInt64)
    }

    private(set) var items: [Item] = []
    /// Packets with tags or tunnels around them.
    private(set) var others: [DecodedPacket] = []

    mutating func add(_ packet: borrowing DecodedPacket) {
        if packet.path.isPlain {
            items.append(.plain(PlainPacket(packet)))
        } else {
            items.append(.other(others.count))
            others.append(copy packet)
        }
    }

    mutating func tick(_ time: Timestamp, _ number: UInt64) { items.append(.tick(time, number)) }

    mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
    }
}

/// A decoded packet without tags and tunnels, in less than half the room.
struct PlainPacket: BitwiseCopyable, Sendable {
    private var first: IPAddress
    private var second: IPAddress
    private var firstPort: UInt16
    private var secondPort: UInt16
    private var transport: Transport
    private var isForward: Bool
    private var flags: TCPFlags
    private var timeToLive: UInt8
    private var wireBytes: UInt32
    private var time: Timestamp
    private(set) var number: UInt64
    private var sourceMAC: MACAddress
    private var payloadOffset: UInt32
    private var payloadCaptured: UInt32
    private var payloadBytes: UInt32
    private var sequence: UInt32
    private var acknowledgment: UInt32
    private var signature: UInt32

    /// Offsets and lengths are those of a batch, far below four gigabytes.
    init(_ packet: borrowing DecodedPacket) {
        first = packet.key.first.address
        second = packet.key.second.address
        firstPort = packet.key.first.port
        secondPort = packet.key.second.port
        transport = packet.key.transport
        isForward = packet.isForward
        flags = packet.flags
        timeToLive = packet.timeToLive
        wireBytes = UInt32(clamping: packet.wireBytes)
        time = packet.time
        number = packet.number
        sourceMAC = packet.sourceMAC
        payloadOffset = UInt32(clamping: packet.payloadOffset)
        payloadCaptured = UInt32(clamping: packet.payloadCaptured)
        payloadBytes = UInt32(clamping: packet.payloadBytes)
        sequence = packet.sequence
        acknowledgment = packet.acknowledgment
        signature = packet.signature
    }

    /// Fills `packet`, whose path is plain already.
    @inline(__always)
    func unpack(into packet: inout DecodedPacket) {
        packet.key.first = Endpoint(first, firstPort)
        packet.key.second = Endpoint(second, secondPort)
        packet.key.transport = transport
        packet.isForward = isForward
        packet.flags = flags
        packet.timeToLive = timeToLive
        packet.wireBytes = Int(wireBytes)
        packet.time = time
        packet.number = number
        packet.sourceMAC = sourceMAC
        packet.payloadOffset = Int(payloadOffset)
        packet.payloadCaptured = Int(payloadCaptured)
        packet.payloadBytes = Int(payloadBytes)
        packet.sequence = sequence
        packet.acknowledgment = acknowledgment
        packet.signature = signature
    }
}

/// What a capture's link layer looks like (https://www.tcpdump.org/linktypes.html).
package struct LinkType: BitwiseCopyable, Hashable, Sendable {
    package var number: UInt16
    package init(_ number: UInt16) { self.number = number }

    package static let null = LinkType(0)
    package static let ethernet = LinkType(1)
    package static let ppp = LinkType(9)
    package static let raw = LinkType(101)
    package static let loop = LinkType(108)
    package static let linuxCooked = LinkType(113)
    package static let ipv4 = LinkType(228)
    package static let ipv6 = LinkType(229)
    package static let linuxCooked2 = LinkType(276)
}

/// Packets and their bytes, read in one go: the unit in which work crosses threads.
package struct PacketBatch: Sendable {
    /// One captured packet: where its bytes lie, and what the capture said of it.
    package struct Packet: BitwiseCopyable, Sendable {
        /// Index of the first byte in `bytes`.
        package var offset: Int
        /// Bytes captured, and bytes the packet had on the wire.
        package var capturedBytes: Int
        package var wireBytes: Int
        package var time: Timestamp
        package var link: LinkType
        /// Which of the files that are read it comes from, from 0.
        package var file: UInt32
        /// Ordinal in this run, from 1.
        package var number: UInt64

        @inlinable package init(
            offset: Int, capturedBytes: Int, wireBytes: Int, time: Timestamp, link: LinkType,
            number: UInt64, file: UInt32 = 0
        ) {
            self.offset = offset
            self.capturedBytes = capturedBytes
            self.wireBytes = wireBytes
            self.time = time
            self.link = link
            self.file = file
            self.number = number
        }
    }

    package var bytes: [UInt8] = []
    package var packets: [Packet] = []
    /// Time now, on a live interface on which nothing came for a while: idle flows may end.
    package var idleTime: Timestamp?

    package init() {}

    /// Copies one packet in: for live capture and for tests.
    package mutating func append(
        _ frame: some Sequence<UInt8>, wireBytes: Int, time: Timestamp, link: LinkType,
        number: UInt64
    ) {
        let offset = bytes.count
        bytes.append(contentsOf: frame)
        packets.append(
            Packet(
                offset: offset, capturedBytes: bytes.count - offset, wireBytes: wireBytes,
                time: time, link: link, number: number))
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        packets.removeAll(keepingCapacity: true)
        idleTime = nil
    }
}

/// A packet whose headers are known: everything the flow table needs, and no pointer.
package struct DecodedPacket: BitwiseCopyable, Sendable {
    package var key: FlowKey
    /// The packet went from the key's first endpoint to its second.
    package var isForward: Bool
    package var time: Timestamp
    package var number: UInt64
    package var wireBytes: Int
    package var sourceMAC: MACAddress
    package var path: Path
    /// Where the transport payload lies in the batch, and how much of it was captured.
    package var payloadOffset: Int
    package var payloadCaptured: Int
    /// Payload bytes by the headers' own account; more than `payloadCaptured` when the snap length
    /// cut it.
    package var payloadBytes: Int
    package var sequence: UInt32
    package var acknowledgment: UInt32
    package var flags: TCPFlags
    /// TTL or hop limit (RFC 791 §3.1, RFC 8200 §3).
    package var timeToLive: UInt8 = 0
    /// Identification, checksum, length and place in the stream in one number, to know the second
    /// copy of a packet. Odd when it has an identification: then a repetition by the sender, which
    /// takes a new one, cannot be mistaken for a copy.
    package var signature: UInt32 = 0

    /// Sets `signature`; sequence and payload bytes are known.
    @inline(__always)
    mutating func sign(identification: UInt16, checksum: UInt16) {
        let mixed =
            (UInt32(identification) << 16 | UInt32(checksum)) &+ sequence &* 0x9e37_79b1
            &+ UInt32(truncatingIfNeeded: payloadBytes) &* 0x85eb_ca77
        signature = mixed << 1 | (identification != 0 ? 1 : 0)
    }

    /// A place for a decoder to fill.
    package static let empty = DecodedPacket(
        key: FlowKey(
            first: Endpoint(.zero, 0), second: Endpoint(.zero, 0), transport: .udp),
        isForward: true, time: .zero, number: 0, wireBytes: 0, sourceMAC: .zero, path: .plain,
        payloadOffset: 0, payloadCaptured: 0, payloadBytes: 0, sequence: 0, acknowledgment: 0,
        flags: [])
}

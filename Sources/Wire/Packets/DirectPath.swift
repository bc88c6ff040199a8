import Codecs

/// The packet that nearly all are: Ethernet with at most one 802.1Q tag, IPv4 without options or
/// IPv6 without extension headers, not a fragment, and a whole TCP or UDP header. It is read with
/// few length checks and no cursor. Whatever is different in any way is left to `PacketWalk`,
/// which gives the same answer for these too.
enum DirectPath {
    /// Fills `decoded` and returns true, or leaves the packet to the walk.
    @inline(__always)
    static func decode(
        _ packet: PacketBatch.Packet, in bytes: borrowing [UInt8],
        _ decoded: inout DecodedPacket
    ) -> Bool {
        guard packet.link == .ethernet, packet.capturedBytes >= 0 else { return false }
        let frame = bytes.span.extracting(
            packet.offset..<(packet.offset + packet.capturedBytes))
        guard frame.count >= 42 else { return false }
        let type = frame.word(12)
        decoded.sourceMAC = MACAddress(frame.quad(6) >> 16)
        // Mostly it is, from the packet before.
        if !decoded.path.isPlain { decoded.path = .plain }
        decoded.time = packet.time
        decoded.number = packet.number
        decoded.wireBytes = packet.wireBytes
        // What the frame is, until it is known where the payload begins.
        decoded.payloadOffset = packet.offset
        decoded.payloadBytes = max(packet.wireBytes, packet.capturedBytes)
        switch type {
        case EtherType.ipv4.rawValue: return v4(frame, 14, &decoded)
        case EtherType.ipv6.rawValue: return v6(frame, 14, &decoded)
        case EtherType.vlan.rawValue:
            decoded.path.tag(frame.word(14) & 0xfff)
            switch frame.word(16) {
            case EtherType.ipv4.rawValue: return v4(frame, 18, &decoded)
            case EtherType.ipv6.rawValue: return v6(frame, 18, &decoded)
            default: return false
            }
        default: return false
        }
    }

    /// RFC 791 §3.1.
    private static func v4(
        _ frame: Span<UInt8>, _ start: Int, _ decoded: inout DecodedPacket
    ) -> Bool {
        let header = frame.extracting(droppingFirst: start)
        guard header.count >= 28, header[0] == 0x45 else { return false }
        let total = Int(header.word(2))
        guard header.word(6) & 0x3fff == 0, total >= 28 else { return false }
        decoded.timeToLive = header[8]
        let (source, destination) = (header.long(12), header.long(16))
        let (from, to) = (header.word(20), header.word(22))
        let isForward =
            UInt64(source) << 16 | UInt64(from) <= UInt64(destination) << 16 | UInt64(to)
        return transport(
            header.extracting(droppingFirst: 20), header[9], declared: total - 20,
            at: start + 20, identification: header.word(4), Endpoint(IPAddress(v4: source), from),
            Endpoint(IPAddress(v4: destination), to), isForward, &decoded)
    }

    /// RFC 8200 §3.
    private static func v6(
        _ frame: Span<UInt8>, _ start: Int, _ decoded: inout DecodedPacket
    ) -> Bool {
        let header = frame.extracting(droppingFirst: start)
        guard header.count >= 48, header[0] >> 4 == 6 else { return false }
        let length = Int(header.word(4))
        guard length >= 8 else { return false }
        decoded.timeToLive = header[7]
        let source = Endpoint(
            IPAddress(high: header.quad(8), low: header.quad(16)), header.word(40))
        let destination = Endpoint(
            IPAddress(high: header.quad(24), low: header.quad(32)), header.word(42))
        // Among these are IPv4's addresses, which may not stand here.
        guard source.address.high != 0, destination.address.high != 0 else { return false }
        return transport(
            header.extracting(droppingFirst: 40), header[6], declared: length,
            at: start + 40, identification: 0, source, destination, source <= destination, &decoded)
    }

    @inline(never)
    private static func mayBeTeredo(_ segment: Span<UInt8>) -> Bool {
        ByteReader(segment.extracting(droppingFirst: 8)).isBetweenTeredoPeers
    }

    /// `segment` begins at the transport header and has `declared` bytes by the IP header.
    @inline(__always)
    private static func transport(
        _ segment: Span<UInt8>, _ number: UInt8, declared: Int,
        at: Int, identification: UInt16, _ source: Endpoint, _ destination: Endpoint,
        _ isForward: Bool,
        _ decoded: inout DecodedPacket
    ) -> Bool {
        let headerBytes: Int
        let checksum: UInt16
        var bytes = declared
        if number == IPProtocol.tcp {
            guard segment.count >= 20 else { return false }
            headerBytes = Int(segment[12] >> 4) * 4
            guard headerBytes >= 20, headerBytes <= segment.count, headerBytes <= declared else {
                return false
            }
            decoded.key.transport = .tcp
            decoded.sequence = segment.long(4)
            decoded.acknowledgment = segment.long(8)
            decoded.flags = TCPFlags(rawValue: segment[13])
            checksum = segment.word(16)
        } else if number == IPProtocol.udp {
            headerBytes = 8
            bytes = Int(segment.word(4))
            guard bytes >= 8, bytes <= declared,
                !TunnelPort.isPossible(source.port, destination.port),
                segment.count == 8 || segment[8] >> 4 != 6 || !mayBeTeredo(segment)
            else {
                return false
            }
            decoded.key.transport = .udp
            decoded.sequence = 0
            decoded.acknowledgment = 0
            decoded.flags = []
            checksum = segment.word(6)
        } else {
            return false
        }
        decoded.key.first = isForward ? source : destination
        decoded.key.second = isForward ? destination : source
        decoded.isForward = isForward
        decoded.payloadCaptured = min(segment.count, bytes) - headerBytes
        // A frame longer than the packet's own account is padded; a shorter one was cut.
        decoded.payloadBytes = min(decoded.payloadBytes - at, bytes) - headerBytes
        decoded.payloadOffset += at + headerBytes
        decoded.sign(identification: identification, checksum: checksum)
        return true
    }
}

/// Network byte order. A place outside the span traps, so what calls these has compared the count.
extension Span where Element == UInt8 {
    @inline(__always)
    func word(_ at: Int) -> UInt16 { bigUInt16(at: at) }

    @inline(__always)
    func long(_ at: Int) -> UInt32 { bigUInt32(at: at) }

    @inline(__always)
    func quad(_ at: Int) -> UInt64 { bigUInt64(at: at) }
}

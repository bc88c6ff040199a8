/// One packet's walk through its headers, a layer at a time and never recursive.
struct PacketWalk {
    enum Layer {
        case ethernet, ppp, mpls, pppoe, ip, arp, gre, nsh, wireless
        /// What an EtherType announces.
        case type(UInt16)
        case done(Drop)
    }

    enum Found {
        case packet
        case neighbor(NeighborBinding)
        case dropped(Drop)
        /// A fragment, captured whole, and its payload.
        case fragment(IPHeader, [UInt8])

        var decoded: Decoded {
            switch self {
            case .packet: .packet
            case .neighbor(let binding): .neighbor(binding)
            case .dropped(let drop): .dropped(drop)
            case .fragment: .dropped(.fragment)
            }
        }
    }

    private enum Network {
        case inner(Layer)
        case result(Found)
    }

    private let packet: PacketBatch.Packet
    /// Index of the walked bytes' first in the batch.
    private var base: Int
    /// `decoded` holds a datagram in which a tunnel was found: should that lead nowhere, it is an
    /// ordinary one.
    private(set) var isDatagram = false
    var source = MACAddress.zero
    var path = Path.plain
    var tagCount = 0
    /// Bytes of the frame that belong to the innermost IP packet so far: what follows is padding.
    var end: Int
    /// The same by the headers' account, which the snap length may have cut short.
    var declaredEnd: Int

    private let verifiesChecksums: Bool

    init(_ packet: PacketBatch.Packet, verifiesChecksums: Bool = false) {
        self.packet = packet
        self.verifiesChecksums = verifiesChecksums
        base = packet.offset
        end = packet.capturedBytes
        declaredEnd = max(packet.wireBytes, packet.capturedBytes)
    }

    /// Walks the packet's part of `bytes`; fills `decoded` when the answer is `.packet`.
    mutating func decode(
        _ link: LinkType, _ bytes: Span<UInt8>, _ decoded: inout DecodedPacket
    ) throws(ParseFailure) -> Found {
        var input = ByteReader(bytes.extracting(base..<(base + packet.capturedBytes)))
        return try walk(from: try linkLayer(link, &input), &input, &decoded)
    }

    /// Goes on behind `header` with a datagram that was put together from fragments: `count` bytes
    /// at `start`.
    mutating func resume(
        _ header: IPHeader, _ next: UInt8, _ bytes: Span<UInt8>, at start: Int, _ count: Int,
        _ decoded: inout DecodedPacket
    ) throws(ParseFailure) -> Found {
        (base, end, declaredEnd) = (start, count, count)
        var input = ByteReader(bytes.extracting(start..<(start + count)))
        var header = header
        header.fragment = nil
        header.next = next
        header.payloadBytes = count
        if !header.source.isV4 { try header.readExtensions(&input) }
        switch try transport(&input, header, &decoded) {
        case .inner(let layer): return try walk(from: layer, &input, &decoded)
        case .result(let found): return found
        }
    }

    private mutating func walk(
        from first: Layer, _ input: inout ByteReader, _ decoded: inout DecodedPacket
    ) throws(ParseFailure) -> Found {
        var layer = first
        while true {
            switch layer {
            case .ethernet: layer = try ethernet(&input)
            case .type(let number): layer = try etherType(number, &input)
            case .ppp: layer = try ppp(&input)
            case .mpls: layer = try mpls(&input)
            case .pppoe: layer = try pppoe(&input)
            case .gre: layer = try gre(&input)
            case .nsh: layer = try nsh(&input)
            case .wireless: layer = try wireless(&input)
            case .arp:
                guard let arp = try ARPMessage(&input) else {
                    return .dropped(.unsupportedNetwork)
                }
                return .neighbor(
                    NeighborBinding(address: arp.senderAddress, mac: arp.senderMAC, source: .arp))
            case .ip:
                switch try network(&input, &decoded) {
                case .inner(let next): layer = next
                case .result(let found): return found
                }
            case .done(let drop): return .dropped(drop)
            }
        }
    }

    // MARK: - Network

    private mutating func network(
        _ input: inout ByteReader, _ decoded: inout DecodedPacket
    ) throws(ParseFailure) -> Network {
        guard let first = input.peek() else { throw .needMore(1) }
        if verifiesChecksums, first >> 4 == 4, !input.hasSum(of: Int(first & 15) * 4) {
            return .result(.dropped(.badChecksum))
        }
        var header =
            switch first >> 4 {
            case 4: try IPHeader(v4: &input)
            case 6: try IPHeader(v6: &input)
            default: throw .malformed(.badIPHeader)
            }
        // IPv4 carries one of IPv6's extension headers (RFC 4302 §3.1.1).
        if header.source.isV4, header.next == IPProtocol.authentication, header.fragment == nil {
            try header.readExtensions(&input)
        }
        if let bytes = header.payloadBytes { limit(to: bytes, input) }
        if let fragment = header.fragment {
            if end >= declaredEnd {
                return .result(.fragment(header, input.array(end - input.offset)))
            }
            // Cut by the snap length: the first is read as far as it goes.
            guard fragment.offset == 0 else { return .result(.dropped(.snaplen)) }
        }
        return try transport(&input, header, &decoded)
    }

    /// The innermost length so far is `bytes` from here.
    private mutating func limit(to bytes: Int, _ input: borrowing ByteReader) {
        declaredEnd = min(declaredEnd, input.offset + bytes)
        end = min(end, input.offset + bytes)
    }

    private mutating func transport(
        _ input: inout ByteReader, _ header: IPHeader, _ decoded: inout DecodedPacket
    ) throws(ParseFailure) -> Network {
        if verifiesChecksums, !isIntact(input, header) { return .result(.dropped(.badChecksum)) }
        let (from, to) = (Endpoint(header.source, 0), Endpoint(header.destination, 0))
        switch header.next {
        case IPProtocol.tcp:
            try segment(&input, header, &decoded)
            return .result(.packet)
        case IPProtocol.udp: return try datagram(&input, header, &decoded)
        case IPProtocol.ipv4, IPProtocol.ipv6:
            try enter(.ipInIP, from: from, to: to)
            return .inner(.ip)
        case IPProtocol.gre:
            try enter(.gre, from: from, to: to)
            return .inner(try gre(&input))
        case IPProtocol.mpls:
            try enter(.mplsInIP, from: from, to: to)
            return .inner(.mpls)
        case IPProtocol.etherIP:
            // RFC 3378 §3: version 3, and twelve bits of zeros.
            guard try input.uint16() == 0x3000 else {
                return .result(.dropped(.unsupportedTransport))
            }
            try enter(.etherIP, from: from, to: to)
            return .inner(.ethernet)
        case IPProtocol.icmpv6:
            guard let binding = try neighborDiscovery(&input, header) else {
                return .result(.dropped(.unsupportedTransport))
            }
            return .result(.neighbor(binding))
        default: return .result(.dropped(.unsupportedTransport))
        }
    }

    /// Whether a segment or datagram that was captured whole has the checksum its header says (RFC
    /// 9293 §3.1, RFC 768). A UDP checksum of zero is none.
    private func isIntact(_ input: borrowing ByteReader, _ header: IPHeader) -> Bool {
        let count = end - input.offset
        guard header.next == IPProtocol.tcp || header.next == IPProtocol.udp,
            header.fragment == nil, end >= declaredEnd, count >= 8
        else { return true }
        if header.next == IPProtocol.udp, input.word(at: 6) == 0 { return true }
        // The pseudo-header: addresses, protocol and length (RFC 8200 §8.1).
        var sum = UInt64(header.next) + UInt64(count)
        for address in [header.source, header.destination] {
            let low = address.isV4 ? UInt64(address.v4) : address.low
            for word in [address.isV4 ? 0 : address.high, low] {
                sum +=
                    (word >> 48) + (word >> 32 & 0xffff) + (word >> 16 & 0xffff) + (word & 0xffff)
            }
        }
        return input.hasSum(of: count, startingAt: sum)
    }

    /// The address-to-MAC statement of a neighbor solicitation or advertisement (RFC 4861
    /// §§4.3-4.4).
    private func neighborDiscovery(
        _ input: inout ByteReader, _ header: IPHeader
    ) throws(ParseFailure) -> NeighborBinding? {
        let type = try input.uint8()
        guard type == 135 || type == 136 else { return nil }
        try input.skip(7)
        let target = IPAddress(high: try input.uint64(), low: try input.uint64())
        let address = type == 135 ? header.source : target
        let wanted: UInt8 = type == 135 ? 1 : 2
        while input.offset + 8 <= end {
            let option = try input.uint8()
            let bytes = Int(try input.uint8()) * 8
            guard bytes >= 8 else { return nil }
            if option == wanted, bytes == 8 {
                let mac = MACAddress(try input.uint48())
                guard mac.isUnicast, address.isUnicast else { return nil }
                return NeighborBinding(address: address, mac: mac, source: .neighborDiscovery)
            }
            try input.skip(bytes - 2)
        }
        return nil
    }

    // MARK: - Transport

    private func segment(
        _ input: inout ByteReader, _ header: IPHeader, _ decoded: inout DecodedPacket
    ) throws(ParseFailure) {
        let tcp = try TCPHeader(&input)
        decoded.sequence = tcp.sequence
        decoded.acknowledgment = tcp.acknowledgment
        decoded.flags = tcp.flags
        decoded.timeToLive = header.timeToLive
        fill(
            &decoded, Endpoint(header.source, tcp.sourcePort),
            Endpoint(header.destination, tcp.destinationPort), .tcp, payloadAt: input.offset)
        decoded.sign(identification: header.identification, checksum: tcp.checksum)
    }

    private mutating func datagram(
        _ input: inout ByteReader, _ header: IPHeader, _ decoded: inout DecodedPacket
    ) throws(ParseFailure) -> Network {
        let udp = try UDPHeader(&input)
        if let bytes = udp.payloadBytes { limit(to: bytes, input) }
        let source = Endpoint(header.source, udp.sourcePort)
        let destination = Endpoint(header.destination, udp.destinationPort)
        (decoded.sequence, decoded.acknowledgment, decoded.flags) = (0, 0, [])
        decoded.timeToLive = header.timeToLive
        fill(&decoded, source, destination, .udp, payloadAt: input.offset)
        decoded.sign(identification: header.identification, checksum: udp.checksum)
        if TunnelPort.isPossible(udp.sourcePort, udp.destinationPort)
            || input.isBetweenTeredoPeers, header.fragment == nil,
            let layer = try tunnel(&input, source, destination)
        {
            isDatagram = true
            return .inner(layer)
        }
        return .result(.packet)
    }

    private func fill(
        _ decoded: inout DecodedPacket, _ source: Endpoint, _ destination: Endpoint,
        _ transport: Transport, payloadAt offset: Int
    ) {
        (decoded.key, decoded.isForward) = FlowKey.of(from: source, to: destination, transport)
        decoded.time = packet.time
        decoded.number = packet.number
        decoded.wireBytes = packet.wireBytes
        decoded.sourceMAC = self.source
        decoded.path = path
        decoded.payloadOffset = base + offset
        decoded.payloadCaptured = max(0, end - offset)
        decoded.payloadBytes = max(0, declaredEnd - offset)
    }
}

/// What a packet turned out to be.
package enum Decoded: Sendable {
    /// A TCP segment or UDP datagram.
    case packet
    /// ARP or neighbor discovery: an address is at a MAC address.
    case neighbor(NeighborBinding)
    /// Nothing for a flow, and why.
    case dropped(Drop)
    /// Headers that break a rule.
    case malformed(Anomaly)
}

/// Walks link → network → transport, tunnels included.
package struct PacketDecoder: Sendable {
    package init() {}

    /// Fills `decoded` when the answer is `.packet`; otherwise what it holds means nothing. The
    /// caller lends the place, so that a packet is written once and never copied.
    package func decode(
        _ packet: PacketBatch.Packet, in bytes: borrowing [UInt8],
        into decoded: inout DecodedPacket
    ) -> Decoded {
        let all = bytes.span
        guard packet.offset >= 0, packet.capturedBytes >= 0,
            packet.capturedBytes <= all.count - packet.offset
        else { return .dropped(.snaplen) }
        let frame = all.extracting(packet.offset..<(packet.offset + packet.capturedBytes))
        if packet.link == .ethernet, DirectPath.decode(packet, frame, &decoded) { return .packet }
        return walk(packet, frame, &decoded)
    }

    @inline(never)
    private func walk(
        _ packet: PacketBatch.Packet, _ frame: Span<UInt8>, _ decoded: inout DecodedPacket
    ) -> Decoded {
        do throws(ParseFailure) {
            var walk = PacketWalk(packet)
            switch try walk.decode(frame) {
            case .packet(let found):
                decoded = found
                return .packet
            case .neighbor(let binding): return .neighbor(binding)
            case .dropped(let drop): return .dropped(drop)
            }
        } catch {
            switch error {
            case .malformed(let anomaly): return .malformed(anomaly)
            case .needMore:
                return packet.capturedBytes < packet.wireBytes
                    ? .dropped(.snaplen) : .malformed(.shortPacket)
            }
        }
    }
}

/// One packet's walk through its headers.
private struct PacketWalk {
    enum Found {
        case packet(DecodedPacket)
        case neighbor(NeighborBinding)
        case dropped(Drop)
    }

    private enum Layer {
        case ethernet, ppp, mpls, pppoe, ip, arp, gre
        case done(Drop)
    }

    private let packet: PacketBatch.Packet
    private var source = MACAddress.zero
    private var vlan: UInt16 = 0
    private var depth = 0
    /// Bytes of the frame that belong to the innermost IP packet so far: what follows is padding.
    private var end: Int
    /// The same by the headers' account, which the snap length may have cut short.
    private var declaredEnd: Int

    init(_ packet: PacketBatch.Packet) {
        self.packet = packet
        end = packet.capturedBytes
        declaredEnd = max(packet.wireBytes, packet.capturedBytes)
    }

    mutating func decode(_ frame: Span<UInt8>) throws(ParseFailure) -> Found {
        var input = ByteReader(frame)
        var layer = try linkLayer(&input)
        while true {
            switch layer {
            case .ethernet: layer = try ethernet(&input)
            case .ppp: layer = try ppp(&input)
            case .mpls: layer = try mpls(&input)
            case .pppoe: layer = try pppoe(&input)
            case .gre: layer = try gre(&input)
            case .arp:
                guard let arp = try ARPMessage(&input) else {
                    return .dropped(.unsupportedNetwork)
                }
                return .neighbor(
                    NeighborBinding(address: arp.senderAddress, mac: arp.senderMAC, source: .arp))
            case .ip:
                switch try network(&input) {
                case .inner(let next): layer = next
                case .result(let result): return result
                }
            case .done(let drop): return .dropped(drop)
            }
        }
    }

    private enum Network {
        case inner(Layer)
        case result(Found)
    }

    // MARK: - Link layers

    private mutating func linkLayer(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        switch packet.link {
        case .ethernet: return .ethernet
        case .raw, .ipv4, .ipv6, LinkType(12), LinkType(14): return .ip
        case .ppp: return .ppp
        case .null, .loop:
            // The family is in host order of the capturing machine, so its value says little.
            try input.skip(4)
            return .ip
        case .linuxCooked:
            // Packet type, ARPHRD, address length, address, EtherType (LINKTYPE_LINUX_SLL).
            try input.skip(4)
            let length = try input.uint16()
            let address = try input.uint48()
            if length == 6 { source = MACAddress(address) }
            try input.skip(2)
            return try etherType(try input.uint16(), &input)
        case .linuxCooked2:
            // EtherType, interface, ARPHRD, packet type, address (LINKTYPE_LINUX_SLL2).
            let type = try input.uint16()
            try input.skip(9)
            let length = try input.uint8()
            let address = try input.uint48()
            if length == 6 { source = MACAddress(address) }
            try input.skip(2)
            return try etherType(type, &input)
        default: return .done(.unsupportedLink)
        }
    }

    private mutating func ethernet(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        let header = try EthernetHeader(&input)
        source = header.source
        if vlan == 0 { vlan = header.vlan }
        return layer(for: header.type)
    }

    private mutating func etherType(
        _ number: UInt16, _ input: inout ByteReader
    ) throws(ParseFailure) -> Layer {
        guard number == EtherType.vlan.rawValue else {
            return layer(for: EtherType(rawValue: number))
        }
        vlan = try input.uint16() & 0xfff
        return layer(for: EtherType(rawValue: try input.uint16()))
    }

    private func layer(for type: EtherType?) -> Layer {
        switch type {
        case .ipv4, .ipv6: .ip
        case .arp: .arp
        case .mplsUnicast: .mpls
        case .pppoeSession: .pppoe
        case .transparentBridging: .ethernet
        default: .done(.unsupportedNetwork)
        }
    }

    /// A PPPoE session header (RFC 2516 §4).
    private func pppoe(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        try input.skip(6)
        return .ppp
    }

    /// PPP, with or without its HDLC address (RFC 1661 §2, RFC 1662 §3.1).
    private func ppp(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        if input.peek(0) == 0xff, input.peek(1) == 3 { try input.skip(2) }
        var number = UInt16(try input.uint8())
        if number & 1 == 0 { number = number << 8 | UInt16(try input.uint8()) }
        switch number {
        case 0x21, 0x57: return .ip
        case 0x281: return .mpls
        default: return .done(.unsupportedNetwork)
        }
    }

    /// A stack of MPLS labels (RFC 3032 §2.1); what is below is told by its first nibble.
    private func mpls(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        for _ in 0..<8 where try input.uint32() & 0x100 != 0 {
            switch (input.peek() ?? 0) >> 4 {
            case 4, 6: return .ip
            case 0:
                // A pseudowire control word, then Ethernet (RFC 4448 §4.6).
                try input.skip(4)
                return .ethernet
            default: return .ethernet
            }
        }
        throw .malformed(.tooDeep)
    }

    // MARK: - Network and tunnels

    private mutating func network(_ input: inout ByteReader) throws(ParseFailure) -> Network {
        let version = (input.peek() ?? 0) >> 4
        let header =
            switch version {
            case 4: try IPHeader(v4: &input)
            case 6: try IPHeader(v6: &input)
            default: throw .malformed(.badIPHeader)
            }
        if let bytes = header.payloadBytes {
            declaredEnd = min(declaredEnd, input.offset + bytes)
            end = min(end, input.offset + bytes)
        }
        if header.isLaterFragment { return .result(.dropped(.fragment)) }
        switch header.next {
        case IPProtocol.tcp: return .result(.packet(try segment(&input, header)))
        case IPProtocol.udp: return try datagram(&input, header)
        case IPProtocol.ipv4, IPProtocol.ipv6:
            try descend()
            return .inner(.ip)
        case IPProtocol.gre:
            try descend()
            return .inner(.gre)
        case IPProtocol.icmpv6:
            guard let binding = try neighborDiscovery(&input, header) else {
                return .result(.dropped(.unsupportedTransport))
            }
            return .result(.neighbor(binding))
        default: return .result(.dropped(.unsupportedTransport))
        }
    }

    private mutating func descend() throws(ParseFailure) {
        depth += 1
        guard depth <= Limits.standard.tunnelDepth else { throw .malformed(.tooDeep) }
    }

    /// GRE (RFC 2784, RFC 2890), and ERSPAN in it (draft-foschiano-erspan-03).
    private func gre(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        let flags = try input.uint16()
        let type = try input.uint16()
        guard flags & 7 == 0 else { return .done(.unsupportedNetwork) }
        let hasSequence = flags & 0x1000 != 0
        if flags & 0x8000 != 0 { try input.skip(4) }
        if flags & 0x2000 != 0 { try input.skip(4) }
        if hasSequence { try input.skip(4) }
        switch type {
        case 0x88be:
            // Type I has no header of its own, and no sequence number in GRE.
            if hasSequence { try input.skip(8) }
            return .ethernet
        case 0x22eb:
            try input.skip(10)
            if try input.uint16() & 1 != 0 { try input.skip(8) }
            return .ethernet
        default: return layer(for: EtherType(rawValue: type))
        }
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
        _ input: inout ByteReader, _ header: IPHeader
    ) throws(ParseFailure) -> DecodedPacket {
        let tcp = try TCPHeader(&input)
        var decoded = packet(
            from: Endpoint(header.source, tcp.sourcePort),
            to: Endpoint(header.destination, tcp.destinationPort), .tcp, payloadAt: input.offset)
        decoded.sequence = tcp.sequence
        decoded.acknowledgment = tcp.acknowledgment
        decoded.flags = tcp.flags
        return decoded
    }

    private mutating func datagram(
        _ input: inout ByteReader, _ header: IPHeader
    ) throws(ParseFailure) -> Network {
        let udp = try UDPHeader(&input)
        if let bytes = udp.payloadBytes {
            declaredEnd = min(declaredEnd, input.offset + bytes)
            end = min(end, input.offset + bytes)
        }
        // VXLAN with a valid VNI and nothing in its reserved bits (RFC 7348 §5).
        if udp.destinationPort == Tunnel.vxlan, input.peek(0) == 8, input.peek(1) == 0,
            input.peek(2) == 0, input.peek(3) == 0, input.remaining >= 22
        {
            try descend()
            try input.skip(8)
            return .inner(.ethernet)
        }
        return .result(
            .packet(
                packet(
                    from: Endpoint(header.source, udp.sourcePort),
                    to: Endpoint(header.destination, udp.destinationPort), .udp,
                    payloadAt: input.offset)))
    }

    private func packet(
        from source: Endpoint, to destination: Endpoint, _ transport: Transport,
        payloadAt offset: Int
    ) -> DecodedPacket {
        let (key, isForward) = FlowKey.of(from: source, to: destination, transport)
        return DecodedPacket(
            key: key, isForward: isForward, time: packet.time, number: packet.number,
            wireBytes: packet.wireBytes, sourceMAC: self.source, vlan: vlan,
            payloadOffset: packet.offset + offset, payloadCaptured: max(0, end - offset),
            payloadBytes: max(0, declaredEnd - offset), sequence: 0, acknowledgment: 0, flags: [])
    }
}

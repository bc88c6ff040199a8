/// UDP ports behind which other packets may stand (IANA service names). A port alone proves
/// nothing: the headers must agree too, or the datagram is an ordinary one.
enum TunnelPort {
    static let l2tp: UInt16 = 1701
    static let gtpUser: UInt16 = 2152
    static let teredo: UInt16 = 3544
    static let lisp: UInt16 = 4341
    static let vxlan: UInt16 = 4789
    static let vxlanGPE: UInt16 = 4790
    static let greInUDP: UInt16 = 4754
    static let ayiya: UInt16 = 5072
    static let capwapData: UInt16 = 5247
    static let geneve: UInt16 = 6081
    /// VXLAN's port in Linux before it had one from IANA.
    static let vxlanLinux: UInt16 = 8472

    /// Whether a look at the headers must decide what a datagram is.
    @inline(__always)
    static func isPossible(_ source: UInt16, _ destination: UInt16) -> Bool {
        isKnown(destination) || isKnown(source)
    }

    @inline(__always)
    private static func isKnown(_ port: UInt16) -> Bool {
        switch port {
        case l2tp, gtpUser, teredo, lisp, vxlan, vxlanGPE, capwapData, geneve, vxlanLinux,
            greInUDP, ayiya:
            true
        default: false
        }
    }
}

/// Packets in packets.
extension PacketWalk {
    /// Goes one tunnel deeper. The MAC address seen so far is that of the tunnel's end.
    mutating func enter(
        _ carrier: Path.Carrier, from source: Endpoint, to destination: Endpoint
    ) throws(ParseFailure) {
        guard Int(path.depth) < Limits.standard.tunnelDepth else { throw .malformed(.tooDeep) }
        path.enter(carrier, from: source, to: destination)
        self.source = .zero
    }

    /// What stands in a datagram to or from a tunnel's port; nil when it is an ordinary one.
    /// `input` moves only when the headers agree.
    mutating func tunnel(
        _ input: inout ByteReader, _ source: Endpoint, _ destination: Endpoint
    ) throws(ParseFailure) -> Layer? {
        let found: (Path.Carrier, Int, Layer)?
        var network: UInt32?
        switch (destination.port, source.port) {
        case (TunnelPort.vxlan, _), (TunnelPort.vxlanLinux, _), (TunnelPort.vxlanGPE, _):
            found = vxlan(input, &network)
        case (TunnelPort.geneve, _): found = geneve(input, &network)
        case (TunnelPort.lisp, _): found = lisp(input, &network)
        case (TunnelPort.gtpUser, _), (_, TunnelPort.gtpUser): found = gtp(input)
        case (TunnelPort.teredo, _), (_, TunnelPort.teredo): found = teredo(input)
        case (TunnelPort.l2tp, _), (_, TunnelPort.l2tp): found = l2tp(input)
        case (TunnelPort.capwapData, _), (_, TunnelPort.capwapData): found = capwap(input)
        case (TunnelPort.greInUDP, _): found = greInUDP(input)
        case (TunnelPort.ayiya, _), (_, TunnelPort.ayiya): found = ayiya(input)
        default: found = input.isBetweenTeredoPeers ? teredo(input) : nil
        }
        guard let (carrier, bytes, layer) = found else { return nil }
        try enter(carrier, from: source, to: destination)
        if let network { path.enterVirtualNetwork(network) }
        try input.skip(bytes)
        return layer
    }

    /// Bytes from here to the end of the datagram by its own account.
    private func room(_ input: borrowing ByteReader) -> Int { declaredEnd - input.offset }

    /// VXLAN (RFC 7348 §5), with group policy (draft-smith-vxlan-group-policy), or GPE
    /// (draft-ietf-nvo3-vxlan-gpe).
    ///
    ///     |R|R|Ver|I|P|B|O|       Reserved or policy      | Next Protocol |
    ///     |                VNI                            |   Reserved    |
    private func vxlan(
        _ input: borrowing ByteReader, _ network: inout UInt32?
    ) -> (Path.Carrier, Int, Layer)? {
        guard let flags = input.peek(0), let second = input.peek(1), let next = input.peek(3),
            let high = input.word(at: 4), let low = input.peek(6), input.peek(7) == 0,
            flags & 8 != 0
        else { return nil }
        let layer: Layer
        if flags & 4 != 0 {
            guard flags & 0xf2 == 0, input.word(at: 1) == 0 else { return nil }
            layer = Self.layer(forNext: next)
        } else {
            let hasPolicy = flags & 0x80 != 0
            guard flags & 0x77 == 0, hasPolicy ? second & 0xb7 == 0 : second == 0,
                hasPolicy || input.word(at: 2) == 0
            else { return nil }
            layer = .ethernet
        }
        switch layer {
        case .ethernet: guard input.mayBeEthernet(at: 8) else { return nil }
        case .ip: guard input.mayBeIP(at: 8, room: room(input)) else { return nil }
        case .nsh, .mpls: break
        default: return nil
        }
        network = UInt32(high) << 8 | UInt32(low)
        return (flags & 4 != 0 ? .vxlanGPE : .vxlan, 8, layer)
    }

    /// GENEVE (RFC 8926 §3.4): version 0, options in words of four bytes, an EtherType.
    private func geneve(
        _ input: borrowing ByteReader, _ network: inout UInt32?
    ) -> (Path.Carrier, Int, Layer)? {
        guard let first = input.peek(0), let second = input.peek(1), let type = input.word(at: 2),
            let high = input.word(at: 4), let low = input.peek(6), input.peek(7) == 0,
            first >> 6 == 0, second & 0x3f == 0
        else { return nil }
        let bytes = 8 + Int(first & 0x3f) * 4
        guard bytes <= room(input), EtherType(rawValue: type) != nil else { return nil }
        network = UInt32(high) << 8 | UInt32(low)
        return (.geneve, bytes, .type(type))
    }

    /// LISP data (RFC 9300 §5.1): flags, nonce or map version, instance id with the I bit.
    private func lisp(
        _ input: borrowing ByteReader, _ network: inout UInt32?
    ) -> (Path.Carrier, Int, Layer)? {
        guard let flags = input.peek(0), flags & 7 == 0,
            input.mayBeIP(at: 8, room: room(input))
        else { return nil }
        if flags & 8 != 0, let high = input.word(at: 4), let low = input.peek(6) {
            network = UInt32(high) << 8 | UInt32(low)
        }
        return (.lisp, 8, .ip)
    }

    /// GTP-U version 1 (3GPP TS 29.281 §5.1): a T-PDU, with sequence number and extension headers
    /// where its flags say so. Tunnel ids differ by direction and separate nothing.
    private func gtp(_ input: borrowing ByteReader) -> (Path.Carrier, Int, Layer)? {
        guard let flags = input.peek(0), flags & 0xf8 == 0x30, input.peek(1) == 0xff,
            let length = input.word(at: 2), Int(length) + 8 <= room(input)
        else { return nil }
        var bytes = 8
        if flags & 7 != 0 {
            bytes = 12
            var next = flags & 4 != 0 ? input.peek(11) ?? 0 : 0
            for _ in 0..<Limits.standard.extensionHeaders where next != 0 {
                guard let words = input.peek(bytes), words > 0 else { return nil }
                bytes += Int(words) * 4
                guard let following = input.peek(bytes - 1) else { return nil }
                next = following
            }
            guard next == 0 else { return nil }
        }
        guard input.mayBeIP(at: bytes, room: room(input)) else { return nil }
        return (.gtp, bytes, .ip)
    }

    /// Teredo (RFC 4380 §5.1.1): authentication and origin indications, then IPv6.
    private func teredo(_ input: borrowing ByteReader) -> (Path.Carrier, Int, Layer)? {
        var bytes = 0
        if input.word(at: 0) == 1 {
            guard let identity = input.peek(2), let value = input.peek(3) else { return nil }
            bytes = 13 + Int(identity) + Int(value)
        }
        if input.word(at: bytes) == 0 { bytes += 8 }
        guard (input.peek(bytes) ?? 0) >> 4 == 6, input.mayBeIP(at: bytes, room: room(input)) else {
            return nil
        }
        return (.teredo, bytes, .ip)
    }

    /// GRE in UDP (RFC 8086 §3), with IP in it or a frame.
    private func greInUDP(_ input: borrowing ByteReader) -> (Path.Carrier, Int, Layer)? {
        guard let flags = input.word(at: 0), flags & 0x4fff == 0, let type = input.word(at: 2)
        else { return nil }
        var bytes = 4
        for bit in [0x8000, 0x2000, 0x1000] as [UInt16] where flags & bit != 0 { bytes += 4 }
        switch EtherType(rawValue: type) {
        case .ipv4, .ipv6:
            guard input.mayBeIP(at: bytes, room: room(input)) else { return nil }
        case .transparentBridging: guard input.mayBeEthernet(at: bytes) else { return nil }
        default: return nil
        }
        return (.gre, 0, .gre)
    }

    /// AYIYA (draft-massar-v6ops-ayiya-02 §4): IPv6 that is forwarded, behind who sent it and a
    /// signature.
    ///
    ///     | IDLen | IDType| SigLen|HashMet| Auth  |OpCode |  Next Header  |
    private func ayiya(_ input: borrowing ByteReader) -> (Path.Carrier, Int, Layer)? {
        guard let first = input.peek(0), let second = input.peek(1), let third = input.peek(2),
            third & 15 == 1, input.peek(3) == IPProtocol.ipv6
        else { return nil }
        let bytes = 8 + (1 << Int(first >> 4)) + Int(second >> 4) * 4
        guard (input.peek(bytes) ?? 0) >> 4 == 6, input.mayBeIP(at: bytes, room: room(input)) else {
            return nil
        }
        return (.ayiya, bytes, .ip)
    }

    /// L2TP version 2 data (RFC 2661 §3.1), with PPP in it.
    private func l2tp(_ input: borrowing ByteReader) -> (Path.Carrier, Int, Layer)? {
        guard let flags = input.word(at: 0), flags & 0xb4ff == 2 else { return nil }
        var bytes = 6
        if flags & 0x4000 != 0 {
            guard let length = input.word(at: 2), Int(length) <= room(input) else { return nil }
            bytes += 2
        }
        if flags & 0x0800 != 0 { bytes += 4 }
        if flags & 0x0200 != 0 {
            guard let padding = input.word(at: bytes) else { return nil }
            bytes += 2 + Int(padding)
        }
        let address = input.word(at: bytes) == 0xff03 ? 2 : 0
        let isShort = (input.peek(bytes + address) ?? 0) & 1 != 0
        guard input.mayBeIP(at: bytes + address + (isShort ? 1 : 2), room: room(input)) else {
            return nil
        }
        return (.l2tp, bytes, .ppp)
    }

    /// CAPWAP data in the clear (RFC 5415 §4.3): one whole frame, 802.3 or 802.11.
    ///
    ///     |Version| Type  |  HLEN   |   RID   |  WBID   |T|F|L|W|M|K|Flags|
    private func capwap(_ input: borrowing ByteReader) -> (Path.Carrier, Int, Layer)? {
        guard input.peek(0) == 0, let high = input.word(at: 1), let low = input.peek(3) else {
            return nil
        }
        let bits = UInt32(high) << 8 | UInt32(low)
        let bytes = Int(bits >> 19) * 4
        let (isNative, isFragment, isKeepAlive) = (
            bits & 0x100 != 0, bits & 0x80 != 0, bits & 0x08 != 0
        )
        guard bytes >= 8, !isFragment, !isKeepAlive, bits & 7 == 0 else { return nil }
        if isNative {
            guard bits >> 9 & 31 == 1, let control = input.word(at: bytes),
                control & 0x0f00 == 0x0800 || control & 0x0f == 8
            else { return nil }
            return (.capwap, bytes, .wireless)
        }
        return input.mayBeEthernet(at: bytes) ? (.capwap, bytes, .ethernet) : nil
    }

    /// GRE (RFC 2784, RFC 2890, and the routing of RFC 1701), version 1 for PPTP (RFC 2637 §4.1),
    /// and ERSPAN in it (draft-foschiano-erspan-03). Keys and session ids separate no networks: a
    /// mirror gives one to each direction.
    mutating func gre(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        let flags = try input.uint16()
        let type = try input.uint16()
        let hasSequence = flags & 0x1000 != 0
        if flags & 7 == 1 {
            // A key of payload length and call id; without a sequence number it only acknowledges.
            guard flags & 0x2000 != 0, type == EtherType.ppp.rawValue else {
                return .done(.unsupportedTransport)
            }
            try input.skip(4 + (hasSequence ? 4 : 0) + (flags & 0x80 != 0 ? 4 : 0))
            return hasSequence ? .ppp : .done(.unsupportedTransport)
        }
        guard flags & 7 == 0 else { return .done(.unsupportedTransport) }
        if flags & 0xc000 != 0 { try input.skip(4) }
        if flags & 0x2000 != 0 { try input.skip(4) }
        if hasSequence { try input.skip(4) }
        if flags & 0x4000 != 0 { try routing(&input) }
        switch type {
        case 0x88be, 0x22eb: return try erspan(type, &input, hasSequence: hasSequence)
        case 0x883e:
            // WCCP: a redirect header of four bytes may stand before IPv4 (RFC 3040, draft-wilson).
            if (input.peek() ?? 0) >> 4 != 4 { try input.skip(4) }
            return .ip
        default: return type < 0x0600 ? .done(.unsupportedNetwork) : .type(type)
        }
    }

    /// Source route entries, up to the one of address family and length 0 (RFC 1701).
    private func routing(_ input: inout ByteReader) throws(ParseFailure) {
        for _ in 0..<Limits.standard.extensionHeaders {
            let family = try input.uint16()
            try input.skip(1)
            let length = try input.uint8()
            if family == 0, length == 0 { return }
            try input.skip(Int(length))
        }
        throw .malformed(.tooDeep)
    }

    private mutating func erspan(
        _ type: UInt16, _ input: inout ByteReader, hasSequence: Bool
    ) throws(ParseFailure) -> Layer {
        path.carry(.erspan)
        guard type == 0x22eb else {
            // Type I has no header of its own, and no sequence number in GRE.
            if hasSequence { try input.skip(8) }
            return .ethernet
        }
        try input.skip(10)
        let bits = try input.uint16()
        if bits & 1 != 0 { try input.skip(8) }
        return bits >> 10 & 31 == 2 ? .ip : .ethernet
    }
}

extension ByteReader {
    /// A datagram between Teredo peers, who speak on any ports (RFC 4380 §5.2): an IPv6 packet from
    /// or to an address of `2001::/32`.
    var isBetweenTeredoPeers: Bool {
        guard let first = peek(0), first >> 4 == 6 else { return false }
        return word(at: 8) == 0x2001 && word(at: 10) == 0
            || word(at: 24) == 0x2001 && word(at: 26) == 0
    }
}

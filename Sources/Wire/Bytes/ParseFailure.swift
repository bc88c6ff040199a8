/// Why a unit could not be read. Trivial, so that throwing it costs what an optional costs.
package enum ParseFailure: Error, BitwiseCopyable, Hashable {
    /// The bytes end too early; at least so many more are needed.
    case needMore(Int)
    /// The bytes break a rule, whatever may follow.
    case malformed(Anomaly)
}

/// Bytes that break a rule. Counted per kind, and charged to the flow's budget.
package enum Anomaly: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    /// A part is longer than the whole it stands in.
    case shortInside
    /// A frame ends inside a header, though it was captured whole.
    case shortPacket
    /// An IP version that is neither 4 nor 6, a header length below the minimum (RFC 791 §3.1), or
    /// an IPv4 address in an IPv6 header (RFC 6890 §2.2.3).
    case badIPHeader
    /// A TCP data offset below five words or beyond the packet (RFC 9293 §3.1).
    case badTCPHeader
    /// A UDP length below eight bytes (RFC 768).
    case badUDPHeader
    /// A tag or tunnel header that its specification does not allow.
    case badTunnelHeader
    /// A fragment of a length that cannot be, or beyond the greatest datagram (RFC 791 §3.2).
    case badFragment
    /// Fragments of one datagram that say different things about the same bytes (RFC 5722).
    case conflictingFragment
    /// More headers within headers than the limit.
    case tooDeep
    /// A TLS record longer than 2^14 + 2048 bytes or of an unknown type (RFC 8446 §5.1).
    case badTLSRecord
    /// A TLS handshake message longer than the limit, or a hello that cannot be one.
    case badHandshake
    /// A start line or field line that HTTP does not allow (RFC 9112 §§3-5).
    case badHTTPHead
    /// A chunk size that is no number, or no line end where one must be (RFC 9112 §7.1).
    case badChunk
    /// A head longer than the limit.
    case headTooLong
    /// A unit asked for more bytes more often than the limit.
    case dribble
    /// A side held more undissected bytes than the limit.
    case sideTooLong
    /// A DNS message whose names or counts do not fit it (RFC 1035 §4).
    case badDNS
    /// A DHCP message without its magic cookie or with an option beyond its end (RFC 2131 §3), or
    /// one of DHCPv6 behind more relays than may be (RFC 8415 §7.6).
    case badDHCP
    /// A QUIC packet whose lengths or frames do not fit it, or a handshake in more pieces than the
    /// limit (RFC 9000 §17, §19).
    case badQUIC
    /// An SSH banner or packet that cannot be one (RFC 4253 §§4.2, 6).
    case badSSH
    /// A frame of WebSocket that may not stand so (RFC 6455 §5.2).
    case badWebSocket
    /// Frames of HTTP/2 that may not stand so (RFC 9113 §§4, 6).
    case badHTTP2
    /// A block of fields that the table or the code does not allow (RFC 7541).
    case badHPACK
    /// A SOCKS request with a command, an address type or a length that RFC 1928 does not know.
    case badSOCKS
    /// An element of DER whose tag or length cannot be, or that is longer than what it stands in
    /// (X.690 §8.1).
    case badDER
    /// A RADIUS packet whose lengths do not fit it (RFC 2865 §§3, 5).
    case badRADIUS
    /// JSON that is none, or nested deeper than the limit (RFC 8259).
    case badJSON
    /// A message of Protocol Buffers whose fields cannot be told apart, or whose text is none.
    case badProtobuf
    /// A retransmission that carries other bytes than the first time.
    case conflictingRetransmission
    /// Bytes of a side behind its own FIN or RST: one of the two is not from that side (RFC 9293
    /// §3.5).
    case dataBehindEnd

    /// Short name for reports and statistics.
    package var name: String { String(describing: self) }

    /// Where Suricata's events put it: in the transport's stream, or in the application's bytes.
    package var layer: String {
        self == .conflictingRetransmission || self == .dataBehindEnd ? "stream" : "applayer"
    }
}

/// The rules that a flow broke, each once.
package struct AnomalySet: BitwiseCopyable, Hashable, Sendable {
    private var bits: UInt64 = 0

    package init() {}

    package mutating func insert(_ anomaly: Anomaly) { bits |= 1 << UInt64(anomaly.rawValue) }

    package func contains(_ anomaly: Anomaly) -> Bool { bits >> UInt64(anomaly.rawValue) & 1 != 0 }

    package var isEmpty: Bool { bits == 0 }
}

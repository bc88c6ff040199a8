/// Every bound of this module. What a bound dropped is counted in the ledger, never silent.
package struct Limits: Sendable {
    /// Flows kept at once, in the whole sensor; the least valuable makes room for a new one. A flow
    /// is some 300 bytes, and some 400 more while it is dissected, 700 of HTTP.
    package var flows = 100_000
    /// Flows of the same addresses and ports in different networks (VLANs, tunnels): they share a
    /// place in the table, and who makes up networks may not make it long.
    package var networksPerFlow = 32
    /// Stream bytes held per side until a unit is whole; a TLS hello or a request head is far
    /// smaller.
    package var undissectedBytesPerSide = 256 << 10
    /// Stream bytes held in the whole sensor: 100,000 flows of two full sides would be 51 GB.
    package var undissectedBytes = 256 << 20
    /// Out-of-order segments parked per side before a hole is given up as a gap.
    package var parkedSegmentsPerSide = 32
    /// Holes per side that are remembered, for what may still arrive late.
    package var holesPerSide = 32
    /// Packet time after which a hole that the peer has acknowledged is given up: reordering is
    /// shorter.
    package var holePatience: Int64 = 1_000_000_000
    /// Headers within headers, link layer not counted.
    package var tunnelDepth = 4
    /// Tags on one packet, of VLANs and of others that stand where theirs do.
    package var vlanTags = 4
    /// MPLS labels in one stack.
    package var labels = 8
    /// Attributes before the packet of a link layer that has a list of them (NFLOG).
    package var linkAttributes = 32
    /// IP datagrams of which some fragments are kept; hosts send few at a time.
    package var fragmentedDatagrams = 1024
    /// Bytes of all kept fragments.
    package var fragmentBytes = 4 << 20
    /// Fragments of one datagram: the greatest needs 119 where a link carries 576 bytes.
    package var fragmentsPerDatagram = 128
    /// Packet time for which fragments wait for the others, as hosts do (RFC 791 §3.2: 15 s, RFC
    /// 8200 §4.5: 60 s).
    package var fragmentPatience: Int64 = 30_000_000_000
    /// IPv6 extension headers in one packet.
    package var extensionHeaders = 16
    /// Bytes that are read again because a unit was not yet whole: a head of two thousand segments
    /// of one byte is read, a longer one that dribbles in so is hostile.
    package var rereadBytesPerUnit = 4 << 20
    /// Anomalies after which a flow is no longer dissected.
    package var anomaliesPerFlow = 8
    /// Payload segments per side in which an unknown flow may still turn into a known protocol
    /// (STARTTLS).
    package var openingSegments = 24
    /// Bytes of a side that are held while its protocol is undecided: a first line cut anywhere.
    package var openingBytes = 4096
    /// Bytes of an HTTP head.
    package var headBytes = 64 << 10
    /// Fields of an HTTP head.
    package var headFields = 128
    /// Bytes of one kept header field or name.
    package var fieldBytes = 2048
    /// Bytes of a kept Host field: as many as of a target, which may hold a host too.
    package var hostBytes = 8192
    /// Bytes of a message body, event or line that are read as they are; longer JSON is condensed.
    package var contentBytes = 64 << 10
    /// Nesting of JSON.
    package var jsonDepth = 32
    /// Requests of one flow that wait for their answers.
    package var pendingRequests = 256
    /// Bytes of a TLS handshake message.
    package var handshakeBytes = 64 << 10
    /// Pieces of a QUIC handshake that wait for those between them; a client sends some twenty.
    package var handshakePieces = 64
    /// Datagrams of a QUIC flow in which the hello is looked for: many may hold early data, and
    /// come first.
    package var openingDatagrams = 64
    /// Datagrams of a QUIC client behind its hello in which a second one may follow, when its
    /// server was not heard.
    package var unansweredDatagrams = 8
    /// Keys made for one QUIC flow, until one opens a packet; each takes some microseconds.
    package var initialKeys = 12
    /// Bytes of a certificate that is read; one with a hundred names has some ten thousand.
    package var certificateBytes = 32 << 10
    /// Compression pointers followed in one DNS name (RFC 1035 §4.1.4).
    package var dnsPointerHops = 16
    /// Protocols and addresses kept of one service record.
    package var serviceItems = 16
    /// Bytes of the table of fields of one direction of HTTP/2, at most: browsers and gRPC ask for
    /// no more.
    package var hpackTableBytes = 64 << 10
    /// Streams of one connection of HTTP/2 that are followed at once: servers allow some hundred.
    package var http2Streams = 256
    /// Bytes of bodies gathered in one connection of HTTP/2.
    package var http2BodyBytes = 1 << 20
    /// Bytes of a message of gRPC that are read.
    package var grpcMessageBytes = 64 << 10
    /// Resource records read in one DNS message.
    package var dnsRecords = 64
    /// Packet time after which a silent TCP flow is over.
    package var tcpIdle: Int64 = 300_000_000_000
    /// Packet time after which a silent UDP flow is over.
    package var udpIdle: Int64 = 120_000_000_000
    /// Packet time a closed TCP flow lingers for late segments.
    package var closedLinger: Int64 = 10_000_000_000

    package init() {}

    /// The defaults, for code that has no other.
    static let standard = Limits()
}

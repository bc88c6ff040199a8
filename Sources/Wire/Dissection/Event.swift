/// The IP protocol above the network layer, as far as Tyto follows it.
package enum Transport: UInt8, BitwiseCopyable, Hashable, Sendable {
    case tcp = 6
    case udp = 17
}

/// Who speaks in a flow: `client` opened it, `server` answered.
package enum Side: UInt8, BitwiseCopyable, Hashable, Sendable {
    case client
    case server

    package var other: Side { self == .client ? .server : .client }
}

/// What stays the same for the whole life of a flow: one reference, which all its events share.
package struct FlowReference: Hashable, Sendable {
    @usableFromInline
    final class Identity: Sendable {
        @usableFromInline let number: UInt64
        @usableFromInline let client: Endpoint
        @usableFromInline let server: Endpoint
        @usableFromInline let transport: Transport
        @usableFromInline let path: SharedPath?
        @usableFromInline let start: Timestamp

        init(
            _ number: UInt64, _ client: Endpoint, _ server: Endpoint, _ transport: Transport,
            _ path: SharedPath?, _ start: Timestamp
        ) {
            self.number = number
            self.client = client
            self.server = server
            self.transport = transport
            self.path = path
            self.start = start
        }
    }

    @usableFromInline let identity: Identity

    package init(
        number: UInt64, client: Endpoint, server: Endpoint, transport: Transport,
        path: SharedPath? = nil, start: Timestamp
    ) {
        identity = Identity(number, client, server, transport, path, start)
    }

    /// Ordinal of the flow's first packet in this run, from 1: unique, and the same for any worker
    /// count.
    @inlinable package var number: UInt64 { identity.number }
    @inlinable package var client: Endpoint { identity.client }
    @inlinable package var server: Endpoint { identity.server }
    @inlinable package var transport: Transport { identity.transport }
    /// Tags and tunnels around the flow's first packet; nil for none.
    @inlinable package var path: SharedPath? { identity.path }
    /// Time of the first packet.
    @inlinable package var start: Timestamp { identity.start }

    package static func == (a: FlowReference, b: FlowReference) -> Bool {
        a.identity === b.identity
            || a.number == b.number && a.client == b.client && a.server == b.server
                && a.transport == b.transport && a.path == b.path && a.start == b.start
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(number)
        hasher.combine(client)
        hasher.combine(server)
        hasher.combine(start)
    }
}

extension FlowReference: CustomStringConvertible {
    /// Number and ends, for tests and debuggers.
    package var description: String { "flow \(number) \(client) to \(server)" }
}

/// One thing that was read from the wire, with where and when.
package struct Event: Sendable {
    /// The flow that carried it; nil for link-layer messages (ARP, neighbor discovery).
    package var flow: FlowReference?
    /// Packet time of the packet that completed the message.
    package var time: Timestamp
    /// Ordinal of that packet in this run, from 1: orders events whatever the worker count.
    package var packet: UInt64
    /// Who spoke.
    package var side: Side
    package var message: Message

    package init(
        flow: FlowReference?, time: Timestamp, packet: UInt64, side: Side, message: Message
    ) {
        self.flow = flow
        self.time = time
        self.packet = packet
        self.side = side
        self.message = message
    }
}

/// What a dissector or content reader found. No case can hold content, arguments or a secret. The
/// large ones are indirect, so that an event is a few words wherever it goes.
package enum Message: Sendable {
    case clientHello(ClientHello)
    indirect case serverHello(ServerHello)
    /// What a QUIC client says of itself, once a connection.
    indirect case quic(QUICHello)
    /// A request head, as soon as it is whole.
    case httpRequest(HTTPRequest)
    /// A response head, with the request it answers when that was seen.
    case httpResponse(HTTPResponse)
    /// A request that was never seen answered; emitted when the flow ends.
    case httpUnanswered(HTTPRequest)
    /// One JSON-RPC 2.0 message.
    indirect case rpc(RPCMessage, Carrier)
    /// The first event of an HTTP+SSE stream: where the client shall post (MCP 2024-11-05).
    indirect case sseEndpoint(SSEEndpoint, Carrier)
    /// An event of a stream bore this id, of which a `SessionKey` is kept: a client may come back
    /// with it, and have what stands behind it on another stream (HTML §9.2.4).
    indirect case eventID(UInt64, Carrier)
    indirect case modelCall(ModelCall, Carrier)
    /// A program that serves models gave itself away.
    indirect case runtime(RuntimeMark, Carrier)
    /// Between agents (A2A).
    indirect case a2a(A2AMessage, Carrier)
    /// Somebody has an agent run (ACP, AG-UI, Agent Client Protocol, Agent Connect).
    indirect case agentRun(RunMessage, Carrier)
    /// One step of OAuth around a server.
    indirect case authorization(AuthorizationMessage, Carrier)
    /// What a proxy was asked for; the flow then carries what goes there.
    indirect case socks(SOCKSRequest)
    /// A ClientHello, ServerHello over datagrams.
    case dtlsClientHello(ClientHello)
    indirect case dtlsServerHello(ServerHello)
    indirect case dns(DNSMessage)
    /// Names that hosts tell each other without a server.
    indirect case localNames(LocalNames)
    indirect case ssh(SSHMessage)
    /// A request of HTTP/2 with its answer; without one, when the flow ends.
    indirect case http2(HTTP2Message)
    indirect case dhcp(DHCPMessage)
    indirect case dhcpv6(DHCPv6Message)
    /// A service took a client's word for who it is.
    indirect case logon(Logon)
    /// An address said to be at a MAC address (ARP, IPv6 neighbor discovery).
    indirect case neighbor(NeighborBinding)
    /// The flow is over or idle; its totals.
    indirect case flowEnd(FlowSummary)
}

/// An address-to-MAC statement (RFC 826, RFC 4861).
package struct NeighborBinding: Sendable, Hashable {
    package enum Source: String, Sendable {
        case arp
        case neighborDiscovery = "nd"
    }
    package var address: IPAddress
    package var mac: MACAddress
    package var source: Source
}

/// What one side of a flow sent.
package struct SideTotals: BitwiseCopyable, Hashable, Sendable {
    package var packets: UInt64 = 0
    /// Bytes of the whole packets as they were on the wire, link layer included.
    package var bytes: UInt64 = 0
    /// Bytes of transport payload, duplicates and retransmissions left out.
    package var payloadBytes: UInt64 = 0
    /// Stream bytes that were never seen (TCP).
    package var missingBytes: UInt64 = 0
    /// Source MAC address of the side's first packet; zero where the link has none.
    package var mac: MACAddress = .zero
    /// TTL or hop limit of that packet.
    package var timeToLive: UInt8 = 0

    package init() {}
}

/// A flow's totals when it ended, or when the capture did.
package struct FlowSummary: Sendable {
    package enum Reason: String, Sendable {
        case closed, reset, timeout
        /// The capture ended first.
        case ended = "shutdown"
        /// The flow table was full and this flow made room.
        case evicted
    }
    package var client: SideTotals
    package var server: SideTotals
    package var last: Timestamp
    package var reason: Reason
    /// The application protocol as EVE names it (`tls`, `http`, `dns`, …); nil when none was
    /// recognized.
    package var appProtocol: String?
    /// The protocol that the flow spoke before it changed to that one (STARTTLS, CONNECT); nil when
    /// it did not.
    package var carrierProtocol: String?
    /// The flow was seen from its first packet (a SYN, for TCP).
    package var isWhole: Bool
    package var anomalies: Int
    /// The rules that were broken.
    package var broken = AnomalySet()
}

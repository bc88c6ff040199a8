import Support

@testable import Wire

/// A QUIC flow as frames, and what comes of it.
struct QUICTalk {
    var clientPort: UInt16 = 50_000
    var serverPort: UInt16 = 443
    private(set) var frames: [[UInt8]] = []

    /// `side` sends one datagram.
    mutating func say(_ side: Side, _ datagram: [UInt8]) {
        let isClient = side == .client
        let (a, b) = isClient ? ("10.0.0.1", "10.0.0.2") : ("10.0.0.2", "10.0.0.1")
        let (from, to) = isClient ? (clientPort, serverPort) : (serverPort, clientPort)
        var frame = Frame.ethernet().ipv4(a, b, next: 17, Frame.udp(from, to, datagram)).bytes
        // A number of its own, or the next of that length would be the mirror's second copy.
        frame[18] = UInt8(frames.count >> 8)
        frame[19] = UInt8(frames.count & 255)
        frames.append(frame)
    }

    init(clientPort: UInt16 = 50_000, serverPort: UInt16 = 443) {
        self.clientPort = clientPort
        self.serverPort = serverPort
    }

    /// One datagram each, all of the client.
    init(_ datagrams: [[UInt8]]) {
        for datagram in datagrams { say(.client, datagram) }
    }

    var run: FlowRun { FlowRun(frames) }
}

extension FlowRun {
    /// All that QUIC clients said of themselves.
    var hellos: [QUICHello] {
        events.compactMap { event in
            if case .quic(let hello) = event.message { hello } else { nil }
        }
    }
    /// The names, `-` for none.
    var names: [String] { hellos.map { $0.serverName ?? "-" } }
}

/// Google's own handshake message, low byte first.
func googleHello(_ tags: [(String, String)], padding: Int = 0) -> [UInt8] {
    let little = { (value: Int, bytes: Int) in
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let all = [("PAD\0", String(repeating: "-", count: padding))] + tags
    var (heads, values): ([UInt8], [UInt8]) = ([], [])
    for (tag, value) in all {
        values += Array(value.utf8)
        heads += Array(tag.utf8) + little(values.count, 4)
    }
    return Array("CHLO".utf8) + little(all.count, 2) + [0, 0] + heads + values
}

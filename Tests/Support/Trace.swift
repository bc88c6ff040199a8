package import Wire

/// One TCP connection packet by packet: what a sender, a mirror or a stranger may do with sequence
/// numbers, times and flags. Offsets count from each side's first byte, so a SYN stands at -1.
package struct Trace: Sendable {
    package static let clientISN: UInt32 = 1_000
    /// The server's sequence numbers wrap after 295 bytes.
    package static let serverISN: UInt32 = 4_294_967_000

    package private(set) var frames: [[UInt8]] = []
    /// Nanoseconds of packet time, one for each frame.
    package private(set) var times: [Int64] = []
    package var clientPort: UInt16 = 40_000
    package var serverPort: UInt16 = 8000
    /// Added to the sequence numbers of both sides: another connection on the same ports.
    package var offset: UInt32 = 0
    private var identification: UInt16 = 0

    package init(hasHandshake: Bool = true) {
        if hasHandshake { handshake() }
    }

    package mutating func handshake() {
        send(.client, -1, flags: [.syn])
        send(.server, -1, flags: [.syn, .ack], ack: 0)
        send(.client, 0, ack: 0)
    }

    /// `side` sends one packet, `after` milliseconds after the last. `ack` counts from the other
    /// side's first byte.
    package mutating func send(
        _ side: Side, _ at: Int, _ payload: [UInt8] = [], flags: TCPFlags = [.ack], ack: Int = 0,
        window: UInt16 = 0xffff, after milliseconds: Int64 = 1
    ) {
        let isClient = side == .client
        let (own, peer) =
            isClient
            ? (Trace.clientISN, Trace.serverISN) : (Trace.serverISN, Trace.clientISN)
        let segment = Frame.tcp(
            isClient ? clientPort : serverPort, isClient ? serverPort : clientPort,
            seq: own &+ offset &+ 1 &+ UInt32(truncatingIfNeeded: at),
            ack: peer &+ offset &+ 1 &+ UInt32(truncatingIfNeeded: ack), flags: flags, payload)
        var frame = Frame.ethernet().ipv4(
            isClient ? "10.0.0.1" : "10.0.0.2", isClient ? "10.0.0.2" : "10.0.0.1", next: 6,
            segment
        ).bytes
        // Every packet has an identification of its own, a repeated one too (RFC 6864 §4.3).
        identification &+= 1
        frame.replaceSubrange(18..<20, with: Frame.octets(UInt64(identification), 2))
        frame.replaceSubrange(48..<50, with: Frame.octets(UInt64(window), 2))
        add(frame, after: milliseconds)
    }

    /// A frame as it is: a mirror's second copy, or bytes that nobody would send.
    package mutating func add(_ frame: [UInt8], after milliseconds: Int64 = 1) {
        frames.append(frame)
        times.append((times.last ?? 0) + milliseconds * 1_000_000)
    }

    /// Both directions of a mirror saw every packet, one right behind the other.
    package var doubled: Trace {
        var trace = self
        (trace.frames, trace.times) = ([], [])
        for (frame, time) in zip(frames, times) {
            trace.frames += [frame, frame]
            trace.times += [time, time + 20_000]
        }
        return trace
    }

    package func run(limits: Limits = Limits()) -> FlowRun {
        FlowRun(frames, at: times, limits: limits)
    }
}

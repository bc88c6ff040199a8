import Codecs

/// A WebSocket whose bytes come as the body of a stream (RFC 8441).
final class WebSocketTunnel {
    private let connection: WebSocketConnection
    /// The beginning of a frame's head, of each side.
    private var held: [[UInt8]] = [[], []]
    /// Bytes to be passed over.
    private var skipping = [0, 0]
    private var isBroken = [false, false]

    init(request: HTTPRequest?, response: HTTPResponse, _ memory: DefinitionMemory?) {
        connection = WebSocketConnection(request: request, response: response, memory)
    }

    func heldBytes(of side: Side) -> Int { connection.heldBytes(of: side) }

    func take(_ bytes: Span<UInt8>, from side: Side, emit: EmitMessage) {
        let index = Int(side.rawValue)
        guard !isBroken[index] else { return }
        guard !held[index].isEmpty else { return drive(bytes, side, emit) }
        var joined = held[index]
        held[index] = []
        joined.append(copying: bytes)
        drive(joined.span, side, emit)
    }

    private func drive(_ bytes: Span<UInt8>, _ side: Side, _ emit: EmitMessage) {
        let index = Int(side.rawValue)
        var at = min(skipping[index], bytes.count)
        skipping[index] -= at
        while at < bytes.count {
            var reader = ByteReader(bytes.extracting(at...))
            do throws(ParseFailure) {
                let step = try connection.dissect(&reader, from: side, emit: emit)
                at += reader.offset
                guard case .skip(let count) = step else {
                    if step == .done { isBroken[index] = true }
                    if isBroken[index] { return }
                    continue
                }
                let here = min(count, bytes.count - at)
                at += here
                skipping[index] = count - here
            } catch {
                // A frame's head is a few bytes: the rest of it comes with the next.
                if case .needMore = error {
                    held[index] = [UInt8](copying: bytes.extracting(at...))
                } else {
                    isBroken[index] = true
                }
                return
            }
        }
    }

    func end(of side: Side, emit: EmitMessage) { connection.end(of: side, emit: emit) }
}

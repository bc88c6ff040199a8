import Codecs

/// A WebSocket whose upgrade lies before the capture: such connections live for hours. Only where a
/// message of JSON-RPC shows it.
package struct WebSocketDissector: Dissector {
    package static let name = "websocket"
    package static let transport = Transport.tcp

    private var connection = WebSocketConnection(nil)

    package init() {}

    package mutating func use(_ memory: DefinitionMemory?) {
        connection = WebSocketConnection(memory)
    }

    /// A frame that is text in the clear, or masked, and begins an object that names JSON-RPC.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        // Whole messages in one frame: FIN, and text or binary.
        guard let first = opening.peek(), first == 0x81 || first == 0x82 else { return .no }
        var rest = opening
        guard let frame = WebSocketFrame.next(&rest), frame.isShortest, frame.holdsObject(rest)
        else { return .no }
        var payload = rest.array(min(frame.length, Limits.standard.openingBytes))
        for at in payload.indices { payload[at] ^= frame.key(at) }
        var at = 0
        while let quote = payload.span.position(of: 34, in: at..<payload.count) {
            if payload.span.holds("\"jsonrpc\"", at: quote) {
                return .yes(frame.mask == nil ? .server : .client)
            }
            at = quote + 1
        }
        return .no
    }

    package var heldBytes: Int { connection.heldBytes }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        try connection.dissect(&input, from: side, emit: emit)
    }

    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool {
        connection.resumes(at: opening, from: side)
    }

    package mutating func bridges(_ missing: Int, from side: Side) -> Bool {
        connection.bridges(missing, from: side)
    }

    package mutating func gap(from side: Side) { connection.gap(from: side) }

    package mutating func end(of side: Side, emit: EmitMessage) {
        connection.end(of: side, emit: emit)
    }

    package mutating func finish(emit: EmitMessage) {
        connection.end(of: .client, emit: emit)
        connection.end(of: .server, emit: emit)
    }
}

/// What HTTP/1 becomes behind an upgrade to WebSocket (RFC 6455 §4): the heads stay with all that
/// is said there.
extension HTTP1Dissector {
    /// The server has agreed: both sides speak frames from here on.
    mutating func open(_ response: HTTPResponse) {
        if let socket { return socket.agree(response) }
        socket = WebSocketConnection(request: response.request, response: response, memory)
    }

    /// A client that asked for an upgrade sends a frame, which is no head: the answer was not seen,
    /// or comes later.
    mutating func beginSocket(_ input: ByteReader) -> Bool {
        guard let first = input.peek(), first & 0x80 != 0, let request = pending.last,
            request.upgradesToWebSocket
        else { return false }
        socket = WebSocketConnection(request: request, response: nil, memory)
        return true
    }
}

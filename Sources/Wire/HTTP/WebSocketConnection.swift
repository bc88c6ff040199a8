/// Both sides of a WebSocket behind its upgrade (RFC 6455): messages that hold JSON become content
/// that bears the upgrade's heads.
final class WebSocketConnection {
    private var streams = InlineArray<2, WebSocketStream>(repeating: WebSocketStream())
    private let request: HTTPRequest?
    private var response: HTTPResponse?
    /// The server's side is read only once it has agreed.
    private var hasAgreed: Bool
    private let memory: DefinitionMemory?

    init(request: HTTPRequest?, response: HTTPResponse?, _ memory: DefinitionMemory?) {
        self.request = request
        self.response = response
        self.memory = memory
        hasAgreed = response != nil
        let deflate = response?.deflate ?? .isUnknown
        streams[0].deflate = deflate
        streams[1].deflate = deflate
    }

    /// One whose upgrade was not seen, nor any message that later ones may be compressed against.
    convenience init(_ memory: DefinitionMemory?) {
        self.init(request: nil, response: nil, memory)
        hasAgreed = true
        streams[0].gap(from: .client)
        streams[1].gap(from: .server)
    }

    /// The client spoke before the server's answer was seen.
    func agree(_ response: HTTPResponse) {
        self.response = response
        hasAgreed = true
        streams[0].deflate = response.deflate
        streams[1].deflate = response.deflate
    }

    /// Whether `side` sends frames.
    func speaks(_ side: Side) -> Bool { side == .client || hasAgreed }

    var heldBytes: Int { streams[0].heldBytes + streams[1].heldBytes }

    func heldBytes(of side: Side) -> Int { streams[Int(side.rawValue)].heldBytes }

    private func carrier(_ side: Side) -> Carrier {
        // The heads of a message of the client's are those of a request.
        Carrier(
            kind: .webSocket, request: request, response: side == .server ? response : nil)
    }

    func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let at = Int(side.rawValue)
        let step = try streams[at].dissect(&input, from: side, memory)
        if let text = streams[at].takeMessage() { read(text, isWhole: true, side, emit) }
        return step
    }

    private func read(_ text: JSONText, isWhole: Bool, _ side: Side, _ emit: EmitMessage) {
        text.content(isWhole: isWhole, carrier(side), side, memory)?.read(emit: emit)
    }

    // MARK: - Loss and ends

    func resumes(at opening: ByteReader, from side: Side) -> Bool {
        WebSocketFrame.begins(
            opening, from: side, isDeflated: streams[Int(side.rawValue)].deflate.isPossible)
    }

    func bridges(_ missing: Int, from side: Side) -> Bool {
        streams[Int(side.rawValue)].bridges(missing, from: side)
    }

    func gap(from side: Side) { streams[Int(side.rawValue)].gap(from: side) }

    func end(of side: Side, emit: EmitMessage) {
        guard let text = streams[Int(side.rawValue)].takeRest() else { return }
        read(text, isWhole: false, side, emit)
    }
}

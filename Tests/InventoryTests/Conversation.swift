@testable import Catalog
@testable import Inventory
@testable import Wire

/// Messages of MCP and of models, as the dissectors give them.
extension Scene {
    func request(
        _ ordinal: Int, _ method: String = "POST", _ path: String = "/mcp", session: UInt64? = nil,
        scheme: String? = nil, userAgent: String? = nil, target: String? = nil, host: String? = nil,
        accept: String? = "application/json, text/event-stream",
        contentType: String? = nil, trace: String? = nil, claims: TokenClaims? = nil
    ) -> HTTPRequest {
        var request = HTTPRequest.Fields()
        request.ordinal = ordinal
        request.method = method
        request.target = target ?? path
        request.host = host
        request.accept = accept
        request.contentType = contentType
        request.traceID = trace
        request.claims = claims.map { SharedFields($0) }
        request.mcpSession = session
        request.authScheme = scheme
        request.userAgent = userAgent
        request.targetHash = SessionKey.of(uri: request.target)
        return HTTPRequest(request)
    }

    private func answer(
        _ status: Int, _ request: HTTPRequest?, _ contentType: String? = nil
    ) -> HTTPResponse {
        var response = HTTPResponse.Fields()
        response.contentType = contentType
        response.status = status
        response.request = request
        return HTTPResponse(response)
    }

    func carrier(_ request: HTTPRequest?, isAnswer: Bool = false) -> Carrier {
        var response: HTTPResponse?
        if isAnswer, request != nil {
            response = answer(200, request)
        }
        return Carrier(
            kind: request == nil ? .lines : .httpBody, request: request, response: response)
    }

    /// A request of the client; its marks are those that MCP's reader gives it.
    mutating func ask(
        _ method: String, _ id: String?, _ flow: FlowReference, _ request: HTTPRequest? = nil,
        name: String? = nil, client: String? = nil, marks: MCPMarks? = nil,
        hasInputResponses: Bool = false
    ) {
        var message = RPCMessage(kind: id == nil ? .notification : .request)
        message.id = id
        message.method = method
        message.name = name
        message.hasInputResponses = hasInputResponses
        if let client {
            message.clientInfo = Implementation(name: client, version: "1.0", title: nil)
            message.protocolVersion = "2025-06-18"
        }
        let byMethod: [String: MCPMarks] = [
            "initialize": .initializeRequest, "tools/call": .toolCall, "tools/list": .method,
            "notifications/initialized": .notification,
        ]
        message.marks = marks ?? byMethod[method] ?? []
        if request?.mcpSession != nil { message.marks.insert(.sessionHeader) }
        say(.rpc(message, carrier(request)), flow)
    }

    /// A result of the server, or an error when it has a code.
    mutating func answer(
        _ id: String?, _ flow: FlowReference, _ request: HTTPRequest? = nil, server: String? = nil,
        tools: [(name: String, text: String)] = [], resources: [String] = [], isError: Bool = false,
        code: Int? = nil, marks: MCPMarks = []
    ) {
        var message = RPCMessage(kind: code == nil ? .result : .error)
        message.id = id
        message.isError = isError
        message.errorCode = code
        message.marks = marks
        if let server {
            message.serverInfo = Implementation(name: server, version: "2.0", title: nil)
            message.protocolVersion = "2025-06-18"
            message.marks.insert(.initializeResult)
        }
        message.items = tools.map {
            ListedItem(
                kind: .tool, key: $0.name, label: nil, text: $0.text, hints: ["readOnlyHint": true],
                digest: $0.text)
        }
        message.items += resources.map {
            ListedItem(kind: .resource, key: $0, label: nil, text: nil, hints: [:], digest: $0)
        }
        if !tools.isEmpty { message.marks.insert(.toolsResult) }
        say(.rpc(message, carrier(request, isAnswer: true)), flow, .server)
    }

    mutating func respond(
        _ status: Int, _ flow: FlowReference, _ request: HTTPRequest?, contentType: String? = nil
    ) {
        say(.httpResponse(answer(status, request, contentType)), flow, .server)
    }

    /// A model request, with the status of its answer if it got one.
    mutating func chat(
        _ flow: FlowReference, _ request: HTTPRequest, model: String, isStreaming: Bool = false,
        status: Int? = 200
    ) {
        say(
            .modelCall(
                ModelCall(
                    api: .openAIChat, isAnswer: false, model: model, isStreaming: isStreaming,
                    toolNames: []), carrier(request)), flow)
        if let status { respond(status, flow, request) }
    }
}

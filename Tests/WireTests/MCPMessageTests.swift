import Testing

@testable import Wire

/// What MCP messages say beside names, and requests that two readers may take for two things.
@Suite struct MCPMessageTests {
    private func read(
        _ text: String, _ side: Side = .client, _ request: HTTPRequest.Fields = .init()
    ) throws -> RPCMessage {
        var found: [RPCMessage] = []
        let head = HTTPRequest(request)
        var answer = HTTPResponse.Fields()
        answer.request = head
        Content(
            bytes: Array(text.utf8), isTruncated: false,
            carrier: Carrier(
                kind: .httpBody, request: head,
                response: side == .server ? HTTPResponse(answer) : nil), side: side,
            sentBytes: text.utf8.count
        ).read { if case .rpc(let message, _) = $0 { found.append(message) } }
        return try #require(found.first)
    }

    private func call(_ params: String, method: String = "tools/call") -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(params)}}"#
    }

    private func stateless(
        _ method: String? = "tools/call", _ name: String? = "add", _ version: String = "2026-07-28"
    ) -> HTTPRequest.Fields {
        var request = HTTPRequest.Fields()
        (request.mcpMethod, request.mcpName, request.mcpVersion) = (method, name, version)
        return request
    }

    private static let meta = #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#

    @Test func headersThatAgreeAreNotOdd() throws {
        let body = call(#""name":"add","arguments":{},\#(Self.meta)"#)
        #expect(try read(body, .client, stateless()).details.oddities == [])
        let encoded = call(#""name":"größe","arguments":{},\#(Self.meta)"#)
        let request = stateless("tools/call", "=?base64?Z3LDtsOfZQ==?=")
        #expect(try read(encoded, .client, request).details.oddities == [])
        let uri = call(#""uri":"db://a?q=1",\#(Self.meta)"#, method: "resources/read")
        let reading = stateless("resources/read", "db://a?q=1")
        #expect(try read(uri, .client, reading).details.oddities == [])
        let task = call(#""taskId":"t1",\#(Self.meta)"#, method: "tasks/get")
        #expect(try read(task, .client, stateless("tasks/get", "t1")).details.oddities == [])
        // A list has no name, and a header that is not for it is nobody's.
        let list = call(Self.meta, method: "tools/list")
        #expect(try read(list, .client, stateless("tools/list", "x")).details.oddities == [])
    }

    @Test func headersThatDisagreeAre() throws {
        let body = call(#""name":"add","arguments":{},\#(Self.meta)"#)
        let cases: [(HTTPRequest.Fields, RPCOddities)] = [
            (stateless("tools/list"), .methodHeader), (stateless("tools/call", "sub"), .nameHeader),
            (stateless("tools/call", "=?base64?YQ==?="), .nameHeader),
            (stateless("tools/call", "=?base64?%%%%?="), .nameHeader),
            (stateless("tools/call", "add", "2025-11-25"), .versionHeader),
        ]
        for (request, oddity) in cases {
            #expect(try read(body, .client, request).details.oddities == oddity)
        }
        let task = call(#""taskId":"t1",\#(Self.meta)"#, method: "tasks/get")
        #expect(
            try read(task, .client, stateless("tasks/get", "t2")).details.oddities == .nameHeader)
        // An answer is no request, whatever head it answers.
        let answer = #"{"jsonrpc":"2.0","id":1,"result":{}}"#
        #expect(try read(answer, .server, stateless("x", "y")).details.oddities == [])
    }

    @Test func doubledAndDisguisedMembersAreOdd() throws {
        let version = #""jsonrpc":"2.0","id":1"#
        let cases: [(String, RPCOddities)] = [
            (
                #"{\#(version),"method":"ping","method":"tools/call","params":{"name":"a"}}"#,
                .doubledKey
            ),
            (#"{\#(version),"method":"tools/call","params":{"name":"a","name":"b"}}"#, .doubledKey),
            (#"{\#(version),"Method":"tools/call","params":{"name":"a"}}"#, .keyCase),
            (#"{\#(version),"method":"tools/list","PARAMS":{}}"#, .keyCase),
            (#"{\#(version),"method":"\u0074ools/call","params":{"name":"a"}}"#, .escapedName),
            (#"{\#(version),"\u006dethod":"tools/list"}"#, .escapedName),
            // PHP writes every slash so.
            (#"{\#(version),"method":"tools\/call","params":{"name":"a"}}"#, []),
            (#"{\#(version),"method":"tools/call","params":{"name":"\u0061","x":1,"x":2}}"#, []),
        ]
        for (text, oddity) in cases {
            let message = try read(text)
            #expect(message.details.oddities == oddity, "\(text)")
            #expect(message.method?.hasPrefix("tools/") == true)
        }
        // Only some readers see the method: it proves nothing of the server.
        #expect(try read(cases[2].0).marks == [])
    }

    @Test func headsWithTwoLengthsAreOdd() throws {
        let heads: [(String, Bool, Bool)] = [
            ("Content-Length: 2\r\nContent-Length: 3\r\n", true, false),
            ("Content-Length: 2\r\nContent-Length: 2\r\n", false, false),
            ("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", true, false),
            ("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", true, false),
            ("Content-Length: 2\r\nMcp-Method: a\r\nmcp-method: a\r\n", false, false),
            ("Content-Length: 2\r\nMcp-Name: a\r\nmcp-name: b\r\n", false, true),
        ]
        for (lines, isConflicting, isDoubled) in heads {
            let head = Array("POST /mcp HTTP/1.1\r\n\(lines)\r\n".utf8)
            var fields = HTTPRequest.Fields()
            _ = try HTTPHeadReader(head.span).read(into: &fields)
            #expect(fields.hasConflictingFraming == isConflicting, "\(lines)")
            #expect(fields.hasDoubledMCPField == isDoubled, "\(lines)")
            let message = try read(call(#""name":"a""#), .client, fields)
            #expect(message.details.oddities.contains(.framing) == isConflicting)
            #expect(message.details.oddities.contains(.doubledHeader) == isDoubled)
        }
    }

    @Test func ofParameterHeadersOnlyTheNameIsKept() throws {
        let head = Array(
            "POST / HTTP/1.1\r\nMcp-Param-Region: secret\r\nMCP-PARAM-a: b\r\n\r\n".utf8)
        var fields = HTTPRequest.Fields()
        _ = try HTTPHeadReader(head.span).read(into: &fields)
        #expect(fields.mcpParameters == ["region", "a"])
        #expect(!"\(fields)".contains("secret"))
    }

    // MARK: - Details

    @Test func countsAndStatesAreRead() throws {
        let result =
            #"{"content":[{"type":"text","text":"x"},{"type":"text"},{"type":"image"}],"isError":false}"#
        let answer = try read(#"{"jsonrpc":"2.0","id":1,"result": \#(result)}"#, .server)
        #expect(answer.details.resultBytes == result.utf8.count + 1)
        #expect(answer.details.contentTypes == ["text", "image"])
        let cancel = try read(
            #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"7","reason":"r"}}"#
        )
        #expect(cancel.details.cancelled == "\"7")
        let form = try read(
            call(#""message":"m","requestedSchema":{}"#, method: "elicitation/create"), .server)
        #expect(form.details.elicitation == "form")
        let url = try read(
            call(
                #""mode":"url","url":"https://u:p@pay.example:8443/x?q","message":"m""#,
                method: "elicitation/create"), .server)
        #expect(
            url.details.elicitation == "url" && url.details.elicitationHost == "pay.example:8443")
        #expect(try read(call(#""mode":"url","name":"a""#)).details.elicitation == nil)
        let log = try read(
            #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"secret"}}"#,
            .server)
        #expect(log.details.level == "info")
        let accepted = try read(
            #"{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{}}}"#)
        #expect(accepted.details.action == "accept")
        let sampled = try read(
            #"{"jsonrpc":"2.0","id":1,"result":{"model":"m-1","role":"assistant"}}"#)
        #expect(sampled.details.model == "m-1")
        let roots = try read(
            #"{"jsonrpc":"2.0","id":1,"result":{"roots":[{"uri":"file:///a"},{}]}}"#)
        #expect(roots.details.roots == 2)
    }

    @Test func tasksAreReadInEveryRevision() throws {
        #expect(try read(call(#""name":"a","task":{"ttl":1}"#)).details.wantsTask)
        let started = try read(
            #"{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"t","status":"working"}}}"#,
            .server)
        let asked = try read(call(#""taskId":"t""#, method: "tasks/result"))
        let flat = try read(
            #"{"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"t","status":"completed","result":{"isError":true}}}"#,
            .server)
        let related = try read(
            #"{"jsonrpc":"2.0","id":1,"result":{"content":[],"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}}}"#,
            .server)
        #expect(Set([started, asked, flat, related].map(\.details.task)).count == 1)
        #expect(started.details.task != nil && started.details.taskStatus == "working")
        #expect(flat.details.taskFailed == true && flat.details.taskStatus == "completed")
    }

    @Test func roundTripsAndVersionsAreRead() throws {
        let asks = try read(
            #"{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"k":{"method":"elicitation/create","params":{"message":"secret"}}},"requestState":"s"}}"#,
            .server)
        #expect(asks.resultType == "input_required")
        #expect(asks.details.inputMethods == ["elicitation/create"])
        let refused = try read(
            #"{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"m","data":{"supported":["2026-07-28"],"requested":"x"}}}"#,
            .server)
        #expect(refused.errorCode == -32022 && refused.supportedVersions == ["2026-07-28"])
        let pages = try [#""cursor":"abc""#, #""cursor":"abd""#].map {
            try read(call($0, method: "tools/list")).details.cursor
        }
        let page = try read(
            #"{"jsonrpc":"2.0","id":1,"result":{"tools":[],"nextCursor":"abc"}}"#, .server)
        #expect(page.details.nextCursor == pages[0] && pages[0] != pages[1])
        #expect(page.details.lists == [.tool])
    }
}

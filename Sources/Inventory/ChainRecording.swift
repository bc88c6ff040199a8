import Catalog
import Wire

/// Who asks for something while it answers another: the part of the recorder that delegation is
/// told by. Of the messages it takes times and names only.
extension Recording {
    /// What is known of plain requests until one is found to lead to another.
    struct RequestTotals {
        var row: ExchangeRow?
        var isWritten = false
    }

    /// Bytes of a path that is kept.
    private static let pathBytes = 128

    private func machine(_ address: IPAddress) -> Exchanges.Machine {
        if let mac = machines[address] { return .init(high: .max, low: mac.value) }
        return .init(high: address.high, low: address.low)
    }

    private func opened(
        _ operation: Operation, _ flow: FlowReference, trace: String?, _ request: HTTPRequest?,
        at time: Timestamp
    ) -> Exchanges.Open {
        let product = request?.userAgent.flatMap { Catalog.product(ofUserAgent: $0)?.name }
        return Exchanges.Open(
            operation: operation, client: flow.client.address, asker: machine(flow.client.address),
            server: machine(operation.endpoint.address), start: time, trace: trace,
            caller: Recording.shortened(product ?? ""))
    }

    // MARK: - Plain requests

    /// A request that may make its server ask others: one that brings JSON, or a trace.
    mutating func begin(_ request: HTTPRequest, _ flow: FlowReference, at time: Timestamp) {
        guard request.method == "POST", !request.isAbsolute, isOwn(flow.server.address),
            request.traceID != nil || Recording.does(request.contentType ?? "", hold: "json")
        else { return }
        let what = Recording.shortened("POST \(request.path)", to: Recording.pathBytes)
        let operation = Operation(endpoint: flow.server, kind: .http, what: what)
        exchanges.begin(
            .init(flow: flow.number, ordinal: request.ordinal),
            opened(operation, flow, trace: request.traceID, request, at: time))
    }

    mutating func end(_ response: HTTPResponse, _ flow: FlowReference, at time: Timestamp) {
        guard let request = response.request, response.status >= 200 else { return }
        let key = Exchanges.Key(flow: flow.number, ordinal: request.ordinal)
        if Recording.does(response.contentType ?? "", hold: "text/event-stream") {
            exchanges.streams(key)
        } else {
            end(key, at: time)
        }
    }

    /// The flow is over, and with it what was still being answered there.
    mutating func endExchanges(of flow: FlowReference, at time: Timestamp) {
        for key in exchanges.keys(of: flow.number) {
            // What was never answered says nothing of when it would have been.
            if exchanges.isStream(key) { end(key, at: time) } else { exchanges.remove(key) }
        }
    }

    // MARK: - Messages

    /// What the request that carried a message is, now that the message is known.
    mutating func begin(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        at time: Timestamp
    ) -> Exchanges.Key? {
        let ordinal = carrier.request?.ordinal ?? 0
        let outer = Exchanges.Key(flow: flow.number, ordinal: ordinal)
        guard let method = message.method else { return nil }
        if let operation = Recording.agentOperations[method] {
            exchanges.change(outer, to: Operation(endpoint: server, kind: .a2a, what: operation))
            return nil
        }
        // Of MCP the single message is followed.
        guard !message.marks.isEmpty else { return nil }
        exchanges.leaveOut(outer)
        guard Recording.leadingMethods.contains(method), message.id != nil,
            isOwn(server.address), let name = message.name
        else { return nil }
        let key = Exchanges.Key(
            flow: flow.number, ordinal: ordinal, serial: exchanges.makeSerial())
        let operation = Operation(
            endpoint: server, kind: .mcp,
            what: Recording.shortened(name, to: Recording.pathBytes))
        exchanges.begin(
            key,
            opened(
                operation, flow, trace: message.traceID ?? carrier.request?.traceID, nil, at: time))
        return key
    }

    /// Methods of MCP that make a server do something.
    private static let leadingMethods: Set<String> = [
        "tools/call", "resources/read", "prompts/get",
    ]

    /// Methods of A2A that give an agent something to do (A2A 0.1 to 1.0), by their name of today.
    private static let agentOperations = [
        "tasks/send": "SendMessage", "tasks/sendSubscribe": "SendStreamingMessage",
        "message/send": "SendMessage", "message/stream": "SendStreamingMessage",
        "SendMessage": "SendMessage", "SendStreamingMessage": "SendStreamingMessage",
    ]

    /// A model is asked by whoever works, and works for nobody else.
    mutating func leaveOut(_ request: HTTPRequest, _ flow: FlowReference) {
        exchanges.leaveOut(.init(flow: flow.number, ordinal: request.ordinal))
    }

    // MARK: - Rows

    /// The exchange is over.
    mutating func end(_ key: Exchanges.Key, at time: Timestamp) {
        guard let (exchange, links) = exchanges.end(key) else { return }
        var seen = Period(exchange.start)
        seen.merge(Period(time, count: 0))
        let row = ExchangeRow(
            key: exchange.key, busy: max(0, time.nanoseconds(since: exchange.start)),
            caller: exchange.caller, seen: seen)
        if exchange.operation.kind == .http { note(row) } else { add(row) }
        for link in links {
            need(link.outer)
            need(exchange.key)
            waiting.addLink(
                LinkRow(
                    key: .init(outer: link.outer, inner: exchange.operation),
                    outers: link.isFirst ? 1 : 0, traced: link.isTraced ? 1 : 0,
                    trace: link.isTraced ? exchange.trace ?? "" : "", seen: seen))
        }
    }

    private mutating func add(_ row: ExchangeRow) { waiting.addExchange(row) }

    /// Most plain requests lead to nothing, so only those are written that do.
    private mutating func note(_ row: ExchangeRow) {
        if requests[row.key]?.isWritten == true { add(row) }
        requests.put(row.key, RequestTotals(row: row)) {
            if $0.row == nil { $0.row = row } else { $0.row?.merge(row) }
        }
    }

    private mutating func need(_ key: ExchangeRow.Key) {
        guard key.operation.kind == .http else { return }
        let known = requests[key]
        guard known?.isWritten != true else { return }
        if let row = known?.row { add(row) }
        requests.put(key, RequestTotals(isWritten: true)) { $0.isWritten = true }
    }
}

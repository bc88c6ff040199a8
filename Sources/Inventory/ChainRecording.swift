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
        _ token: TokenLineage?, at time: Timestamp
    ) -> Exchanges.Open {
        let product = request?.userAgent.flatMap { Catalog.product(ofUserAgent: $0) }
        let caller = product.map { "\($0.name)\u{1f}\($0.version ?? "")" } ?? ""
        var exchange = Exchanges.Open(
            operation: operation, client: flow.client.address, asker: machine(flow.client.address),
            server: machine(operation.endpoint.address), start: time, trace: trace,
            caller: Recording.shortened(caller), token: token)
        exchange.flow = Continuation.OpenFlow(flow)
        return exchange
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
            opened(
                operation, flow, trace: request.traceID, request, TokenLineage(request.claims),
                at: time))
    }

    mutating func end(_ response: HTTPResponse, _ flow: FlowReference, at time: Timestamp) {
        guard response.status >= 200 else { return }
        let isStream = Recording.does(response.contentType ?? "", hold: "text/event-stream")
        if let request = response.request {
            let key = Exchanges.Key(flow: flow.number, ordinal: request.ordinal)
            if isStream { exchanges.streams(key) } else { end(key, at: time) }
        } else if let key = carried.take(flow, at: time) {
            if isStream { exchanges.streams(key, on: flow.number) } else { end(key, at: time) }
        }
    }

    /// The flow is over, and with it what was still being answered there; where only the capture is
    /// over, the next one may hold the answer.
    mutating func endExchanges(of flow: FlowReference, isCut: Bool, at time: Timestamp) {
        for key in exchanges.keys(of: flow.number) { leave(key, isCut: isCut, at: time) }
        guard !isCut else { return }
        for key in carried.forget(flow) { leave(key, isCut: false, at: time) }
    }

    private mutating func leave(_ key: Exchanges.Key, isCut: Bool, at time: Timestamp) {
        if exchanges.isStream(key) {
            end(key, at: time)
        } else if !isCut {
            // What was never answered says nothing of when it would have been.
            exchanges.remove(key)
        }
    }

    // MARK: - Messages

    /// What the request that carried a message is, now that the message is known.
    mutating func begin(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        _ wish: AskedTools.Wish?, at time: Timestamp
    ) -> Exchanges.Key? {
        let ordinal = carrier.request?.ordinal ?? 0
        let outer = Exchanges.Key(flow: flow.number, ordinal: ordinal)
        guard let method = message.method else { return nil }
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
        var exchange = opened(
            operation, flow, trace: message.traceID ?? carrier.request?.traceID, nil,
            TokenLineage(carrier.request?.claims), at: time)
        exchange.message = message.id.map { SessionKey.of($0) }
        exchange.wish = wish
        if let wish {
            fact(
                text(ToolWish.subject), .toolWish, wish.server.description, time,
                detail: ToolWish(exchange: exchange.key, model: wish.model).text)
        }
        exchanges.begin(key, exchange)
        return key
    }

    /// Methods of MCP that make a server do something.
    private static let leadingMethods: Set<String> = [
        "tools/call", "resources/read", "prompts/get",
    ]

    /// A message of A2A that gives an agent something to do is followed by its name of today; what
    /// only asks about that leads to nothing.
    mutating func begin(
        _ message: A2AMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference
    ) {
        let key = Exchanges.Key(flow: flow.number, ordinal: carrier.request?.ordinal ?? 0)
        let what: String
        switch message.operation {
        case .send: what = "SendMessage"
        case .stream: what = "SendStreamingMessage"
        default: return exchanges.leaveOut(key)
        }
        exchanges.change(key, to: Operation(endpoint: server, kind: .a2a, what: what))
        exchanges.join(key, message.bonds)
    }

    /// An answer of A2A says which task and context its request belongs to.
    mutating func join(_ message: A2AMessage, _ carrier: Carrier, _ flow: FlowReference) {
        guard let request = carrier.request else { return }
        exchanges.join(.init(flow: flow.number, ordinal: request.ordinal), message.bonds)
    }

    /// A model is asked by whoever works, and works for nobody else.
    mutating func leaveOut(_ request: HTTPRequest, _ flow: FlowReference) {
        exchanges.leaveOut(.init(flow: flow.number, ordinal: request.ordinal))
    }

    // MARK: - From capture to capture

    /// Takes what the capture before left open.
    mutating func take(_ continued: ContinuedExchanges) {
        for key in continued.written {
            requests.put(key, RequestTotals(isWritten: true)) { $0.isWritten = true }
        }
        for row in continued.requests where requests[row.key] == nil {
            requests.put(row.key, RequestTotals(row: row))
        }
        for (number, cut) in continued.cut.enumerated() {
            let open = Exchanges.Open(
                operation: cut.operation, client: cut.client, asker: machine(cut.client),
                server: machine(cut.operation.endpoint.address), start: cut.start,
                trace: cut.trace, caller: cut.caller)
            carried.keep(exchanges.take(cut, number, open), cut)
        }
    }

    /// What the next capture must know.
    func continuedExchanges(at end: Timestamp) -> ContinuedExchanges {
        var continued = ContinuedExchanges()
        continued.cut = exchanges.cut(at: end)
        continued.requests = requests.entries.values.compactMap { $0.isWritten ? nil : $0.row }
        return continued
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
                    outers: link.isFirst ? 1 : 0,
                    traced: link.bonds.contains(.trace) ? 1 : 0,
                    conversed: link.bonds.contains(.conversation) ? 1 : 0,
                    exchanged: link.bonds.contains(.token) ? 1 : 0,
                    shared: link.bonds.contains(.subject) ? 1 : 0,
                    wished: link.bonds.contains(.wish) ? 1 : 0,
                    wishTraced: link.bonds.contains(.wishTrace) ? 1 : 0,
                    trace: link.trace ?? "", seen: seen))
            if let token = link.token, !token.isOfProgram {
                let delegator = Delegator(outer: link.outer, issuer: token.issuer)
                let mark = credentials.text(of: token.subject)
                fact(
                    text(Delegator.subject), .delegator, mark, exchange.start,
                    detail: delegator.text)
            }
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

/// An exchange that a model had asked its client for, with equal arguments: the detail of a
/// `toolWish` fact, whose value is the model's endpoint.
struct ToolWish {
    /// All these facts are of one subject.
    static let subject = "tool-wishes"

    var exchange: ExchangeRow.Key
    /// Empty where nothing names it.
    var model: String

    var text: String { Delegator(outer: exchange, issuer: model).text }

    init(exchange: ExchangeRow.Key, model: String) {
        self.exchange = exchange
        self.model = model
    }

    init?(_ text: String) {
        guard let read = Delegator(text) else { return nil }
        self.init(exchange: read.outer, model: read.issuer ?? "")
    }
}

/// In whose name an exchange was asked for that led to another: the detail of a `delegator` fact.
struct Delegator {
    /// All these facts are of one subject.
    static let subject = "delegations"

    var outer: ExchangeRow.Key
    var issuer: String?

    var text: String {
        let operation = outer.operation
        return [
            outer.client.description, operation.endpoint.description, operation.kind.rawValue,
            Recording.shortened(issuer ?? "", to: 512), operation.what,
        ].joined(separator: "\u{1f}")
    }

    init(outer: ExchangeRow.Key, issuer: String?) {
        self.outer = outer
        self.issuer = issuer
    }

    init?(_ text: String) {
        // What was asked for is the wire's text, and may hold anything.
        let parts = text.split(
            separator: "\u{1f}", maxSplits: 4, omittingEmptySubsequences: false
        ).map(String.init)
        guard parts.count == 5, let client = IPAddress(parts[0]), let endpoint = Endpoint(parts[1]),
            let kind = Operation.Kind(rawValue: parts[2])
        else { return nil }
        outer = .init(
            client: client,
            operation: Operation(endpoint: endpoint, kind: kind, what: parts[4]))
        issuer = parts[3].isEmpty ? nil : parts[3]
    }
}

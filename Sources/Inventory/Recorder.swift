import Catalog
import GRDB
package import Wire

/// Turns events into rows. Lives on one thread, and is given events in their one order.
package final class Recorder {
    /// Rows held in memory before they are written.
    private static let rowLimit = 50_000
    /// Flows whose names are remembered until they end.
    private static let flowLimit = 400_000
    /// Addresses whose machine is remembered.
    private static let machineLimit = 200_000
    /// User-Agents whose agent is remembered.
    static let agentLimit = 4_096
    /// Servers whose texts are remembered.
    private static let serverLimit = 4_096

    let catalog: Catalog
    private let store: RowStore
    var rows = RowSets()
    var pairing = Pairing()
    private var names = NameTable()
    /// The machine behind an address, as far as the traffic has told by now: a machine looks a name
    /// up from one address and meets the answer from another.
    private var machines: [IPAddress: MACAddress] = [:]
    private var flows: [UInt64: FlowNames] = [:]
    /// Networks of the organization: names of their addresses are kept whatever the address.
    private let networks: [Network]
    /// Agents by User-Agent, so that a text is matched once.
    var agents: [String: AgentSighting?] = [:]
    /// Texts of servers, so that each is made once.
    private var servers: [Endpoint: ServerText] = [:]
    private var untracked = 0
    private var unanswered = Admission(limit: 65_536)
    private var clients = Admission(limit: 262_144)
    private var unplaced = 0

    /// What a flow was found to be, until it ends and its bytes are known.
    private struct FlowNames {
        /// The flow named its peer, so no lookup of its client is asked.
        var hasName = false
        /// One for each domain, under the clue that came first.
        var uses: [(key: AppUseRow.Key, sighting: AppSighting)] = []
    }

    /// Flows that an earlier capture's end cut, and those that this one's end cuts.
    private let before: Continuation
    private var after = Continuation()

    init(
        store: RowStore, catalog: Catalog, networks: [Network], continuing before: Continuation
    ) {
        self.store = store
        self.networks = networks
        self.catalog = catalog
        self.before = before
        machines = before.machines
        for entry in before.lookups {
            names.learn(
                entry.client, machine: machines[entry.client], entry.address, entry.name,
                at: entry.told, expires: entry.expires)
        }
    }

    /// Takes one event.
    package func record(_ event: Event) {
        switch event.message {
        case .clientHello(let hello): record(hello, event)
        case .serverHello, .httpUnanswered: break
        case .httpRequest(let request): record(request, event)
        case .httpResponse(let response): record(response, event)
        case .rpc(let message, let carrier): record(message, carrier, event)
        case .sseEndpoint(let endpoint, let carrier): record(endpoint, carrier, event)
        case .modelCall(let call, let carrier): record(call, carrier, event)
        case .dns(let message): record(message, event)
        case .dhcp(let message): record(message, event)
        case .neighbor(let binding):
            place(binding.address, at: binding.mac)
            bind(
                .address(binding.address), .mac, .mac(binding.mac), binding.source.rawValue,
                event.time)
        case .flowEnd(let summary): record(summary, event)
        }
    }

    /// What bounds of this stage let go, by cause; causes that let nothing go are left out.
    package var dropped: [String: Int] {
        [
            "recorder.flowNames": untracked, "recorder.machines": unplaced,
            "recorder.lookups": names.dropped, "recorder.requests": pairing.dropped,
            "recorder.unanswered": unanswered.dropped, "recorder.clients": clients.dropped,
        ].filter { $0.value > 0 }
    }

    /// Whether enough waits that it should be written.
    package var isFull: Bool { rows.count >= Recorder.rowLimit }

    /// Merges the waiting rows into the database: for good on a live capture, otherwise with
    /// `finish`.
    package func flush() throws(InventoryError) { try store.write(&rows) }

    /// Writes what waits and what was read, all of it or nothing.
    package func finish(captures: [CaptureRecord]) throws(InventoryError) {
        try store.write(&rows)
        let end = captures.map(\.last).max() ?? .zero
        after.lookups = names.lookups(validAt: end) {
            catalog.app(forName: $0, clue: .dnsAnswer) != nil
        }
        try store.finish(captures, continuation: after)
    }

    /// Forgets everything since the last commit: the database is as it was.
    package func abandon() { store.rollBack() }

    // MARK: - Writing rows

    private func bind(
        _ subject: BindingRow.Subject, _ kind: BindingRow.Kind, _ value: BindingRow.Value,
        _ source: String, _ time: Timestamp
    ) {
        rows.bindings.add(
            BindingRow(
                key: .init(subject: subject, kind: kind, value: value, source: source),
                seen: Period(time)))
    }

    func fact(
        _ subject: String, _ kind: FactRow.Kind, _ value: String, _ time: Timestamp,
        detail: String = ""
    ) {
        rows.facts.add(
            FactRow(
                key: .init(subject: subject, kind: kind, value: value, detail: detail),
                seen: Period(time)))
    }

    func evidence(
        _ subject: String, _ clue: Clue, _ strength: Strength, _ detail: String, _ event: Event
    ) {
        let key = EvidenceRow.Key(subject: subject, clue: clue, detail: detail)
        let seen = Period(event.time)
        // Of a later flow no text is made: the first one is kept.
        let isLater = rows.evidence.update(key) { row in
            guard row.seen.first < event.time else {
                row.merge(Recorder.evidence(key, strength, event, seen))
                return
            }
            row.strength = max(row.strength, strength)
            row.seen.merge(seen)
        }
        if !isLater { rows.evidence.add(Recorder.evidence(key, strength, event, seen)) }
    }

    private static func evidence(
        _ key: EvidenceRow.Key, _ strength: Strength, _ event: Event, _ seen: Period
    ) -> EvidenceRow {
        EvidenceRow(key: key, strength: strength, flow: event.flow.map(text) ?? "", seen: seen)
    }

    /// A server as rows name it.
    struct ServerText {
        var endpoint: String
        /// Its id as an MCP server.
        var subject: String
    }

    func text(of server: Endpoint) -> ServerText {
        if let known = servers[server] { return known }
        // What was forgotten is only made again.
        if servers.count >= Recorder.serverLimit { servers.removeAll(keepingCapacity: true) }
        let endpoint = server.description
        let made = ServerText(endpoint: endpoint, subject: EntityID.mcpText(endpoint))
        servers[server] = made
        return made
    }

    /// The catalog's entry and the first of its sources.
    private static func reference(_ sighting: AppSighting) -> String {
        "by \(sighting.matched) (\(sighting.firstSource))"
    }

    static func text(_ flow: FlowReference) -> String {
        "\(flow.client) → \(flow.server)/\(flow.transport == .tcp ? "tcp" : "udp")"
    }

    // MARK: - Apps

    private func record(_ hello: ClientHello, _ event: Event) {
        guard let flow = event.flow else { return }
        if hello.serverName != nil { name(flow) }
        for sighting in catalog.sightings(in: event) {
            use(sighting, flow, event)
            guard sighting.strength >= .strong else { continue }
            let subject = EntityID.app(flow.client.address, sighting.domain)
            fact(subject, .ja3, hello.ja3, event.time)
            fact(subject, .ja4, hello.ja4, event.time)
        }
    }

    private func record(_ request: HTTPRequest, _ event: Event) {
        guard let flow = event.flow else { return }
        if request.host != nil || request.method == "CONNECT" { name(flow) }
        for sighting in catalog.sightings(in: event) { use(sighting, flow, event) }
        if event.side == .client { recordAgent(of: request, flow, event) }
    }

    /// The flow's own words named its peer.
    private func name(_ flow: FlowReference) {
        guard flows.count < Recorder.flowLimit || flows[flow.number] != nil else {
            untracked += 1
            return
        }
        flows[flow.number, default: FlowNames()].hasName = true
    }

    /// One flow counts once per domain, under the clue that came first.
    private func use(_ sighting: AppSighting, _ flow: FlowReference, _ event: Event) {
        let key = AppUseRow.Key(
            client: flow.client.address, app: sighting.app, domain: sighting.domain,
            clue: sighting.clue)
        let known = flows[flow.number]?.uses ?? []
        if known.contains(where: { $0.key == key }) { return }
        guard clients.admits(flow.client.address, at: event.time) else { return }
        let isCounted = sighting.clue != .dnsQuery
        let isNew = isCounted && !known.contains { $0.key.domain == sighting.domain }
        if isNew, flows.count < Recorder.flowLimit || flows[flow.number] != nil {
            flows[flow.number, default: FlowNames()].uses.append((key, sighting))
        }
        rows.apps.add(
            AppUseRow(
                key: key, strength: sighting.strength, name: sighting.name,
                category: sighting.category, bytesUp: 0, bytesDown: 0,
                seen: Period(event.time, count: isNew ? 1 : 0)))
        evidence(
            EntityID.app(flow.client.address, sighting.domain), sighting.clue, sighting.strength,
            "\(sighting.domain) is \(sighting.name), \(Recorder.reference(sighting))",
            event)
    }

    // MARK: - Flows

    private func record(_ summary: FlowSummary, _ event: Event) {
        guard let flow = event.flow else { return }
        let isAnswered = summary.client.packets > 0 && summary.server.packets > 0
        if isAnswered || unanswered.admits(flow.client.address, at: flow.start) {
            count(flow.client.address, sent: summary.client, flow.start, summary.last)
            count(flow.server.address, sent: summary.server, flow.start, summary.last)
        }
        pairing.forget(flow)
        let known = flows.removeValue(forKey: flow.number)
        if continues(flow, summary) { return }
        if summary.reason == .ended, let uses = known?.uses, !uses.isEmpty {
            leave(flow, uses.map(\.key), summary.last)
        }
        if known?.hasName != true, summary.client.payloadBytes > 0, summary.server.payloadBytes > 0
        {
            useByLookup(flow, summary, event)
        }
        for (key, sighting) in known?.uses ?? [] {
            addBytes(key, sighting, summary, at: summary.last)
        }
    }

    /// The rest of a flow whose beginning lies in an earlier capture: its bytes go where that was
    /// counted.
    private func continues(_ flow: FlowReference, _ summary: FlowSummary) -> Bool {
        guard !before.flows.isEmpty, !summary.isWhole || flow.transport == .udp else {
            return false
        }
        for isTurned in [false, true] {
            let key = Continuation.OpenFlow(
                client: isTurned ? flow.server : flow.client,
                server: isTurned ? flow.client : flow.server, transport: flow.transport)
            guard let (uses, last) = before.flows[key],
                (0...Continuation.patience).contains(flow.start.nanoseconds(since: last))
            else { continue }
            for use in uses {
                guard let sighting = catalog.app(forName: use.domain, clue: use.clue) else {
                    continue
                }
                var totals = summary
                if isTurned { swap(&totals.client, &totals.server) }
                addBytes(use, sighting, totals, at: summary.last)
            }
            if summary.reason == .ended {
                after.flows[key] = (uses, summary.last)
            }
            return true
        }
        return false
    }

    private func leave(_ flow: FlowReference, _ uses: [AppUseRow.Key], _ last: Timestamp) {
        let key = Continuation.OpenFlow(
            client: flow.client, server: flow.server, transport: flow.transport)
        after.flows[key] = (uses, last)
    }

    /// The flow shows no name: its client's own last lookup of the address does.
    private func useByLookup(_ flow: FlowReference, _ summary: FlowSummary, _ event: Event) {
        guard
            let name = names.name(
                of: flow.server.address, for: flow.client.address,
                machine: machines[flow.client.address], at: flow.start),
            let sighting = catalog.app(forName: name, clue: .dnsAnswer)
        else { return }
        let key = AppUseRow.Key(
            client: flow.client.address, app: sighting.app, domain: sighting.domain,
            clue: .dnsAnswer)
        rows.apps.add(
            AppUseRow(
                key: key, strength: sighting.strength, name: sighting.name,
                category: sighting.category, bytesUp: 0, bytesDown: 0, seen: Period(flow.start)))
        addBytes(key, sighting, summary, at: summary.last)
        if summary.reason == .ended { leave(flow, [key], summary.last) }
        var start = event
        start.time = flow.start
        evidence(
            EntityID.app(flow.client.address, sighting.domain), .dnsAnswer, sighting.strength,
            "a flow without a name to \(flow.server.address), which this client had just looked up"
                + " as \(name): \(sighting.name), \(Recorder.reference(sighting))",
            start)
    }

    private func addBytes(
        _ key: AppUseRow.Key, _ sighting: AppSighting, _ summary: FlowSummary, at time: Timestamp
    ) {
        rows.apps.add(
            AppUseRow(
                key: key, strength: sighting.strength, name: sighting.name,
                category: sighting.category, bytesUp: Int(clamping: summary.client.payloadBytes),
                bytesDown: Int(clamping: summary.server.payloadBytes),
                seen: Period(time, count: 0)))
    }

    private func count(
        _ address: IPAddress, sent: SideTotals, _ start: Timestamp, _ end: Timestamp
    ) {
        guard sent.packets > 0, !address.isMulticast, !address.isUnspecified else { return }
        rows.add(sent, of: address, from: start, to: end)
    }

    // MARK: - Names

    private func place(_ address: IPAddress, at mac: MACAddress) {
        guard machines.count < Recorder.machineLimit || machines[address] != nil else {
            unplaced += 1
            return
        }
        machines[address] = mac
    }

    private func record(_ message: DNSMessage, _ event: Event) {
        guard let flow = event.flow else { return }
        let client = flow.client.address
        for sighting in catalog.sightings(in: event) where sighting.strength >= .hint {
            use(sighting, flow, event)
        }
        guard message.isResponse, event.side == .server else { return }
        if flow.server.port == 53 {
            rows.addResolver(flow.server.address, at: event.time)
        }
        guard let question = message.questions.first, message.responseCode == 0 else { return }
        let name = Recorder.lowercased(question.name)
        for answer in message.answers {
            guard case .address(let address) = answer.value else { continue }
            names.learn(
                client, machine: machines[client], address, name, at: event.time,
                seconds: answer.timeToLive)
            // Only names of our own hosts: the rest would be a list of what people looked up.
            if address.isPrivate || networks.contains(where: { $0.contains(address) }) {
                bind(.address(address), .hostname, .text(name), "dns", event.time)
            }
        }
    }

    private func record(_ message: DHCPMessage, _ event: Event) {
        guard message.clientMAC.isUnicast else { return }
        let mac = message.clientMAC
        if let hostname = message.hostname {
            bind(.mac(mac), .hostname, .text(hostname), "dhcp", event.time)
        }
        // 5 is an acknowledgment: only then does the address hold (RFC 2131 §3.1).
        guard message.type == 5, event.side == .server else { return }
        if let address = message.yourAddress ?? message.clientAddress {
            place(address, at: mac)
            bind(.address(address), .mac, .mac(mac), "dhcp", event.time)
        }
        for router in message.routers {
            bind(.address(router), .router, .text("3"), "dhcp", event.time)
        }
    }

    /// Names come in lower case but for a few.
    private static func lowercased(_ name: String) -> String {
        let bytes = name.utf8.span
        let isLower = bytes.indices.allSatisfy { bytes[$0] < 0x80 && !(65...90 ~= bytes[$0]) }
        return isLower ? name : name.lowercased()
    }
}

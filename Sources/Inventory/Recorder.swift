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

    let catalog: Catalog
    private let store: RowStore
    var rows = Rows()
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
    private var untracked = 0
    private var unplaced = 0

    /// The rows that wait to be written.
    struct Rows {
        var addresses = RowSet<AddressRow>()
        var bindings = RowSet<BindingRow>()
        var apps = RowSet<AppUseRow>()
        var facts = RowSet<FactRow>()
        var items = RowSet<ListedItemRow>()
        var calls = RowSet<CallRow>()
        var models = RowSet<ModelUseRow>()
        var evidence = RowSet<EvidenceRow>()

        var count: Int {
            addresses.count + bindings.count + apps.count + facts.count + items.count + calls.count
                + models.count + evidence.count
        }
    }

    /// What a flow was found to be, until it ends and its bytes are known.
    private struct FlowNames {
        /// The flow named its peer, so no lookup of its client is asked.
        var hasName = false
        var uses: [AppUseRow.Key: AppSighting] = [:]
        var domains: Set<String> = []
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
                binding.address.description, .mac, binding.mac.description,
                binding.source.rawValue, event.time)
        case .flowEnd(let summary): record(summary, event)
        }
    }

    /// What bounds of this stage let go, by cause; causes that let nothing go are left out.
    package var dropped: [String: Int] {
        [
            "recorder.flowNames": untracked, "recorder.machines": unplaced,
            "recorder.lookups": names.dropped, "recorder.requests": pairing.dropped,
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

    func bind(
        _ subject: String, _ kind: BindingRow.Kind, _ value: String, _ source: String,
        _ time: Timestamp
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
        rows.evidence.add(
            EvidenceRow(
                key: .init(subject: subject, clue: clue, detail: detail), strength: strength,
                flow: event.flow.map(Recorder.text) ?? "", seen: Period(event.time)))
    }

    /// The catalog's entry and the first of its sources.
    private static func reference(_ sighting: AppSighting) -> String {
        let source = sighting.source.split(separator: " ; ").first ?? "no source"
        return "by \(sighting.matched) (\(source))"
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
        var known = flows[flow.number] ?? FlowNames()
        let isCounted = sighting.clue != .dnsQuery
        let isNew = isCounted && known.domains.insert(sighting.domain).inserted
        let isRepeated = known.uses[key] != nil
        if isNew { known.uses[key] = sighting }
        if isCounted, flows.count < Recorder.flowLimit || flows[flow.number] != nil {
            flows[flow.number] = known
        }
        if isRepeated { return }
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
        count(flow.client.address, sent: summary.client, flow, summary)
        count(flow.server.address, sent: summary.server, flow, summary)
        pairing.forget(flow)
        let known = flows.removeValue(forKey: flow.number)
        if continues(flow, summary) { return }
        if summary.reason == .ended, let uses = known?.uses, !uses.isEmpty {
            leave(flow, Array(uses.keys), summary.last)
        }
        if known?.hasName != true, summary.client.payloadBytes > 0, summary.server.payloadBytes > 0
        {
            useByLookup(flow, summary, event)
        }
        for (key, sighting) in known?.uses ?? [:] {
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
        _ address: IPAddress, sent: SideTotals, _ flow: FlowReference,
        _ summary: FlowSummary
    ) {
        guard sent.packets > 0, !address.isMulticast, !address.isUnspecified else { return }
        var seen = Period(flow.start, count: Int(clamping: sent.packets))
        seen.merge(Period(summary.last, count: 0))
        rows.addresses.add(
            AddressRow(
                key: address, bytesSent: Int(clamping: sent.bytes), seen: seen))
        if sent.mac.isUnicast {
            bind(address.description, .linkLayer, sent.mac.description, "frame", flow.start)
        }
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
            bind(flow.server.address.description, .resolver, "53", "dns", event.time)
        }
        guard let question = message.questions.first, message.responseCode == 0 else { return }
        let name = question.name.lowercased()
        for answer in message.answers {
            guard case .address(let address) = answer.value else { continue }
            names.learn(
                client, machine: machines[client], address, name, at: event.time,
                seconds: answer.timeToLive)
            // Only names of our own hosts: the rest would be a list of what people looked up.
            if address.isPrivate || networks.contains(where: { $0.contains(address) }) {
                bind(address.description, .hostname, name, "dns", event.time)
            }
        }
    }

    private func record(_ message: DHCPMessage, _ event: Event) {
        guard message.clientMAC.isUnicast else { return }
        let mac = message.clientMAC.description
        if let hostname = message.hostname {
            bind(mac, .hostname, hostname, "dhcp", event.time)
        }
        // 5 is an acknowledgment: only then does the address hold (RFC 2131 §3.1).
        guard message.type == 5, event.side == .server else { return }
        if let address = message.yourAddress ?? message.clientAddress {
            place(address, at: message.clientMAC)
            bind(address.description, .mac, mac, "dhcp", event.time)
        }
        for router in message.routers {
            bind(router.description, .router, "3", "dhcp", event.time)
        }
    }
}

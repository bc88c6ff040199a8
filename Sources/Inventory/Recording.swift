import Catalog
import Codecs
import Wire

/// What a recorder knows between two events: a value, so that one event is one change of it.
struct Recording {
    /// Flows whose names are remembered until they end.
    private static let flowLimit = 400_000
    /// User-Agents whose agent is remembered.
    static let agentLimit = 4_096

    let catalog: Catalog
    var waiting = WaitingRows()
    var pairing = Pairing()
    var resumptions = Resumptions()
    var listChains = ListChains()
    var tasks = TaskTable()
    var a2a = A2ATracking()
    var loops = AgentLoops()
    var askedTools = AskedTools()
    var credentials: CredentialMarks
    var memo = AppMemo()
    private var fingerprints = FingerprintMemo()
    private let certificates = CertificateMemory()
    var names = NameTable()
    var quicPeers = QUICPeers()
    var exchanges = Exchanges()
    /// Plain requests by what they are, as far as they may yet lead to something.
    var requests = RecentTable<ExchangeRow.Key, RequestTotals>(capacity: 8192)
    var hidden = HiddenNames()
    var announced = AnnouncedNames()
    /// The machine behind an address, as far as the traffic has told by now: a machine looks a name
    /// up from one address and meets the answer from another.
    var machines = Tenancies()
    private var flows = KeyedTable<UInt64, FlowNames>()
    /// Networks of the organization: names of their addresses are kept whatever the address.
    let networks: NetworkIndex
    let userNames: UserNames
    /// Agents by User-Agent, so that a text is matched once.
    var agents: [String: AgentSighting?] = [:]
    private var untracked = 0
    /// Calls of models that a proxy was told by name.
    var proxiedModels = 0
    private var unanswered = Admission<IPAddress>(limit: 65_536)
    var clients = Admission<IPAddress>(limit: 262_144)
    /// Addresses of the organization's own, and all others.
    var residents = Admission<IPAddress>(limit: 1_048_576)
    var strangers = Admission<IPAddress>(limit: 262_144)
    /// Names and machines of addresses, by hash of both.
    private var bindings = Admission<UInt64>(limit: 524_288)

    /// What a flow was found to be, until it ends and its bytes are known.
    private struct FlowNames {
        /// The flow named its peer, so no lookup of its client is asked.
        var hasName = false
        /// One for each domain, under the clue that came first.
        var uses: [(key: AppUseRow.Key, sighting: AppSighting)] = []
    }

    /// Flows that an earlier capture's end cut, and those that this one's end cuts.
    private let before: Continuation
    private(set) var after = Continuation()
    /// Exchanges that the capture before left open.
    var carried = CarriedExchanges()

    init(
        catalog: Catalog, networks: [Network], userNames: UserNames = .names,
        continuing before: Continuation
    ) {
        self.networks = NetworkIndex(networks)
        self.userNames = userNames
        self.catalog = catalog
        self.before = before
        credentials = CredentialMarks(key: before.key)
        for (address, known) in before.machines {
            machines.resume(
                address, at: known.machine, claimed: known.claimed, since: known.since)
        }
        take(before.exchanges)
        for entry in before.lookups {
            names.learn(
                entry.client, machine: machines[entry.client], entry.address, entry.name,
                at: entry.told, expires: entry.expires)
        }
    }

    /// Takes one event.
    mutating func record(_ event: Event) {
        waiting.begin(event)
        switch event.message {
        case .clientHello(let hello): record(hello, Catalog.name(in: hello), event)
        case .quic(let quic): record(quic.hello, Catalog.name(in: quic), event)
        case .serverHello(let answer): record(answer, event)
        case .socks(let request):
            if !request.isAddress { record(name: request.host, .socksRequest, event) }
        case .dtlsClientHello(let hello):
            if let (field, clue) = Catalog.name(in: hello) { record(name: field, clue, event) }
        case .httpUnanswered(let request): recordUnanswered(request, event)
        case .dtlsServerHello: break
        case .httpRequest(let request): record(request, event)
        case .httpResponse(let response): record(response, event)
        case .rpc(let message, let carrier):
            let wish = noteToolCall(message, event)
            if !recordA2AError(message, carrier, event) {
                record(message, carrier, event, wish)
            }
        case .a2a(let message, let carrier): record(message, carrier, event)
        case .agentRun(let message, let carrier): record(message, carrier, event)
        case .runtime(let mark, let carrier): record(mark, carrier, event)
        case .sseEndpoint(let endpoint, let carrier): record(endpoint, carrier, event)
        case .eventID(let id, let carrier): record(eventID: id, carrier, event)
        case .modelCall(let call, let carrier): record(call, carrier, event)
        case .authorization(let message, let carrier): record(message, carrier, event)
        case .dns(let message): record(message, event)
        case .localNames(let names): record(names, event)
        case .http2(let message): record(message, event)
        case .ssh: break
        case .dhcp(let message): record(message, event)
        case .dhcpv6(let message): record(message, event)
        case .logon(let logon): record(logon, event)
        case .neighbor(let binding):
            machines.claim(binding.address, by: binding.mac, at: event.time)
            bind(
                .address(binding.address), .mac, .mac(binding.mac), binding.source.rawValue,
                event.time)
        case .flowEnd(let summary): record(summary, event)
        }
    }

    /// What bounds of this stage let go, by cause; causes that let nothing go are left out.
    var dropped: [String: Int] {
        [
            "recorder.flowNames": untracked, "recorder.machines": machines.dropped,
            "recorder.lookups": names.dropped, "recorder.announced": announced.dropped,
            "recorder.hiddenNames": hidden.dropped, "recorder.quicPeers": quicPeers.dropped,
            "recorder.requests": pairing.dropped + resumptions.dropped,
            "recorder.exchanges": exchanges.dropped + requests.dropped,
            "recorder.lists": listChains.dropped, "recorder.tasks": tasks.dropped + a2a.dropped,
            "recorder.loops": loops.dropped + askedTools.dropped,
            "recorder.proxiedModels": proxiedModels,
            "recorder.unanswered": unanswered.dropped, "recorder.clients": clients.dropped,
            "recorder.addresses": residents.dropped + strangers.dropped,
            "recorder.bindings": bindings.dropped, "recorder.rows": waiting.dropped,
        ].filter { $0.value > 0 }
    }

    /// What the next capture must know of this one, which ended at `end`.
    func continuation(at end: Timestamp) -> Continuation {
        var (next, memo) = (after, memo)
        next.key = before.key
        next.exchanges = continuedExchanges(at: end)
        next.lookups = names.lookups(validAt: end) {
            memo.isApp($0, in: catalog)
        }
        return next
    }

    // MARK: - Writing rows

    mutating func bind(
        _ subject: BindingRow.Subject, _ kind: BindingRow.Kind, _ value: BindingRow.Value,
        _ source: String, _ time: Timestamp
    ) {
        var key = BindingRow.Key(subject: subject, kind: kind, value: value, source: source)
        if case .address(let address) = subject { key.since = machines.since(address, at: time) }
        guard bindings.admits(key.hash(TableSecret.ofThisRun), at: time) else { return }
        waiting.bindings.add(BindingRow(key: key, seen: Period(time)))
    }

    // MARK: - Apps

    /// A hello over TCP or QUIC; Google's own QUIC has a name but no TLS.
    private mutating func record(
        _ hello: ClientHello?, _ named: (name: String, clue: Clue)?, _ event: Event
    ) {
        guard let flow = event.flow else { return }
        if let hello, let way = Recording.encryptedLookups(hello, flow) {
            return blindSpot(way, hello.serverName, flow, at: event.time)
        }
        guard let (field, clue) = named else { return }
        let isHidden = hello.map { hides($0, flow, at: event.time) } ?? false
        if !isHidden { name(flow) }
        guard let sighting = memo.app(forName: field, clue: clue, in: catalog) else { return }
        use(sighting, flow, event)
        guard sighting.strength >= .strong, let hello else { return }
        let subject = id(ofApp: sighting.domain, client(of: flow))
        let (ja3, ja4) = fingerprints.fingerprints(of: hello)
        fact(subject, .ja3, ja3, event.time)
        fact(subject, .ja4, ja4, event.time)
    }

    /// A name that the flow's own words give its peer.
    private mutating func record(name field: String, _ clue: Clue, _ event: Event) {
        guard let flow = event.flow else { return }
        name(flow)
        if let sighting = memo.app(forName: field, clue: clue, in: catalog) {
            use(sighting, flow, event)
        }
    }

    /// What a flow's own words did not name, its server's certificate may.
    private mutating func record(_ answer: ServerHello, _ event: Event) {
        guard answer.certificateBytes != nil, let flow = event.flow,
            flows[flow.number]?.hasName != true,
            let certificate = certificates.certificate(of: answer),
            let sighting = catalog.app(for: certificate)
        else { return }
        name(flow)
        use(sighting, flow, event)
    }

    private mutating func record(_ request: HTTPRequest, _ event: Event) {
        guard let flow = event.flow else { return }
        if let (field, clue) = Catalog.name(in: request) {
            name(flow)
            // A path says more than its host.
            let endpoint =
                clue == .httpHost ? memo.app(forHost: field, of: request, in: catalog) : nil
            if let sighting = endpoint ?? memo.app(forName: field, clue: clue, in: catalog) {
                use(sighting, flow, event)
            }
        }
        if let last = request.lastEventID {
            resume(behind: last, Carrier(kind: .httpBody, request: request), flow)
        }
        guard event.side == .client else { return }
        recordAgent(of: request, flow, event)
        begin(request, flow, at: event.time)
    }

    /// The flow's own words named its peer.
    private mutating func name(_ flow: FlowReference) {
        guard let place = place(ofFlow: flow.number) else {
            untracked += 1
            return
        }
        flows.values[place].hasName = true
    }

    /// Where a flow's names are; nil when too many flows are open.
    private mutating func place(ofFlow number: UInt64) -> Int? {
        if let known = flows.number(of: number) { return known }
        return flows.count < Recording.flowLimit ? flows.insert(number, FlowNames()) : nil
    }

    /// One flow counts once per domain, under the clue that came first.
    mutating func use(_ sighting: AppSighting, _ flow: FlowReference, _ event: Event) {
        guard sighting.category != Recording.encryptedDNS else {
            // A resolver that is only looked up was not asked.
            guard sighting.clue != .dnsQuery else { return }
            return blindSpot(.doh, sighting.domain, flow, at: event.time)
        }
        let key = AppUseRow.Key(
            client: client(of: flow), app: sighting.app, domain: sighting.domain,
            clue: sighting.clue)
        let known = flows[flow.number]?.uses ?? []
        if known.contains(where: { $0.key == key }) { return }
        guard clients.admits(flow.client.address, at: event.time) else { return }
        let isCounted = sighting.clue != .dnsQuery
        let isNew = isCounted && !known.contains { $0.key.domain == sighting.domain }
        if isNew, let place = place(ofFlow: flow.number) {
            flows.values[place].uses.append((key, sighting))
        }
        if sighting.clue == .quicSNI { quicPeers.note(key, of: flow) }
        waiting.addUse(
            AppUseRow(
                key: key, strength: sighting.strength, name: sighting.name,
                category: sighting.category, bytesUp: 0, bytesDown: 0,
                seen: Period(event.time, count: isNew ? 1 : 0)))
        let phrase = Phrase(
            .app, text(sighting.domain), text(sighting.name), text(sighting.matched),
            text(sighting.source))
        let detail = waiting.texts.number(of: phrase) {
            "\(sighting.domain) is \(sighting.name), \(Recording.reference(sighting))"
        }
        evidence(
            id(ofApp: sighting.domain, key.client), sighting.clue, sighting.strength,
            detail, event)
    }

    // MARK: - Flows

    private mutating func record(_ summary: FlowSummary, _ event: Event) {
        guard let flow = event.flow else { return }
        let isAnswered = summary.client.packets > 0 && summary.server.packets > 0
        if isAnswered || unanswered.admits(flow.client.address, at: flow.start) {
            count(flow.client.address, sent: summary.client, flow, summary.last)
            count(flow.server.address, sent: summary.server, flow, summary.last)
            if let vlan = flow.path?.value.innermostVLAN {
                place(flow.client.address, summary.client.mac, in: vlan, summary.last)
                place(flow.server.address, summary.server.mac, in: vlan, summary.last)
            }
        }
        pairing.forget(flow)
        endExchanges(of: flow, isCut: summary.reason == .ended, at: summary.last)
        a2a.forget(flow.number)
        let known = flows.remove(flow.number)
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

    /// A machine's frames came in a VLAN. Of a router's, which come in many, nothing follows, for
    /// it is nobody's machine.
    private mutating func place(
        _ address: IPAddress, _ mac: MACAddress, in vlan: UInt16, _ time: Timestamp
    ) {
        guard mac.isUnicast, isOwn(address) else { return }
        bind(.mac(mac), .vlan, .text("\(vlan)"), "frame", time)
    }

    /// The rest of a flow whose beginning lies in an earlier capture: its bytes go where that was
    /// counted.
    private mutating func continues(_ flow: FlowReference, _ summary: FlowSummary) -> Bool {
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
                guard let sighting = catalog.app(forDomain: use.domain, clue: use.clue) else {
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

    mutating func leave(_ flow: FlowReference, _ uses: [AppUseRow.Key], _ last: Timestamp) {
        let key = Continuation.OpenFlow(
            client: flow.client, server: flow.server, transport: flow.transport)
        after.flows[key] = (uses, last)
    }

    mutating func addBytes(
        _ key: AppUseRow.Key, _ sighting: AppSighting, _ summary: FlowSummary, at time: Timestamp
    ) {
        waiting.addUse(
            AppUseRow(
                key: key, strength: sighting.strength, name: sighting.name,
                category: sighting.category, bytesUp: Int(clamping: summary.client.payloadBytes),
                bytesDown: Int(clamping: summary.server.payloadBytes),
                seen: Period(time, count: 0)))
    }

    private mutating func count(
        _ address: IPAddress, sent: SideTotals, _ flow: FlowReference, _ end: Timestamp
    ) {
        let (start, transport) = (flow.start, flow.transport)
        guard sent.packets > 0, !address.isMulticast, !address.isUnspecified else { return }
        let tenant = machines.tenant(of: address, at: start)
        if waiting.addKnown(sent, of: tenant, from: start, to: end, transport) { return }
        guard admits(address, at: start) else { return }
        waiting.add(sent, of: tenant, from: start, to: end, transport)
    }
}

import Catalog
import Wire

/// Names and machines: the part of the recorder that reads DNS and DHCP.
extension Recording {
    mutating func admits(_ address: IPAddress, at time: Timestamp) -> Bool {
        isOwn(address)
            ? residents.admits(address, at: time) : strangers.admits(address, at: time)
    }

    /// The organization's own: private, or in one of its networks.
    func isOwn(_ address: IPAddress) -> Bool {
        address.isPrivate || networks.place(of: address) != nil
    }

    mutating func record(_ message: DNSMessage, _ event: Event) {
        guard let flow = event.flow else { return }
        let client = flow.client.address
        for question in message.questions {
            if let sighting = memo.app(forName: question.name, clue: .dnsQuery, in: catalog) {
                use(sighting, flow, event)
            }
        }
        guard message.isResponse, event.side == .server else { return }
        if flow.server.port == 53, admits(flow.server.address, at: event.time) {
            waiting.addResolver(flow.server.address, at: event.time)
        }
        guard let question = message.questions.first, message.responseCode == 0 else { return }
        let name = Recording.lowercased(question.name)
        let machine = machines[client]
        let aliases = message.aliases(of: question.name)
        for answer in message.answers {
            // What was not asked for, nor led to by what was, is anyone's word.
            guard
                DNSMessage.isSame(answer.name, question.name)
                    || aliases.contains(where: { DNSMessage.isSame(answer.name, $0) })
            else { continue }
            switch answer.value {
            case .address(let address):
                learn(name, client, machine, address, answer.timeToLive, event.time)
                // Only names of our own hosts: the rest would be a list of what people looked up.
                if isOwn(address) {
                    bind(.address(address), .hostname, .text(name), "dns", event.time)
                }
            case .service(let service):
                for address in service.hints {
                    learn(name, client, machine, address, answer.timeToLive, event.time)
                }
                if service.hasECH { hidden.learn(name, by: client, at: event.time) }
            case .name(let target) where answer.type == 12:
                guard let address = ReverseName.address(name), isOwn(address), !target.isEmpty
                else { continue }
                bind(
                    .address(address), .hostname, .text(Recording.lowercased(target)), "ptr",
                    event.time)
            case .name, .other: break
            }
        }
    }

    private mutating func learn(
        _ name: String, _ client: IPAddress, _ machine: MACAddress?, _ address: IPAddress,
        _ seconds: UInt32, _ time: Timestamp
    ) {
        names.learn(client, machine: machine, address, name, at: time, seconds: seconds)
    }

    /// Whether a hello with an outer name hides what its client really asks for: the client was
    /// told another name of this address, that name's service takes encrypted hellos, and nobody
    /// told it the outer one. Browsers put the same extension beside true names, which they had
    /// looked up.
    mutating func hides(_ hello: ClientHello, _ flow: FlowReference, at time: Timestamp) -> Bool {
        guard hello.encryptedHello?.kind == .unknown, let outer = hello.serverName else {
            return false
        }
        let (client, server) = (flow.client.address, flow.server.address)
        let machine = machines[client]
        guard let told = names.name(of: server, for: client, machine: machine, at: time),
            hidden.holds(told, by: client, at: time)
        else { return false }
        return !names.knows(Recording.lowercased(outer), of: server, for: client, machine)
    }

    /// The flow shows no name: its client's own last lookup of the address does.
    mutating func useByLookup(_ flow: FlowReference, _ summary: FlowSummary, _ event: Event) {
        guard
            let name = names.name(
                of: flow.server.address, for: flow.client.address,
                machine: machines[flow.client.address], at: flow.start),
            let sighting = memo.app(forName: name, clue: .dnsAnswer, in: catalog),
            sighting.category != Recording.encryptedDNS
        else { return }
        let client = self.client(of: flow)
        if flow.transport == .udp, let use = quicPeers.use(of: flow),
            use.domain == sighting.domain, use.client == client
        {
            // The rest of a connection that was counted when it began.
            return addBytes(use, sighting, summary, at: summary.last)
        }
        let key = AppUseRow.Key(
            client: client, app: sighting.app, domain: sighting.domain, clue: .dnsAnswer)
        waiting.addUse(
            AppUseRow(
                key: key, strength: sighting.strength, name: sighting.name,
                category: sighting.category, bytesUp: 0, bytesDown: 0, seen: Period(flow.start)))
        addBytes(key, sighting, summary, at: summary.last)
        if summary.reason == .ended { leave(flow, [key], summary.last) }
        var start = event
        start.time = flow.start
        let detail = text(
            "a flow without a name to \(flow.server.address), which this client had just looked up"
                + " as \(name): \(sighting.name), \(Recording.reference(sighting))")
        evidence(
            id(ofApp: sighting.domain, client), .dnsAnswer, sighting.strength, detail,
            start)
    }

    mutating func record(_ message: DHCPMessage, _ event: Event) {
        guard message.clientMAC.isUnicast else { return }
        let mac = message.clientMAC
        if let hostname = message.hostname {
            bind(.mac(mac), .hostname, .text(hostname), "dhcp", event.time)
        }
        if event.side == .client { recordDevice(message, event) }
        // 4 declines an address, 7 gives it back (RFC 2131 §3.1).
        if message.type == 4 || message.type == 7, event.side == .client,
            let address = message.clientAddress ?? message.requestedAddress
        {
            machines.release(address, by: mac)
        }
        // 5 is an acknowledgment: only then does the address hold.
        guard message.type == 5, event.side == .server else { return }
        if let address = message.yourAddress ?? message.clientAddress {
            let seconds = Int64(message.leaseSeconds ?? 0)
            let end = Timestamp(
                nanoseconds: event.time.nanoseconds.addingReportingOverflow(
                    seconds * 1_000_000_000
                ).partialValue)
            machines.lease(address, to: mac, until: end, at: event.time)
            bind(.address(address), .mac, .mac(mac), "dhcp", event.time)
        }
        for router in message.routers {
            bind(.address(router), .router, .text("3"), "dhcp", event.time)
        }
    }

    /// What a client says it is: by its vendor class, and by what it asks for in which order.
    private mutating func recordDevice(_ message: DHCPMessage, _ event: Event) {
        let subject = BindingRow.Subject.mac(message.clientMAC)
        if let text = message.vendorClass, let found = catalog.device(vendorClass: text) {
            let word = DeviceWord(found, told: text)
            bind(subject, .device, .text(word.text), "dhcp", event.time)
        }
        guard !message.parameters.isEmpty else { return }
        let list = message.parameters.map { "\($0)" }.joined(separator: ",")
        guard let found = catalog.device(options: list) else { return }
        bind(subject, .device, .text(DeviceWord(found, told: list).text), "dhcp", event.time)
    }

    /// A client's identifier may be made of another interface's address than the one that asks: a
    /// weak word of where an address is, and a good one of the machine's name.
    mutating func record(_ message: DHCPv6Message, _ event: Event) {
        let isAnswer = message.type == 7 && event.side == .server
        let mac = message.clientMAC.flatMap { $0.isUnicast ? $0 : nil }
        if let mac, let name = message.hostname {
            bind(.mac(mac), .hostname, .text(name), "dhcpv6", event.time)
        }
        guard isAnswer else { return }
        for address in message.addresses where isOwn(address) && address.isUnicast {
            if let mac {
                bind(.address(address), .mac, .mac(mac), "dhcpv6", event.time)
            } else if let name = message.hostname {
                bind(.address(address), .hostname, .text(name), "dhcpv6", event.time)
            }
        }
    }

    /// Names come in lower case but for a few.
    static func lowercased(_ name: String) -> String {
        let bytes = name.utf8.span
        let isLower = bytes.indices.allSatisfy { bytes[$0] < 0x80 && !(65...90 ~= bytes[$0]) }
        return isLower ? name : name.lowercased()
    }
}

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
        address.isPrivate || networks.contains { $0.contains(address) }
    }

    mutating func place(_ address: IPAddress, at mac: MACAddress) {
        if let known = machines.number(of: address) {
            machines.values[known] = mac
        } else if machines.count < Recording.machineLimit {
            machines.insert(address, mac)
        } else {
            unplaced += 1
        }
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
        for answer in message.answers {
            guard case .address(let address) = answer.value else { continue }
            names.learn(
                client, machine: machine, address, name, at: event.time,
                seconds: answer.timeToLive)
            // Only names of our own hosts: the rest would be a list of what people looked up.
            if isOwn(address) {
                bind(.address(address), .hostname, .text(name), "dns", event.time)
            }
        }
    }

    mutating func record(_ message: DHCPMessage, _ event: Event) {
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

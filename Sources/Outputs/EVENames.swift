import Wire

/// Names and addresses: DNS, its relatives on a link, and DHCP.
extension EVE {
    /// As `type`, which is also the name of the object: dns, mdns, llmnr or nbns.
    func write(_ message: DNSMessage, as type: String, _ event: Event, _ flow: FlowReference) {
        begin(type, event, flow, isTurned: event.side == .server)
        writer.key(type)
        writer.beginObject()
        writer.member("version", 3)
        writer.member("type", message.isResponse ? "response" : "request")
        writer.member("id", message.id)
        if message.isResponse { writer.member("rcode", EVE.responseCode(message.responseCode)) }
        writer.key("queries")
        writer.beginArray()
        for question in message.questions {
            writer.beginObject()
            writer.member("rrname", question.name)
            writer.member("rrtype", EVE.recordType(question.type, in: type))
            writer.endObject()
        }
        writer.endArray()
        if !message.answers.isEmpty {
            writer.key("answers")
            writer.beginArray()
            for answer in message.answers { write(answer, as: type) }
            writer.endArray()
        }
        writer.endObject()
        end()
    }

    private func write(_ answer: DNSMessage.Answer, as type: String) {
        writer.beginObject()
        writer.member("rrname", answer.name)
        writer.member("rrtype", EVE.recordType(answer.type, in: type))
        writer.member("ttl", answer.timeToLive)
        switch answer.value {
        case .address(let address): writer.member("rdata", address.description)
        case .name(let name): writer.member("rdata", name)
        case .service(let service): writer.member("rdata", service.description)
        case .other: break
        }
        writer.endObject()
    }

    private static func responseCode(_ code: UInt8) -> String {
        let names = [
            "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN",
            "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
        ]
        return Int(code) < names.count ? names[Int(code)] : String(code)
    }

    /// IANA's mnemonic, or the number; NetBIOS gives two numbers a meaning of its own (RFC 1002
    /// §4.2.1.3).
    private static func recordType(_ type: UInt16, in protocolName: String) -> String {
        if protocolName == "nbns", type == 32 || type == 33 { return type == 32 ? "NB" : "NBSTAT" }
        return recordTypes[type] ?? "TYPE\(type)"
    }

    private static let recordTypes: [UInt16: String] = [
        1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR",
        10: "NULL", 11: "WKS", 12: "PTR", 13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP",
        18: "AFSDB", 24: "SIG", 25: "KEY", 28: "AAAA", 29: "LOC", 30: "NXT", 33: "SRV", 34: "ATMA",
        35: "NAPTR", 36: "KX", 37: "CERT", 38: "A6", 39: "DNAME", 41: "OPT", 43: "DS", 44: "SSHFP",
        45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID", 50: "NSEC3",
        51: "NSEC3PARAM", 52: "TLSA", 55: "HIP", 59: "CDS", 60: "CDNSKEY", 61: "OPENPGPKEY",
        62: "CSYNC", 64: "SVCB", 65: "HTTPS", 99: "SPF", 249: "TKEY", 250: "TSIG", 251: "IXFR",
        252: "AXFR", 255: "ANY", 256: "URI", 257: "CAA",
    ]

    /// An event of ours, for Suricata has none: DHCPv6.
    func write(_ message: DHCPv6Message, _ event: Event, _ flow: FlowReference) {
        begin("dhcpv6", event, flow, isTurned: event.side == .server)
        writer.key("dhcpv6")
        writer.beginObject()
        writer.member("type", message.type)
        writer.member("client_mac", ifPresent: message.clientMAC?.description)
        if !message.addresses.isEmpty {
            writer.member("addresses", message.addresses.map(\.description))
        }
        writer.member("hostname", ifPresent: message.hostname)
        writer.member("vendor_class_identifier", ifPresent: message.vendorClass)
        writer.endObject()
        end()
    }

    /// An event of ours: a service took a client's word for who it is.
    func write(_ logon: Logon, _ event: Event, _ flow: FlowReference) {
        begin("logon", event, flow)
        writer.key("logon")
        writer.beginObject()
        writer.member("protocol", logon.way.rawValue)
        writer.member("user", ifPresent: logon.isMachine ? logon.user : userName(logon.user))
        writer.member("domain", ifPresent: logon.domain)
        writer.member("workstation", ifPresent: logon.workstation)
        writer.member("ip", ifPresent: logon.address?.description)
        writer.member("mac", ifPresent: logon.mac?.description)
        writer.endObject()
        end()
    }

    func write(_ message: DHCPMessage, _ event: Event, _ flow: FlowReference) {
        let types = ["discover", "offer", "request", "decline", "ack", "nak", "release", "inform"]
        begin("dhcp", event, flow, isTurned: event.side == .server)
        writer.key("dhcp")
        writer.beginObject()
        writer.member("type", event.side == .client ? "request" : "reply")
        let index = Int(message.type) - 1
        if types.indices.contains(index) { writer.member("dhcp_type", types[index]) }
        writer.member("client_mac", message.clientMAC.description)
        writer.member("assigned_ip", ifPresent: message.yourAddress?.description)
        writer.member("requested_ip", ifPresent: message.requestedAddress?.description)
        writer.member("hostname", ifPresent: message.hostname)
        if let seconds = message.leaseSeconds { writer.member("lease_time", seconds) }
        writer.member("vendor_class_identifier", ifPresent: message.vendorClass)
        if !message.parameters.isEmpty {
            writer.member("parameters", message.parameters.map { "\($0)" })
        }
        writer.endObject()
        end()
    }
}

import Codecs
package import Wire

/// Suricata's EVE layout as JSON lines: existing dashboards and rules keep working.
package final class EVE: Output {
    var writer = JSONWriter()
    private let sink: LineSink
    /// What a flow's hellos and requests said until the answer came.
    private var hellos: [UInt64: ClientHello] = [:]
    /// What fingerprints hash stands beside them.
    let showsFingerprintTexts: Bool

    /// `path` is a file to write, or `-` for standard output.
    package init(path: String, showsFingerprintTexts: Bool = false) throws(OutputError) {
        self.showsFingerprintTexts = showsFingerprintTexts
        sink = try LineSink(path: path)
    }

    package func write(_ event: Event) throws(OutputError) {
        encode(event)
        if writer.bytes.count >= 64 << 10 { try flush() }
    }

    package func flush() throws(OutputError) {
        try sink.write(writer.bytes)
        writer.removeAll()
    }

    private func encode(_ event: Event) {
        guard let flow = event.flow else { return }
        switch event.message {
        case .clientHello(let hello), .dtlsClientHello(let hello):
            if let earlier = hellos.updateValue(hello, forKey: flow.number) {
                write(tls: earlier, nil, event, flow)
            }
        case .serverHello(let answer), .dtlsServerHello(let answer):
            write(tls: hellos.removeValue(forKey: flow.number), answer, event, flow)
        case .httpResponse(let response): write(response.request, response, event, flow)
        case .httpUnanswered(let request): write(request, nil, event, flow)
        case .socks(let request): write(request, event, flow)
        case .dns(let message): write(message, event, flow)
        case .dhcp(let message): write(message, event, flow)
        case .rpc(let message, let carrier): write(message, carrier, event, flow)
        case .modelCall(let call, let carrier): write(call, carrier, event, flow)
        case .flowEnd(let summary):
            if let hello = hellos.removeValue(forKey: flow.number) {
                write(tls: hello, nil, event, flow)
            }
            for anomaly in Anomaly.allCases where summary.broken.contains(anomaly) {
                write(anomaly, event, flow)
            }
            write(summary, event, flow)
        case .httpRequest, .sseEndpoint, .neighbor: break
        }
    }

    // MARK: - Envelope

    func begin(
        _ type: String, _ event: Event, _ flow: FlowReference, isTurned: Bool = false
    ) {
        let (source, target) = isTurned ? (flow.server, flow.client) : (flow.client, flow.server)
        writer.beginObject()
        writer.member("timestamp", EVE.timestamp(event.time))
        writer.member("flow_id", flow.number)
        writer.member("pcap_cnt", event.packet)
        writer.member("event_type", type)
        if let path = flow.path?.value { write(vlans: path.vlans) }
        writer.member("src_ip", source.address.description)
        writer.member("src_port", source.port)
        writer.member("dest_ip", target.address.description)
        writer.member("dest_port", target.port)
        writer.member("proto", flow.transport == .tcp ? "TCP" : "UDP")
        writer.member("community_id", CommunityID.of(flow))
        if let path = flow.path?.value { write(path) }
    }

    private func write(vlans: [UInt16]) {
        guard !vlans.isEmpty else { return }
        writer.key("vlan")
        writer.beginArray()
        for vlan in vlans { writer.number(vlan) }
        writer.endArray()
    }

    /// Suricata's `tunnel`, which names the outermost tunnel's ends; what it is and the network
    /// in it are ours.
    private func write(_ path: Path) {
        if let network = path.virtualNetwork { writer.member("vni", network) }
        guard path.depth > 0 else { return }
        writer.key("tunnel")
        writer.beginObject()
        writer.member("src_ip", path.source.address.description)
        writer.member("dest_ip", path.destination.address.description)
        if path.source.port != 0 || path.destination.port != 0 {
            writer.member("src_port", path.source.port)
            writer.member("dest_port", path.destination.port)
        }
        writer.member("kind", path.carrier.name)
        writer.member("depth", path.depth)
        writer.endObject()
    }

    func end() {
        writer.endObject()
        writer.newline()
    }

    /// Suricata's form: microseconds, and the offset as digits.
    private static func timestamp(_ time: Timestamp) -> String {
        String(time.rfc3339.dropLast()) + "+0000"
    }

    // MARK: - HTTP

    private func write(
        _ request: HTTPRequest?, _ response: HTTPResponse?, _ event: Event, _ flow: FlowReference
    ) {
        begin("http", event, flow)
        writer.key("http")
        writer.beginObject()
        if let request {
            if let host = request.host, !host.isEmpty {
                writer.member("hostname", EVE.withoutPort(host))
            }
            let isPost = request.method == "POST"
            writer.member("url", SecretParameters.masked(request.target, isPost: isPost))
            if let agent = request.userAgent, !agent.isEmpty {
                writer.member("http_user_agent", agent)
            }
            writer.member("http_method", request.method)
            writer.member("protocol", request.version)
        }
        if let response {
            writer.member("http_content_type", ifPresent: response.contentType)
            writer.member("status", response.status)
            if request == nil { writer.member("protocol", response.version) }
            if let length = response.contentLength { writer.member("length", length) }
        }
        writer.endObject()
        end()
    }

    private static func withoutPort(_ host: String) -> String {
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? String(parts[0]) : host
    }

    // MARK: - Agents

    private func write(
        _ message: RPCMessage, _ carrier: Carrier, _ event: Event, _ flow: FlowReference
    ) {
        begin("mcp", event, flow, isTurned: event.side == .server)
        writer.key("mcp")
        writer.beginObject()
        writer.member("kind", message.kind.rawValue)
        writer.member("id", ifPresent: message.id.map { String($0.dropFirst()) })
        writer.member("method", ifPresent: message.method)
        writer.member("name", ifPresent: message.name)
        writer.member("carrier", carrier.kind.rawValue)
        writer.member("protocol_version", ifPresent: message.protocolVersion)
        implementation("client", message.clientInfo)
        implementation("server", message.serverInfo)
        if !message.argumentNames.isEmpty { writer.member("argument_names", message.argumentNames) }
        if message.isError { writer.member("is_error", true) }
        if let code = message.errorCode { writer.member("error_code", code) }
        for (kind, name) in EVE.lists {
            let keys = message.items.filter { $0.kind == kind }.map(\.key)
            if !keys.isEmpty { writer.member(name, keys) }
        }
        writer.member(
            "marks", MCPMarks.names.filter { message.marks.contains($0.mark) }.map(\.name))
        writer.member("trace_id", ifPresent: message.traceID)
        writer.endObject()
        end()
    }

    private static let lists: [(ListedItem.Kind, String)] = [
        (.tool, "tools"), (.resource, "resources"), (.template, "resource_templates"),
        (.prompt, "prompts"),
    ]

    private func implementation(_ name: String, _ value: Implementation?) {
        guard let value else { return }
        writer.key(name)
        writer.beginObject()
        writer.member("name", value.name)
        writer.member("version", ifPresent: value.version)
        writer.endObject()
    }

    private func write(
        _ call: ModelCall, _ carrier: Carrier, _ event: Event, _ flow: FlowReference
    ) {
        begin("llm", event, flow)
        writer.key("llm")
        writer.beginObject()
        writer.member("api", call.api.rawValue)
        writer.member("url", ifPresent: carrier.request?.path)
        writer.member("model", ifPresent: call.model)
        writer.member("stream", call.isStreaming)
        if !call.toolNames.isEmpty { writer.member("tools", call.toolNames) }
        writer.member("user_agent", ifPresent: carrier.request?.userAgent)
        writer.endObject()
        end()
    }

    // MARK: - Flow

    /// A rule that the flow broke: Suricata's `anomaly`, written once a flow, when it ends.
    private func write(_ anomaly: Anomaly, _ event: Event, _ flow: FlowReference) {
        begin("anomaly", event, flow)
        writer.key("anomaly")
        writer.beginObject()
        writer.member("type", anomaly.layer)
        writer.member("event", anomaly.name)
        writer.endObject()
        end()
    }

    private func write(_ summary: FlowSummary, _ event: Event, _ flow: FlowReference) {
        begin("flow", event, flow)
        writer.member("app_proto", ifPresent: summary.appProtocol)
        writer.member("app_proto_orig", ifPresent: summary.carrierProtocol)
        writer.key("flow")
        writer.beginObject()
        writer.member("pkts_toserver", summary.client.packets)
        writer.member("pkts_toclient", summary.server.packets)
        writer.member("bytes_toserver", summary.client.bytes)
        writer.member("bytes_toclient", summary.server.bytes)
        writer.member("start", EVE.timestamp(flow.start))
        writer.member("end", EVE.timestamp(summary.last))
        writer.member("age", max(0, summary.last.nanoseconds(since: flow.start)) / 1_000_000_000)
        writer.member(
            "state",
            summary.reason == .closed || summary.reason == .reset
                ? "closed" : summary.isWhole ? "established" : "midstream")
        writer.member("reason", summary.reason.rawValue)
        if summary.anomalies > 0 { writer.member("anomalies", summary.anomalies) }
        let missing = summary.client.missingBytes + summary.server.missingBytes
        if missing > 0 { writer.member("bytes_missing", missing) }
        writer.endObject()
        end()
    }
}

// MARK: - DNS and DHCP

extension EVE {
    private func write(_ message: DNSMessage, _ event: Event, _ flow: FlowReference) {
        begin("dns", event, flow, isTurned: event.side == .server)
        writer.key("dns")
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
            writer.member("rrtype", EVE.recordType(question.type))
            writer.endObject()
        }
        writer.endArray()
        if !message.answers.isEmpty {
            writer.key("answers")
            writer.beginArray()
            for answer in message.answers { write(answer) }
            writer.endArray()
        }
        writer.endObject()
        end()
    }

    private func write(_ answer: DNSMessage.Answer) {
        writer.beginObject()
        writer.member("rrname", answer.name)
        writer.member("rrtype", EVE.recordType(answer.type))
        writer.member("ttl", answer.timeToLive)
        switch answer.value {
        case .address(let address): writer.member("rdata", address.description)
        case .name(let name): writer.member("rdata", name)
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

    /// IANA's mnemonic, or the number.
    private static func recordType(_ type: UInt16) -> String {
        recordTypes[type] ?? "TYPE\(type)"
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

    private func write(_ message: DHCPMessage, _ event: Event, _ flow: FlowReference) {
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
        writer.endObject()
        end()
    }
}

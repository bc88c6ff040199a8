import Codecs
package import Wire

/// Suricata's EVE layout as JSON lines: existing dashboards and rules keep working.
package final class EVE: Output {
    var writer = JSONWriter()
    private let sink: LineSink
    /// What a flow's hellos and requests said until the answer came.
    private var hellos: [UInt64: ClientHello] = [:]
    let certificates = CertificateMemory()
    /// What fingerprints hash stands beside them.
    let showsFingerprintTexts: Bool
    /// What may be written of a user's name; nil for nothing.
    let userName: (String) -> String?

    /// `path` is a file to write, or `-` for standard output.
    package init(
        path: String, showsFingerprintTexts: Bool = false,
        userName: @escaping (String) -> String? = { $0 }
    ) throws(OutputError) {
        self.userName = userName
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
        case .quic(let hello): write(hello, event, flow)
        case .httpResponse(let response):
            // Of HTTP/2 the event `http2` tells it.
            if response.version != HTTPRequest.secondVersion {
                write(response.request, response, event, flow)
            }
        case .httpUnanswered(let request): write(request, nil, event, flow)
        case .dns(let message): write(message, as: "dns", event, flow)
        case .localNames(let names): write(names.message, as: names.way.rawValue, event, flow)
        case .ssh(let message): write(message, event, flow)
        case .http2(let message):
            // How a call ended well is not worth a line of its own.
            if message.isEnd, message.grpcStatus?.isOK == true { return }
            write(message, event, flow)
        case .socks(let request): write(request, event, flow)
        case .dhcp(let message): write(message, event, flow)
        case .dhcpv6(let message): write(message, event, flow)
        case .logon(let logon): write(logon, event, flow)
        case .rpc(let message, let carrier): write(message, carrier, event, flow)
        case .modelCall(let call, let carrier): write(call, carrier, event, flow)
        case .a2a(let message, let carrier): write(message, carrier, event, flow)
        case .agentRun(let message, let carrier): write(message, carrier, event, flow)
        case .authorization(let message, let carrier): write(message, carrier, event, flow)
        case .flowEnd(let summary):
            if let hello = hellos.removeValue(forKey: flow.number) {
                write(tls: hello, nil, event, flow)
            }
            for anomaly in Anomaly.allCases where summary.broken.contains(anomaly) {
                write(anomaly, event, flow)
            }
            write(summary, event, flow)
        case .httpRequest, .sseEndpoint, .eventID, .neighbor, .runtime: break
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
            if !request.version.isEmpty { writer.member("protocol", request.version) }
        }
        if let response {
            writer.member("http_content_type", ifPresent: response.contentType)
            writer.member("status", response.status)
            if request == nil { writer.member("protocol", response.version) }
            writer.member("upgrade", ifPresent: response.upgrade)
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

    // MARK: - Models

    private func write(
        _ call: ModelCall, _ carrier: Carrier, _ event: Event, _ flow: FlowReference
    ) {
        begin("llm", event, flow, isTurned: event.side == .server && call.isAnswer)
        writer.key("llm")
        writer.beginObject()
        writer.member("kind", call.isAnswer ? "answer" : "request")
        writer.member("api", call.api.rawValue)
        writer.member("url", ifPresent: carrier.request?.path)
        writer.member("model", ifPresent: call.model)
        writer.member("stream", call.isStreaming)
        write(details: call)
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

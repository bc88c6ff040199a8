import Codecs
import Wire

// MARK: - TLS, DTLS and what leads to them

extension EVE {
    /// DTLS has an event of its own type, of the same fields: in Suricata it has none.
    func write(
        tls hello: ClientHello?, _ answer: ServerHello?, _ event: Event, _ flow: FlowReference
    ) {
        let isDatagram = flow.transport == .udp
        begin(isDatagram ? "dtls" : "tls", event, flow)
        writer.key(isDatagram ? "dtls" : "tls")
        writer.beginObject()
        if let answer, let certificate = certificates.certificate(of: answer) { write(certificate) }
        if let hello {
            writer.member("sni", ifPresent: hello.serverName)
            writeOffers(of: hello)
        }
        writer.member("server_alpn", ifPresent: answer?.alpn)
        writer.member("version", answer.map { EVE.version($0.selectedVersion) } ?? "UNDETERMINED")
        if let hello { writeFingerprints(of: hello) }
        if let answer { fingerprint("ja3s", answer.ja3s) { answer.ja3sText } }
        writer.endObject()
        end()
    }

    /// Suricata's layout; `client_alpns` and `transport_parameters` are additions.
    func write(_ quic: QUICHello, _ event: Event, _ flow: FlowReference) {
        begin("quic", event, flow)
        writer.key("quic")
        writer.beginObject()
        writer.member("version", quic.version.text)
        writer.member("sni", ifPresent: quic.serverName)
        writer.member("ua", ifPresent: quic.userAgent)
        if let hello = quic.hello {
            writeOffers(of: hello)
            writeFingerprints(of: hello)
        }
        if let parameters = quic.parameters { write(parameters) }
        writer.endObject()
        end()
    }

    /// An addition to Suricata's layout: the registered names, in the order the client sent them.
    private func write(_ parameters: TransportParameters) {
        writer.key("transport_parameters")
        writer.beginObject()
        writer.key("order")
        writer.beginArray()
        for id in parameters.order { writer.number(id) }
        writer.endArray()
        for value in parameters.values {
            if let number = value.number {
                writer.member(value.parameter.name, number)
            } else {
                writer.member(value.parameter.name, true)
            }
        }
        if let length = parameters.connectionIDLength {
            writer.member("initial_source_connection_id_length", length)
        }
        if !parameters.availableVersions.isEmpty {
            writer.member("available_versions", parameters.availableVersions.map(\.text))
        }
        if parameters.isBroken { writer.member("broken", true) }
        writer.endObject()
    }

    private func writeOffers(of hello: ClientHello) {
        if !hello.alpn.isEmpty { writer.member("client_alpns", hello.alpn) }
        writer.member("ech", ifPresent: hello.encryptedHello?.kind.rawValue)
    }

    private func writeFingerprints(of hello: ClientHello) {
        fingerprint("ja3", hello.ja3) { hello.ja3Text }
        writer.member("ja4", hello.ja4)
        if showsFingerprintTexts { writer.member("ja4_r", hello.ja4Text) }
    }

    private func write(_ certificate: Certificate) {
        writer.member("subject", certificate.subject)
        writer.member("issuerdn", certificate.issuer)
        writer.member("serial", certificate.serial)
        writer.member("fingerprint", certificate.fingerprint)
        let names = certificate.dnsNames + certificate.addresses
        if !names.isEmpty { writer.member("subjectaltname", names) }
        writer.member("notbefore", ifPresent: certificate.notBefore)
        writer.member("notafter", ifPresent: certificate.notAfter)
    }

    private func fingerprint(_ name: String, _ hash: String, text: () -> String) {
        writer.key(name)
        writer.beginObject()
        writer.member("hash", hash)
        if showsFingerprintTexts { writer.member("string", text()) }
        writer.endObject()
    }

    private static func version(_ version: UInt16) -> String {
        switch version {
        case 0x0300: "SSLv3"
        case 0x0301: "TLSv1"
        case 0x0302: "TLS 1.1"
        case 0x0303: "TLS 1.2"
        case 0x0304: "TLS 1.3"
        // Drafts of TLS 1.3 (RFC 8446's development), Facebook's among them.
        case 0x7f00...0x7fff, 0xfb1a, 0xfb17: "TLS 1.3"
        case 0xfeff, 0x0100: "DTLS 1.0"
        case 0xfefd: "DTLS 1.2"
        case 0xfefc: "DTLS 1.3"
        default: "0x" + Hash.hex([UInt8(version >> 8), UInt8(version & 255)])
        }
    }

    func write(_ request: SOCKSRequest, _ event: Event, _ flow: FlowReference) {
        begin("socks", event, flow)
        writer.key("socks")
        writer.beginObject()
        writer.member("version", request.version)
        writer.member("command", request.command.name)
        writer.member("host", request.host)
        writer.member("port", request.port)
        writer.endObject()
        end()
    }
}

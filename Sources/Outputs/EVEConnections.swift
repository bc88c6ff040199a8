import Wire

/// Connections of which only the beginning or the heads are read: SSH and HTTP/2.
extension EVE {
    func write(_ message: SSHMessage, _ event: Event, _ flow: FlowReference) {
        begin("ssh", event, flow)
        writer.key("ssh")
        writer.beginObject()
        party("client", message.client)
        party("server", message.server)
        writer.endObject()
        end()
    }

    private func party(_ name: String, _ party: SSHMessage.Party?) {
        guard let party else { return }
        writer.key(name)
        writer.beginObject()
        writer.member("proto_version", party.protocolVersion)
        writer.member("software_version", party.software)
        if let hassh = party.hassh {
            writer.key("hassh")
            writer.beginObject()
            writer.member("hash", hassh)
            writer.member("string", ifPresent: party.algorithms)
            writer.endObject()
        }
        writer.endObject()
    }

    func write(_ message: HTTP2Message, _ event: Event, _ flow: FlowReference) {
        begin("http2", event, flow)
        writer.key("http2")
        writer.beginObject()
        writer.member("stream_id", message.stream)
        writer.member("hostname", ifPresent: message.authority)
        let isPost = message.method == "POST"
        writer.member(
            "url", ifPresent: message.path.map { SecretParameters.masked($0, isPost: isPost) })
        writer.member("http_user_agent", ifPresent: message.userAgent)
        writer.member("http_method", ifPresent: message.method)
        writer.member("http_content_type", ifPresent: message.contentType)
        if let status = message.status { writer.member("status", status) }
        if let grpc = message.grpc {
            writer.key("grpc")
            writer.beginObject()
            writer.member("service", grpc.service)
            writer.member("method", grpc.method)
            if let status = message.grpcStatus {
                writer.member("status", status.code)
                writer.member("status_name", status.name)
            }
            writer.endObject()
        }
        writer.endObject()
        end()
    }
}

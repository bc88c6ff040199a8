import Wire

/// What agents and servers say to each other: names, counts and states, and nothing of its content.
extension EVE {
    func write(
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
        if message.isTruncated {
            writer.member("truncated", true)
            writer.member("bytes", message.bytes)
        }
        if let code = message.errorCode { writer.member("error_code", code) }
        for (kind, name) in EVE.lists {
            let keys = message.items.filter { $0.kind == kind }.map(\.key)
            if !keys.isEmpty { writer.member(name, keys) }
        }
        write(message.details, message)
        if event.side == .client, let names = carrier.request?.mcpParameters, !names.isEmpty {
            writer.member("param_headers", names)
        }
        writer.member(
            "marks", MCPMarks.names.filter { message.marks.contains($0.mark) }.map(\.name))
        if event.side == .client, let claims = carrier.request?.claims { write(claims) }
        writer.member("trace_id", ifPresent: message.traceID)
        writer.endObject()
        end()
    }

    private static let lists: [(ListedItem.Kind, String)] = [
        (.tool, "tools"), (.resource, "resources"), (.template, "resource_templates"),
        (.prompt, "prompts"),
    ]

    private func write(_ details: MCPDetails, _ message: RPCMessage) {
        if let bytes = details.resultBytes { writer.member("result_bytes", bytes) }
        writer.member("result_type", ifPresent: message.resultType)
        if !details.contentTypes.isEmpty { writer.member("content_types", details.contentTypes) }
        if message.hasNextCursor { writer.member("has_more", true) }
        if !message.supportedVersions.isEmpty {
            writer.member("supported_versions", message.supportedVersions)
        }
        if !details.capabilities.isEmpty { writer.member("capabilities", details.capabilities) }
        writer.member("elicitation", ifPresent: details.elicitation)
        writer.member("elicitation_host", ifPresent: details.elicitationHost)
        writer.member("action", ifPresent: details.action)
        if !details.inputMethods.isEmpty { writer.member("input_requests", details.inputMethods) }
        if message.hasInputResponses { writer.member("input_responses", true) }
        if details.wantsTask { writer.member("task_wanted", true) }
        writer.member("task_status", ifPresent: details.taskStatus)
        writer.member("level", ifPresent: details.level)
        writer.member("model", ifPresent: details.model)
        if let roots = details.roots { writer.member("roots", roots) }
        writer.member("cancels", ifPresent: details.cancelled.map { String($0.dropFirst()) })
        if !details.oddities.isEmpty {
            writer.member(
                "anomalies",
                RPCOddities.names.filter { details.oddities.contains($0.oddity) }.map(\.name))
        }
    }

    func implementation(_ name: String, _ value: Implementation?) {
        guard let value else { return }
        writer.key(name)
        writer.beginObject()
        writer.member("name", value.name)
        writer.member("version", ifPresent: value.version)
        writer.endObject()
    }
}

import Catalog
package import Inventory
package import Wire

/// Agents that others call, as JSON.
extension InventoryDocument {
    package static func write(_ server: AgentServer, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", server.id)
        out.member("host", server.endpoint.address.description)
        out.member("port", server.endpoint.port)
        out.member("protocol", server.language)
        out.member("name", orNull: server.name)
        out.member("version", orNull: server.version)
        out.member("bindings", server.bindings)
        out.member("protocol_versions", server.protocolVersions)
        out.member("paths", server.paths)
        writeCard(server, &out)
        counts("operations", server.operations, &out)
        out.member("tasks", server.tasks)
        counts("task_states", server.states, &out)
        counts("errors", server.failures, &out)
        out.member("tools", server.tools)
        out.member("tools_offered", server.toolsOffered)
        out.member("mcp_servers_given", server.configuredMCP)
        out.member("webhooks", server.webhooks)
        list("clients", server.clients, &out) { client, out in
            out.beginObject()
            InventoryDocument.write("host", client.host, &out)
            out.member("name", orNull: client.name)
            out.member("version", orNull: client.version)
            out.member("requests", client.requests)
            out.endObject()
        }
        attribution(server.attribution, &out)
        times(server.firstSeen, server.lastSeen, &out)
        out.endObject()
    }

    private static func writeCard(_ server: AgentServer, _ out: inout JSONWriter) {
        out.member("provider", orNull: server.organization)
        out.member("provider_url", ifPresent: server.providerURL)
        list("skills", server.skills, &out) { skill, out in
            out.beginObject()
            out.member("id", skill.id)
            out.member("name", skill.name)
            out.member("tags", skill.tags)
            out.endObject()
        }
        list("interfaces", server.interfaces, &out) { way, out in
            out.beginObject()
            out.member("url", way.url)
            out.member("binding", way.binding)
            out.member("version", orNull: way.version)
            out.endObject()
        }
        out.member("security_schemes", server.schemes)
        out.member("capabilities", server.capabilities)
        out.member("signed_card", server.isSigned)
    }

    static func counts(
        _ name: String, _ counts: [(name: String, count: Int)], _ out: inout JSONWriter
    ) {
        out.key(name)
        out.beginObject()
        for (name, count) in counts { out.member(name, count) }
        out.endObject()
    }

    // MARK: - Models and entities

    static func writeUse(_ model: ModelEndpoint, _ out: inout JSONWriter) {
        out.member("answered", model.answered)
        out.member("errors", model.errors)
        out.key("tokens")
        out.beginObject()
        out.member("input", model.tokens.input)
        out.member("output", model.tokens.output)
        out.member("cached", model.tokens.cached)
        out.member("reasoning", model.tokens.reasoning)
        out.endObject()
        out.member("answered_models", model.answeredModels)
        out.member("requests_with_tools", model.requestsWithTools)
        out.member("requests_with_tool_results", model.requestsWithResults)
        out.member("tools_offered", model.toolsOffered)
        counts("tools_called", model.toolsCalled, &out)
        out.member("end_users", model.endUsers)
        list("remote_mcp_servers", model.remoteMCP, &out) { server, out in
            out.beginObject()
            out.member("label", server.label)
            out.member("host", orNull: server.host.isEmpty ? nil : server.host)
            out.endObject()
        }
    }

    package static func write(_ runtime: ModelRuntime, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", runtime.id)
        out.member("host", runtime.endpoint.address.description)
        out.member("port", runtime.endpoint.port)
        out.member("runtime", runtime.runtime)
        out.member("strength", runtime.strength.name)
        out.member("models", runtime.models)
        attribution(runtime.attribution, &out)
        times(runtime.firstSeen, runtime.lastSeen, &out)
        out.endObject()
    }

    package static func write(_ entity: AgentEntity, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", entity.id)
        out.member("name", entity.name)
        out.member("kind", entity.kind.rawValue)
        out.member("versions", entity.versions)
        out.member("roles", entity.roles)
        list("instances", entity.instances, &out) { instance, out in
            out.beginObject()
            out.member("agent", instance.id)
            out.member("host", instance.host)
            out.member("version", orNull: instance.version)
            out.member("first_seen", instance.firstSeen)
            out.member("last_seen", instance.lastSeen)
            out.endObject()
        }
        out.member("servers", entity.servers)
        out.member("tools", entity.tools)
        out.member("models", entity.models)
        out.endObject()
    }
}

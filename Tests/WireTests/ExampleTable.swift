import Testing

/// What the examples of the wire hold, read from them by another program: every message of JSON-RPC
/// as side, method or kind, and id; and all tools that are listed.
enum ExampleTable {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var messages: String
        var tools: String = ""

        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(
            name: "a2a-0.2-jsonrpc",
            messages:
                #"C message/send "7ca4f2cf-7dde-4c46-9d5e-4f00abb226e2, C message/stream "a9d74fbc-8900-4fa7-b2c4-f7143aea57cd, C tasks/get "d43dfac6-479f-4ffa-b55e-78ba38b734b4, S result "7ca4f2cf-7dde-4c46-9d5e-4f00abb226e2, S result "a9d74fbc-8900-4fa7-b2c4-f7143aea57cd, S result "a9d74fbc-8900-4fa7-b2c4-f7143aea57cd, S result "a9d74fbc-8900-4fa7-b2c4-f7143aea57cd, S result "a9d74fbc-8900-4fa7-b2c4-f7143aea57cd, S result "d43dfac6-479f-4ffa-b55e-78ba38b734b4"#
        ),
        Row(
            name: "a2a-0.3-grpc",
            messages:
                #""#),
        Row(
            name: "a2a-0.3-http-json",
            messages:
                #""#),
        Row(
            name: "a2a-0.3-jsonrpc",
            messages:
                #"C message/send "f9089b25-1c40-42f4-bfcc-5bc30e984767, C message/stream "aa39d98e-b6b6-4b43-ae8c-d915082a1b0a, C tasks/get "17b84619-0180-4967-924c-390a25efbe57, S result "17b84619-0180-4967-924c-390a25efbe57, S result "aa39d98e-b6b6-4b43-ae8c-d915082a1b0a, S result "aa39d98e-b6b6-4b43-ae8c-d915082a1b0a, S result "aa39d98e-b6b6-4b43-ae8c-d915082a1b0a, S result "aa39d98e-b6b6-4b43-ae8c-d915082a1b0a, S result "f9089b25-1c40-42f4-bfcc-5bc30e984767"#
        ),
        Row(
            name: "a2a-1.0-grpc",
            messages:
                #""#),
        Row(
            name: "a2a-1.0-http-json",
            messages:
                #""#),
        Row(
            name: "a2a-1.0-jsonrpc",
            messages:
                #"C GetTask "43133e13-80e6-4ce6-aaf3-11ebc82e1ea3, C SendMessage "bad9d3fd-9d88-4fc4-bffa-e20eeba496d6, C SendStreamingMessage "a7fa5e03-94ae-4dbd-b02f-522e2de31487, S result "43133e13-80e6-4ce6-aaf3-11ebc82e1ea3, S result "a7fa5e03-94ae-4dbd-b02f-522e2de31487, S result "a7fa5e03-94ae-4dbd-b02f-522e2de31487, S result "a7fa5e03-94ae-4dbd-b02f-522e2de31487, S result "a7fa5e03-94ae-4dbd-b02f-522e2de31487, S result "bad9d3fd-9d88-4fc4-bffa-e20eeba496d6"#
        ),
        Row(
            name: "acp-communication-rest",
            messages:
                #""#),
        Row(
            name: "ag-ui-run",
            messages:
                #""#),
        Row(
            name: "agent-client-protocol-raw-tcp",
            messages:
                #"C initialize #0, C session/new #1, C session/prompt #2, S result #0, S result #1, S result #2, S session/update"#
        ),
        Row(
            name: "llm-anthropic-agent-loop",
            messages:
                #""#),
        Row(
            name: "llm-gemini-agent-loop",
            messages:
                #""#),
        Row(
            name: "llm-ollama-agent-loop",
            messages:
                #""#),
        Row(
            name: "llm-openai-chat-agent-loop",
            messages:
                #""#),
        Row(
            name: "llm-openai-responses-agent-loop",
            messages:
                #""#),
        Row(
            name: "mcp-2024-11-05-http-sse-server-requests",
            messages:
                #"C initialize #0, C notifications/initialized, C result #0, C result #1, C tools/call #1, C tools/call #2, C tools/call #3, C tools/call #4, S notifications/message, S notifications/message, S result #0, S result #1, S result #2, S result #3, S result #4, S roots/list #1, S sampling/createMessage #0"#
        ),
        Row(
            name: "mcp-2024-11-05-http-sse",
            messages:
                #"C initialize #0, C notifications/initialized, C ping #1, C prompts/get #8, C prompts/list #7, C resources/list #4, C resources/read #6, C resources/templates/list #5, C tools/call #3, C tools/list #2, S result #0, S result #1, S result #2, S result #3, S result #4, S result #5, S result #6, S result #7, S result #8"#,
            tools: "add, ask_model, delete_note, long_job, where"),
        Row(
            name: "mcp-2024-11-05-transport-typescript-http-sse",
            messages:
                #"C initialize #0, C notifications/initialized, C tools/call #2, C tools/list #1, S result #0, S result #1, S result #2"#,
            tools: "add"),
        Row(
            name: "mcp-2025-03-26-batch-json",
            messages:
                #"C initialize #0, C notifications/cancelled, C notifications/initialized, C tools/call #2, C tools/list #1, S result #0, S result #1, S result #2"#,
            tools: "add"),
        Row(
            name: "mcp-2025-03-26-batch-sse",
            messages:
                #"C initialize #0, C notifications/cancelled, C notifications/initialized, C tools/call #2, C tools/list #1, S result #0, S result #1, S result #2"#,
            tools: "add"),
        Row(
            name: "mcp-2025-03-26-streamable-json",
            messages:
                #"C initialize #0, C initialize #0, C notifications/initialized, C notifications/initialized, C tools/call #2, C tools/call #2, C tools/call #3, C tools/call #3, C tools/list #1, C tools/list #1, S result #0, S result #1, S result #2, S result #3"#,
            tools: "add, ask_model, delete_note, long_job, where"),
        Row(
            name: "mcp-2025-03-26-streamable-sse",
            messages:
                #"C initialize #0, C initialize #0, C notifications/initialized, C notifications/initialized, C tools/call #2, C tools/call #2, C tools/call #3, C tools/call #3, C tools/list #1, C tools/list #1, S result #0, S result #1, S result #2, S result #3"#,
            tools: "add, ask_model, delete_note, long_job, where"),
        Row(
            name: "mcp-2025-03-26-streamable-stateless",
            messages:
                #"C initialize #0, C initialize #0, C notifications/initialized, C notifications/initialized, C tools/call #1, C tools/call #1, S result #0, S result #1"#
        ),
        Row(
            name: "mcp-2025-06-18-streamable-json-bearer",
            messages:
                #"C initialize #0, C notifications/initialized, C resources/read #3, C tools/call #2, C tools/list #1, S error #3, S result #0, S result #1, S result #2"#,
            tools: "add, ask_model, confirm_delete, delete_note, long_job, where"),
        Row(
            name: "mcp-2025-06-18-streamable-sse",
            messages:
                #"C initialize #0, C notifications/initialized, C prompts/get #10, C prompts/list #9, C resources/list #6, C resources/read #8, C resources/templates/list #7, C result #0, C result #1, C tools/call #2, C tools/call #3, C tools/call #4, C tools/call #5, C tools/list #1, S elicitation/create #0, S notifications/message, S notifications/message, S notifications/progress, S notifications/progress, S result #0, S result #1, S result #10, S result #2, S result #3, S result #4, S result #5, S result #6, S result #7, S result #8, S result #9, S sampling/createMessage #1"#,
            tools: "add, ask_model, confirm_delete, delete_note, long_job, where"),
        Row(
            name: "mcp-2025-11-25-oauth",
            messages:
                #"C initialize #0, C initialize #0, C notifications/initialized, C tools/call #1, C tools/list #2, S result #0, S result #1, S result #2"#,
            tools: "read_note"),
        Row(
            name: "mcp-2025-11-25-pagination",
            messages:
                #"C initialize #0, C notifications/initialized, C tools/list #1, C tools/list #2, S result #0, S result #1, S result #2"#,
            tools: "connect, export, poll"),
        Row(
            name: "mcp-2025-11-25-raw-tcp",
            messages:
                #"C initialize #0, C notifications/initialized, C tools/call #2, C tools/list #1, S result #0, S result #1, S result #2"#,
            tools: "add, ask_model, confirm_delete, delete_note, long_job, where"),
        Row(
            name: "mcp-2025-11-25-sse-polling-resume",
            messages:
                #"C initialize #0, C notifications/initialized, C tools/call #1, C tools/list #2, S notifications/message, S result #0, S result #1, S result #2"#,
            tools: "connect, export, poll"),
        Row(
            name: "mcp-2025-11-25-streamable-resumable",
            messages:
                #"C initialize #0, C notifications/initialized, C tools/call #1, C tools/call #3, C tools/list #2, S notifications/message, S notifications/message, S notifications/progress, S notifications/progress, S result #0, S result #1, S result #2, S result #3"#,
            tools: "add, ask_model, confirm_delete, delete_note, long_job, where"),
        Row(
            name: "mcp-2025-11-25-streamable-sse",
            messages:
                #"C initialize #0, C notifications/initialized, C result #0, C result #1, C tools/call #2, C tools/call #3, C tools/call #4, C tools/call #5, C tools/list #1, S elicitation/create #0, S result #0, S result #1, S result #2, S result #3, S result #4, S result #5, S roots/list #1"#,
            tools: "add, ask_model, confirm_delete, delete_note, long_job, where"),
        Row(
            name: "mcp-2025-11-25-tasks",
            messages:
                #"C initialize #0, C notifications/initialized, C tasks/get #2, C tasks/get #3, C tasks/get #4, C tasks/result #5, C tools/call #1, S notifications/tasks/status, S notifications/tasks/status, S result #0, S result #1, S result #2, S result #3, S result #4, S result #5"#
        ),
        Row(
            name: "mcp-2025-11-25-typescript-json",
            messages:
                #"C initialize #0, C notifications/initialized, C tools/call #2, C tools/list #1, S result #0, S result #1, S result #2"#,
            tools: "add"),
        Row(
            name: "mcp-2025-11-25-typescript-streamable",
            messages:
                #"C initialize #0, C nope/none #4, C notifications/initialized, C ping #3, C tools/call #2, C tools/list #1, S error #4, S result #0, S result #1, S result #2, S result #3"#,
            tools: "add"),
        Row(
            name: "mcp-2025-11-25-url-elicitation-required",
            messages:
                #"C initialize #0, C notifications/initialized, C tools/call #1, S error #1, S result #0"#
        ),
        Row(
            name: "mcp-2025-11-25-websocket",
            messages:
                #"C initialize #0, C notifications/initialized, C tools/call #2, C tools/list #1, S result #0, S result #1, S result #2"#,
            tools: "add, ask_model, confirm_delete, delete_note, long_job, where"),
        Row(
            name: "mcp-2026-07-28-client-legacy-server",
            messages:
                #"C initialize #2, C notifications/initialized, C server/discover #1, C tools/call #3, C tools/list #4, S error "server-error, S result #2, S result #3, S result #4"#,
            tools: "add, ask_model, confirm_delete, delete_note, long_job, where"),
        Row(
            name: "mcp-2026-07-28-discover-list-call",
            messages:
                #"C prompts/get #9, C prompts/list #8, C resources/list #6, C resources/read #7, C server/discover #1, C tools/call #10, C tools/call #3, C tools/call #4, C tools/call #5, C tools/list #2, S result #1, S result #10, S result #2, S result #3, S result #4, S result #5, S result #6, S result #7, S result #8, S result #9"#,
            tools: "add, deploy, enable_search, long_job, run_query"),
        Row(
            name: "mcp-2026-07-28-errors",
            messages:
                #"C ping #3, C tools/call #1, C tools/call #5, C tools/list #2, C tools/list #4, C tools/list #8, C tools/list #9, S error, S error #1, S error #2, S error #3, S error #4, S result #5"#
        ),
        Row(
            name: "mcp-2026-07-28-mrtr-elicitation",
            messages:
                #"C server/discover #1, C tools/call #2, C tools/call #3, C tools/list #4, S result #1, S result #2, S result #3, S result #4"#,
            tools: "add, deploy, enable_search, long_job, run_query"),
        Row(
            name: "mcp-2026-07-28-no-discover",
            messages:
                #"C tools/call #1, C tools/list #2, S result #1, S result #2"#,
            tools: "add, deploy, enable_search, long_job, run_query"),
        Row(
            name: "mcp-2026-07-28-server-legacy-client",
            messages:
                #"C initialize #1, C notifications/initialized, C tools/call #3, C tools/list #2, S result #1, S result #2, S result #3"#,
            tools: "add, deploy, enable_search, long_job, run_query"),
        Row(
            name: "mcp-2026-07-28-sse-progress-logging-trace",
            messages:
                #"C server/discover #1, C tools/call #2, C tools/list #3, S notifications/message, S notifications/message, S notifications/progress, S notifications/progress, S result #1, S result #2, S result #3"#,
            tools: "add, deploy, enable_search, long_job, run_query"),
        Row(
            name: "mcp-2026-07-28-subscriptions-listen",
            messages:
                #"C server/discover #1, C subscriptions/listen "listen-1, C tools/call #2, C tools/list #3, S notifications/subscriptions/acknowledged, S notifications/tools/list_changed, S result #1, S result #2, S result #3"#,
            tools: "add, deploy, enable_search, long_job, run_query, search"),
        Row(
            name: "not-mcp-aria2",
            messages:
                #"C aria2.getVersion #-1, S result #-1"#),
        Row(
            name: "not-mcp-bitcoin",
            messages:
                #""#),
        Row(
            name: "not-mcp-ethereum",
            messages:
                #"C eth_blockNumber #0, C eth_chainId #1, S result #0, S result #1"#),
        Row(
            name: "not-mcp-lsp-tcp",
            messages:
                #""#),
        Row(
            name: "not-mcp-odoo",
            messages:
                #"C call #232898208, C call #404751911, C call #792150556, S result #232898208, S result #404751911, S result #792150556"#
        ),
        Row(
            name: "not-mcp-zabbix",
            messages:
                #"C apiinfo.version #0, C host.get #2, C user.login #1, S result #0, S result #1, S result #2"#
        ),
    ]
}

import Foundation
import Support
import Testing

/// What events say of MCP on whole captures, and what they leave out.
@Suite struct MCPEventsTests {
    private func lines(_ folder: String) throws -> [String] {
        let out = try Program.run("replay", Case(folder: folder).capture, "--events", "-")
        #expect(out.status == 0, "\(out.err)")
        return out.out.split(separator: "\n").map(String.init)
    }

    private func events(_ folder: String, _ type: String) throws -> [[String: Any]] {
        try lines(folder).compactMap { line in
            let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return event?[type] as? [String: Any]
        }
    }

    @Test func theStepsOfOAuthAreEventsWithoutASecret() throws {
        let steps = try events("mcp/oauth-2025-11-25", "oauth")
        #expect(
            steps.map { $0["kind"] as? String } == [
                "challenge", "resource_metadata", "server_metadata", "registration", "registered",
                "authorize", "token_request", "token_issued",
            ])
        #expect(steps[4]["client_secret"] as? Bool == true)
        #expect(steps[7]["expires_in"] as? Int == 3600)
        let calls = try events("mcp/oauth-2025-11-25", "mcp")
        let tokens = calls.compactMap { $0["token"] as? [String: Any] }
        #expect(!tokens.isEmpty && tokens.allSatisfy { $0["type"] as? String == "at+jwt" })
        let all = try lines("mcp/oauth-2025-11-25").joined()
        #expect(!all.contains("eyJ") && !all.contains("code_verifier"))
    }

    @Test func oddRequestsSayWhatIsOdd() throws {
        let requests = try events("mcp/read-in-two-ways", "mcp").filter {
            $0["kind"] as? String == "request"
        }
        let odd = requests.map { ($0["anomalies"] as? [String] ?? []).joined(separator: ",") }
        #expect(
            odd.prefix(10) == [
                "", "", "name-header", "method-header", "version-header",
                "method-header,doubled-key", "escaped-name", "key-case",
                "name-header,doubled-header", "conflicting-framing",
            ])
        #expect(requests[9]["param_headers"] as? [String] == ["region"])
    }
}

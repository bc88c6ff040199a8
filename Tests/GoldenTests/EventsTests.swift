import Foundation
import Support
import Testing
import Wire

/// Where events go, and what they may not hold or destroy.
@Suite struct EventsTests {
    private let ollama = Case(folder: "llm/ollama")

    @Test func aRefusedReplayLeavesEarlierEventsAlone() throws {
        let folder = try TemporaryFolder()
        let (db, events) = (folder.file("tyto.db"), folder.file("eve.json"))
        #expect(
            try Program.run("replay", ollama.capture, "--db", db, "--events", events).status == 0)
        let before = try String(contentsOfFile: events, encoding: .utf8)
        #expect(!before.isEmpty)
        #expect(
            try Program.run("replay", ollama.capture, "--db", db, "--events", events).status == 1)
        #expect(try String(contentsOfFile: events, encoding: .utf8) == before)
    }

    @Test func laterEventsReplaceEarlierOnes() throws {
        let folder = try TemporaryFolder()
        let events = try folder.write("eve.json", String(repeating: "old\n", count: 100_000))
        #expect(try Program.run("replay", ollama.capture, "--events", events).status == 0)
        let text = try String(contentsOfFile: events, encoding: .utf8)
        #expect(text.hasPrefix("{") && !text.contains("old\n"))
        // Nothing matches, so nothing is written: what was there is of another run all the same.
        #expect(
            try Program.run("replay", ollama.capture, "-f", "port 9", "--events", events).status
                == 0)
        #expect(try String(contentsOfFile: events, encoding: .utf8) == "")
    }

    /// A pipe or a device stays what it is: it was once replaced by a file.
    @Test func aLinkToADeviceIsWrittenThrough() throws {
        let folder = try TemporaryFolder()
        let link = folder.file("null")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "/dev/null")
        #expect(try Program.run("replay", ollama.capture, "--events", link).status == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
    }

    @Test func eventsAreNotWrittenOverACapture() throws {
        let folder = try TemporaryFolder()
        let copy = folder.file("copy.pcap")
        try FileManager.default.copyItem(atPath: ollama.capture, toPath: copy)
        let outcome = try Program.run("replay", copy, "--events", copy)
        #expect(outcome.status == 2 && outcome.err.contains("name another file"))
        #expect(
            FileManager.default.contentsEqual(atPath: copy, andPath: ollama.capture))
    }

    @Test func aCaptureNamedTwiceIsRefusedAndLeavesNoInventory() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        for more in [[], ["--db", db]] {
            let outcome = try Program.run(["replay", ollama.capture, ollama.capture] + more)
            #expect(outcome.status == 1 && outcome.err.contains("--again"))
        }
        #expect(!FileManager.default.fileExists(atPath: db))
    }

    /// Suricata's layout; one event a hello, and none for what is no hello.
    @Test func aQUICHelloIsAnEvent() throws {
        let test = Case(folder: "quic/versions")
        let lines = try Program.run("replay", test.capture, "--events", "-").out
            .split(separator: "\n").map { Data($0.utf8) }
        let events = lines.compactMap { line in
            (try? JSONSerialization.jsonObject(with: line)) as? [String: Any]
        }
        let hellos = events.filter { $0["event_type"] as? String == "quic" }
        let found = hellos.compactMap { $0["quic"] as? [String: Any] }
        #expect(
            found.compactMap { $0["version"] as? String } == [
                "1", "2", "draft-29", "draft-27", "faceb002", "draft-22", "1", "1", "1", "Q025",
                "Q043", "Q046", "Q050", "T051", "1",
            ])
        #expect(
            found.compactMap { $0["sni"] as? String } == [
                "chatgpt.com", "claude.ai", "api.openai.com", "api.anthropic.com", "www.meta.ai",
                "api.mistral.ai", "gemini.google.com", "chat.deepseek.com", "grok.com",
                "www.perplexity.ai", "poe.com", "character.ai", "huggingface.co", "openrouter.ai",
            ])
        let first = try #require(found.first)
        #expect(first["ua"] as? String == "Chrome/130 Linux")
        #expect(first["client_alpns"] as? [String] == ["h3"])
        #expect(first["ja4"] as? String == "q13d0307h3_55b375c5d22e_09b208b38e1f")
        let ja3 = try #require(first["ja3"] as? [String: String])
        let parameters = try #require(first["transport_parameters"] as? [String: Any])
        #expect(parameters["order"] as? [Int] == [1, 4, 12585])
        #expect(parameters["max_idle_timeout"] as? Int == 30_000)
        // What was hashed is shown on request only.
        #expect(ja3["string"] == nil)
        #expect(ja3["hash"]?.count == 32)
        #expect(hellos.first?["proto"] as? String == "UDP")
        // Google's own hello has no TLS in it, and the broken one nothing at all.
        #expect(found.filter { $0["ja4"] == nil }.count == 5)
        #expect(found.last.map { Set($0.keys) } == ["version"])
        let flows = events.filter { $0["event_type"] as? String == "flow" }
        #expect(flows.allSatisfy { $0["app_proto"] as? String == "quic" } && flows.count == 15)
    }

    /// A middlebox that sends other bytes again: told once, and named.
    @Test(arguments: [true, false]) func aBrokenRuleIsAnEvent(isBroken: Bool) throws {
        var talk = Conversation()
        talk.say(.client, Array("GET /truth HTTP/1.1\r\nHost: a.example\r\n\r\n".utf8))
        var frames = talk.frames
        if isBroken, let last = talk.segments.last {
            var other = last
            other.payload = Array("GET /false HTTP/1.1\r\nHost: b.example\r\n\r\n".utf8)
            // Other bytes have another checksum: it tells them from the mirror's second copy.
            var frame = talk.frame(other)
            frame[51] = 7
            frames += [frame, frame]
        }
        let little = { (value: Int) in (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
        var bytes: [UInt8] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]
        bytes += [UInt8](repeating: 0, count: 8) + little(65535) + little(1)
        for (number, frame) in frames.enumerated() {
            bytes += little(1_800_000_000 + number) + little(0)
            bytes += little(frame.count) + little(frame.count) + frame
        }
        let folder = try TemporaryFolder()
        let capture = try folder.write("again.pcap", bytes: bytes)
        let text = try Program.run("replay", capture, "--events", "-").out
        let anomalies = text.split(separator: "\n").filter {
            $0.contains(#""event_type":"anomaly""#)
        }
        #expect(anomalies.count == (isBroken ? 1 : 0))
        let named = #""anomaly":{"type":"stream","event":"conflictingRetransmission"}"#
        #expect(anomalies.allSatisfy { $0.contains(named) })
        #expect(text.contains("/truth") && !text.contains("/false"))
    }

    /// A browser brings the code of OAuth back in a query; elsewhere `code` is a word.
    @Test func noEventHoldsACode() throws {
        var talk = Conversation()
        talk.say(
            .client,
            Array(
                ("GET /cb?code=sEcReT1&state=sEcReT2 HTTP/1.1\r\nHost: a.example\r\n\r\n"
                    + "GET /zip?code=12345&code_verifier=sEcReT3 HTTP/1.1\r\nHost: b.example"
                    + "\r\n\r\n")
                    .utf8))
        let little = { (value: Int) in (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
        var bytes: [UInt8] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]
        bytes += [UInt8](repeating: 0, count: 8) + little(65535) + little(1)
        for frame in talk.frames {
            bytes += little(1_800_000_000) + little(0)
            bytes += little(frame.count) + little(frame.count) + frame
        }
        let folder = try TemporaryFolder()
        let capture = try folder.write("code.pcap", bytes: bytes)
        let text = try Program.run("replay", capture, "--events", "-").out
        #expect(text.contains("/cb?code=***&state=") && text.contains("/zip?code=12345&"))
        #expect(!text.contains("sEcReT1") && !text.contains("sEcReT3"))
    }

    /// HTTP+SSE has its session in the query of the posting target.
    @Test func noEventHoldsASession() throws {
        let sse = Case(folder: "mcp/http-sse-2024-11-05")
        let text = try Program.run("replay", sse.capture, "--events", "-").out
        #expect(text.contains("session_id=***"))
        let words = text.split(separator: "session_id=").dropFirst()
        #expect(words.allSatisfy { $0.hasPrefix("***") })
    }

    /// What fingerprints hash is told to who asks for it.
    @Test(arguments: [true, false]) func fingerprintTextsAreForThoseWhoAsk(_ isAsked: Bool) throws {
        let folder = try TemporaryFolder()
        let config = try folder.write("tyto.yaml", "events:\n  raw_fingerprints: \(isAsked)\n")
        let text = try Program.run(
            "replay", Case(folder: "tls/certificate").capture, "--events", "-", "--config", config
        ).out
        #expect(text.contains(#""ja4_r":"t12i"#) == isAsked)
        #expect(text.contains(#""string":"771,"#) == isAsked)
        #expect(text.contains(#""ja3":{"hash":""#))
    }

    /// Suricata's fields of a certificate, on one line with the hello it answers.
    @Test func aCertificateStandsInItsHandshakesEvent() throws {
        let text = try Program.run(
            "replay", Case(folder: "tls/certificate").capture, "--events", "-"
        ).out
        let lines = text.split(separator: "\n").filter { $0.contains(#""event_type":"tls""#) }
        #expect(lines.count == 4)
        let named =
            #""tls":{"subject":"C=US, O=Lab, CN=api.openai.com","#
            + #""issuerdn":"C=NL, O=Lab CA, CN=Lab Root","serial":""#
        #expect(lines.filter { $0.contains(named) }.count == 1)
        #expect(lines.filter { $0.contains(#""subjectaltname":["api.openai.com"]"#) }.count == 1)
        #expect(lines.filter { $0.contains(#""ja4":"t1"#) }.count == 4)
    }

    /// The name a proxy was asked for, the name inside, and the protocol that was first.
    @Test func bothNamesOfAProxiedFlowAreEvents() throws {
        let text = try Program.run("replay", Case(folder: "tls/socks").capture, "--events", "-").out
        let asked =
            #""socks":{"version":4,"command":"connect","host":"chat.mistral.ai","port":443}"#
        #expect(text.contains(asked))
        #expect(text.contains(#""tls":{"sni":"chat.mistral.ai""#))
        #expect(text.contains(#""app_proto":"tls","app_proto_orig":"socks""#))
        #expect(!text.contains("secret"))
    }

    @Test(arguments: ["smtp", "imap", "pop3", "ftp", "ldap", "postgresql", "mysql"])
    func aFlowKeepsTheProtocolItBeganWith(_ name: String) throws {
        let text = try Program.run(
            "replay", Case(folder: "tls/starttls").capture, "--events", "-"
        ).out
        #expect(text.contains(#""app_proto":"tls","app_proto_orig":"\#(name)""#))
    }
}

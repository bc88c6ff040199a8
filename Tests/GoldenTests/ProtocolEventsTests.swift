import Foundation
import Support
import Testing

/// What each protocol's events say, on whole captures.
@Suite struct ProtocolEventsTests {
    private func events(_ folder: String, _ type: String) throws -> [[String: Any]] {
        let out = try Program.run("replay", Case(folder: folder).capture, "--events", "-")
        #expect(out.status == 0, "\(out.err)")
        return try out.out.split(separator: "\n").compactMap { line in
            let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard event?["event_type"] as? String == type else { return nil }
            return event?[type] as? [String: Any]
        }
    }

    @Test func aHandshakeOfSSHIsOneEvent() throws {
        let found = try events("ssh/handshake", "ssh")
        let (client, server) = (
            found.first?["client"] as? [String: Any], found.first?["server"] as? [String: Any]
        )
        #expect(found.count == 1)
        #expect(client?["software_version"] as? String == "OpenSSH_9.2p1")
        #expect(server?["software_version"] as? String == "OpenSSH_9.6p1")
        let hashes = [client, server].map { ($0?["hassh"] as? [String: Any])?["hash"] as? String }
        // As tshark 4 reckons them.
        #expect(
            hashes == ["7c7db5452a921beacb9e426088f87bf6", "7a723b54ac902e87f7ec7d9d7f6643e6"])
    }

    @Test func callsOfGRPCAreEventsWithTheirMethods() throws {
        let found = try events("http2/grpc", "http2")
        let calls = found.map { $0["grpc"] as? [String: String] ?? [:] }
        #expect(calls.map { $0["service"] } == ["inventory.v1.Assets", "inventory.v1.Assets"])
        #expect(calls.map { $0["method"] } == ["List", "Get"])
        #expect(
            found.map { $0["hostname"] as? String }
                == Array(repeating: "assets.example:8080", count: 2))
        #expect(found.map { $0["status"] as? Int } == [200, 200])
    }

    @Test func namesOfALinkAreEventsOfTheirOwn() throws {
        #expect(try events("names/local", "dns").isEmpty)
        for (type, count) in [("mdns", 3), ("llmnr", 2), ("nbns", 2)] {
            #expect(try events("names/local", type).count == count)
        }
        let queries = try events("names/local", "nbns").first?["queries"] as? [[String: String]]
        #expect(queries?.first == ["rrname": "ACCOUNTS<00>", "rrtype": "NB"])
    }

    @Test func lookupsOverTCPAreEventsOfDNS() throws {
        let found = try events("dns/stream", "dns")
        #expect(found.map { $0["id"] as? Int } == [1, 2, 1, 2, 3, 3])
        let answers = found[3]["answers"] as? [[String: Any]]
        #expect(
            answers?.first?["rdata"] as? String == "1 . alpn=h3,h2 ipv4hint=198.51.100.8 ech")
    }

    @Test func flowsOfUnknownProtocolAreCountedByKind() throws {
        let office = try Program.run("replay", Case(folder: "office/day").capture, "--stats")
        let lines = office.err.split(separator: "\n") + office.out.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("flows of unknown protocol") })
        #expect(lines.contains { $0.contains("tcpWithoutPayload") || $0.contains("Unrecognized") })
    }
}

import Codecs
import Support
import Testing

@testable import Wire

/// SSH up to its key exchange.
@Suite struct SSHTests {
    private static let lists = [
        "curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes256-ctr", "hmac-a", "hmac-b", "none",
        "zlib", "", "",
    ]

    private static func kexInit(_ lists: [String] = lists) -> [UInt8] {
        let names = lists.flatMap { Frame.octets(UInt64($0.utf8.count), 4) + Array($0.utf8) }
        let payload = [20] + [UInt8](repeating: 9, count: 16) + names + [0, 0, 0, 0, 0]
        return Frame.octets(UInt64(payload.count + 5), 4) + [4] + payload + [0, 0, 0, 0]
    }

    private func run(_ client: [UInt8], _ server: [UInt8], cut: Int = 0) -> FlowRun {
        var talk = Conversation()
        talk.say(.server, server, cuts: [cut])
        talk.say(.client, client, cuts: [cut])
        talk.close()
        return FlowRun(talk.frames)
    }

    private func message(_ run: FlowRun) -> SSHMessage? {
        run.events.compactMap {
            if case .ssh(let message) = $0.message { message } else { nil }
        }.first
    }

    private static let client = Array("SSH-2.0-OpenSSH_9.2p1 x\r\n".utf8) + kexInit()
    private static let server = Array("hello\r\nSSH-1.99-dropbear\n".utf8) + kexInit()

    @Test(arguments: 0..<210)
    func bothSidesAreToldHoweverTheyAreCut(_ cut: Int) throws {
        let run = run(Self.client, Self.server, cut: cut)
        let found = try #require(message(run))
        #expect(found.client?.software == "OpenSSH_9.2p1" && found.client?.protocolVersion == "2.0")
        #expect(found.server?.software == "dropbear" && found.server?.protocolVersion == "1.99")
        // HASSH takes the client's direction, HASSHServer the server's.
        let texts = ["aes128-ctr;hmac-a;none", "aes256-ctr;hmac-b;zlib"].map {
            "curve25519-sha256;" + $0
        }
        #expect([found.client?.algorithms, found.server?.algorithms] == texts)
        #expect(
            [found.client?.hassh, found.server?.hassh] == texts.map { Hash.md5Hex(Array($0.utf8)) })
        #expect(run.ends[0].appProtocol == "ssh" && run.ends[0].anomalies == 0)
    }

    @Test func bannersAloneAreToldAtTheEnd() throws {
        let found = try #require(message(run(Array(Self.client.prefix(25)), [])))
        #expect(found.client?.software == "OpenSSH_9.2p1" && found.client?.hassh == nil)
        #expect(found.server == nil)
    }

    @Test(arguments: ["SSH-x\r\n", "SSH-", "SSX-2.0-a\r\n", "SS"])
    func otherBytesAreNoSSH(_ text: String) {
        #expect(message(run(Array(text.utf8), [])) == nil)
    }

    /// Lengths that lie, and lists longer than their packet.
    @Test(arguments: 0..<300)
    func brokenPacketsAreRefused(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var bytes = Self.client
        for _ in 0..<4 {
            bytes[Int.random(in: 25..<60, using: &chance)] = .random(in: 0...255, using: &chance)
        }
        let found = message(run(bytes, Self.server))
        #expect(found == nil || found?.server?.software == "dropbear", "seed \(seed)")
    }
}

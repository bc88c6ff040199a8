import Codecs
import Support
import Testing

@testable import Wire

/// Hellos in datagrams.
@Suite struct DTLSTests {
    /// A ClientHello of DTLS 1.2 with `cookie`, or a ServerHello.
    private static func message(
        _ type: UInt8, cookie: [UInt8] = [], versions: [UInt16] = []
    ) -> [UInt8] {
        var hello = HelloBytes()
        hello.version = 0xfefd
        hello.ciphers = [0xc02b, 0xc02f]
        if type == 1 { hello.serverName("vpn.example") }
        if !versions.isEmpty {
            if type == 1 {
                hello.supportedVersions(versions)
            } else {
                hello.extensions.append((43, versions.flatMap { Frame.octets(UInt64($0), 2) }))
            }
        }
        hello.list(13, [0x0403])
        let body = hello.message(type: type).dropFirst(4)
        guard type == 1 else { return Array(body) }
        // Behind version, random and the empty session id.
        return body.prefix(35) + [UInt8(cookie.count)] + cookie + body.dropFirst(35)
    }

    private static func record(
        _ type: UInt8, _ whole: [UInt8], _ range: Range<Int>? = nil, sequence: UInt64 = 0,
        epoch: UInt64 = 0, content: UInt8 = 22
    ) -> [UInt8] {
        let part = range ?? 0..<whole.count
        let fragment =
            [type] + Frame.octets(UInt64(whole.count), 3) + Frame.octets(sequence, 2)
            + Frame.octets(UInt64(part.lowerBound), 3) + Frame.octets(UInt64(part.count), 3)
            + whole[part]
        return [content, 0xfe, 0xfd] + Frame.octets(epoch, 2) + Frame.octets(sequence, 6)
            + Frame.octets(UInt64(fragment.count), 2) + fragment
    }

    private func run(_ datagrams: [(Side, [UInt8])]) -> FlowRun {
        FlowRun(
            datagrams.map { side, bytes in
                let isClient = side == .client
                return Frame.ethernet().ipv4(
                    isClient ? "10.0.0.1" : "10.0.0.2", isClient ? "10.0.0.2" : "10.0.0.1",
                    next: 17,
                    Frame.udp(isClient ? 40_000 : 4433, isClient ? 4433 : 40_000, bytes)
                ).bytes
            },
            // Far enough apart to be no copies of each other: these frames have no checksum.
            at: datagrams.indices.map { Int64($0 + 1) * 20_000_000 })
    }

    private func hellos(_ run: FlowRun) -> [ClientHello] {
        run.events.compactMap {
            if case .dtlsClientHello(let hello) = $0.message { hello } else { nil }
        }
    }

    private func answers(_ run: FlowRun) -> [ServerHello] {
        run.events.compactMap {
            if case .dtlsServerHello(let hello) = $0.message { hello } else { nil }
        }
    }

    private static let chain: [UInt8] = {
        let one = CertificateBytes.gitHub
        let list = Frame.octets(UInt64(one.count), 3) + one
        return Frame.octets(UInt64(list.count), 3) + list
    }()

    @Test func aHandshakeWithACookieIsToldOnce() throws {
        let run = run([
            (.client, DTLSTests.record(1, DTLSTests.message(1))),
            (.server, DTLSTests.record(3, [0xfe, 0xff, 2, 7, 7])),
            (.client, DTLSTests.record(1, DTLSTests.message(1, cookie: [7, 7]), sequence: 1)),
            (
                .server,
                DTLSTests.record(2, DTLSTests.message(2), sequence: 1)
                    + DTLSTests.record(11, DTLSTests.chain, sequence: 2)
            ),
        ])
        let hello = try #require(hellos(run).first)
        #expect(hellos(run).count == 1 && hello.serverName == "vpn.example")
        #expect(hello.ja4.hasPrefix("dd2d020200_"))
        #expect(hello.ja4Text == "dd2d020200_c02b,c02f_000d_0403")
        #expect(answers(run).map { $0.certificate?.commonName } == ["github.com"])
        #expect(run.ends.first?.appProtocol == "dtls")
    }

    /// Versions of DTLS count down: 1.3 is the highest.
    @Test func theNewestVersionIsTheLeastNumber() throws {
        let run = run([
            (.client, DTLSTests.record(1, DTLSTests.message(1, versions: [0xfefd, 0xfefc]))),
            (.server, DTLSTests.record(2, DTLSTests.message(2, versions: [0xfefc]))),
        ])
        #expect(hellos(run).first?.ja4.hasPrefix("dd3d") == true)
        #expect(answers(run).map(\.selectedVersion) == [0xfefc])
    }

    @Test(arguments: [1, 2, 7, 20]) func fragmentsInAnyOrderAreOneHello(_ size: Int) {
        let whole = DTLSTests.message(1)
        let ranges = stride(from: 0, to: whole.count, by: max(size, whole.count / 40 + 1)).map {
            $0..<min($0 + max(size, whole.count / 40 + 1), whole.count)
        }
        let expected = hellos(run([(.client, DTLSTests.record(1, whole))]))
        var chance = Chance(seed: 4)
        for _ in 0..<20 {
            // The first tells the protocol; then any order, and some twice.
            var order = ranges.shuffled(using: &chance)
            order += order.prefix(2)
            let found = hellos(
                run(
                    order.map {
                        (.client, DTLSTests.record(1, whole, $0))
                    }))
            #expect(found == expected && found.count == 1)
        }
    }

    @Test func whatFollowsEncryptedIsNotRead() {
        let run = run([
            (.client, DTLSTests.record(1, DTLSTests.message(1))),
            (.server, DTLSTests.record(2, DTLSTests.message(2))),
            (.server, DTLSTests.record(20, [1], epoch: 1)),
            (.client, DTLSTests.record(1, DTLSTests.message(1, cookie: [1]), epoch: 1)),
        ])
        #expect(hellos(run).count == 1 && answers(run).count == 1 && run.heldBytes == 0)
    }

    /// STUN before it and beside it, as in WebRTC.
    @Test func otherDatagramsOfTheFlowArePassedOver() {
        let stun: [UInt8] = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42] + [UInt8](repeating: 3, count: 12)
        let run = run([
            (.client, stun), (.server, stun),
            (.client, DTLSTests.record(1, DTLSTests.message(1))), (.client, stun),
            (.server, [0x80] + [UInt8](repeating: 9, count: 40)),
            (.server, DTLSTests.record(2, DTLSTests.message(2))),
        ])
        #expect(hellos(run).count == 1 && answers(run).count == 1)
        #expect(run.ends.first?.anomalies == 0)
    }

    @Test func everyPrefixAndEveryDamageIsHarmless() {
        let whole =
            DTLSTests.record(2, DTLSTests.message(2), sequence: 1)
            + DTLSTests.record(11, DTLSTests.chain, sequence: 2)
        for length in 0..<whole.count {
            #expect(run([(.server, Array(whole[..<length]))]).heldBytes == 0)
        }
        let seed: UInt64 = 12
        var chance = Chance(seed: seed)
        for round in 0..<2000 {
            var bytes = whole
            for _ in 0..<4 {
                bytes[Int.random(in: bytes.indices, using: &chance)] =
                    UInt8.random(in: 0...255, using: &chance)
            }
            #expect(run([(.server, bytes)]).heldBytes == 0, "seed \(seed), round \(round)")
        }
    }

    /// Many fragments of a message that never becomes whole.
    @Test func fragmentsThatNeverJoinAreBounded() {
        let whole = [UInt8](repeating: 1, count: 60_000)
        let datagrams = (0..<200).map { number -> (Side, [UInt8]) in
            let start = number * 290 + 1
            return (.client, DTLSTests.record(1, whole, start..<(start + 200)))
        }
        let first = [(Side.client, DTLSTests.record(1, DTLSTests.message(1)))]
        #expect(run(first + datagrams).heldBytes <= 64 * 200)
    }
}

import Codecs
import Support
import Testing

@testable import Wire

/// The server's certificate, where TLS 1.2 and before show it.
@Suite struct CertificateTests {
    private static let client = HelloBytes.browser("").records()

    private static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        [type] + Frame.octets(UInt64(body.count), 3) + body
    }

    private static func certificates(_ chain: [[UInt8]]) -> [UInt8] {
        let list = chain.flatMap { Frame.octets(UInt64($0.count), 3) + $0 }
        return message(11, Frame.octets(UInt64(list.count), 3) + list)
    }

    private static func records(_ bytes: [UInt8], recordBytes: Int = 16_384) -> [UInt8] {
        stride(from: 0, to: bytes.count, by: recordBytes).flatMap { start in
            let part = bytes[start..<min(start + recordBytes, bytes.count)]
            return [22, 3, 3] + Frame.octets(UInt64(part.count), 2) + part
        }
    }

    /// What a server of TLS 1.2 says first.
    private static func flight(
        _ chain: [[UInt8]] = [CertificateBytes.gitHub, CertificateBytes.selfIssued],
        recordBytes: Int = 16_384
    ) -> [UInt8] {
        records(
            HelloBytes().message(type: 2) + certificates(chain) + message(14, []),
            recordBytes: recordBytes)
    }

    private func talk(_ server: [UInt8], cuts: [Int] = []) -> Conversation {
        var talk = Conversation()
        talk.say(.client, CertificateTests.client)
        talk.say(.server, server, cuts: cuts)
        return talk
    }

    private func answers(_ frames: [[UInt8]]) -> [ServerHello] { answers(FlowRun(frames)) }

    private func answers(_ run: FlowRun) -> [ServerHello] {
        run.events.compactMap {
            if case .serverHello(let hello) = $0.message { hello } else { nil }
        }
    }

    /// Who writes no events wants certificates only of servers that nothing else names.
    @Test(arguments: [("", true), ("named.example", false)])
    func onlyTheUnnamedAreAskedWhoTheyAre(_ name: String, _ isRead: Bool) {
        var talk = Conversation()
        talk.say(.client, HelloBytes.browser(name).records())
        talk.say(.server, CertificateTests.flight())
        let found = answers(FlowRun(talk.frames, readsAllCertificates: false))
        #expect(found.map { $0.certificateBytes != nil } == [isRead])
        let all = answers(FlowRun(talk.frames))
        #expect(all.map { $0.certificateBytes != nil } == [true])
    }

    @Test func everyFieldOfACertificateIsRead() throws {
        let found = answers(talk(CertificateTests.flight()).frames)
        #expect(found.count == 1)
        let certificate = try #require(found.first?.certificate)
        #expect(certificate.subject == "C=US, O=GitHub, Inc., CN=github.com")
        #expect(certificate.issuer == "C=NL, O=Tyto Test CA, CN=Tyto Test Root")
        #expect(certificate.commonName == "github.com")
        #expect(certificate.serial == "0A:0B:0C")
        #expect(certificate.notBefore == "2026-11-26T17:50:21")
        #expect(certificate.notAfter == "2081-08-29T17:50:21")
        #expect(certificate.dnsNames == ["github.com", "*.github.com"])
        #expect(certificate.addresses == ["192.0.2.7", "2001:db8::1"])
        #expect(
            certificate.fingerprint == "8d:82:84:3c:f5:b3:93:2b:1b:7e:a6:2b:03:c0:83:63:78:60:86:1d"
        )
        #expect(!certificate.isSelfIssued && !certificate.hasMoreNames)
    }

    @Test func aFlightCutAnywhereGivesTheSameEvent() {
        let bytes = CertificateTests.flight()
        let whole = FlowRun(talk(bytes).frames).messages
        #expect(whole.count == 2)
        #expect(answers(talk(bytes).frames).map { $0.certificate?.commonName } == ["github.com"])
        var chance = Chance(seed: 11)
        for cut in 1..<bytes.count {
            let pieces = talk(bytes, cuts: [cut, cut + 40])
            #expect(FlowRun(pieces.frames).messages == whole, "cut at \(cut)")
            #expect(FlowRun(pieces.shuffled(&chance)).messages == whole, "shuffled at \(cut)")
        }
    }

    @Test(arguments: [1, 2, 5, 64, 1000]) func aCertificateOverManyRecordsIsOne(_ size: Int) {
        #expect(
            FlowRun(talk(CertificateTests.flight(recordBytes: size)).frames).messages
                == FlowRun(talk(CertificateTests.flight()).frames).messages)
    }

    /// The chain behind the server's own certificate is nobody's business.
    @Test func theFirstCertificateIsEnough() {
        let bytes = CertificateTests.flight(recordBytes: 600)
        let found = answers(talk(Array(bytes.prefix(605))).frames)
        #expect(found.first?.certificate?.commonName == "github.com")
    }

    @Test func aResumedSessionIsToldAtOnceAndWithoutACertificate() {
        let hello = HelloBytes().records(type: 2)
        var talk = talk(hello + [20, 3, 3, 0, 1, 1])
        let told = UInt64(talk.frames.count)
        talk.say(.client, [20, 3, 3, 0, 1, 1])
        let events = FlowRun(talk.frames).events
        let answer = events.first { if case .serverHello = $0.message { true } else { false } }
        #expect(answer?.packet == told)
        #expect(answers(talk.frames).map(\.certificate) == [nil])
    }

    @Test func whatMayStandBeforeTheCertificateIsPassedOver() {
        let hello = HelloBytes().message(type: 2)
        let before =
            CertificateTests.message(23, [0, 0, 2, 9, 9]) + CertificateTests.message(0, [])
        let chain = CertificateTests.certificates([CertificateBytes.gitHub])
        let warning: [UInt8] = [21, 3, 3, 0, 2, 1, 112]
        let found = answers(
            talk(
                CertificateTests.records(hello) + warning
                    + CertificateTests.records(before + chain)
            ).frames)
        #expect(found.map { $0.certificate?.commonName } == ["github.com"])
    }

    @Test func helloOfTLS13WaitsForNothing() {
        var hello = HelloBytes()
        hello.extensions = [(43, [3, 4])]
        let talk = talk(hello.records(type: 2))
        #expect(FlowRun(talk.frames).events.map(\.packet).contains(UInt64(talk.frames.count)))
        #expect(answers(talk.frames).count == 1)
    }

    @Test func noByteOfANameCanFakeAnother() throws {
        let found = answers(talk(CertificateTests.flight([CertificateBytes.hostile])).frames)
        let certificate = try #require(found.first?.certificate)
        #expect(certificate.subject == "CN=api.openai.com\\x00evil.example")
        #expect(certificate.dnsNames == ["a\\x0ab.example", "*.openai.com", "api.openai.com"])
    }

    @Test(
        arguments: [
            certificates([]), certificates([[1, 2, 3]]), message(11, []),
            // A first certificate that is longer than the list, and one longer than is read.
            message(11, [0, 0, 8, 0, 1, 0] + [UInt8](repeating: 0x30, count: 5)),
            message(11, [1, 0, 0, 0, 0xff, 0] + [UInt8](repeating: 0x30, count: 65_536)),
            message(12, [1, 2, 3]), message(14, []),
        ]) func whatIsNoCertificateLeavesTheHello(_ message: [UInt8])
    {
        let hello = HelloBytes().message(type: 2)
        let bytes = CertificateTests.records(hello + message)
        let cuts = Array(stride(from: 1000, to: bytes.count, by: 1000))
        let found = answers(talk(bytes, cuts: cuts).frames)
        #expect(found.map(\.certificate) == [nil])
    }

    @Test func aLostCertificateDoesNotTakeTheHelloAlong() {
        let bytes = CertificateTests.flight(recordBytes: 60)
        var talk = talk(Array(bytes.prefix(130)))
        talk.lose(.server, 200)
        talk.say(.server, Array(bytes[330...]))
        talk.say(.client, CertificateTests.records(CertificateTests.message(16, [1, 2])))
        #expect(answers(talk.frames).map(\.certificate) == [nil])
    }

    @Test func aFlowThatIsGivenUpTellsWhatItHeldBack() {
        var talk = talk(HelloBytes().records(type: 2))
        for _ in 0..<20 {
            talk.say(.client, CertificateTests.records(CertificateTests.message(1, [9, 9, 9])))
        }
        talk.say(.server, CertificateTests.records(CertificateTests.message(14, [])))
        let run = FlowRun(talk.frames)
        #expect(run.tally[.flowGivenUp] == 1)
        #expect(answers(talk.frames).count == 1)
    }

    @Test func theSameCertificateIsReadOnce() throws {
        let memory = CertificateMemory()
        let (gitHub, selfIssued) = (CertificateBytes.gitHub, CertificateBytes.selfIssued)
        let read = memory.certificate(gitHub)
        let first = try #require(read)
        let again = memory.certificate(gitHub)
        #expect(again === first)
        let other = memory.certificate(selfIssued)
        #expect(other?.commonName == "self.example" && other?.isSelfIssued == true)
        let none: [UInt8] = [0x30, 0]
        let nothing = memory.certificate(none)
        #expect(nothing == nil)
    }

    /// Bytes changed and cut at random: nothing may trap, and the hello is told once.
    @Test func damagedFlightsAreHarmless() {
        let seed: UInt64 = 20_261_126
        var chance = Chance(seed: seed)
        let whole = CertificateTests.flight()
        let hello = HelloBytes().records(type: 2).count
        for round in 0..<2000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                let at = Int.random(in: hello..<bytes.count, using: &chance)
                bytes[at] = UInt8.random(in: 0...255, using: &chance)
            }
            bytes.removeLast(Int.random(in: 0..<(bytes.count - hello), using: &chance))
            let run = FlowRun(talk(bytes).frames)
            #expect(run.heldBytes == 0, "seed \(seed), round \(round)")
        }
    }
}

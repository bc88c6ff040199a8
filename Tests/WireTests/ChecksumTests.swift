import Support
import Testing

@testable import Wire

/// Checksums are looked at when that is asked for, and only then.
@Suite struct ChecksumTests {
    private func outcome(_ frame: [UInt8], verifies: Bool, wire: Int? = nil) -> String {
        var batch = PacketBatch()
        batch.append(
            frame, wireBytes: wire ?? frame.count, time: .zero, link: .ethernet, number: 1)
        var decoder = PacketDecoder(verifiesChecksums: verifies)
        var packet = DecodedPacket.empty
        switch decoder.decode(batch.packets[0], in: &batch, into: &packet) {
        case .packet: return "packet"
        case .dropped(let drop): return drop.name
        default: return "else"
        }
    }

    private static func sum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for at in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[at]) << 8 | (at + 1 < bytes.count ? UInt32(bytes[at + 1]) : 0)
        }
        while sum > 0xffff { sum = (sum >> 16) + (sum & 0xffff) }
        return ~UInt16(sum)
    }

    /// A frame with both checksums filled in, independently of the code under test.
    private static func frame(_ next: UInt8, isV4: Bool) -> [UInt8] {
        var segment =
            next == 6 ? Frame.tcp(1, 2, seq: 3, [7, 8, 9]) : Frame.udp(1, 2, [7, 8, 9])
        let ends = isV4 ? ["10.0.0.1", "10.0.0.2"] : ["fd00::1", "fd00::2"]
        let pseudo =
            Frame.address(ends[0]) + Frame.address(ends[1]) + Frame.octets(UInt64(next), 4)
            + Frame.octets(UInt64(segment.count), 4)
        let at = next == 6 ? 16 : 6
        segment.replaceSubrange(
            at..<(at + 2), with: Frame.octets(UInt64(sum(pseudo + segment)), 2))
        guard isV4 else {
            return Frame.ethernet().ipv6(ends[0], ends[1], next: next, segment).bytes
        }
        var bytes = Frame.ethernet().ipv4(ends[0], ends[1], next: next, segment).bytes
        bytes.replaceSubrange(24..<26, with: Frame.octets(UInt64(sum(Array(bytes[14..<34]))), 2))
        return bytes
    }

    @Test(arguments: [UInt8(6), 17], [true, false])
    func oneWrongBitIsFound(_ next: UInt8, _ isV4: Bool) {
        let frame = Self.frame(next, isV4: isV4)
        #expect(outcome(frame, verifies: true) == "packet")
        var wrong = frame
        wrong[frame.count - 1] ^= 1
        #expect(outcome(wrong, verifies: true) == "badChecksum")
        #expect(outcome(wrong, verifies: false) == "packet")
        // What the snap length cut cannot be judged.
        #expect(outcome(Array(wrong.dropLast(2)), verifies: true, wire: frame.count) == "packet")
    }

    @Test func theIPv4HeaderHasItsOwn() {
        var frame = Self.frame(17, isV4: true)
        frame[22] ^= 1
        #expect(outcome(frame, verifies: true) == "badChecksum")
    }

    @Test func aUDPChecksumOfZeroIsNone() {
        var frame = Self.frame(17, isV4: true)
        frame.replaceSubrange(40..<42, with: [0, 0])
        #expect(outcome(frame, verifies: true) == "packet")
    }
}

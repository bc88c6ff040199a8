import Wire

/// The pcapng format (draft-ietf-opsawg-pcapng): sections, interfaces and packet blocks.
struct PcapNGFormat {
    /// Block types that are read.
    private enum Block {
        static let section: UInt32 = 0x0a0d_0d0a
        static let interface: UInt32 = 1
        static let obsoletePacket: UInt32 = 2
        static let simplePacket: UInt32 = 3
        static let enhancedPacket: UInt32 = 6
    }

    private struct Interface {
        var link: LinkType
        var snapBytes: Int
        /// Ticks per second of its timestamps, and seconds to add to them.
        var ticks: UInt64 = 1_000_000
        var offsetSeconds: Int64 = 0
    }

    private var order = FieldOrder(isBig: false)
    private var interfaces: [Interface] = []
    /// Simple packet blocks have no time: they take that of the packet before.
    private var lastTime = Timestamp.zero

    static func begins(_ head: [UInt8]) -> Bool {
        head.count >= 12 && FieldOrder(isBig: true).uint32(head, 0) == Block.section
            && byteOrder(head, 8) != nil
    }

    /// The byte order that a section header's magic tells.
    private static func byteOrder(_ bytes: [UInt8], _ at: Int) -> FieldOrder? {
        for isBig in [true, false]
        where FieldOrder(isBig: isBig).uint32(bytes, at) == 0x1a2b_3c4d {
            return FieldOrder(isBig: isBig)
        }
        return nil
    }

    /// Indexes the whole blocks before `end`; returns where the first incomplete one begins.
    mutating func index(
        _ batch: inout PacketBatch, end: Int, nextNumber: inout UInt64, damage: inout String?
    ) -> Int {
        var at = 0
        while at + 12 <= end {
            var type = order.uint32(batch.bytes, at)
            if type == Block.section {
                guard let found = PcapNGFormat.byteOrder(batch.bytes, at + 8) else {
                    damage =
                        "is damaged after packet \(nextNumber - 1): a section header without"
                        + " its magic"
                    return at
                }
                order = found
                type = Block.section
            }
            let length = Int(order.uint32(batch.bytes, at + 4))
            guard length >= 12, length <= CaptureFile.recordBytes, length % 4 == 0 else {
                damage = "is damaged after packet \(nextNumber - 1): a block of \(length) bytes"
                return at
            }
            guard at + length <= end else { break }
            read(type, &batch, body: at + 8, end: at + length - 4, &nextNumber)
            at += length
        }
        return at
    }

    private mutating func read(
        _ type: UInt32, _ batch: inout PacketBatch, body: Int, end: Int, _ nextNumber: inout UInt64
    ) {
        switch type {
        case Block.section: interfaces = []
        case Block.interface: addInterface(batch.bytes, body, end)
        case Block.enhancedPacket, Block.obsoletePacket:
            guard end - body >= 20 else { return }
            let isOld = type == Block.obsoletePacket
            let id =
                isOld
                ? Int(order.uint16(batch.bytes, body)) : Int(order.uint32(batch.bytes, body))
            guard id < interfaces.count else { return }
            let ticks =
                UInt64(order.uint32(batch.bytes, body + 4)) << 32
                | UInt64(order.uint32(batch.bytes, body + 8))
            lastTime = time(ticks, interfaces[id])
            append(
                &batch, interfaces[id], offset: body + 20, end: end,
                captured: Int(order.uint32(batch.bytes, body + 12)),
                wire: Int(order.uint32(batch.bytes, body + 16)), &nextNumber)
        case Block.simplePacket:
            guard end - body >= 4, let first = interfaces.first else { return }
            let wire = Int(order.uint32(batch.bytes, body))
            let kept = first.snapBytes > 0 ? min(wire, first.snapBytes) : wire
            append(
                &batch, first, offset: body + 4, end: end, captured: min(kept, end - body - 4),
                wire: wire, &nextNumber)
        default: break
        }
    }

    private func append(
        _ batch: inout PacketBatch, _ interface: Interface, offset: Int, end: Int, captured: Int,
        wire: Int, _ nextNumber: inout UInt64
    ) {
        guard captured >= 0, offset + captured <= end else { return }
        batch.packets.append(
            PacketBatch.Packet(
                offset: offset, capturedBytes: captured, wireBytes: max(wire, captured),
                time: lastTime, link: interface.link, number: nextNumber))
        nextNumber += 1
    }

    private mutating func addInterface(_ bytes: [UInt8], _ body: Int, _ end: Int) {
        // Bounded: a section with more interfaces than this is no capture of a network.
        guard end - body >= 8, interfaces.count < 4096 else { return }
        var interface = Interface(
            link: LinkType(order.uint16(bytes, body)),
            snapBytes: Int(order.uint32(bytes, body + 4)))
        var at = body + 8
        while at + 4 <= end {
            let code = order.uint16(bytes, at)
            let length = Int(order.uint16(bytes, at + 2))
            guard code != 0, at + 4 + length <= end else { break }
            if code == 9, length >= 1 { interface.ticks = ticksPerSecond(bytes[at + 4]) }
            if code == 14, length >= 8 {
                let (a, b) = (
                    UInt64(order.uint32(bytes, at + 4)), UInt64(order.uint32(bytes, at + 8))
                )
                interface.offsetSeconds = Int64(
                    bitPattern: order.isBig ? a << 32 | b : b << 32 | a)
            }
            at += 4 + (length + 3) / 4 * 4
        }
        interfaces.append(interface)
    }

    /// if_tsresol: a negative power of ten, or of two when the highest bit is set.
    private func ticksPerSecond(_ resolution: UInt8) -> UInt64 {
        let exponent = Int(resolution & 0x7f)
        if resolution & 0x80 != 0 { return exponent < 64 ? 1 << UInt64(exponent) : 1 }
        return exponent < 19 ? (0..<exponent).reduce(1) { value, _ in value * 10 } : 1
    }

    private func time(_ ticks: UInt64, _ interface: Interface) -> Timestamp {
        let seconds = ticks / interface.ticks
        let rest = ticks % interface.ticks
        let (product, overflow) = rest.multipliedReportingOverflow(by: 1_000_000_000)
        let fraction =
            overflow
            ? UInt64(Double(rest) / Double(interface.ticks) * 1e9) : product / interface.ticks
        let (shift, isTooFar) = interface.offsetSeconds.multipliedReportingOverflow(
            by: 1_000_000_000)
        return Timestamp(seconds: seconds, nanoseconds: fraction)
            .advanced(byNanoseconds: isTooFar ? 0 : shift)
    }
}

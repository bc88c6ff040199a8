import Wire

/// The pcapng format (draft-ietf-opsawg-pcapng): sections of either byte order, and their
/// interfaces, packets and other blocks.
struct PcapNGFormat {
    /// Bytes of a section header without options: enough to know the format by.
    static let headerBytes = 28
    /// A section with more interfaces than this is no capture of a network.
    private static let interfaceLimit = 4096

    /// Block types that are read or counted.
    private enum Block {
        static let section: UInt32 = 0x0a0d_0d0a
        static let interface: UInt32 = 1
        static let obsoletePacket: UInt32 = 2
        static let simplePacket: UInt32 = 3
        static let names: UInt32 = 4
        static let statistics: UInt32 = 5
        static let enhancedPacket: UInt32 = 6
        static let secrets: UInt32 = 10
        static let custom: UInt32 = 0xbad
        static let customNotToCopy: UInt32 = 0x4000_0bad
    }

    private(set) var blocks = CaptureBlocks()
    private var order = FieldOrder(isBig: false)
    private var interfaces: [PcapNGInterface] = []
    /// Simple packet blocks have no time: they take that of the packet before.
    private var lastTime = Timestamp.zero

    static func begins(_ head: [UInt8]) -> Bool {
        head.count >= 12 && FieldOrder(isBig: true).uint32(head.span, 0) == Block.section
            && byteOrder(head.span, 8) != nil
    }

    /// The byte order that a section header's magic tells.
    private static func byteOrder(_ bytes: Span<UInt8>, _ at: Int) -> FieldOrder? {
        [true, false].map { FieldOrder(isBig: $0) }.first { $0.uint32(bytes, at) == 0x1a2b_3c4d }
    }

    /// Indexes the whole blocks of `bytes`; returns where the first incomplete one begins.
    mutating func index(
        _ bytes: Span<UInt8>, into packets: inout [PacketBatch.Packet], file: UInt32,
        nextNumber: inout UInt64, damage: inout String?
    ) -> Int {
        var at = 0
        while bytes.count - at >= 12 {
            let type = order.uint32(bytes, at)
            if type == Block.section {
                guard let found = PcapNGFormat.byteOrder(bytes, at + 8) else {
                    damage =
                        "is damaged after packet \(nextNumber - 1): a section header without"
                        + " its magic"
                    return at
                }
                order = found
            }
            let length = Int(order.uint32(bytes, at + 4))
            let least = type == Block.section ? PcapNGFormat.headerBytes : 12
            guard length >= least, length <= CaptureFile.recordBytes, length % 4 == 0 else {
                damage = "is damaged after packet \(nextNumber - 1): a block of \(length) bytes"
                return at
            }
            guard length <= bytes.count - at else { break }
            let body = bytes.extracting(at + 8..<at + length - 4)
            if let packet = read(type, body, offset: at + 8, file: file, number: nextNumber) {
                packets.append(packet)
                nextNumber += 1
            }
            at += length
        }
        return at
    }

    /// Reads one block, whose body begins `offset` bytes into the batch; a packet, if it is one.
    private mutating func read(
        _ type: UInt32, _ body: Span<UInt8>, offset: Int, file: UInt32, number: UInt64
    ) -> PacketBatch.Packet? {
        let isOld = type == Block.obsoletePacket
        guard type == Block.enhancedPacket || isOld else {
            if type == Block.simplePacket { return simple(body, offset, file, number) }
            readOther(type, body)
            return nil
        }
        guard body.count >= 20 else { return malformed() }
        let id = isOld ? Int(order.uint16(body, 0)) : Int(order.uint32(body, 0))
        let captured = Int(order.uint32(body, 12))
        guard id < interfaces.count, captured <= body.count - 20 else { return malformed() }
        let ticks = UInt64(order.uint32(body, 4)) << 32 | UInt64(order.uint32(body, 8))
        lastTime = interfaces[id].time(ticks)
        return PacketBatch.Packet(
            offset: offset + 20, capturedBytes: captured,
            wireBytes: max(captured, Int(order.uint32(body, 16))), time: lastTime,
            link: interfaces[id].link, number: number, file: file)
    }

    /// A packet of the first interface, as much of it as that interface keeps.
    private mutating func simple(
        _ body: Span<UInt8>, _ offset: Int, _ file: UInt32, _ number: UInt64
    ) -> PacketBatch.Packet? {
        guard body.count >= 4, let first = interfaces.first else { return malformed() }
        let wire = Int(order.uint32(body, 0))
        let kept = first.snapBytes > 0 ? min(wire, first.snapBytes) : wire
        guard kept <= body.count - 4 else { return malformed() }
        return PacketBatch.Packet(
            offset: offset + 4, capturedBytes: kept, wireBytes: wire, time: lastTime,
            link: first.link, number: number, file: file)
    }

    private mutating func malformed() -> PacketBatch.Packet? {
        blocks.counts.malformed += 1
        return nil
    }

    private mutating func readOther(_ type: UInt32, _ body: Span<UInt8>) {
        switch type {
        case Block.section:
            blocks.counts.sections += 1
            interfaces = []
        case Block.interface:
            guard interfaces.count < PcapNGFormat.interfaceLimit,
                let interface = PcapNGInterface(body, order)
            else {
                blocks.counts.malformed += 1
                return
            }
            blocks.counts.interfaces += 1
            interfaces.append(interface)
        case Block.names: blocks.addNames(body, order)
        case Block.secrets: blocks.addSecrets(body, order)
        case Block.statistics: addStatistics(body)
        case Block.custom, Block.customNotToCopy: blocks.counts.custom += 1
        default: blocks.counts.unknown += 1
        }
    }

    /// Statistics count from the interface's start, so the last block of each is what counts.
    private mutating func addStatistics(_ body: Span<UInt8>) {
        guard body.count >= 12, Int(order.uint32(body, 0)) < interfaces.count else {
            blocks.counts.malformed += 1
            return
        }
        let id = Int(order.uint32(body, 0))
        blocks.counts.statistics += 1
        var lost: UInt64 = 0
        PcapNGInterface.forEachOption(body, from: 12, order) { code, at, length in
            // isb_ifdrop and isb_osdrop: let go by the card, and by the system.
            if code == 5 || code == 7, length >= 8 { lost &+= order.uint64(body, at) }
        }
        let new = lost > interfaces[id].lostPackets ? lost - interfaces[id].lostPackets : 0
        interfaces[id].lostPackets = max(lost, interfaces[id].lostPackets)
        blocks.counts.lostPackets &+= new
    }
}

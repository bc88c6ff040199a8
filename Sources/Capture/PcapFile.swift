import Wire

/// The classic pcap format (draft-ietf-opsawg-pcap) and its kin: either byte order, micro- or
/// nanoseconds.
struct PcapFormat {
    /// Bytes of a file header, and of the longest one there is.
    static let headerBytes = 24
    static let longestHeader = 28

    private let order: FieldOrder
    /// Nanoseconds in a unit of the time's second field.
    private let unit: Int64
    /// Bytes of a record header: 16, or 24 in the variant that Kuznetsov's libpcap wrote.
    private let recordHeader: Int
    private let link: LinkType
    /// Bytes of this file's header: IXIA's tools add the length of all records.
    let fileHeader: Int

    /// Nil when `head` is no pcap header; throws when it is one but cut short.
    init?(_ head: [UInt8], name: String) throws(CaptureError) {
        guard let order = PcapFormat.order(head) else { return nil }
        let magic = order.uint32(head.span, 0)
        let isIxia = magic & ~7 == 0x1c00_01a8
        fileHeader = isIxia ? PcapFormat.longestHeader : PcapFormat.headerBytes
        guard head.count >= fileHeader else {
            throw CaptureError("\(name): ends within its file header; capture it again")
        }
        self.order = order
        unit = magic == 0xa1b2_3c4d || magic == 0x1c00_01ac ? 1 : 1000
        recordHeader = magic == 0xa1b2_cd34 ? 24 : 16
        // The high bits say how long the frames' check sequence is: it lies behind what the
        // network layer measures, as padding does.
        link = LinkType(UInt16(truncatingIfNeeded: order.uint32(head.span, 20)))
    }

    static func begins(_ head: [UInt8]) -> Bool { order(head) != nil }

    private static func order(_ head: [UInt8]) -> FieldOrder? {
        guard head.count >= 4 else { return nil }
        let known: Set<UInt32> = [
            0xa1b2_c3d4, 0xa1b2_3c4d,  // micro-, nanoseconds
            0xa1b2_cd34,  // Kuznetsov's
            0x1c00_01ab, 0x1c00_01ac,  // IXIA's: software, hardware stamped
        ]
        return [false, true].map { FieldOrder(isBig: $0) }
            .first { known.contains($0.uint32(head.span, 0)) }
    }

    /// Indexes the whole records of `bytes`; returns where the first incomplete one begins.
    func index(
        _ bytes: Span<UInt8>, into packets: inout [PacketBatch.Packet], file: UInt32,
        nextNumber: inout UInt64, damage: inout String?
    ) -> Int {
        let end = bytes.count
        var at = 0
        // Filled anew for each record, for another module's initializer is a call.
        var packet = PacketBatch.Packet(
            offset: 0, capturedBytes: 0, wireBytes: 0, time: .zero, link: link, number: 0,
            file: file)
        while end - at >= recordHeader {
            let captured = Int(order.uint32(bytes, at + 8))
            guard captured <= CaptureFile.recordBytes else {
                damage = "is damaged after packet \(nextNumber - 1): a record of \(captured) bytes"
                return at
            }
            let data = at + recordHeader
            guard captured <= end - data else { break }
            // Below 2^62: neither can overflow.
            packet.time.nanoseconds =
                Int64(order.uint32(bytes, at)) * 1_000_000_000
                + Int64(order.uint32(bytes, at + 4)) * unit
            packet.offset = data
            packet.capturedBytes = captured
            packet.wireBytes = max(captured, Int(order.uint32(bytes, at + 12)))
            packet.number = nextNumber
            packets.append(packet)
            nextNumber += 1
            at = data + captured
        }
        return at
    }
}

import Wire

/// The classic pcap format (draft-ietf-opsawg-pcap): either byte order, micro- or nanoseconds.
struct PcapFormat {
    private let order: FieldOrder
    private let isNanosecond: Bool
    /// Bytes of a record header: 16, or 24 in the variant that old Linux kernels wrote.
    private let headerBytes: Int
    private let link: LinkType

    /// Nil when `head` is no pcap header; throws when it is one but cut short.
    init?(_ head: [UInt8], path: String) throws(CaptureError) {
        guard head.count >= 4 else { return nil }
        let big = FieldOrder(isBig: true).uint32(head, 0)
        let little = FieldOrder(isBig: false).uint32(head, 0)
        switch (big, little) {
        case (0xa1b2_c3d4, _), (0xa1b2_3c4d, _), (0xa1b2_cd34, _): order = FieldOrder(isBig: true)
        case (_, 0xa1b2_c3d4), (_, 0xa1b2_3c4d), (_, 0xa1b2_cd34): order = FieldOrder(isBig: false)
        default: return nil
        }
        let magic = order.isBig ? big : little
        isNanosecond = magic == 0xa1b2_3c4d
        headerBytes = magic == 0xa1b2_cd34 ? 24 : 16
        guard head.count >= 24 else {
            throw CaptureError("\(path): ends within its file header; capture it again")
        }
        link = LinkType(UInt16(truncatingIfNeeded: order.uint32(head, 20)))
    }

    /// Indexes the whole records before `end`; returns where the first incomplete one begins.
    func index(
        _ batch: inout PacketBatch, end: Int, nextNumber: inout UInt64, damage: inout String?
    ) -> Int {
        var at = 0
        while at + headerBytes <= end {
            let captured = Int(order.uint32(batch.bytes, at + 8))
            guard captured <= CaptureFile.recordBytes else {
                damage = "is damaged after packet \(nextNumber - 1): a record of \(captured) bytes"
                return at
            }
            let data = at + headerBytes
            guard data + captured <= end else { break }
            let fraction = UInt64(order.uint32(batch.bytes, at + 4))
            batch.packets.append(
                PacketBatch.Packet(
                    offset: data, capturedBytes: captured,
                    wireBytes: max(captured, Int(order.uint32(batch.bytes, at + 12))),
                    time: Timestamp(
                        seconds: UInt64(order.uint32(batch.bytes, at)),
                        nanoseconds: isNanosecond ? fraction : fraction * 1000),
                    link: link, number: nextNumber))
            nextNumber += 1
            at = data + captured
        }
        return at
    }
}

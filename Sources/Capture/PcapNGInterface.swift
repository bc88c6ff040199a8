import Wire

/// An interface of a pcapng section: what its packets look like, and how it counts time.
struct PcapNGInterface {
    /// Options that are read of one block.
    private static let optionLimit = 256

    /// How ticks become nanoseconds.
    private enum Resolution {
        /// Nanoseconds in a tick.
        case coarse(UInt64)
        /// Ticks in a nanosecond.
        case fine(UInt64)
        /// A tick is a second over two to this power.
        case binary(Int)
        /// A tick is less than all the time there is.
        case none
    }

    let link: LinkType
    /// Bytes kept of a packet; 0 for all.
    let snapBytes: Int
    private var resolution = Resolution.coarse(1000)
    private var offset: Int64 = 0
    /// Packets lost so far, by the last statistics block; cumulative.
    var lostPackets: UInt64 = 0

    /// Nil when `body` is too short for an interface description.
    init?(_ body: Span<UInt8>, _ order: FieldOrder) {
        guard body.count >= 8 else { return nil }
        link = LinkType(order.uint16(body, 0))
        snapBytes = Int(order.uint32(body, 4))
        PcapNGInterface.forEachOption(body, from: 8, order) { code, at, length in
            switch code {
            case 9 where length >= 1: resolution = PcapNGInterface.resolution(body[at])
            case 14 where length >= 8:
                let seconds = Int64(bitPattern: order.uint64(body, at))
                let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
                offset = overflow ? (seconds > 0 ? .max : .min) : scaled
            default: break
            }
        }
    }

    /// Calls `read` with code, place and length of each option from `start` on.
    static func forEachOption(
        _ body: Span<UInt8>, from start: Int, _ order: FieldOrder,
        _ read: (UInt16, Int, Int) -> Void
    ) {
        var at = start
        var count = 0
        while body.count - at >= 4, count < optionLimit {
            let code = order.uint16(body, at)
            let length = Int(order.uint16(body, at + 2))
            guard code != 0, length <= body.count - at - 4 else { return }
            read(code, at + 4, length)
            at = min(body.count, at + 4 + (length + 3) / 4 * 4)
            count += 1
        }
    }

    /// if_tsresol: a negative power of ten, or of two when the highest bit is set.
    private static func resolution(_ code: UInt8) -> Resolution {
        let exponent = Int(code & 0x7f)
        guard code & 0x80 == 0 else { return .binary(exponent) }
        switch exponent {
        case 0...9: return .coarse((exponent..<9).reduce(1) { value, _ in value * 10 })
        case 10...28: return .fine((9..<exponent).reduce(1) { value, _ in value * 10 })
        default: return .none
        }
    }

    func time(_ ticks: UInt64) -> Timestamp {
        let nanoseconds: Int64
        switch resolution {
        case .coarse(let factor):
            let (product, overflow) = ticks.multipliedReportingOverflow(by: factor)
            nanoseconds = overflow ? .max : Int64(clamping: product)
        case .fine(let divisor): nanoseconds = Int64(clamping: ticks / divisor)
        case .binary(let exponent):
            let scaled = UInt128(ticks) * 1_000_000_000
            nanoseconds = Int64(clamping: scaled >> UInt128(exponent))
        case .none: nanoseconds = 0
        }
        return Timestamp(nanoseconds: nanoseconds).advanced(byNanoseconds: offset)
    }
}

import Codecs

/// A JSON text on its way in: as it is up to `Limits.contentBytes`, condensed beyond.
struct JSONText {
    /// Large, and needed for few texts.
    private final class Condensing {
        var condenser = JSONCondenser()
    }

    /// Bytes that are kept of what is no JSON: an event may say where to post.
    private static let otherBytes = 2048

    private var whole: [UInt8] = []
    private var condensing: Condensing?
    /// Bytes taken.
    private(set) var count = 0
    /// Bytes were lost: what comes behind them does not join on.
    private var isCut = false
    /// The first byte that is no white space was looked at.
    private var hasBegun = false
    /// It begins neither an object nor an array: content, and none of our business.
    private(set) var isOther = false

    var isEmpty: Bool { count == 0 }
    /// What is not condensed, as it came.
    var plain: [UInt8] { whole }

    var heldBytes: Int { whole.count + (condensing?.condenser.text.count ?? 0) }

    mutating func append(_ bytes: Span<UInt8>) {
        guard !isCut, bytes.count > 0 else { return }
        if !hasBegun { begin(bytes) }
        count += bytes.count
        if isOther {
            let room = min(JSONText.otherBytes - whole.count, bytes.count)
            if room > 0 { whole.append(copying: bytes.extracting(0..<room)) }
            return
        }
        if let condensing { return condensing.condenser.feed(bytes) }
        guard count > Limits.standard.contentBytes else { return whole.append(copying: bytes) }
        let made = Condensing()
        made.condenser.feed(whole.span)
        made.condenser.feed(bytes)
        condensing = made
        whole = []
    }

    private mutating func begin(_ bytes: Span<UInt8>) {
        var at = 0
        while at < bytes.count, bytes[at] == 32 || (9...13).contains(bytes[at]) { at += 1 }
        guard at < bytes.count else { return }
        hasBegun = true
        isOther = bytes[at] != UInt8(ascii: "{") && bytes[at] != UInt8(ascii: "[")
    }

    /// What comes from here on does not join on.
    mutating func cut() { isCut = true }

    /// What was read of the text; nil when there is nothing or it is no JSON.
    func content(
        isWhole: Bool, _ carrier: Carrier, _ side: Side, _ memory: DefinitionMemory?
    ) -> Content? {
        guard hasBegun, !isOther else { return nil }
        guard let condenser = condensing?.condenser else {
            return Content(
                bytes: whole, isTruncated: isCut || !isWhole, carrier: carrier, side: side,
                memory: memory, sentBytes: count)
        }
        guard !condenser.isBroken else { return nil }
        return Content(
            bytes: condenser.text, isTruncated: isCut || !isWhole, carrier: carrier, side: side,
            memory: memory, sentBytes: count, cuts: condenser.cuts)
    }
}

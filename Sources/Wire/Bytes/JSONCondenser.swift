import Codecs

/// Makes of a JSON text of any size a short one that is JSON still, fed in pieces of any size.
///
/// Members near the top are kept, long strings lose their end, and what stands deep is left out
/// once it has had its share: so the id behind a result of 200 MB is read as if the result were
/// small. What fits is copied byte by byte, white space included.
struct JSONCondenser {
    /// Bytes of one string that are kept.
    static let stringBytes = 16 << 10
    /// Bytes of a name, and of a number: nobody reads more of them.
    private static let keyBytes = 256
    private static let scalarBytes = 64
    private static let escapeBytes = 5
    /// Bytes of text after which nothing more is kept at depth 3 and below, at depth 2 and at
    /// depth 1: the members of an envelope always find room behind what they hold.
    private static let deepBytes = 336 << 10
    private static let secondBytes = 360 << 10
    private static let firstBytes = 384 << 10

    private enum State {
        case value, firstElement, firstKey, key, colon, afterValue, string, scalar
        /// Passing over members up to the end of their container, or over one value that stands too
        /// deep.
        case skipped, skippedString
        case done, broken
    }

    private(set) var text: [UInt8] = []
    private(set) var cuts = JSONCuts()
    private var state = State.value
    /// The open containers of the text: a bit each, 1 for an object.
    private var kinds: UInt64 = 0
    private var depth = 0
    private var isKey = false
    /// Bytes of the string or number at hand so far.
    private var length = 0
    /// What is still to come of an escape: 5 behind its backslash, then a digit each.
    private var escaped = 0
    private var keepsEscape = false
    private var skippedDepth = 0
    private var skipsOneValue = false
    /// How long the text may be before the members of the value at depth 1, and of that at depth 2,
    /// have had their share.
    private var firstShare = JSONCondenser.deepBytes
    private var secondShare = JSONCondenser.deepBytes

    /// The bytes were no JSON: what was kept of them means nothing.
    var isBroken: Bool { state == .broken }

    mutating func feed(_ bytes: Span<UInt8>) {
        var at = 0
        /// The next quotation mark as far as it is known: looked for once, however many escapes
        /// stand before it.
        var quote = -1
        while at < bytes.count {
            switch state {
            case .string, .skippedString: string(bytes, &at, &quote)
            case .skipped: skip(bytes, &at)
            case .scalar: scalar(bytes, &at)
            case .broken: return
            default:
                let byte = bytes[at]
                if byte == 32 || byte == 10 || byte == 13 || byte == 9 {
                    space(byte)
                } else {
                    structure(byte)
                }
                // A number's first byte is looked at once more, as one of them.
                if state != .scalar { at += 1 }
            }
        }
    }

    // MARK: - Between values

    private mutating func space(_ byte: UInt8) {
        guard state != .done, text.count < (depth > 2 ? secondShare : JSONCondenser.deepBytes)
        else { return }
        text.append(byte)
    }

    private mutating func structure(_ byte: UInt8) {
        switch (state, byte) {
        case (.firstElement, 93), (.firstKey, 125), (.afterValue, 93), (.afterValue, 125):
            close(byte)
        case (.firstElement, _), (.firstKey, _):
            guard begins() else { return pass(over: byte) }
            state = state == .firstKey ? .key : .value
            structure(member: byte)
        case (.afterValue, 44) where depth > 0:
            guard begins() else { return pass() }
            text.append(44)
            state = isInObject ? .key : .value
        case (.colon, 58):
            text.append(58)
            state = .value
        case (.key, _), (.value, _): structure(member: byte)
        // Behind the end, whatever stands there makes it no JSON for whoever reads it.
        default: state = .broken
        }
    }

    /// The first byte of a name or a value.
    private mutating func structure(member byte: UInt8) {
        switch byte {
        case 34:
            isKey = state == .key
            text.append(34)
            state = .string
            length = 0
            escaped = 0
        case 123 where state == .value, 91 where state == .value: open(byte)
        case 45 where state == .value, 48...57 where state == .value,
            97...122 where state == .value:
            state = .scalar
            length = 0
        default: state = .broken
        }
    }

    private var isInObject: Bool { kinds & 1 == 1 }

    private mutating func open(_ byte: UInt8) {
        text.append(byte)
        guard depth < Limits.standard.jsonDepth - 1 else {
            cuts.note(text.count)
            text.append(byte + 2)
            state = .skipped
            skippedDepth = 1
            skipsOneValue = true
            return
        }
        depth += 1
        kinds = kinds << 1 | (byte == 123 ? 1 : 0)
        state = byte == 123 ? .firstKey : .firstElement
    }

    private mutating func close(_ byte: UInt8) {
        guard depth > 0, (byte == 125) == isInObject else {
            state = .broken
            return
        }
        text.append(byte)
        depth -= 1
        kinds >>= 1
        state = depth == 0 ? .done : .afterValue
    }

    /// Whether another member or element may begin where the text stands; gives it its share.
    private mutating func begins() -> Bool {
        let limit =
            switch (depth, isInObject) {
            case (1, true): JSONCondenser.firstBytes
            case (1, false), (2, true): JSONCondenser.secondBytes
            case (2, false): firstShare
            default: secondShare
            }
        guard text.count < limit else { return false }
        if depth == 1 { firstShare = share(of: JSONCondenser.deepBytes) }
        if depth <= 2 { secondShare = share(of: firstShare) }
        return true
    }

    /// Three quarters of what is left up to `end`.
    private func share(of end: Int) -> Int { text.count + max(0, end - text.count) / 4 * 3 }

    // MARK: - Strings and numbers

    private mutating func string(_ bytes: Span<UInt8>, _ at: inout Int, _ quote: inout Int) {
        if escaped > 0, escape(bytes[at]) {
            at += 1
            return
        }
        if quote < at {
            quote = bytes.position(of: 34, in: at..<bytes.count) ?? bytes.count
        }
        let slash = bytes.position(of: 92, in: at..<quote)
        let end = slash ?? quote
        keep(bytes.extracting(at..<end))
        at = end
        guard end < bytes.count else { return }
        at += 1
        if slash != nil {
            escaped = JSONCondenser.escapeBytes
            keepsEscape = state == .string && length < limit
            return keepEscape(92)
        }
        guard state == .string else {
            state = .skipped
            return
        }
        text.append(34)
        state = isKey ? .colon : .afterValue
    }

    /// Takes a byte of an escape (RFC 8259 §7); false when it is none.
    private mutating func escape(_ byte: UInt8) -> Bool {
        if escaped == JSONCondenser.escapeBytes {
            escaped = byte == UInt8(ascii: "u") ? 4 : 0
        } else if byte == 34 || byte == 92 {
            escaped = 0
            return false
        } else {
            escaped -= 1
        }
        keepEscape(byte)
        return true
    }

    /// An escape that began within the limit is kept whole, and no other.
    private mutating func keepEscape(_ byte: UInt8) {
        guard state == .string else { return }
        guard keepsEscape else { return leaveOut() }
        text.append(byte)
        length += 1
    }

    private var limit: Int { isKey ? JSONCondenser.keyBytes : JSONCondenser.stringBytes }

    /// Copies a string's bytes up to its limit.
    private mutating func keep(_ bytes: Span<UInt8>) {
        guard state == .string, bytes.count > 0 else { return }
        guard length < limit else { return leaveOut() }
        var count = min(bytes.count, limit - length)
        // Not in the middle of a character (RFC 3629 §3).
        while count < bytes.count, count > 0, bytes[count] & 0xc0 == 0x80 { count -= 1 }
        text.append(copying: bytes.extracting(0..<count))
        length += count
        if count < bytes.count { leaveOut() }
    }

    private mutating func leaveOut() {
        cuts.note(text.count)
        length = max(length, limit)
    }

    private mutating func scalar(_ bytes: Span<UInt8>, _ at: inout Int) {
        while at < bytes.count {
            let byte = bytes[at]
            let isPart =
                (48...57).contains(byte) || (97...122).contains(byte) || byte == 43 || byte == 45
                || byte == 46 || byte == 69
            guard isPart else {
                state = .afterValue
                return
            }
            if length < JSONCondenser.scalarBytes {
                text.append(byte)
            } else {
                cuts.note(text.count)
            }
            length += 1
            at += 1
        }
    }

    // MARK: - What is left out

    /// Passes over all that is left of the innermost container.
    private mutating func pass() {
        cuts.note(text.count)
        state = .skipped
        skippedDepth = 0
        skipsOneValue = false
    }

    /// The same, when `byte` of it was already taken.
    private mutating func pass(over byte: UInt8) {
        pass()
        switch byte {
        case 34:
            state = .skippedString
            escaped = 0
        case 123, 91: skippedDepth = 1
        default: break
        }
    }

    private mutating func skip(_ bytes: Span<UInt8>, _ at: inout Int) {
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case 34:
                state = .skippedString
                escaped = 0
                return
            case 123, 91: skippedDepth += 1
            case 125, 93:
                guard skippedDepth > 0 else { return close(byte) }
                skippedDepth -= 1
                guard skippedDepth == 0, skipsOneValue else { continue }
                skipsOneValue = false
                state = .afterValue
                return
            default: continue
            }
        }
    }
}

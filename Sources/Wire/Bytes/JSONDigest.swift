import Codecs

/// Stands for the arguments of a tool call: equal for equal arguments, however they are written.
/// Under a secret of this run, in memory only.
package struct ArgumentMark: Sendable, Hashable {
    package var value: UInt64
    /// Bytes of texts and digits of numbers in them; names of members do not count.
    package var content: Int

    package init(value: UInt64, content: Int) {
        self.value = value
        self.content = content
    }

    /// Bytes below which two calls of one tool are equal by chance: a small number, a short word.
    package static let leastContent = 8

    /// Enough is said to know a call again by it.
    package var isTelling: Bool { content >= ArgumentMark.leastContent }
}

/// A keyed hash of a JSON text's meaning, fed in pieces of any size and held in bounded memory.
///
/// White space, the order of members, escapes, and how a number is spelt make no difference: the
/// hashes of an object's members are added. Refused is what two readers may read differently:
/// doubled names, lone surrogates, numbers that no IEEE 754 double holds (RFC 7493 §2), and what
/// is no JSON (RFC 8259); also more levels than `Limits.jsonDepth`, or more than 256 names in the
/// objects open at once.
struct JSONDigest {
    private enum State {
        case value, firstElement, firstKey, key, colon, afterValue
        case text, escape, unit, secondSlash, secondU, scalar
        case done, broken
    }
    private struct Container {
        var isObject: Bool
        var sum: UInt64 = 0
        var count: UInt64 = 0
        /// Where its names begin in `names`.
        var names: Int
    }
    /// What keeps values of different types apart.
    private enum Kind {
        static let text: UInt8 = 1
        static let number: UInt8 = 2
        static let word: UInt8 = 3
        static let object: UInt8 = 4
        static let array: UInt8 = 5
    }

    private static let secret = KeyedHash()
    private static let namesLimit = 256
    private static let scalarBytes = 64

    private var state = State.value
    private var open: [Container] = []
    /// Hashes of the names of all open objects.
    private var names: [UInt64] = []
    private var text = KeyedHashStream(JSONDigest.secret)
    private var isKey = false
    private var scalar: [UInt8] = []
    private var unit: UInt32 = 0
    private var digits = 0
    /// The first half of a pair, whose second must follow.
    private var high: UInt32?
    private var content = 0
    private var result: UInt64 = 0

    /// The mark, once the text is whole; nil before, and for a text that is refused.
    var mark: ArgumentMark? {
        state == .done ? ArgumentMark(value: result, content: content) : nil
    }
    var isBroken: Bool { state == .broken }

    mutating func feed(_ bytes: Span<UInt8>) {
        for at in bytes.indices { feed(bytes[at]) }
    }

    mutating func feed(_ byte: UInt8) {
        switch state {
        case .text: textByte(byte)
        case .escape: escaped(byte)
        case .unit: unitDigit(byte)
        case .secondSlash: state = byte == 92 ? .secondU : .broken
        case .secondU:
            (unit, digits) = (0, 0)
            state = byte == UInt8(ascii: "u") ? .unit : .broken
        case .scalar:
            if JSONDigest.isScalar(byte) {
                guard scalar.count < JSONDigest.scalarBytes else {
                    state = .broken
                    return
                }
                scalar.append(byte)
            } else {
                endScalar()
                if state != .broken { structure(byte) }
            }
        case .broken: break
        default: structure(byte)
        }
    }

    // MARK: - Between values

    private static func isScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 97...122, 43, 45, 46, 69: true
        default: false
        }
    }

    private mutating func structure(_ byte: UInt8) {
        if byte == 32 || byte == 10 || byte == 13 || byte == 9 { return }
        switch (state, byte) {
        case (.firstElement, 93), (.firstKey, 125), (.afterValue, 93), (.afterValue, 125):
            close(isObject: byte == 125)
        case (.afterValue, 44):
            state = open.last?.isObject == true ? .key : .value
        case (.colon, 58): state = .value
        case (.firstKey, 34), (.key, 34): beginText(isKey: true)
        case (.value, _), (.firstElement, _): begin(byte)
        default: state = .broken
        }
    }

    private mutating func begin(_ byte: UInt8) {
        switch byte {
        case 34: beginText(isKey: false)
        case 123, 91:
            guard open.count < Limits.standard.jsonDepth else {
                state = .broken
                return
            }
            open.append(Container(isObject: byte == 123, names: names.count))
            state = byte == 123 ? .firstKey : .firstElement
        case 45, 48...57, 97...122:
            scalar.removeAll(keepingCapacity: true)
            scalar.append(byte)
            state = .scalar
        default: state = .broken
        }
    }

    private mutating func close(isObject: Bool) {
        guard let last = open.popLast(), last.isObject == isObject else {
            state = .broken
            return
        }
        names.removeLast(names.count - last.names)
        let sum = JSONDigest.secret.of(last.sum, then: last.count)
        end(JSONDigest.secret.of(sum, then: UInt64(isObject ? Kind.object : Kind.array)))
    }

    /// A value is over.
    private mutating func end(_ value: UInt64) {
        guard let place = open.indices.last else {
            result = value
            state = .done
            return
        }
        open[place].count += 1
        if open[place].isObject {
            let name = names.last ?? 0
            open[place].sum &+= JSONDigest.secret.of(name, then: value)
        } else {
            open[place].sum = JSONDigest.secret.of(open[place].sum, then: value)
        }
        state = .afterValue
    }

    // MARK: - Texts

    private mutating func beginText(isKey: Bool) {
        self.isKey = isKey
        text = KeyedHashStream(JSONDigest.secret)
        high = nil
        state = .text
    }

    private mutating func textByte(_ byte: UInt8) {
        switch byte {
        case 34: endText()
        case 92: state = .escape
        case 0..<32: state = .broken
        default: text.feed(byte)
        }
    }

    private mutating func endText() {
        let value = text.value(kind: Kind.text)
        guard isKey else {
            content += text.count
            return end(value)
        }
        guard let place = open.last, names.count < JSONDigest.namesLimit,
            !names[place.names...].contains(value)
        else {
            state = .broken
            return
        }
        names.append(value)
        state = .colon
    }

    /// RFC 8259 §7.
    private mutating func escaped(_ byte: UInt8) {
        state = .text
        switch byte {
        case 34, 92, 47: text.feed(byte)
        case UInt8(ascii: "n"): text.feed(10)
        case UInt8(ascii: "t"): text.feed(9)
        case UInt8(ascii: "r"): text.feed(13)
        case UInt8(ascii: "b"): text.feed(8)
        case UInt8(ascii: "f"): text.feed(12)
        case UInt8(ascii: "u"):
            (unit, digits) = (0, 0)
            state = .unit
        default: state = .broken
        }
    }

    private mutating func unitDigit(_ byte: UInt8) {
        guard let digit = HTTP1Dissector.hexDigit(byte) else {
            state = .broken
            return
        }
        unit = unit << 4 | UInt32(digit)
        digits += 1
        guard digits == 4 else { return }
        var value = unit
        if let first = high {
            guard unit >> 10 == 0x37 else {
                state = .broken
                return
            }
            value = 0x10000 + (first & 0x3ff) << 10 + (unit & 0x3ff)
            high = nil
        } else if unit >> 10 == 0x36 {
            high = unit
            state = .secondSlash
            return
        }
        guard let letter = Unicode.Scalar(value) else {
            state = .broken
            return
        }
        if let coded = UTF8.encode(letter) {
            for byte in coded { text.feed(byte) }
        }
        state = .text
    }

    // MARK: - Numbers and words

    private mutating func endScalar() {
        var hash = KeyedHashStream(JSONDigest.secret)
        let written = scalar
        let bytes = written.span
        if bytes.equals("true") || bytes.equals("false") || bytes.equals("null") {
            for at in bytes.indices { hash.feed(bytes[at]) }
            return end(hash.value(kind: Kind.word))
        }
        guard let number = DecimalNumber.canonical(bytes) else {
            state = .broken
            return
        }
        for byte in number { hash.feed(byte) }
        content += number.count
        end(hash.value(kind: Kind.number))
    }
}

extension JSONDigest {
    /// The mark of arguments: a value as it stands in a document, or the text that a string holds.
    /// Nil where they are refused, or tell too little.
    static func mark(of value: Span<UInt8>) -> ArgumentMark? {
        guard value.count > 0 else { return nil }
        var digest = JSONDigest()
        digest.feed(value, unescaping: value[0] == 34)
        return digest.mark.flatMap { $0.isTelling ? $0 : nil }
    }

    /// Takes a value as it stands in a document, or what a string says.
    mutating func feed(_ value: Span<UInt8>, unescaping isText: Bool) {
        guard isText else { return feed(value) }
        guard value.count >= 2 else { return refuse() }
        var at = 1
        let end = value.count - 1
        while at < end {
            let byte = value[at]
            at += 1
            guard byte == 92 else {
                feed(byte)
                continue
            }
            guard at < end, let letter = JSONDigest.letter(value, &at, end) else { return refuse() }
            guard let coded = UTF8.encode(letter) else { return refuse() }
            for byte in coded { feed(byte) }
        }
    }

    private mutating func refuse() { state = .broken }

    private static func letter(
        _ value: Span<UInt8>, _ at: inout Int, _ end: Int
    ) -> Unicode.Scalar? {
        let escape = value[at]
        at += 1
        switch escape {
        case 34, 92, 47: return Unicode.Scalar(escape)
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "u"):
            guard let unit = unit(value, &at, end) else { return nil }
            guard unit >> 10 == 0x36 else { return Unicode.Scalar(unit) }
            guard at + 2 <= end, value[at] == 92, value[at + 1] == UInt8(ascii: "u") else {
                return nil
            }
            at += 2
            guard let low = self.unit(value, &at, end), low >> 10 == 0x37 else { return nil }
            return Unicode.Scalar(0x10000 + (unit & 0x3ff) << 10 + (low & 0x3ff))
        default: return nil
        }
    }

    private static func unit(_ value: Span<UInt8>, _ at: inout Int, _ end: Int) -> UInt32? {
        guard at + 4 <= end else { return nil }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = HTTP1Dissector.hexDigit(value[at]) else { return nil }
            unit = unit << 4 | UInt32(digit)
            at += 1
        }
        return unit
    }
}

import Codecs

/// A pull reader of JSON (RFC 8259): builds no tree, holds no content, and stops where its caller
/// stops.
///
/// Running out of bytes throws `.needMore`, so a document cut short still gives what stood before
/// the cut.
struct JSONReader: ~Escapable {
    enum Kind { case object, array, string, number, bool, null }

    private let bytes: Span<UInt8>
    private(set) var offset = 0
    private var depth = 0
    /// A value ended just before, so only a comma or the end of its container may follow.
    private var isAfterValue = false
    /// A text was read that was written with a `\u` escape.
    var hasReadEscape = false

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// What the next value is, without reading it.
    mutating func kind() throws(ParseFailure) -> Kind {
        switch try peek() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), 48...57: return .number
        default: throw .malformed(.badJSON)
        }
    }

    mutating func enterObject() throws(ParseFailure) { try enter(UInt8(ascii: "{")) }
    mutating func enterArray() throws(ParseFailure) { try enter(UInt8(ascii: "[")) }

    /// Enters the next value if it is an object; any other value is passed over.
    mutating func entersObject() throws(ParseFailure) -> Bool {
        guard try kind() == .object else {
            try skipValue()
            return false
        }
        try enterObject()
        return true
    }

    /// Enters the next value if it is an array; any other value is passed over.
    mutating func entersArray() throws(ParseFailure) -> Bool {
        guard try kind() == .array else {
            try skipValue()
            return false
        }
        try enterArray()
        return true
    }

    /// Enters the array's next element that is an object; others are passed over. False once the
    /// array has ended.
    mutating func nextObject() throws(ParseFailure) -> Bool {
        while try nextElement() {
            if try entersObject() { return true }
        }
        return false
    }

    /// The next member's name; nil once the object has ended.
    @_lifetime(copy self)
    mutating func nextKey() throws(ParseFailure) -> JSONKey? {
        guard try isMore(before: UInt8(ascii: "}")) else { return nil }
        guard try peek() == UInt8(ascii: "\"") else { throw .malformed(.badJSON) }
        let start = offset + 1
        var index = start
        while index < bytes.count, bytes[index] != 34, bytes[index] != 92 { index += 1 }
        guard index < bytes.count else { throw .needMore(1) }
        let key: JSONKey
        if bytes[index] == 34 {
            offset = index + 1
            isAfterValue = true
            key = JSONKey(bytes.extracting(start..<min(index, start + 128)), resolved: nil)
        } else {
            let resolved = try escapedString(from: start, limit: 128)
            key = JSONKey(bytes.extracting(start..<start), resolved: resolved)
        }
        guard try peek() == UInt8(ascii: ":") else { throw .malformed(.badJSON) }
        offset += 1
        isAfterValue = false
        return key
    }

    /// Whether the array has one more element.
    mutating func nextElement() throws(ParseFailure) -> Bool {
        let more = try isMore(before: UInt8(ascii: "]"))
        isAfterValue = false
        if !more { isAfterValue = true }
        return more
    }

    /// A string's text, at most `limit` bytes of it; escapes are resolved, bad UTF-8 is repaired.
    mutating func string(limit: Int) throws(ParseFailure) -> String {
        guard try peek() == UInt8(ascii: "\"") else { throw .malformed(.badJSON) }
        offset += 1
        let start = offset
        var index = offset
        while index < bytes.count, bytes[index] != 34, bytes[index] != 92 { index += 1 }
        guard index < bytes.count else { throw .needMore(1) }
        if bytes[index] == 34 {
            offset = index + 1
            isAfterValue = true
            return text(start, min(index, start + limit))
        }
        return try escapedString(from: start, limit: limit)
    }

    /// The next value's string if it is one; any other value is passed over.
    mutating func stringIfPresent(limit: Int) throws(ParseFailure) -> String? {
        if try kind() == .string { return try string(limit: limit) }
        try skipValue()
        return nil
    }

    mutating func boolIfPresent() throws(ParseFailure) -> Bool? {
        let isBool = try kind() == .bool
        let isTrue = bytes[offset] == UInt8(ascii: "t")
        try skipValue()
        return isBool ? isTrue : nil
    }

    /// A number's digits as written, or nil for any other value.
    mutating func numberText() throws(ParseFailure) -> String? {
        let isNumber = try kind() == .number
        let start = offset
        try skipValue()
        return isNumber ? text(start, min(offset, start + 64)) : nil
    }

    /// Passes over one value of any size and depth within the limit.
    mutating func skipValue() throws(ParseFailure) {
        switch try kind() {
        case .string: try skipString()
        case .number: skipWhile { ($0 >= 48 && $0 <= 57) || "+-.eE".utf8.contains($0) }
        case .bool, .null: skipWhile { $0 >= 97 && $0 <= 122 }
        case .object, .array: try skipContainer()
        }
        if offset >= bytes.count, depth > 0 { throw .needMore(1) }
        isAfterValue = true
    }

    /// The bytes of the next value as they stand; the reader moves past it.
    @_lifetime(copy self)
    mutating func raw() throws(ParseFailure) -> Span<UInt8> {
        _ = try peek()
        let start = offset
        try skipValue()
        return bytes.extracting(start..<offset)
    }

    /// Whether nothing but white space is left.
    mutating func isAtEnd() -> Bool {
        skipWhile { $0 == 32 || $0 == 10 || $0 == 13 || $0 == 9 }
        return offset >= bytes.count
    }

    // MARK: - Inside

    private mutating func peek() throws(ParseFailure) -> UInt8 {
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte != 32, byte != 10, byte != 13, byte != 9 { return byte }
            offset += 1
        }
        throw .needMore(1)
    }

    private mutating func enter(_ bracket: UInt8) throws(ParseFailure) {
        guard try peek() == bracket, depth < Limits.standard.jsonDepth else {
            throw .malformed(.badJSON)
        }
        depth += 1
        offset += 1
        isAfterValue = false
    }

    private mutating func isMore(before end: UInt8) throws(ParseFailure) -> Bool {
        var byte = try peek()
        if byte == end {
            offset += 1
            depth -= 1
            isAfterValue = true
            return false
        }
        if isAfterValue {
            guard byte == UInt8(ascii: ",") else { throw .malformed(.badJSON) }
            offset += 1
            byte = try peek()
        }
        return true
    }

    private mutating func skipWhile(_ matches: (UInt8) -> Bool) {
        while offset < bytes.count, matches(bytes[offset]) { offset += 1 }
    }

    private mutating func skipString() throws(ParseFailure) {
        let start = offset + 1
        var at = start
        while let quote = bytes.position(of: 34, in: at..<bytes.count) {
            // Escaped behind an odd number of backslashes.
            var before = quote
            while before > start, bytes[before - 1] == 92 { before -= 1 }
            at = quote + 1
            if (quote - before) % 2 == 0 {
                offset = at
                return
            }
        }
        offset = bytes.count
        throw .needMore(1)
    }

    private mutating func skipContainer() throws(ParseFailure) {
        var open = 0
        repeat {
            switch try peek() {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open += 1
                guard depth + open <= Limits.standard.jsonDepth else { throw .malformed(.badJSON) }
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                open -= 1
                offset += 1
            case UInt8(ascii: "\""): try skipString()
            default: offset += 1
            }
        } while open > 0
    }

    private func text(_ start: Int, _ end: Int) -> String {
        String(copying: bytes.extracting(start..<end))
    }

    private mutating func escapedString(
        from start: Int, limit: Int
    ) throws(ParseFailure) -> String {
        var out: [UInt8] = []
        offset = start
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == 34 {
                isAfterValue = true
                return String(decoding: out.prefix(limit), as: UTF8.self)
            }
            guard byte == 92 else {
                if out.count < limit { out.append(byte) }
                continue
            }
            guard offset < bytes.count else { break }
            let escape = bytes[offset]
            offset += 1
            let scalar = try unescaped(escape)
            if out.count < limit { out += Array(String(Character(scalar)).utf8) }
        }
        throw .needMore(1)
    }

    /// RFC 8259 §7; a lone surrogate becomes U+FFFD.
    private mutating func unescaped(_ escape: UInt8) throws(ParseFailure) -> Unicode.Scalar {
        switch escape {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "u"):
            hasReadEscape = true
            let unit = try hexQuad()
            guard unit >> 10 == 0x36, offset + 5 < bytes.count, bytes[offset] == 92,
                bytes[offset + 1] == UInt8(ascii: "u")
            else { return Unicode.Scalar(unit) ?? "\u{fffd}" }
            let before = offset
            offset += 2
            let low = try hexQuad()
            guard low >> 10 == 0x37 else {
                offset = before
                return "\u{fffd}"
            }
            return Unicode.Scalar(0x10000 + (unit & 0x3ff) << 10 + (low & 0x3ff)) ?? "\u{fffd}"
        default: return Unicode.Scalar(escape)
        }
    }

    private mutating func hexQuad() throws(ParseFailure) -> UInt32 {
        guard offset + 4 <= bytes.count else {
            offset = bytes.count
            throw .needMore(1)
        }
        var value: UInt32 = 0
        for index in offset..<(offset + 4) {
            let digit = bytes[index]
            switch digit {
            case 48...57: value = value << 4 | UInt32(digit - 48)
            case 65...70: value = value << 4 | UInt32(digit - 55)
            case 97...102: value = value << 4 | UInt32(digit - 87)
            default: throw .malformed(.badJSON)
            }
        }
        offset += 4
        return value
    }
}

import Codecs

/// A JSON text as a tree, read strictly: what RFC 8785 can write in one way only.
///
/// Refused are doubled member names, lone surrogates, bytes that are no UTF-8, and numbers that do
/// not come back the same from an IEEE 754 double (RFC 7493 §2): of such a text two readers may
/// hold different opinions, so a hash of it would prove nothing.
indirect enum CanonicalJSON {
    case null
    case bool(Bool)
    /// As ECMAScript prints it (RFC 8785 §3.2.2.3).
    case number([UInt8])
    /// UTF-8, escapes resolved.
    case string([UInt8])
    case array([CanonicalJSON])
    /// By name, in order of UTF-16 code units.
    case object([Member])

    struct Member {
        var name: [UInt8]
        var value: CanonicalJSON
    }

    /// Bytes of a text that is read.
    private static let longest = 64 << 10

    /// Nil for a text that is longer than 64 KiB, deeper than the limit, or refused.
    init?(_ text: Span<UInt8>) {
        guard text.count <= CanonicalJSON.longest else { return nil }
        var reader = StrictReader(text)
        do throws(ParseFailure) {
            self = try reader.value(depth: 0)
            guard reader.isAtEnd() else { return nil }
        } catch {
            return nil
        }
    }

    /// The value of a member; nil where this is no object or has none of that name.
    subscript(name: StaticString) -> CanonicalJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.span.equals(name) }?.value
    }

    /// The text of a string, at most `limit` bytes of it.
    func text(limit: Int) -> String? {
        guard case .string(let bytes) = self else { return nil }
        return String(decoding: bytes.prefix(limit), as: UTF8.self)
    }

    // MARK: - Writing

    /// The one way in which RFC 8785 writes it.
    func bytes() -> [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    func write(to out: inout [UInt8]) {
        switch self {
        case .null: out += Array("null".utf8)
        case .bool(let value): out += Array((value ? "true" : "false").utf8)
        case .number(let digits): out += digits
        case .string(let text): CanonicalJSON.quote(text, to: &out)
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for at in elements.indices {
                if at > 0 { out.append(UInt8(ascii: ",")) }
                elements[at].write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for at in members.indices {
                if at > 0 { out.append(UInt8(ascii: ",")) }
                CanonicalJSON.quote(members[at].name, to: &out)
                out.append(UInt8(ascii: ":"))
                members[at].value.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    /// The fewest escapes that JSON allows (RFC 8785 §3.2.2.2).
    private static func quote(_ text: [UInt8], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        guard text.contains(where: { $0 < 32 || $0 == 34 || $0 == 92 }) else {
            out += text
            return out.append(UInt8(ascii: "\""))
        }
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [92, byte]
            case 8: out += [92, UInt8(ascii: "b")]
            case 9: out += [92, UInt8(ascii: "t")]
            case 10: out += [92, UInt8(ascii: "n")]
            case 12: out += [92, UInt8(ascii: "f")]
            case 13: out += [92, UInt8(ascii: "r")]
            case 0..<32:
                out += Array("\\u00".utf8) + [Hash.digit(byte >> 4), Hash.digit(byte & 15)]
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    // MARK: - Order

    /// Whether UTF-8 text stands before other by UTF-16 code units: as by bytes, but for what needs
    /// two units, which stands before U+E000.
    static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let count = min(left.count, right.count)
        var at = 0
        while at < count, left[at] == right[at] { at += 1 }
        guard at < count else { return left.count < right.count }
        let (one, other) = (left[at], right[at])
        if one >= 0xee, other >= 0xf0, one < 0xf0 { return false }
        if other >= 0xee, one >= 0xf0, other < 0xf0 { return true }
        return one < other
    }

    /// By their canonical form.
    static func sorted(_ elements: [CanonicalJSON]) -> [CanonicalJSON] {
        elements.map { (form: $0.bytes(), value: $0) }
            .sorted { precedes($0.form, $1.form) }.map(\.value)
    }
}

/// Reads what `CanonicalJSON` takes; throws for the rest.
private struct StrictReader: ~Escapable {
    private let bytes: Span<UInt8>
    private var offset = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    mutating func isAtEnd() -> Bool {
        skipSpace()
        return offset == bytes.count
    }

    mutating func value(depth: Int) throws(ParseFailure) -> CanonicalJSON {
        guard depth <= Limits.standard.jsonDepth else { throw .malformed(.badJSON) }
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["):
            offset += 1
            var elements: [CanonicalJSON] = []
            while try goesOn(to: UInt8(ascii: "]"), isFirst: elements.isEmpty) {
                elements.append(try value(depth: depth + 1))
            }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func members(depth: Int) throws(ParseFailure) -> [CanonicalJSON.Member] {
        offset += 1
        var members: [CanonicalJSON.Member] = []
        while try goesOn(to: UInt8(ascii: "}"), isFirst: members.isEmpty) {
            let name = try string()
            skipSpace()
            guard try peek() == UInt8(ascii: ":") else { throw .malformed(.badJSON) }
            offset += 1
            members.append(.init(name: name, value: try value(depth: depth + 1)))
        }
        members.sort { CanonicalJSON.precedes($0.name, $1.name) }
        for at in members.indices.dropFirst() where members[at].name == members[at - 1].name {
            throw .malformed(.badJSON)
        }
        return members
    }

    /// Whether one more stands before the bracket.
    private mutating func goesOn(to end: UInt8, isFirst: Bool) throws(ParseFailure) -> Bool {
        skipSpace()
        if try peek() == end {
            offset += 1
            return false
        }
        guard !isFirst else { return true }
        guard try peek() == UInt8(ascii: ",") else { throw .malformed(.badJSON) }
        offset += 1
        skipSpace()
        return true
    }

    private func peek() throws(ParseFailure) -> UInt8 {
        guard offset < bytes.count else { throw .malformed(.badJSON) }
        return bytes[offset]
    }

    private mutating func skipSpace() {
        while offset < bytes.count {
            let byte = bytes[offset]
            guard byte == 32 || byte == 10 || byte == 13 || byte == 9 else { return }
            offset += 1
        }
    }

    private mutating func word(
        _ word: StaticString, _ value: CanonicalJSON
    ) throws(ParseFailure) -> CanonicalJSON {
        guard bytes.holds(word, at: offset) else { throw .malformed(.badJSON) }
        offset += word.utf8CodeUnitCount
        return value
    }

    // MARK: - Strings

    private mutating func string() throws(ParseFailure) -> [UInt8] {
        guard try peek() == UInt8(ascii: "\"") else { throw .malformed(.badJSON) }
        offset += 1
        var text: [UInt8] = []
        var isASCII = true
        while true {
            let byte = try peek()
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard isASCII || String(validating: text, as: UTF8.self) != nil else {
                    throw .malformed(.badJSON)
                }
                return text
            case UInt8(ascii: "\\"): text += Array(String(Character(try escaped())).utf8)
            case 0..<32: throw .malformed(.badJSON)
            default:
                if byte >= 128 { isASCII = false }
                text.append(byte)
            }
        }
    }

    private mutating func escaped() throws(ParseFailure) -> Unicode.Scalar {
        let letter = try peek()
        offset += 1
        switch letter {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Unicode.Scalar(letter)
        case UInt8(ascii: "u"):
            let unit = try codeUnit()
            guard unit >> 10 == 0x36 else {
                guard let scalar = Unicode.Scalar(unit) else { throw .malformed(.badJSON) }
                return scalar
            }
            guard bytes.holds("\\u", at: offset) else { throw .malformed(.badJSON) }
            offset += 2
            let low = try codeUnit()
            guard low >> 10 == 0x37,
                let scalar = Unicode.Scalar(0x10000 + (unit & 0x3ff) << 10 + (low & 0x3ff))
            else { throw .malformed(.badJSON) }
            return scalar
        default: throw .malformed(.badJSON)
        }
    }

    private mutating func codeUnit() throws(ParseFailure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = HTTP1Dissector.hexDigit(try peek()) else {
                throw .malformed(.badJSON)
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    // MARK: - Numbers

    private mutating func number() throws(ParseFailure) -> [UInt8] {
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case 48...57, 43, 45, 46, 69, 101:
                offset += 1
                continue
            default: break
            }
            break
        }
        guard let text = DecimalNumber.canonical(bytes.extracting(start..<offset)) else {
            throw .malformed(.badJSON)
        }
        return text
    }
}

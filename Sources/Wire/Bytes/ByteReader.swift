import Codecs

/// A checked cursor over borrowed bytes, network byte order. It can neither read outside nor trap.
package struct ByteReader: ~Escapable {
    private let bytes: Span<UInt8>
    /// Measured by the message itself: running out here is a lie, not a short stream.
    private let isPart: Bool
    /// Bytes already read.
    package private(set) var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, isPart: Bool = false) {
        self.bytes = bytes
        self.isPart = isPart
    }

    /// Bytes not yet read.
    package var remaining: Int { bytes.count - offset }
    package var isAtEnd: Bool { offset >= bytes.count }

    @inline(__always)
    package mutating func uint8() throws(ParseFailure) -> UInt8 {
        bytes[try advance(1)]
    }

    @inline(__always)
    package mutating func uint16() throws(ParseFailure) -> UInt16 {
        let at = try advance(2)
        return bytes.word(at)
    }

    /// All that is left, in pairs of bytes; an odd last byte is passed over.
    mutating func uint16s() throws(ParseFailure) -> [UInt16] {
        var values: [UInt16] = []
        values.reserveCapacity(remaining / 2)
        while remaining >= 2 { values.append(try uint16()) }
        return values
    }

    package mutating func uint24() throws(ParseFailure) -> Int {
        let at = try advance(3)
        return Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
    }

    package mutating func uint32() throws(ParseFailure) -> UInt32 {
        let at = try advance(4)
        return UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16
            | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
    }

    package mutating func uint48() throws(ParseFailure) -> UInt64 {
        UInt64(try uint16()) << 32 | UInt64(try uint32())
    }

    package mutating func uint64() throws(ParseFailure) -> UInt64 {
        UInt64(try uint32()) << 32 | UInt64(try uint32())
    }

    /// The next `count` bytes as their own reader; this one moves past them.
    @_lifetime(copy self)
    package mutating func take(_ count: Int) throws(ParseFailure) -> ByteReader {
        let at = try advance(count)
        return ByteReader(bytes.extracting(at..<(at + count)), isPart: true)
    }

    /// Moves past `count` bytes.
    package mutating func skip(_ count: Int) throws(ParseFailure) {
        _ = try advance(count)
    }

    /// All that is left, as an array; this reader is then at its end.
    package mutating func rest() -> [UInt8] { array(remaining) }

    /// All that is left, where it stands; this reader is then at its end.
    @_lifetime(copy self)
    mutating func restSpan() -> Span<UInt8> {
        let start = offset
        offset = bytes.count
        return bytes.extracting(start..<bytes.count)
    }

    /// Up to `count` of the next bytes, where they stand; this reader moves past them.
    @_lifetime(copy self)
    mutating func span(_ count: Int) -> Span<UInt8> {
        let start = offset
        offset += min(max(count, 0), remaining)
        return bytes.extracting(start..<offset)
    }

    /// Up to `count` of the next bytes, as an array.
    package mutating func array(_ count: Int) -> [UInt8] {
        let end = offset + min(max(count, 0), remaining)
        defer { offset = end }
        return [UInt8](copying: bytes.extracting(offset..<end))
    }

    /// Up to `count` of the next bytes as text; bad UTF-8 is repaired.
    mutating func text(_ count: Int) -> String {
        let end = offset + min(max(count, 0), remaining)
        defer { offset = end }
        return String(copying: bytes.extracting(offset..<end))
    }

    /// Whether the next bytes are `others`, without moving.
    func isEqual(to others: [UInt8]) -> Bool {
        guard others.count <= remaining else { return false }
        for index in others.indices where bytes[offset + index] != others[index] { return false }
        return true
    }

    /// The byte `ahead` positions from here, without moving; nil beyond the end.
    package func peek(_ ahead: Int = 0) -> UInt8? {
        let at = offset + ahead
        return ahead >= 0 && at < bytes.count ? bytes[at] : nil
    }

    /// Position of the first `byte` counted from here, within the next `limit` bytes.
    package func distance(to byte: UInt8, within limit: Int = .max) -> Int? {
        let end = limit < remaining ? offset + limit : bytes.count
        return bytes.position(of: byte, in: offset..<end).map { $0 - offset }
    }

    /// Whether the next bytes are `text`, ASCII, without moving.
    package func starts(with text: StaticString) -> Bool {
        bytes.holds(text, at: offset)
    }

    /// Moves past all zeros that come next.
    mutating func skipZeros() {
        while offset + 4 <= bytes.count, bytes.littleUInt32(at: offset) == 0 { offset += 4 }
        while offset < bytes.count, bytes[offset] == 0 { offset += 1 }
    }

    /// Moves on by up to `count` bytes, never beyond the end; returns the bytes moved.
    mutating func moved(by count: Int) -> Int {
        let step = min(max(count, 0), remaining)
        offset += step
        return step
    }

    @inline(__always)
    private mutating func advance(_ count: Int) throws(ParseFailure) -> Int {
        guard count >= 0 else { throw .malformed(.shortInside) }
        guard count <= bytes.count - offset else {
            throw isPart ? .malformed(.shortInside) : .needMore(count - remaining)
        }
        defer { offset += count }
        return offset
    }
}

/// The bytes of a catalog file, and how its lines part into words.
struct CatalogText {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    subscript(index: Int) -> UInt8 { bytes[index] }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func hash(_ range: Range<Int>) -> UInt64 { TextIndex.hash(bytes.span.extracting(range)) }

    func value<Value>(_ range: Range<Int>, of known: Vocabulary<Value>) -> Value? {
        known.value(of: bytes.span.extracting(range))
    }

    /// A name of two labels or more as it is compared.
    func isHostName(_ range: Range<Int>) -> Bool {
        HostName.isOne(bytes.span.extracting(range)) && range.contains { bytes[$0] == 46 }
    }

    /// The end of the line that begins at `start`, its line feed left out.
    func lineEnd(from start: Int) -> Int {
        let bytes = bytes.span
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    /// The range without the blanks at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, CatalogText.isBlank(bytes[start]) { start += 1 }
        while start < end, CatalogText.isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The first word of a range, empty where there is none.
    func word(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while start < range.upperBound, CatalogText.isBlank(bytes[start]) { start += 1 }
        var end = start
        while end < range.upperBound, !CatalogText.isBlank(bytes[end]) { end += 1 }
        return start..<end
    }
}

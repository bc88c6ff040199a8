import Codecs

/// The bytes of a catalog file, and how its lines part into words.
struct CatalogText: Sendable {
    /// Where a value stands; empty where none was given, for a value has a byte at least.
    typealias Place = Range<Int>

    /// The file's own, and behind them what several of its lines add up to.
    private var bytes: [UInt8]
    private let ownBytes: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        ownBytes = bytes.count
    }

    subscript(index: Int) -> UInt8 { bytes[index] }

    subscript(place: Place) -> ArraySlice<UInt8> { bytes[place] }

    func text(_ place: Place) -> String { String(decoding: bytes[place], as: UTF8.self) }

    func hash(_ place: Place) -> UInt64 { TextIndex.hash(bytes.span.extracting(place)) }

    func value<Value>(_ place: Place, of known: Vocabulary<Value>) -> Value? {
        known.value(of: bytes.span.extracting(place))
    }

    /// Whether `text` stands at a place.
    func holds(_ text: String, at place: Place) -> Bool {
        holds(text.utf8.span, at: place)
    }

    func holds(_ text: Span<UInt8>, at place: Place) -> Bool {
        guard place.count == text.count else { return false }
        for index in 0..<place.count where bytes[place.lowerBound + index] != text[index] {
            return false
        }
        return true
    }

    /// Whether the same bytes stand here and there.
    func isSame(_ place: Place, as other: CatalogText, _ there: Place) -> Bool {
        other.holds(bytes.span.extracting(place), at: there)
    }

    /// A list that a line adds to: ` ; ` stands between its parts.
    mutating func joined(_ list: Place, and more: Place) -> Place {
        if list.isEmpty { return more }
        // A list that stands at the end already grows where it is.
        let isLast = list.lowerBound >= ownBytes && list.upperBound == bytes.count
        let start = isLast ? list.lowerBound : bytes.count
        if !isLast { bytes += bytes[list] }
        bytes += Array(" ; ".utf8) + bytes[more]
        return start..<bytes.count
    }

    // MARK: - Lines and words

    /// The end of the line that begins at `start`, its line feed left out.
    func lineEnd(from start: Int) -> Int {
        bytes.span.position(of: UInt8(ascii: "\n"), in: start..<ownBytes) ?? ownBytes
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    /// The place without the blanks at its ends.
    func trimmed(_ place: Place) -> Place {
        let bytes = bytes.span
        var (start, end) = (place.lowerBound, place.upperBound)
        while start < end, CatalogText.isBlank(bytes[start]) { start += 1 }
        while start < end, CatalogText.isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The first word of a place, empty where there is none.
    func word(_ place: Place) -> Place {
        let bytes = bytes.span
        var start = place.lowerBound
        while start < place.upperBound, CatalogText.isBlank(bytes[start]) { start += 1 }
        var end = start
        while end < place.upperBound, !CatalogText.isBlank(bytes[end]) { end += 1 }
        return start..<end
    }

    // MARK: - What a value may be

    /// A name of two labels or more as it is compared.
    func isHostName(_ place: Place) -> Bool {
        let name = bytes.span.extracting(place)
        guard HostName.isOne(name) else { return false }
        for index in name.indices where name[index] == UInt8(ascii: ".") { return true }
        return false
    }

    /// Lower-case letters, digits and `-`.
    func isWord(_ place: Place) -> Bool {
        let bytes = bytes.span
        for index in place {
            let byte = bytes[index]
            guard byte == 45 || 48...57 ~= byte || 97...122 ~= byte else { return false }
        }
        return !place.isEmpty
    }

    /// Two capital letters.
    func isCountry(_ place: Place) -> Bool {
        place.count == 2 && 65...90 ~= bytes[place.lowerBound]
            && 65...90 ~= bytes[place.lowerBound + 1]
    }

    /// Year and month: `2026-11`.
    func isMonth(_ place: Place) -> Bool {
        guard place.count == 7 else { return false }
        var digits = 0
        for index in place {
            let byte = bytes[index]
            if index == place.lowerBound + 4 {
                guard byte == UInt8(ascii: "-") else { return false }
            } else {
                guard 48...57 ~= byte else { return false }
                digits = digits * 10 + Int(byte - 48)
            }
        }
        return 1...12 ~= digits % 100
    }
}

/// Values that several readers want.
extension JSONReader {
    /// At most `limit` texts of a list, each cut to so many bytes; of anything else none.
    mutating func strings(limit: Int, bytes: Int) throws(ParseFailure) -> [String] {
        guard try entersArray() else { return [] }
        var found: [String] = []
        while try nextElement() {
            let text = try stringIfPresent(limit: bytes)
            if let text, found.count < limit { found.append(text) }
        }
        return found
    }

    /// A whole number from 0 to 2^40; nil for anything else.
    mutating func countIfPresent() throws(ParseFailure) -> Int? {
        guard let text = try numberText(), let value = Int(text), (0...1 << 40).contains(value)
        else { return nil }
        return value
    }
}

/// Where something was left out of a condensed JSON text, by places in that text.
struct JSONCuts: Sendable {
    /// Kept places; behind the last of them everything counts as cut.
    private static let limit = 64

    private var places: [Int] = []

    var isEmpty: Bool { places.isEmpty }

    /// Something stood at `place`, which is not before any noted so far.
    mutating func note(_ place: Int) {
        guard places.count < JSONCuts.limit, places.last != place else { return }
        places.append(place)
    }

    /// Whether something was left out in `range`, or just behind its last byte.
    func touch(_ range: ClosedRange<Int>) -> Bool {
        if places.count == JSONCuts.limit, let last = places.last, range.upperBound >= last {
            return true
        }
        return places.contains { range.contains($0) }
    }

    /// The same cuts, by places in a part of the text that begins at `start`.
    func from(_ start: Int) -> JSONCuts {
        guard start > 0, !places.isEmpty else { return self }
        var part = JSONCuts()
        part.places = places.map { $0 - start }
        return part
    }
}

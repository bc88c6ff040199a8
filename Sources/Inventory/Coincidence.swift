/// How likely it is that exchanges lie within others by chance alone.
enum Coincidence {
    /// The most draws that are worked out exactly.
    private static let exact = 64

    /// That of `draws` at random times at least `hits` fall into the share `part` of all time.
    ///
    /// Beyond 64 draws the first 64 in the same proportion stand for all, which is never less.
    static func chance(of hits: Int, in draws: Int, part: Double) -> Double {
        guard hits > 0, draws > 0 else { return 1 }
        let part = min(max(part, 0), 1)
        guard part < 1 else { return 1 }
        let count = min(draws, exact)
        let least = draws > exact ? max(1, hits * exact / draws) : min(hits, draws)
        // The term of each number of hits from the one before.
        var term = 1.0
        for _ in 0..<count { term *= 1 - part }
        var below = 0.0
        for number in 0..<least {
            below += term
            term *= Double(count - number) / Double(number + 1) * part / (1 - part)
        }
        // Of nearly equal sums little would be left: a small chance is its first terms.
        guard below > 0.5 else { return max(0, 1 - below) }
        var chance = 0.0
        for number in least...count {
            chance += term
            term *= Double(count - number) / Double(number + 1) * part / (1 - part)
        }
        return min(1, chance)
    }

    /// That so many draws, each into any of `places` alike, leave no place empty.
    static func covering(_ places: Int, by draws: Int) -> Double {
        guard places > 1 else { return 1 }
        guard draws >= places else { return 0 }
        // Of many places the terms grow too large to be told apart.
        guard places <= 16 else { return 1 }
        var (sum, choices, sign) = (0.0, 1.0, 1.0)
        for empty in 0..<places {
            var share = 1.0
            for _ in 0..<min(draws, 1_000) {
                share *= Double(places - empty) / Double(places)
            }
            sum += sign * choices * share
            choices *= Double(places - empty) / Double(empty + 1)
            sign = -sign
        }
        return min(1, max(0, sum))
    }
}

/// What a token looks like from its first byte to its last: fixed text, and runs of bytes of a
/// class.
///
///     sk-ant-api03-[A-Za-z0-9_-]{93}AA
///
/// A class may be followed by how often it stands there: `{93}`, `{20,}`, `{5,6}`; without that,
/// once.
struct TokenShape: Sendable {
    /// Bytes of a token that are looked at; a longer one is no token of the catalog.
    static let longest = 4096
    private static let mostPieces = 16
    /// Fewer bytes than that are a word, and not a secret.
    private static let shortest = 12

    /// ASCII bytes of a class.
    struct ByteClass: Sendable {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        mutating func insert(_ byte: UInt8) {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }

        func contains(_ byte: UInt8) -> Bool {
            byte < 64
                ? low >> UInt64(byte) & 1 == 1 : byte < 128 && high >> UInt64(byte - 64) & 1 == 1
        }

        var isEmpty: Bool { low == 0 && high == 0 }
    }
    private enum Piece: Sendable {
        case text([UInt8])
        case run(ByteClass, least: Int, most: Int)
    }
    private let pieces: [Piece]
    /// The fixed text it begins with; may be empty.
    let prefix: [UInt8]
    /// Bytes that are fixed: of two shapes that fit, the one with more tells more.
    let fixedBytes: Int
    let leastBytes: Int

    /// Nil for what cannot be read as a shape, and for one that would fit what is no secret.
    init?(_ text: ArraySlice<UInt8>) {
        var input = text
        var pieces: [Piece] = []
        while let byte = input.first {
            if byte == UInt8(ascii: "[") {
                guard let run = TokenShape.run(&input) else { return nil }
                pieces.append(run)
            } else {
                let end =
                    input.firstIndex { $0 == UInt8(ascii: "[") } ?? input.endIndex
                let fixed = input[..<end]
                guard fixed.allSatisfy({ 0x21...0x7e ~= $0 && !"{}]".utf8.contains($0) }) else {
                    return nil
                }
                pieces.append(.text(Array(fixed)))
                input = input[end...]
            }
            guard pieces.count <= TokenShape.mostPieces else { return nil }
        }
        var (fixed, least) = (0, 0)
        for piece in pieces {
            switch piece {
            case .text(let text):
                fixed += text.count
                least += text.count
            case .run(_, let count, _): least += count
            }
        }
        guard least >= TokenShape.shortest, least <= TokenShape.longest, fixed >= 2 else {
            return nil
        }
        if case .text(let text) = pieces.first { prefix = text } else { prefix = [] }
        self.pieces = pieces
        fixedBytes = fixed
        leastBytes = least
    }

    /// `[a-z0-9_-]{20,}`, from the bracket on.
    private static func run(_ input: inout ArraySlice<UInt8>) -> Piece? {
        guard let end = input.firstIndex(of: UInt8(ascii: "]")),
            let members = byteClass(input[(input.startIndex + 1)..<end])
        else { return nil }
        input = input[(end + 1)...]
        guard input.first == UInt8(ascii: "{") else { return .run(members, least: 1, most: 1) }
        guard let close = input.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let counts = input[(input.startIndex + 1)..<close].split(
            separator: UInt8(ascii: ","), maxSplits: 1, omittingEmptySubsequences: false)
        input = input[(close + 1)...]
        guard let least = number(counts[0]) else { return nil }
        if counts.count == 1 { return .run(members, least: least, most: least) }
        if counts[1].isEmpty { return .run(members, least: least, most: longest) }
        guard let most = number(counts[1]), most >= least, most > 0 else { return nil }
        return .run(members, least: least, most: most)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard 1...4 ~= digits.count, digits.allSatisfy({ 48...57 ~= $0 }) else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return value <= longest ? value : nil
    }

    /// `A-Za-z0-9_-`: a `-` that stands first or last is itself.
    private static func byteClass(_ text: ArraySlice<UInt8>) -> ByteClass? {
        var members = ByteClass()
        var rest = text
        while let byte = rest.first {
            guard 0x21...0x7e ~= byte else { return nil }
            let last = rest.dropFirst(2).first
            if rest.dropFirst().first == UInt8(ascii: "-"), let last {
                guard last >= byte, last < 0x7f else { return nil }
                for member in byte...last { members.insert(member) }
                rest = rest.dropFirst(3)
            } else {
                members.insert(byte)
                rest = rest.dropFirst()
            }
        }
        return members.isEmpty ? nil : members
    }

    // MARK: - Matching

    /// Whether the whole token has this shape. Work is at most pieces times bytes, whatever stands
    /// in it: where the pieces may end is followed for all places at once.
    func matches(_ token: Span<UInt8>) -> Bool {
        let count = token.count
        guard count >= leastBytes, count <= TokenShape.longest else { return false }
        var ends = [Bool](repeating: false, count: count + 1)
        ends[0] = true
        for piece in pieces {
            switch piece {
            case .text(let text): ends = TokenShape.ends(of: text, from: ends, in: token)
            case .run(let members, let least, let most):
                ends = TokenShape.ends(of: members, least...most, from: ends, in: token)
            }
        }
        return ends[count]
    }

    private static func ends(
        of text: [UInt8], from starts: [Bool], in token: Span<UInt8>
    ) -> [Bool] {
        var ends = [Bool](repeating: false, count: starts.count)
        guard text.count < starts.count else { return ends }
        for start in 0..<(starts.count - text.count) where starts[start] {
            ends[start + text.count] = text.indices.allSatisfy { token[start + $0] == text[$0] }
        }
        return ends
    }

    private static func ends(
        of members: ByteClass, _ counts: ClosedRange<Int>, from starts: [Bool],
        in token: Span<UInt8>
    ) -> [Bool] {
        // How many starts stand before each place.
        var before = [0]
        before.reserveCapacity(starts.count + 1)
        for start in starts { before.append(before[before.count - 1] + (start ? 1 : 0)) }
        var ends = [Bool](repeating: false, count: starts.count)
        // Where the run of members that ends here began.
        var first = 0
        for end in starts.indices {
            if end > 0, !members.contains(token[end - 1]) { first = end }
            let (low, high) = (max(first, end - counts.upperBound), end - counts.lowerBound)
            ends[end] = high >= low && before[high + 1] > before[low]
        }
        return ends
    }
}

/// Finds what kind of token some bytes are, with one hash probe per length that a prefix has.
struct TokenIndex: Sendable {
    private struct Line: Sendable {
        var shape: TokenShape
        /// Where its token stands in the catalog.
        var token: Int
        var next: Int
    }
    private var lines: [Line] = []
    private var heads = HashIndex()
    /// Shapes that begin with no fixed text.
    private var open: [Int] = []
    private var prefixLengths: [Int] = []

    mutating func add(_ shape: TokenShape, token: Int) {
        let number = lines.count
        lines.append(Line(shape: shape, token: token, next: -1))
        guard !shape.prefix.isEmpty else { return open.append(number) }
        lines[number].next = heads.set(number, under: TokenIndex.hash(shape.prefix.span))
        if !prefixLengths.contains(shape.prefix.count) {
            prefixLengths.append(shape.prefix.count)
            prefixLengths.sort()
        }
    }

    /// The tokens with a shape that fits, the one with most fixed bytes first.
    func matches(_ token: Span<UInt8>) -> [Int] {
        guard token.count <= TokenShape.longest else { return [] }
        var found: [(fixed: Int, token: Int)] = []
        for number in open where lines[number].shape.matches(token) {
            found.append((lines[number].shape.fixedBytes, lines[number].token))
        }
        for length in prefixLengths where length <= token.count {
            var number = heads.line(under: TokenIndex.hash(token.extracting(0..<length)))
            while number >= 0 {
                if lines[number].shape.matches(token) {
                    found.append((lines[number].shape.fixedBytes, lines[number].token))
                }
                number = lines[number].next
            }
        }
        found.sort { ($1.fixed, $0.token) < ($0.fixed, $1.token) }
        return found.reduce(into: []) { if !$0.contains($1.token) { $0.append($1.token) } }
    }

    private static func hash(_ bytes: Span<UInt8>) -> UInt64 { TextIndex.hash(bytes) }
}

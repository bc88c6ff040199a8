/// A name with wildcards, each of them one or more bytes inside one label.
struct DomainPattern: Sendable {
    /// Each label as the fixed parts around its wildcards: `q`, or `chatgpt-prod-` and an empty
    /// one.
    private let labels: [[[UInt8]]]
    /// The labels behind the last one with a wildcard, joined by dots.
    let fixedEnd: [UInt8]
    /// Bytes that are no wildcard.
    let fixedBytes: Int

    /// Nil if a brace is unpaired, two wildcards touch, or the last label has one.
    init?(_ text: ArraySlice<UInt8>) {
        var labels: [[[UInt8]]] = [[[]]]
        var isInBraces = false
        for byte in text {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "*"):
                let part = labels[labels.count - 1]
                guard !isInBraces, part.count == 1 || part.last?.isEmpty == false else {
                    return nil
                }
                labels[labels.count - 1].append([])
                isInBraces = byte == UInt8(ascii: "{")
            case UInt8(ascii: "}"):
                guard isInBraces else { return nil }
                isInBraces = false
            case _ where isInBraces: continue
            case UInt8(ascii: "."): labels.append([[]])
            default: labels[labels.count - 1][labels[labels.count - 1].count - 1].append(byte)
            }
        }
        let end = labels.reversed().prefix { $0.count == 1 }.reversed().map { $0[0] }
        guard !isInBraces, !end.isEmpty, end.count < labels.count else { return nil }
        self.labels = labels
        fixedEnd = DomainPattern.joined(Array(end), by: UInt8(ascii: "."))
        fixedBytes = labels.reduce(0) { $1.reduce($0) { $0 + $1.count } }
    }

    /// The text with each wildcard replaced by one letter: what must be a name for this to be a
    /// pattern.
    var sample: String {
        let names = labels.map { DomainPattern.joined($0, by: UInt8(ascii: "x")) }
        return String(decoding: DomainPattern.joined(names, by: UInt8(ascii: ".")), as: UTF8.self)
    }

    private static func joined(_ parts: [[UInt8]], by separator: UInt8) -> [UInt8] {
        var joined = parts[0]
        for part in parts.dropFirst() {
            joined.append(separator)
            joined += part
        }
        return joined
    }

    func matches(_ name: [UInt8]) -> Bool {
        let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == labels.count
            && zip(labels, parts).allSatisfy { DomainPattern.matches($1, label: $0) }
    }

    /// Each fixed part is taken where it first fits, the last one at the label's end: with one or
    /// more bytes between them no other choice could match where this one does not.
    static func matches(_ label: ArraySlice<UInt8>, label parts: [[UInt8]]) -> Bool {
        guard let first = parts.first, let last = parts.last else { return false }
        guard parts.count > 1 else { return label.elementsEqual(first) }
        guard label.starts(with: first), label.count > first.count + last.count,
            label.suffix(last.count).elementsEqual(last)
        else { return false }
        var rest = label.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() {
            rest = rest.dropFirst()
            while !rest.starts(with: part) {
                guard !rest.isEmpty else { return false }
                rest = rest.dropFirst()
            }
            rest = rest.dropFirst(part.count)
            guard !rest.isEmpty else { return false }
        }
        return true
    }
}

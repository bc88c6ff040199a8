import Wire

/// Parts of one batch, merged into the one order that a single worker would have given.
enum EventMerge {
    static func forEach(
        _ parts: [[OrderedEvent]], _ body: (Event) throws -> Void
    ) rethrows {
        let filled = parts.filter { !$0.isEmpty }
        var positions = [Int](repeating: 0, count: filled.count)
        while true {
            var best: Int?
            for (index, part) in filled.enumerated() where positions[index] < part.count {
                guard let current = best else {
                    best = index
                    continue
                }
                if isBefore(part[positions[index]], filled[current][positions[current]]) {
                    best = index
                }
            }
            guard let best else { return }
            try body(filled[best][positions[best]].event)
            positions[best] += 1
        }
    }

    /// By order; ends of idle flows, which several workers may have at once, by flow.
    private static func isBefore(_ left: OrderedEvent, _ right: OrderedEvent) -> Bool {
        if left.order != right.order { return left.order < right.order }
        return (left.event.flow?.number ?? 0) < (right.event.flow?.number ?? 0)
    }
}

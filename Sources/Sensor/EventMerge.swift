import Wire

/// Parts of one batch, merged into the one order that a single worker would have given.
enum EventMerge {
    static func forEach(
        _ parts: [[OrderedEvent]], _ body: (Event) throws -> Void
    ) rethrows {
        let filled = parts.filter { !$0.isEmpty }
        if filled.count == 1 {
            for index in filled[0].indices { try body(filled[0][index].event) }
            return
        }
        var positions = [Int](repeating: 0, count: filled.count)
        var orders = filled.map { $0[0].order }
        while true {
            var best = -1
            for index in filled.indices where positions[index] < filled[index].count {
                if best < 0 || orders[index] < orders[best] {
                    best = index
                } else if orders[index] == orders[best],
                    flow(filled[index][positions[index]]) < flow(filled[best][positions[best]])
                {
                    best = index
                }
            }
            guard best >= 0 else { return }
            try body(filled[best][positions[best]].event)
            positions[best] += 1
            if positions[best] < filled[best].count {
                orders[best] = filled[best][positions[best]].order
            }
        }
    }

    /// Ends of idle flows, which several workers may have at once, come by flow.
    private static func flow(_ ordered: OrderedEvent) -> UInt64 { ordered.event.flow?.number ?? 0 }
}

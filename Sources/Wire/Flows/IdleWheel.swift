import Codecs

/// Flows by the second of packet time in which they may be over, so that a look for idle flows
/// meets those that are due and no others: each flow once in its patience, however many there are.
struct IdleWheel {
    /// Seconds in one turn. What is due later is met at the end of the turn, and placed again.
    private static let seconds: Int64 = 1024
    private static let nowhere = UInt32.max

    /// Neighbors in the list of one second.
    private struct Node: BitwiseCopyable {
        var older = IdleWheel.nowhere
        var newer = IdleWheel.nowhere
        var list = IdleWheel.nowhere
    }

    private var nodes: [Node] = []
    private var newest = [UInt32](repeating: nowhere, count: Int(seconds))
    /// The second up to which due flows were met; it may still have some.
    private var position: Int64?

    /// Makes room at once, so that the table is not copied when it grows.
    mutating func reserve(_ count: Int) {
        nodes.reserveCapacity(count)
        LargePages.use(for: &nodes)
    }

    /// Flow `index` may be over at `deadline`; it is `now` in packet time.
    mutating func place(_ index: Int, at deadline: Timestamp, now: Timestamp) {
        if index < nodes.count {
            if nodes[index].list != IdleWheel.nowhere { remove(index) }
        } else {
            while nodes.count <= index { nodes.append(Node()) }
        }
        let from = position ?? second(now)
        position = from
        let due = min(max(second(deadline), from), from + IdleWheel.seconds - 1)
        let list = list(due)
        let older = newest[list]
        nodes[index] = Node(older: older, list: UInt32(list))
        if older != IdleWheel.nowhere { nodes[Int(older)].newer = UInt32(index) }
        newest[list] = UInt32(index)
    }

    /// Flow `index` is over already.
    mutating func remove(_ index: Int) {
        let node = nodes[index]
        guard node.list != IdleWheel.nowhere else { return }
        if node.newer == IdleWheel.nowhere {
            newest[Int(node.list)] = node.older
        } else {
            nodes[Int(node.newer)].older = node.older
        }
        if node.older != IdleWheel.nowhere { nodes[Int(node.older)].newer = node.newer }
        nodes[index] = Node()
    }

    /// Takes out the flows that may be over by `now`, in no order.
    mutating func takeDue(at now: Timestamp) -> [Int] {
        guard let from = position, second(now) >= from else { return [] }
        var due: [Int] = []
        for turn in 0..<min(second(now) - from + 1, IdleWheel.seconds) {
            let list = list(from + turn)
            var next = newest[list]
            newest[list] = IdleWheel.nowhere
            while next != IdleWheel.nowhere {
                let index = Int(next)
                due.append(index)
                next = nodes[index].older
                nodes[index] = Node()
            }
        }
        position = second(now)
        return due
    }

    private func second(_ time: Timestamp) -> Int64 { time.nanoseconds / 1_000_000_000 }

    private func list(_ second: Int64) -> Int {
        // The seconds of a turn are a power of two, so that times before 1970 need no care.
        Int(second & (IdleWheel.seconds - 1))
    }
}

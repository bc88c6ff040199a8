import Dispatch
import Synchronization

/// A queue between two threads. A full queue slows the stage before it.
final class BoundedQueue<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])
    private let filled = DispatchSemaphore(value: 0)
    private let vacant = DispatchSemaphore(value: 0)

    init(capacity: Int) {
        // Created at 0 and raised: a semaphore may not be destroyed below the value it began with.
        for _ in 0..<capacity { vacant.signal() }
    }

    /// Waits for room.
    func push(_ element: Element) {
        vacant.wait()
        state.withLock { $0.append(element) }
        filled.signal()
    }

    /// Waits for an element. The queue is short, so taking from the front of an array costs
    /// nothing.
    func pop() -> Element {
        filled.wait()
        defer { vacant.signal() }
        return state.withLock { $0.removeFirst() }
    }
}

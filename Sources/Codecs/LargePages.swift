import CMalloc
import Glibc

/// Asks the kernel for pages of 2 MiB (transparent huge pages) where the packet path keeps its
/// tables: they are met in no order, and with pages of 4 KiB nearly every look has to find its
/// page first. A wish only: where it is not granted, nothing else changes.
package enum LargePages {
    private static let pageBytes = 2 << 20
    /// How far the heap grows at a time. Address space: memory is taken when it is used.
    private static let growth: Int32 = 64 << 20
    /// The largest block that the heap itself holds, as glibc would have it after a while; beyond
    /// it a block is a mapping of its own.
    private static let largestInHeap: Int32 = 32 << 20

    /// Lets the first 64 MiB of the calling thread's heap lie in large pages, for a process that is
    /// about to follow packets. To be called once, before it has allocated much.
    package static func useForHeap() {
        guard mallopt(M_MMAP_THRESHOLD, largestInHeap) == 1, mallopt(M_TOP_PAD, growth) == 1,
            mallopt(M_TRIM_THRESHOLD, 2 * growth) == 1
        else { return }
        // The first block that does not fit lets the heap grow.
        guard let first = unsafe malloc(pageBytes) else { return }
        let start = UInt(bitPattern: first)
        unsafe free(first)
        guard let end = unsafe sbrk(0) else { return }
        advise(start, UInt(bitPattern: end))
    }

    /// The same for the room that `array` has set aside.
    package static func use<Element>(for array: inout [Element]) {
        let bytes = array.capacity * MemoryLayout<Element>.stride
        unsafe array.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let start = UInt(bitPattern: base)
            advise(start, start + UInt(bytes))
        }
    }

    /// Whole large pages within the range; what lies at its ends is somebody else's as well.
    private static func advise(_ start: UInt, _ end: UInt) {
        let mask = UInt(pageBytes - 1)
        let (first, last) = ((start + mask) & ~mask, end & ~mask)
        guard first < last, let base = unsafe UnsafeMutableRawPointer(bitPattern: first) else {
            return
        }
        _ = unsafe madvise(base, Int(last - first), MADV_HUGEPAGE)
    }
}

import Glibc

/// What this process has used so far, by the operating system's account.
package struct ProcessUsage: Sendable {
    /// Seconds of CPU in user and in system mode.
    package var userSeconds: Double
    package var systemSeconds: Double
    /// Seconds of a clock that only runs forward.
    package var wallSeconds: Double
    /// Largest resident memory so far, bytes.
    package var peakMemoryBytes: Int

    package static func now() -> ProcessUsage {
        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(0), &usage)
        return ProcessUsage(
            userSeconds: seconds(usage.ru_utime), systemSeconds: seconds(usage.ru_stime),
            wallSeconds: monotonicSeconds(),
            peakMemoryBytes: usage.ru_maxrss * 1024)
    }

    /// Seconds of a clock that only runs forward.
    static func monotonicSeconds() -> Double { seconds(CLOCK_MONOTONIC) }

    /// CPU seconds of the calling thread.
    static func threadSeconds() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    package static func - (later: ProcessUsage, earlier: ProcessUsage) -> ProcessUsage {
        ProcessUsage(
            userSeconds: later.userSeconds - earlier.userSeconds,
            systemSeconds: later.systemSeconds - earlier.systemSeconds,
            wallSeconds: later.wallSeconds - earlier.wallSeconds,
            peakMemoryBytes: later.peakMemoryBytes)
    }
}

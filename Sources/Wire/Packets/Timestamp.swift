/// Packet time: nanoseconds since 1970-01-01T00:00:00Z, as the capture recorded it.
///
/// The data path knows no other clock, so a replay gives the same answer every time.
package struct Timestamp: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970; captures from before 1970 or after 2262 saturate.
    package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Seconds plus nanoseconds, saturating: a capture may claim any time at all.
    package init(seconds: UInt64, nanoseconds fraction: UInt64) {
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = scaled.addingReportingOverflow(fraction)
        let isTooLate = overflow || carry || sum > UInt64(Int64.max)
        nanoseconds = isTooLate ? Int64.max : Int64(sum)
    }

    package static let zero = Timestamp(nanoseconds: 0)

    @inlinable package static func == (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds == right.nanoseconds
    }

    @inlinable package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Nanoseconds from `earlier` to `self`; negative when time ran backwards, saturating.
    @inlinable package func nanoseconds(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? (nanoseconds > earlier.nanoseconds ? .max : .min) : difference
    }

    /// `self` moved by `amount` nanoseconds, saturating.
    @inlinable package func advanced(byNanoseconds amount: Int64) -> Timestamp {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(amount)
        return Timestamp(nanoseconds: overflow ? (amount > 0 ? .max : .min) : sum)
    }

    /// Year, month, day, hour, minute, second and microsecond in UTC (proleptic Gregorian).
    package var utc:
        (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int)
    {
        // Rounded down, without a step below the least value.
        let total = nanoseconds >= 0 ? nanoseconds / 1000 : (nanoseconds + 1) / 1000 - 1
        let seconds = total >= 0 ? total / 1_000_000 : (total - 999_999) / 1_000_000
        let microsecond = Int(total - seconds * 1_000_000)
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = Int(seconds - days * 86_400)
        // Days to date: eras of 400 years that begin on 1 March, so leap days come last.
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day, rest / 3600, rest / 60 % 60, rest % 60, microsecond)
    }

    /// RFC 3339 with microseconds: `2026-11-23T19:57:06.353000Z`.
    package var rfc3339: String {
        let t = utc
        return "\(padded(t.year, 4))-\(padded(t.month, 2))-\(padded(t.day, 2))"
            + "T\(padded(t.hour, 2)):\(padded(t.minute, 2)):\(padded(t.second, 2))"
            + ".\(padded(t.microsecond, 6))Z"
    }
}

/// `value` in decimal, with zeros in front up to `width` digits.
package func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return digits.utf8.count >= width
        ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
}

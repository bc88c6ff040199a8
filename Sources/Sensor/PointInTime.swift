import Foundation
package import Wire

/// Times as people write them.
package enum PointInTime {
    /// A time in RFC 3339, or the beginning of a day in UTC; nil for anything else.
    package static func parse(_ text: String) -> Timestamp? {
        for options: ISO8601DateFormatter.Options in [
            [.withInternetDateTime], [.withInternetDateTime, .withFractionalSeconds],
            [.withFullDate],
        ] {
            let formatter = ISO8601DateFormatter()
            formatter.formatOptions = options
            if let date = formatter.date(from: text) {
                return Timestamp(nanoseconds: Int64(date.timeIntervalSince1970 * 1e9))
            }
        }
        return nil
    }

    /// The same, but of a day its end: what holds until a day holds on it.
    package static func end(of text: String) -> Timestamp? {
        let day: Int64 = 86_400_000_000_000
        return parse(text).map {
            text.utf8.count == 10 ? $0.advanced(byNanoseconds: day) : $0
        }
    }
}

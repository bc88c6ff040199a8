import Wire

/// Names under which addresses are looked up (RFC 1035 §3.5, RFC 3596 §2.5).
enum ReverseName {
    /// The address of a whole name; nil for any other.
    static func address(_ name: String) -> IPAddress? {
        let labels = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard labels.last == "arpa", labels.count >= 2 else { return nil }
        switch (labels[labels.count - 2], labels.count) {
        case ("in-addr", 6):
            return IPAddress(labels[..<4].reversed().joined(separator: "."))
        case ("ip6", 34):
            var (high, low): (UInt64, UInt64) = (0, 0)
            for label in labels[..<32].reversed() {
                guard label.utf8.count == 1, let digit = label.first?.hexDigitValue else {
                    return nil
                }
                high = high << 4 | low >> 60
                low = low << 4 | UInt64(digit)
            }
            return IPAddress(high: high, low: low)
        default: return nil
        }
    }
}

import Wire
import Yams

/// The section `limits`: how much memory the sensor may use, and for how long it waits.
extension ConfigurationReader {
    /// One line of the section.
    private struct Bound {
        enum Unit {
            case count, bytes, seconds
        }
        var name: String
        var unit: Unit
        /// In `unit`. Below the least the sensor could not work; above the greatest it would not be
        /// a bound.
        var range: ClosedRange<Int>
        var set: (inout Limits, Int) -> Void
    }

    private static var bounds: [Bound] {
        [
            Bound(name: "flows", unit: .count, range: 16...50_000_000) { $0.flows = $1 },
            Bound(name: "undissected_bytes", unit: .bytes, range: 1 << 16...1 << 40) {
                $0.undissectedBytes = $1
            },
            Bound(name: "undissected_bytes_per_side", unit: .bytes, range: 1 << 10...1 << 30) {
                $0.undissectedBytesPerSide = $1
            },
            Bound(name: "parked_segments_per_side", unit: .count, range: 1...4096) {
                $0.parkedSegmentsPerSide = $1
            },
            Bound(name: "fragment_bytes", unit: .bytes, range: 1 << 16...1 << 40) {
                $0.fragmentBytes = $1
            },
            Bound(name: "fragmented_datagrams", unit: .count, range: 1...1_000_000) {
                $0.fragmentedDatagrams = $1
            },
            Bound(name: "fragment_seconds", unit: .seconds, range: 1...3600) {
                $0.fragmentPatience = Int64($1) * 1_000_000_000
            },
            Bound(name: "tcp_idle_seconds", unit: .seconds, range: 1...1_000_000_000) {
                $0.tcpIdle = Int64($1) * 1_000_000_000
            },
            Bound(name: "udp_idle_seconds", unit: .seconds, range: 1...1_000_000_000) {
                $0.udpIdle = Int64($1) * 1_000_000_000
            },
        ]
    }

    private static let units = [
        "": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1000, "KB": 1000,
        "MB": 1_000_000, "GB": 1_000_000_000,
    ]

    mutating func readLimits(_ node: Node) throws(ConfigurationError) {
        let bounds = ConfigurationReader.bounds
        for (key, value) in try mapping(node, "limits") {
            let name = key.string ?? ""
            guard let bound = bounds.first(where: { $0.name == name }) else {
                throw unknown(key, name, bounds.map(\.name))
            }
            let number = try number(value, bound)
            guard bound.range.contains(number) else {
                let (least, most) = (bound.range.lowerBound, bound.range.upperBound)
                throw error(
                    value,
                    "\(name) is \(words(number, bound.unit)); give one from "
                        + "\(words(least, bound.unit)) to \(words(most, bound.unit))")
            }
            bound.set(&configuration.wireLimits, number)
        }
    }

    private func number(_ node: Node, _ bound: Bound) throws(ConfigurationError) -> Int {
        let written = try text(node, bound.name)
        let digits = written.prefix { $0.isASCII && ($0.isNumber || $0 == "_") }
        let unit = written.dropFirst(digits.count).drop { $0 == " " }
        let known = bound.unit == .bytes ? ConfigurationReader.units : ["": 1]
        guard let number = Int(digits.filter { $0 != "_" }), let scale = known[String(unit)] else {
            let remedy =
                bound.unit == .bytes
                ? "a size, like 64 MiB or 67108864" : "a whole number above zero"
            throw error(node, "\(bound.name) wants \(remedy), not \"\(written)\"")
        }
        let (product, isTooLarge) = number.multipliedReportingOverflow(by: scale)
        return isTooLarge ? .max : product
    }

    private func words(_ number: Int, _ unit: Bound.Unit) -> String {
        guard unit == .bytes else { return String(number) }
        for (name, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where number >= 1 << shift && number % (1 << shift) == 0 {
            return "\(number >> shift) \(name)"
        }
        return String(number)
    }
}

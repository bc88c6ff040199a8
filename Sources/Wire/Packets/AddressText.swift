import Codecs

/// Writes addresses as text: reports and inventories hold many, so no piece of one becomes a string
/// of its own.
struct AddressText {
    /// Room for the longest text there is: two endpoints of IPv6 and what joins them.
    private var bytes = InlineArray<128, UInt8>(repeating: 0)
    private var count = 0

    var string: String { String(copying: bytes.span.extracting(0..<count)) }

    private mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ mark: Unicode.Scalar) { append(UInt8(ascii: mark)) }

    mutating func append(decimal value: UInt16) {
        if value >= 10_000 { append(48 + UInt8(value / 10_000)) }
        if value >= 1000 { append(48 + UInt8(value / 1000 % 10)) }
        if value >= 100 { append(48 + UInt8(value / 100 % 10)) }
        if value >= 10 { append(48 + UInt8(value / 10 % 10)) }
        append(48 + UInt8(value % 10))
    }

    /// Lower-case hex without leading zeros beyond `digits` digits.
    mutating func append(hex value: UInt16, atLeast digits: Int = 1) {
        if value >> 12 != 0 || digits > 3 { append(Hash.digit(UInt8(value >> 12))) }
        if value >> 8 != 0 || digits > 2 { append(Hash.digit(UInt8(value >> 8 & 15))) }
        if value >> 4 != 0 || digits > 1 { append(Hash.digit(UInt8(value >> 4 & 15))) }
        append(Hash.digit(UInt8(value & 15)))
    }

    /// `10.0.0.1:443`, `[2001:db8::1]:443`.
    mutating func append(_ endpoint: Endpoint) {
        if !endpoint.address.isV4 { append("[") }
        append(endpoint.address)
        if !endpoint.address.isV4 { append("]") }
        append(":")
        append(decimal: endpoint.port)
    }

    mutating func append(text: String) { for byte in text.utf8 { append(byte) } }

    /// Dotted quad, or the canonical text of RFC 5952 §4.
    mutating func append(_ address: IPAddress) {
        guard !address.isV4 else {
            for shift in stride(from: 24 as UInt32, through: 0, by: -8) {
                if shift < 24 { append(".") }
                append(decimal: UInt16(truncatingIfNeeded: address.v4 >> shift & 255))
            }
            return
        }
        let zeros = AddressText.longestZeros(in: address)
        var index = 0
        while index < 8 {
            if zeros.count > 1, index == zeros.lowerBound {
                append(":")
                append(":")
                index = zeros.upperBound
                continue
            }
            if index > 0, index != zeros.upperBound || zeros.count < 2 { append(":") }
            append(hex: AddressText.group(index, of: address))
            index += 1
        }
    }

    private static func group(_ index: Int, of address: IPAddress) -> UInt16 {
        let half = index < 4 ? address.high : address.low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index % 4)))
    }

    /// The first of the longest runs of groups that are zero.
    private static func longestZeros(in address: IPAddress) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0..<8 {
            if group(index, of: address) != 0 { start = index + 1 }
            if index + 1 - start > best.count { best = start..<(index + 1) }
        }
        return best
    }
}

extension FlowReference {
    /// `10.0.0.1:50000 → 10.0.0.2:443/tcp`.
    package var text: String {
        var text = AddressText()
        text.append(client)
        text.append(text: " → ")
        text.append(server)
        text.append(text: transport == .tcp ? "/tcp" : "/udp")
        return text.string
    }
}

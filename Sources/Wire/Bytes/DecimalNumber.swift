import Codecs

/// A decimal number as its digits and where its point stands, so that two spellings of one number
/// are equal.
struct DecimalNumber: Equatable {
    private var isNegative: Bool
    /// Without zeros at either end; empty for zero.
    private var digits: [UInt8]
    /// The number is 0.DIGITS × 10^point.
    private var point: Int

    /// Digits of a number that is read.
    private static let longest = 64

    /// The number as ECMAScript prints it (RFC 8785 §3.2.2.3); nil for what JSON does not allow,
    /// and for a number that an IEEE 754 double does not hold.
    static func canonical(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count <= longest, let written = DecimalNumber(text) else { return nil }
        guard let value = Double(String(copying: text)), value.isFinite,
            let held = DecimalNumber([UInt8](value.description.utf8).span, isStrict: false),
            held == written
        else { return nil }
        return held.text()
    }

    /// Nil for what is no number of JSON (RFC 8259 §6); lenient, leading zeros are passed over.
    private init?(_ text: Span<UInt8>, isStrict: Bool = true) {
        var at = 0
        isNegative = text.count > 0 && text[0] == 45
        if isNegative { at = 1 }
        digits = []
        var whole = 0
        while at < text.count, (48...57).contains(text[at]) {
            digits.append(text[at])
            whole += 1
            at += 1
        }
        guard whole > 0, !isStrict || whole == 1 || digits[0] != 48 else { return nil }
        point = whole
        if at < text.count, text[at] == 46 {
            at += 1
            let start = at
            while at < text.count, (48...57).contains(text[at]) {
                digits.append(text[at])
                at += 1
            }
            guard at > start else { return nil }
        }
        if at < text.count, text[at] | 32 == 101 {
            let exponent = FieldValue(text.extracting((at + 1)...)).number
            guard let exponent, (-9999...9999).contains(exponent) else { return nil }
            point += exponent
            at = text.count
        }
        guard at == text.count else { return nil }
        while digits.last == 48 { digits.removeLast() }
        let zeros = digits.prefix { $0 == 48 }.count
        digits.removeFirst(zeros)
        point -= zeros
        if digits.isEmpty { (isNegative, point) = (false, 0) }
    }

    /// ECMA-262 §6.1.6.1.20, Number::toString.
    private func text() -> [UInt8] {
        guard !digits.isEmpty else { return [48] }
        let sign: [UInt8] = isNegative ? [45] : []
        let zeros = { (count: Int) in [UInt8](repeating: 48, count: count) }
        if digits.count <= point, point <= 21 { return sign + digits + zeros(point - digits.count) }
        if (1...21).contains(point) {
            return sign + digits[..<point] + [46] + digits[point...]
        }
        if (-5...0).contains(point) { return sign + [48, 46] + zeros(-point) + digits }
        let exponent = point - 1
        let fraction = digits.count > 1 ? [46] + digits.dropFirst() : []
        return sign + [digits[0]] + fraction + [101, exponent < 0 ? 45 : 43]
            + Array(String(exponent.magnitude).utf8)
    }
}

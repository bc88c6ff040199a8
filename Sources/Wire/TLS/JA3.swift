import Codecs

/// JA3 and JA3S (github.com/salesforce/ja3): decimal fields, joined by `-` and `,`, hashed with
/// MD5.
enum JA3 {
    static func hash(_ text: [UInt8]) -> String { Hash.md5Hex(text) }

    /// Version, ciphers, extensions, groups and point formats of a ClientHello, without GREASE.
    static func text(of hello: HelloParts) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        append(hello.version, to: &out)
        for list in [HelloParts.List.ciphers, .extensions, .groups] {
            append(hello[list], to: &out) { !$0.isGREASE }
        }
        append(hello[.pointFormats], to: &out) { _ in true }
        return out
    }

    /// The ServerHello's own version field, its cipher and its extensions.
    static func text(of hello: ServerHello) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(96)
        append(hello.version, to: &out)
        out.append(UInt8(ascii: ","))
        append(hello.cipherSuite, to: &out)
        out.append(UInt8(ascii: ","))
        for position in 0..<hello.extensions.count {
            if position > 0 { out.append(UInt8(ascii: "-")) }
            append(hello.extensions[position], to: &out)
        }
        return out
    }

    /// A comma, and the values that are wanted.
    private static func append(
        _ values: ArraySlice<UInt16>, to out: inout [UInt8], where isWanted: (UInt16) -> Bool
    ) {
        out.append(UInt8(ascii: ","))
        var isFirst = true
        for value in values where isWanted(value) {
            if !isFirst { out.append(UInt8(ascii: "-")) }
            isFirst = false
            append(value, to: &out)
        }
    }

    private static func append(_ value: UInt16, to out: inout [UInt8]) {
        if value >= 10_000 { out.append(48 + UInt8(value / 10_000)) }
        if value >= 1000 { out.append(48 + UInt8(value / 1000 % 10)) }
        if value >= 100 { out.append(48 + UInt8(value / 100 % 10)) }
        if value >= 10 { out.append(48 + UInt8(value / 10 % 10)) }
        out.append(48 + UInt8(value % 10))
    }
}

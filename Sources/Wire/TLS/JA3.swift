import Codecs

/// JA3 and JA3S (github.com/salesforce/ja3): decimal fields, joined by `-` and `,`, hashed with
/// MD5.
enum JA3 {
    /// Version, ciphers, extensions, groups and point formats of a ClientHello, without GREASE.
    static func text(of hello: HelloParts) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        append(hello.version, to: &out)
        append(hello.ciphers, to: &out)
        append(hello.extensions, to: &out)
        append(hello.groups, to: &out)
        out.append(UInt8(ascii: ","))
        for (index, format) in hello.pointFormats.enumerated() {
            if index > 0 { out.append(UInt8(ascii: "-")) }
            append(UInt16(format), to: &out)
        }
        return out
    }

    /// The ServerHello's own version field, its cipher and its extensions.
    static func serverText(version: UInt16, cipher: UInt16, extensions: [UInt16]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(96)
        append(version, to: &out)
        out.append(UInt8(ascii: ","))
        append(cipher, to: &out)
        out.append(UInt8(ascii: ","))
        for (index, type) in extensions.enumerated() {
            if index > 0 { out.append(UInt8(ascii: "-")) }
            append(type, to: &out)
        }
        return out
    }

    /// A comma, and the values without GREASE.
    private static func append(_ values: [UInt16], to out: inout [UInt8]) {
        out.append(UInt8(ascii: ","))
        var isFirst = true
        for value in values where !value.isGREASE {
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

import Codecs

/// JA3 and JA3S (github.com/salesforce/ja3): decimal fields, joined by `-` and `,`, hashed with
/// MD5.
enum JA3 {
    /// Version, ciphers, extensions, groups and point formats of a ClientHello, without GREASE.
    static func text(of hello: HelloParts) -> String {
        var out = String(hello.version)
        append(hello.ciphers.filter { !$0.isGREASE }, to: &out)
        append(hello.extensions.filter { !$0.isGREASE }, to: &out)
        append(hello.groups.filter { !$0.isGREASE }, to: &out)
        append(hello.pointFormats, to: &out)
        return out
    }

    /// The ServerHello's own version field, its cipher and its extensions.
    static func serverText(version: UInt16, cipher: UInt16, extensions: [UInt16]) -> String {
        var out = "\(version),\(cipher)"
        append(extensions, to: &out)
        return out
    }

    private static func append(_ values: [some BinaryInteger], to out: inout String) {
        out += ","
        for (index, value) in values.enumerated() {
            if index > 0 { out += "-" }
            out += String(value)
        }
    }
}

/// What an HTTPS or SVCB record says of a service, as far as an inventory needs it (RFC 9460).
package struct ServiceBinding: Sendable, Hashable {
    /// 0 for an alias, else the lower the better (RFC 9460 §2.4.1).
    package var priority: UInt16
    /// Where the service is; empty for the record's own name.
    package var target: String
    /// Protocols beside the default one (RFC 9460 §7.1).
    package var alpn: [String] = []
    /// Addresses to try before a lookup has told (RFC 9460 §7.3).
    package var hints: [IPAddress] = []
    /// The service takes encrypted hellos (RFC 9848): its clients may hide the name they ask for.
    package var hasECH = false

    private enum Key {
        static let alpn: UInt16 = 1
        static let ipv4Hint: UInt16 = 4
        static let ech: UInt16 = 5
        static let ipv6Hint: UInt16 = 6
    }

    /// Reads a record's data, which begins `start` bytes into the message of `names`.
    init(
        _ input: inout ByteReader, at start: Int, in message: Span<UInt8>, _ names: inout DNSNames
    ) throws(ParseFailure) {
        priority = try input.uint16()
        var inner = ByteReader(message, isPart: true)
        try inner.skip(start + 2)
        target = try names.read(&inner)
        try input.skip(inner.offset - start - 2)
        while !input.isAtEnd {
            let key = try input.uint16()
            var value = try input.take(Int(try input.uint16()))
            switch key {
            case Key.alpn:
                while !value.isAtEnd, alpn.count < Limits.standard.serviceItems {
                    var name = try value.take(Int(try value.uint8()))
                    alpn.append(name.text(name.remaining))
                }
            case Key.ipv4Hint:
                while value.remaining >= 4, hints.count < Limits.standard.serviceItems {
                    hints.append(IPAddress(v4: try value.uint32()))
                }
            case Key.ipv6Hint:
                while value.remaining >= 16, hints.count < Limits.standard.serviceItems {
                    hints.append(IPAddress(high: try value.uint64(), low: try value.uint64()))
                }
            case Key.ech: hasECH = true
            default: break
            }
        }
    }
}

extension ServiceBinding: CustomStringConvertible {
    /// As zone files write it (RFC 9460 §2.1), without the keys that are not kept.
    package var description: String {
        var text = "\(priority) \(target.isEmpty ? "." : target)"
        if !alpn.isEmpty { text += " alpn=" + alpn.joined(separator: ",") }
        let (v4, v6) = (hints.filter(\.isV4), hints.filter { !$0.isV4 })
        if !v4.isEmpty { text += " ipv4hint=" + v4.map(\.description).joined(separator: ",") }
        if hasECH { text += " ech" }
        if !v6.isEmpty { text += " ipv6hint=" + v6.map(\.description).joined(separator: ",") }
        return text
    }
}

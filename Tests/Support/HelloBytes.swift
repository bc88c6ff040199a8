/// Builds TLS hellos as records.
package struct HelloBytes: Sendable {
    package var version: UInt16 = 0x0303
    package var ciphers: [UInt16] = [0x1301, 0x1302]
    /// Type and body, in order.
    package var extensions: [(UInt16, [UInt8])] = []

    package init() {}

    package mutating func serverName(_ name: String) {
        let bytes = Array(name.utf8)
        let entry = [0] + Frame.octets(UInt64(bytes.count), 2) + bytes
        extensions.append((0, Frame.octets(UInt64(entry.count), 2) + entry))
    }

    package mutating func alpn(_ protocols: [[UInt8]]) {
        let list = protocols.flatMap { [UInt8($0.count)] + $0 }
        extensions.append((16, Frame.octets(UInt64(list.count), 2) + list))
    }

    package mutating func supportedVersions(_ versions: [UInt16]) {
        let list = versions.flatMap { Frame.octets(UInt64($0), 2) }
        extensions.append((43, [UInt8(list.count)] + list))
    }

    package mutating func list(_ type: UInt16, _ values: [UInt16]) {
        let list = values.flatMap { Frame.octets(UInt64($0), 2) }
        extensions.append((type, Frame.octets(UInt64(list.count), 2) + list))
    }

    /// The handshake message: type, length, body.
    package func message(type: UInt8 = 1) -> [UInt8] {
        var body = Frame.octets(UInt64(version), 2) + [UInt8](repeating: 7, count: 32) + [0]
        if type == 1 {
            body += Frame.octets(UInt64(ciphers.count * 2), 2)
            body += ciphers.flatMap { Frame.octets(UInt64($0), 2) } + [1, 0]
        } else {
            body += Frame.octets(UInt64(ciphers.first ?? 0), 2) + [0]
        }
        let all = extensions.flatMap {
            Frame.octets(UInt64($0.0), 2) + Frame.octets(UInt64($0.1.count), 2) + $0.1
        }
        if !extensions.isEmpty { body += Frame.octets(UInt64(all.count), 2) + all }
        return [type] + Frame.octets(UInt64(body.count), 3) + body
    }

    /// The message in records of at most `recordBytes`.
    package func records(type: UInt8 = 1, recordBytes: Int = 16_384) -> [UInt8] {
        let whole = message(type: type)
        var out: [UInt8] = []
        for start in stride(from: 0, to: whole.count, by: recordBytes) {
            let part = whole[start..<min(start + recordBytes, whole.count)]
            out += [22, 3, 1] + Frame.octets(UInt64(part.count), 2) + part
        }
        return out
    }

    /// A hello as today's browsers send it, with GREASE and a post-quantum key share.
    package static func browser(_ name: String) -> HelloBytes {
        var hello = HelloBytes()
        hello.ciphers = [0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b]
        hello.extensions.append((0x3a3a, []))
        hello.serverName(name)
        hello.list(10, [0x4a4a, 0x11ec, 0x001d])
        hello.extensions.append((11, [1, 0]))
        hello.alpn([Array("h2".utf8), Array("http/1.1".utf8)])
        hello.list(13, [0x0403, 0x0804])
        hello.supportedVersions([0x5a5a, 0x0304, 0x0303])
        hello.extensions.append((51, [UInt8](repeating: 9, count: 1216)))
        return hello
    }
}

import Codecs
import Wire

/// The fingerprints of the hellos met last: a program says the same hello at every connection, and
/// two digests cost more than to know it again.
struct FingerprintMemo {
    private struct Entry {
        var parts: HelloParts
        var ja3: String
        var ja4: String
    }
    private static let size = 256

    private let secret = TableSecret.ofThisRun
    private var entries = [Entry?](repeating: nil, count: size)

    mutating func fingerprints(of hello: ClientHello) -> (ja3: String, ja4: String) {
        var hash = UInt64(hello.version)
        for type in hello.parts[.extensions] { hash = hash << 7 ^ hash >> 57 ^ UInt64(type) }
        let place = Int(truncatingIfNeeded: secret.of(hash, 0)) & (FingerprintMemo.size - 1)
        if let known = entries[place], known.parts == hello.parts { return (known.ja3, known.ja4) }
        let made = Entry(parts: hello.parts, ja3: hello.ja3, ja4: hello.ja4)
        entries[place] = made
        return (made.ja3, made.ja4)
    }
}

import Codecs

/// The names of one message, with compression (RFC 1035 §3.1, §4.1.4).
struct DNSNames: ~Escapable {
    private let message: Span<UInt8>
    /// The first name that was written out, and where: most others are a pointer to it.
    private var first: String?
    private var firstAt = 0

    @_lifetime(copy message)
    init(_ message: Span<UInt8>) { self.message = message }

    /// The name at the reader's position in the message, which the reader reads from its start;
    /// pointers are followed a bounded number of times.
    mutating func read(_ input: inout ByteReader) throws(ParseFailure) -> String {
        let at = input.offset
        if let first, at + 1 < message.count, message[at] >= 0xc0,
            Int(message[at] & 0x3f) << 8 | Int(message[at + 1]) == firstAt
        {
            try input.skip(2)
            return first
        }
        guard let (name, bytes) = plain(at) else { return try unusual(&input) }
        try input.skip(bytes)
        if first == nil {
            first = name
            firstAt = at
        }
        return name
    }

    /// A name without pointers, of printable bytes that need no escape, and the bytes it takes; nil
    /// for any other.
    private func plain(_ start: Int) -> (String, Int)? {
        var at = start
        var labels = 0
        while at < message.count, message[at] != 0 {
            let count = Int(message[at])
            at += 1 + count
            guard count < 64, at - start <= 255 else { return nil }
            labels += 1
        }
        guard at < message.count, labels > 0 else { return nil }
        var text = InlineArray<256, UInt8>(repeating: 0)
        message.copy((start + 1)..<at, to: &text)
        // A length becomes the dot before its label; before the first there is none.
        var dot = start + 1 + Int(message[start])
        while dot < at {
            text[dot - start - 1] = UInt8(ascii: ".")
            dot += 1 + Int(message[dot])
        }
        let name = text.span.extracting(0..<(at - start - 1))
        return name.isPlainName(dots: labels - 1) ? (String(copying: name), at + 1 - start) : nil
    }

    private func unusual(_ input: inout ByteReader) throws(ParseFailure) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        var (at, hops, encodedBytes) = (input.offset, 0, 0)
        /// Bytes the name takes where it stands: up to its end or its first pointer.
        var taken: Int?
        while true {
            guard at < message.count else { throw .malformed(.badDNS) }
            let count = Int(message[at])
            if count == 0 {
                try input.skip(taken ?? at + 1 - input.offset)
                return DNSNames.printable(text)
            }
            if count >= 0xc0 {
                guard at + 1 < message.count else { throw .malformed(.badDNS) }
                taken = taken ?? at + 2 - input.offset
                at = (count & 0x3f) << 8 | Int(message[at + 1])
                hops += 1
                guard hops <= Limits.standard.dnsPointerHops else { throw .malformed(.badDNS) }
                continue
            }
            encodedBytes += count + 1
            guard count < 64, encodedBytes <= 255, at + 1 + count <= message.count else {
                throw .malformed(.badDNS)
            }
            if !text.isEmpty { text.append(UInt8(ascii: ".")) }
            for index in (at + 1)..<(at + 1 + count) {
                DNSNames.append(message[index], to: &text)
            }
            at += count + 1
        }
    }

    /// Dots and backslashes that are no marks of ours are escaped (RFC 4343 §2.1), controls as
    /// `\xHH`, as Suricata does.
    private static func append(_ byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"):
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        case 32...126, 128...: text.append(byte)
        default: text += escaped(byte)
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        Array("\\x".utf8) + Array(Hash.hex([byte]).utf8)
    }

    /// A name in UTF-8 (RFC 6762 §16) stays as it is; in others, what is beyond ASCII is escaped.
    private static func printable(_ text: [UInt8]) -> String {
        if let name = String(validating: text, as: UTF8.self) { return name }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.count * 2)
        for byte in text {
            if byte < 128 { escaped.append(byte) } else { escaped += DNSNames.escaped(byte) }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}

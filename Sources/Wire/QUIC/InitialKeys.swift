import Codecs

/// The keys of a client's Initial packets, which whoever sees the first can make (RFC 9001 §5.2).
final class InitialKeys {
    /// What two ciphers of libcrypto hold, about.
    static let heldBytes = 3 << 10

    private let cipher: PacketCipher
    private let iv: PacketCipher.Nonce
    /// The highest packet number opened so far.
    private var largest = -1

    /// The keys of a connection whose client chose the id `destination`, or was given it by a
    /// Retry.
    init(_ secret: InitialSecret, to destination: Span<UInt8>) {
        (cipher, iv) = secret.clientKeys(to: destination)
    }

    /// What a packet holds; nil when it was not sealed with these keys (RFC 9001 §5.3, §5.4).
    func open(_ packet: LongHeader, in datagram: Span<UInt8>) -> [UInt8]? {
        let sample = packet.numberStart + 4
        guard sample + 16 <= packet.end else { return nil }
        let mask = cipher.mask(of: datagram.extracting(sample..<(sample + 16)))
        let first = datagram[packet.start] ^ mask[0] & 0x0f
        let numberBytes = Int(first & 3) + 1
        let payload = packet.numberStart + numberBytes
        var header = [UInt8](copying: datagram.extracting(packet.start..<payload))
        header[0] = first
        var truncated = 0
        for at in 0..<numberBytes {
            let byte = datagram[packet.numberStart + at] ^ mask[at + 1]
            header[packet.numberStart - packet.start + at] = byte
            truncated = truncated << 8 | Int(byte)
        }
        let number = InitialKeys.number(truncated, bytes: numberBytes, after: largest)
        var nonce = iv
        for at in 0..<8 { nonce[4 + at] ^= UInt8(truncatingIfNeeded: number >> (56 - 8 * at)) }
        let sealed = datagram.extracting(payload..<packet.end)
        guard let opened = cipher.open(sealed, with: header.span, nonce: nonce) else { return nil }
        largest = max(largest, number)
        return opened
    }

    /// The whole packet number, the one nearest to what is expected (RFC 9000 §A.3).
    static func number(_ truncated: Int, bytes: Int, after largest: Int) -> Int {
        let window = 1 << (8 * bytes)
        let expected = largest + 1
        let candidate = expected & ~(window - 1) | truncated
        if candidate <= expected - window / 2, candidate < 1 << 62 - window {
            return candidate + window
        }
        return candidate > expected + window / 2 && candidate >= window
            ? candidate - window : candidate
    }
}

import CCrypto

/// HMAC-SHA-256 under one key (RFC 2104), for messages that fit in one block: the key's two blocks
/// are hashed once, and a message then costs two more. libcrypto's own HMAC looks up, allocates and
/// copies for each.
package struct KeyedSHA256: BitwiseCopyable, Sendable {
    /// Words in memory order, as SHA-256 reads and writes them.
    fileprivate typealias Block = InlineArray<16, UInt32>

    /// A message of at most `limit` bytes, padded once for all keys.
    package struct Message: BitwiseCopyable, Sendable {
        /// Behind it a mark and eight bytes of length must still fit.
        package static let limit = 55
        fileprivate let block: Block

        package init(_ bytes: Span<UInt8>) {
            precondition(bytes.count <= Message.limit)
            var block = KeyedSHA256.block(of: bytes)
            let (word, shift) = (bytes.count / 4, UInt32(24 - bytes.count % 4 * 8))
            block[word] |= (UInt32(0x80) << shift).bigEndian
            block[15] = UInt32((64 + bytes.count) * 8).bigEndian
            self.block = block
        }
    }

    /// A message's code, 32 bytes.
    package struct Code: BitwiseCopyable, Sendable {
        fileprivate let words: InlineArray<8, UInt32>

        package var bytes: InlineArray<32, UInt8> {
            unsafe unsafeBitCast(words, to: InlineArray<32, UInt8>.self)
        }
    }

    private let inner: SHA256_CTX
    private let outer: SHA256_CTX

    /// `key` is at most 64 bytes.
    package init(key: Span<UInt8>) { self.init(KeyedSHA256.block(of: key)) }

    package init(key: Code) {
        var block = Block(repeating: 0)
        for at in key.words.indices { block[at] = key.words[at] }
        self.init(block)
    }

    private init(_ key: Block) {
        var block = key
        for at in block.indices { block[at] ^= 0x3636_3636 }
        inner = KeyedSHA256.start.advanced(by: block)
        for at in block.indices { block[at] ^= 0x3636_3636 ^ 0x5c5c_5c5c }
        outer = KeyedSHA256.start.advanced(by: block)
    }

    /// HKDF-Extract (RFC 5869 §2.2); and HKDF-Expand of up to 32 bytes, when a one ends the message
    /// (RFC 5869 §2.3).
    package func code(of message: Message) -> Code {
        var block = Block(repeating: 0)
        let digest = inner.advanced(by: message.block).code
        for at in digest.words.indices { block[at] = digest.words[at] }
        block[8] = UInt32(0x8000_0000).bigEndian
        block[15] = UInt32((64 + 32) * 8).bigEndian
        return outer.advanced(by: block).code
    }

    private static let start: SHA256_CTX = {
        var context = SHA256_CTX()
        unsafe withUnsafeMutablePointer(to: &context) { _ = unsafe SHA256_Init($0) }
        return context
    }()

    /// The first 64 bytes, with zeros behind them.
    private static func block(of bytes: Span<UInt8>) -> Block {
        precondition(bytes.count <= 64)
        var block = Block(repeating: 0)
        for at in bytes.indices {
            block[at / 4] |= (UInt32(bytes[at]) << UInt32(24 - at % 4 * 8)).bigEndian
        }
        return block
    }
}

extension SHA256_CTX {
    fileprivate func advanced(by block: KeyedSHA256.Block) -> SHA256_CTX {
        var next = self
        unsafe withUnsafeMutablePointer(to: &next) { context in
            unsafe block.span.withUnsafeBytes { bytes in
                unsafe SHA256_Transform(
                    context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            }
        }
        return next
    }

    fileprivate var code: KeyedSHA256.Code {
        KeyedSHA256.Code(
            words: [
                h.0.bigEndian, h.1.bigEndian, h.2.bigEndian, h.3.bigEndian, h.4.bigEndian,
                h.5.bigEndian, h.6.bigEndian, h.7.bigEndian,
            ])
    }
}

import CCrypto

/// AES-128 as packet protection uses it (RFC 9001 §5): one block for the mask over the header, GCM
/// for what is behind it.
@safe package final class PacketCipher {
    package typealias Nonce = InlineArray<12, UInt8>
    /// Bytes of the tag that ends what is sealed.
    package static let tagBytes = 16

    /// Looked up once: it costs more than to open a packet.
    @safe private struct Algorithm: @unchecked Sendable {
        let pointer: OpaquePointer

        init(_ name: String) {
            guard let found = unsafe EVP_CIPHER_fetch(nil, name, nil) else {
                preconditionFailure("libcrypto has no \(name)")
            }
            unsafe pointer = found
        }
    }

    private static let block = Algorithm("AES-128-ECB")
    private static let sealed = Algorithm("AES-128-GCM")

    private let header: OpaquePointer
    private let payload: OpaquePointer

    /// Both keys are of 16 bytes.
    package init(key: Span<UInt8>, headerKey: Span<UInt8>) {
        precondition(key.count == 16 && headerKey.count == 16)
        guard let header = unsafe EVP_CIPHER_CTX_new(), let payload = unsafe EVP_CIPHER_CTX_new()
        else { preconditionFailure("libcrypto could not start a cipher: out of memory?") }
        unsafe self.header = header
        unsafe self.payload = payload
        let status = unsafe headerKey.withUnsafeBufferPointer { headerKey in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe EVP_EncryptInit_ex2(
                    header, PacketCipher.block.pointer, headerKey.baseAddress, nil, nil)
                    & EVP_DecryptInit_ex2(
                        payload, PacketCipher.sealed.pointer, key.baseAddress, nil, nil)
            }
        }
        precondition(status == 1, "libcrypto refused a key")
    }

    /// The mask over a header, of which five bytes are used (RFC 9001 §5.4.3). `sample` is 16
    /// bytes.
    package func mask(of sample: Span<UInt8>) -> InlineArray<16, UInt8> {
        precondition(sample.count == 16)
        var mask = InlineArray<16, UInt8>(repeating: 0)
        var out = mask.mutableSpan
        var count: Int32 = 0
        unsafe out.withUnsafeMutableBufferPointer { out in
            unsafe sample.withUnsafeBufferPointer { sample in
                _ = unsafe EVP_EncryptUpdate(
                    header, out.baseAddress, &count, sample.baseAddress, 16)
            }
        }
        return mask
    }

    /// What `sealed` holds, which its tag ends; nil when it or `additional`, which goes with it in
    /// plain text, is not what was sealed under this key and nonce.
    package func open(
        _ sealed: Span<UInt8>, with additional: Span<UInt8>, nonce: Nonce
    ) -> [UInt8]? {
        let count = sealed.count - PacketCipher.tagBytes
        guard count >= 0, count <= Int32.max, additional.count <= Int32.max else { return nil }
        var isOpened = false
        let opened = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            unsafe sealed.withUnsafeBufferPointer { sealed in
                unsafe additional.withUnsafeBufferPointer { additional in
                    isOpened = unsafe open(sealed, additional, nonce, into: target)
                }
            }
            filled = isOpened ? count : 0
        }
        return isOpened ? opened : nil
    }

    private func open(
        _ sealed: UnsafeBufferPointer<UInt8>, _ additional: UnsafeBufferPointer<UInt8>,
        _ nonce: Nonce, into target: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        let bytes = Int32(sealed.count - PacketCipher.tagBytes)
        guard let base = sealed.baseAddress else { return false }
        var count: Int32 = 0
        let tag = unsafe UnsafeMutableRawPointer(mutating: base + Int(bytes))
        return unsafe nonce.span.withUnsafeBufferPointer { nonce in
            unsafe EVP_DecryptInit_ex2(payload, nil, nil, nonce.baseAddress, nil) == 1
                && EVP_DecryptUpdate(
                    payload, nil, &count, additional.baseAddress, Int32(additional.count)) == 1
                && (bytes == 0
                    || EVP_DecryptUpdate(payload, target.baseAddress, &count, base, bytes) == 1)
                && EVP_CIPHER_CTX_ctrl(
                    payload, EVP_CTRL_AEAD_SET_TAG, Int32(PacketCipher.tagBytes), tag) == 1
                && EVP_DecryptFinal_ex(payload, target.baseAddress, &count) == 1
        }
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(header)
        unsafe EVP_CIPHER_CTX_free(payload)
    }
}

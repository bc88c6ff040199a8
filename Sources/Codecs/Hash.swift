import CCrypto

/// One-shot digests through OpenSSL's libcrypto.
package enum Hash {
    /// MD5 in 32 hex digits: JA3's choice, never used for security.
    package static func md5Hex(_ bytes: [UInt8]) -> String {
        hex(unsafe digest(bytes, EVP_md5()))
    }

    /// SHA-256, 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        unsafe digest(bytes, EVP_sha256())
    }

    /// SHA-1, 20 bytes: Community ID's choice, never used for security.
    package static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        unsafe digest(bytes, EVP_sha1())
    }

    /// Lower-case hex.
    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }

    private static func digest(_ bytes: [UInt8], _ algorithm: OpaquePointer?) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        let status = unsafe bytes.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe EVP_Digest(
                    input.baseAddress, input.count, target.baseAddress, &count, algorithm, nil)
            }
        }
        precondition(status == 1, "libcrypto refused a digest: is this a FIPS build without MD5?")
        output.removeLast(output.count - Int(count))
        return output
    }
}

/// A running SHA-256, for content too large to hold.
@safe package struct RunningHash: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let made = unsafe EVP_MD_CTX_new(),
            unsafe EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1
        else { preconditionFailure("libcrypto could not start a SHA-256: out of memory?") }
        unsafe context = made
    }

    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { input in
            _ = unsafe EVP_DigestUpdate(context, input.baseAddress, input.count)
        }
    }

    /// The digest in 64 hex digits.
    package consuming func finish() -> String {
        var output = [UInt8](repeating: 0, count: 32)
        unsafe output.withUnsafeMutableBufferPointer { target in
            _ = unsafe EVP_DigestFinal_ex(context, target.baseAddress, nil)
        }
        return Hash.hex(output)
    }

    deinit { unsafe EVP_MD_CTX_free(context) }
}

import CCrypto

/// One-shot digests through OpenSSL's libcrypto.
package enum Hash {
    /// An algorithm, fetched once: to look it up anew costs more than a short digest.
    @safe private struct Algorithm: @unchecked Sendable {
        let pointer: OpaquePointer

        init(_ name: String) {
            guard let found = unsafe EVP_MD_fetch(nil, name, nil) else {
                preconditionFailure("libcrypto has no \(name): is this a FIPS build?")
            }
            unsafe pointer = found
        }
    }

    private static let md5 = Algorithm("MD5")
    private static let sha1 = Algorithm("SHA1")
    private static let sha256 = Algorithm("SHA2-256")

    /// MD5 in 32 hex digits: JA3's choice, never used for security.
    package static func md5Hex(_ bytes: [UInt8]) -> String { hexDigest(bytes, md5, digits: 32) }

    /// The first `digits` hex digits of the SHA-256.
    package static func sha256Hex(_ bytes: [UInt8], digits: Int = 64) -> String {
        hexDigest(bytes, sha256, digits: digits)
    }

    /// SHA-256, 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, sha256) }

    /// SHA-1, 20 bytes: Community ID's choice, never used for security.
    package static func sha1(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, sha1) }

    /// Lower-case hex.
    package static func hex(_ bytes: [UInt8]) -> String { hex(bytes, digits: 2 * bytes.count) }

    /// The ASCII digit, lower case, of a value below 16.
    package static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 48 &+ nibble : 87 &+ nibble
    }

    private static func hexDigest(_ bytes: [UInt8], _ algorithm: Algorithm, digits: Int) -> String {
        hex(digest(bytes, algorithm), digits: digits)
    }

    private static func hex(_ raw: [UInt8], digits: Int) -> String {
        unsafe String(unsafeUninitializedCapacity: digits) { text in
            for at in 0..<digits {
                let byte = raw[at / 2]
                unsafe text[at] = digit(at % 2 == 0 ? byte >> 4 : byte & 15)
            }
            return digits
        }
    }

    private static func digest(_ bytes: [UInt8], _ algorithm: Algorithm) -> [UInt8] {
        let size = Int(unsafe EVP_MD_get_size(algorithm.pointer))
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
            let status = unsafe bytes.withUnsafeBytes { input in
                unsafe EVP_Digest(
                    input.baseAddress, input.count, target.baseAddress, nil, algorithm.pointer, nil)
            }
            precondition(status == 1, "libcrypto refused a digest: out of memory?")
            count = size
        }
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

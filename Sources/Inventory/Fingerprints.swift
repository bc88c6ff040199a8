import Codecs
import Wire

/// Stands for credentials in rows: an HMAC under the installation's own key, so that it can be
/// neither guessed from nor compared with another's. Only shown as "the same" or "another".
struct CredentialMarks {
    /// 32 random bytes, made with the file.
    private let key: KeyedSHA256
    /// What was reckoned before; what is forgotten is reckoned anew.
    private var known: [UInt64: String] = [:]
    private static let capacity = 4096

    init(key: [UInt8]) { self.key = KeyedSHA256(key: key.span) }

    /// A new key for an installation.
    static func newKey() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// 16 hex digits.
    mutating func text(of credentials: UInt64) -> String {
        if let text = known[credentials] { return text }
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: credentials >> UInt64(8 * $0)) }
        let code = key.code(of: .init(bytes.span)).bytes
        let text = Hash.hex((0..<8).map { code[$0] })
        if known.count >= CredentialMarks.capacity { known.removeAll(keepingCapacity: true) }
        known[credentials] = text
        return text
    }
}

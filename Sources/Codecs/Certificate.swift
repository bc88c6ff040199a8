import CCrypto
import Glibc

/// What an X.509 certificate says of its owner (RFC 5280), read by OpenSSL and never checked: who
/// signed it, and whether he may, is not looked at.
package final class Certificate: Sendable {
    /// The distinguished name as text: `C=US, O=GitHub, Inc., CN=github.com`. Nothing in it is
    /// quoted, so it is to be shown and not to be taken apart.
    package let subject: String
    package let issuer: String
    /// The subject's last common name; nil without one.
    package let commonName: String?
    /// Bytes of the serial number in upper-case hex, with colons.
    package let serial: String
    /// UTC, as `2026-11-26T17:40:02`; nil when what stands there is no time.
    package let notBefore: String?
    package let notAfter: String?
    /// DNS names of subjectAltName in their order, wildcards among them; at most `nameLimit`.
    package let dnsNames: [String]
    /// IP addresses of subjectAltName; at most `nameLimit`.
    package let addresses: [String]
    /// subjectAltName holds more names than are kept.
    package let hasMoreNames: Bool
    /// SHA-1 of the whole, in lower-case hex with colons: a name for it, no proof.
    package let fingerprint: String
    /// Subject and issuer are the same: nobody else vouches for it.
    package let isSelfIssued: Bool

    /// Names of one kind that are kept.
    package static let nameLimit = 256
    /// Parts of a distinguished name that are shown, and bytes of each.
    private static let partLimit = 32
    private static let partBytes = 512

    /// Reads DER; nil when OpenSSL finds no certificate in it.
    package init?(der: Span<UInt8>) {
        let read = unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var at = bytes.baseAddress
            return unsafe d2i_X509(nil, &at, bytes.count)
        }
        // OpenSSL keeps its complaints per thread: nobody asks for them.
        defer { ERR_clear_error() }
        guard let certificate = unsafe read else { return nil }
        defer { unsafe X509_free(certificate) }
        let owner = unsafe Certificate.name(X509_get_subject_name(certificate))
        subject = owner.text
        commonName = owner.commonName
        issuer = unsafe Certificate.name(X509_get_issuer_name(certificate)).text
        isSelfIssued =
            unsafe X509_NAME_cmp(
                X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0
        serial = Certificate.colons(
            unsafe Certificate.bytes(X509_get0_serialNumber(certificate), 64), isUpper: true)
        notBefore = unsafe Certificate.time(X509_get0_notBefore(certificate))
        notAfter = unsafe Certificate.time(X509_get0_notAfter(certificate))
        fingerprint = Certificate.colons(Hash.sha1([UInt8](copying: der)), isUpper: false)
        (dnsNames, addresses, hasMoreNames) = unsafe Certificate.alternativeNames(certificate)
    }

    // MARK: - Names

    private static func name(_ name: OpaquePointer?) -> (text: String, commonName: String?) {
        var text = ""
        var commonName: String?
        guard let name = unsafe name else { return (text, nil) }
        var lastSet: Int32 = -1
        for place in unsafe 0..<min(X509_NAME_entry_count(name), Int32(partLimit)) {
            guard let entry = unsafe X509_NAME_get_entry(name, place),
                let object = unsafe X509_NAME_ENTRY_get_object(entry)
            else { continue }
            let value = unsafe Certificate.text(X509_NAME_ENTRY_get_data(entry))
            let set = unsafe X509_NAME_ENTRY_set(entry)
            if !text.isEmpty { text += set == lastSet ? " + " : ", " }
            lastSet = set
            text += unsafe label(of: object) + "=" + value
            if unsafe OBJ_obj2nid(object) == NID_commonName { commonName = value }
        }
        return (text, commonName)
    }

    /// `CN`, or the numbers of an attribute without a name.
    private static func label(of object: OpaquePointer) -> String {
        let number = unsafe OBJ_obj2nid(object)
        if number != NID_undef, let known = unsafe OBJ_nid2sn(number) {
            return unsafe String(cString: known)
        }
        var text = [CChar](repeating: 0, count: 80)
        _ = unsafe text.withUnsafeMutableBufferPointer { out in
            unsafe OBJ_obj2txt(out.baseAddress, Int32(out.count), object, 1)
        }
        let digits = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String {
        guard let string = unsafe string else { return "" }
        var converted: UnsafeMutablePointer<UInt8>?
        let length = unsafe ASN1_STRING_to_UTF8(&converted, string)
        defer { unsafe CRYPTO_free(converted, #file, #line) }
        guard length >= 0, let start = unsafe converted else {
            return plain(unsafe bytes(string, partBytes))
        }
        let kept = unsafe UnsafeBufferPointer(start: start, count: min(Int(length), partBytes))
        return unsafe plain(Array(kept))
    }

    private static func bytes(_ string: UnsafePointer<ASN1_STRING>?, _ limit: Int) -> [UInt8] {
        guard let string = unsafe string, let start = unsafe ASN1_STRING_get0_data(string) else {
            return []
        }
        let count = min(max(Int(unsafe ASN1_STRING_length(string)), 0), limit)
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// Control characters, and those that turn the direction of what follows, become `\xHH` or
    /// `\uHHHH`: none can end a name early or hide a part of it.
    private static func plain(_ bytes: [UInt8]) -> String {
        var out = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0..<32, 127..<160:
                out.append(contentsOf: "\\x\(Hash.hex([UInt8(scalar.value)]))".unicodeScalars)
            case 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069:
                let pair = [UInt8(scalar.value >> 8), UInt8(scalar.value & 255)]
                out.append(contentsOf: "\\u\(Hash.hex(pair))".unicodeScalars)
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    private static func alternativeNames(
        _ certificate: OpaquePointer
    ) -> (names: [String], addresses: [String], hasMore: Bool) {
        var (names, addresses, hasMore) = ([String](), [String](), false)
        guard
            let found = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        else { return (names, addresses, hasMore) }
        let stack = OpaquePointer(found)
        defer { unsafe GENERAL_NAMES_free(stack) }
        for place in 0..<(unsafe OPENSSL_sk_num(stack)) {
            guard let name = unsafe OPENSSL_sk_value(stack, place) else { continue }
            var type: Int32 = 0
            let value = unsafe GENERAL_NAME_get0_value(
                name.assumingMemoryBound(to: GENERAL_NAME.self), &type)
            let string = unsafe UnsafePointer(value?.assumingMemoryBound(to: ASN1_STRING.self))
            switch type {
            case GEN_DNS where names.count < nameLimit:
                names.append(plain(unsafe bytes(string, 253)))
            case GEN_IPADD where addresses.count < nameLimit:
                if let text = address(unsafe bytes(string, 32)) { addresses.append(text) }
            case GEN_DNS, GEN_IPADD: hasMore = true
            default: break
            }
        }
        return (names, addresses, hasMore)
    }

    /// Four or sixteen bytes as the text of an address; nil for any other count.
    private static func address(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        let isText = unsafe bytes.withUnsafeBytes { input in
            unsafe text.withUnsafeMutableBufferPointer { out in
                unsafe inet_ntop(family, input.baseAddress, out.baseAddress, UInt32(out.count))
                    != nil
            }
        }
        let digits = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return isText ? String(decoding: digits, as: UTF8.self) : nil
    }

    // MARK: - Numbers

    private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> String? {
        var parts = unsafe tm()
        guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        let date = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday]
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
        let two = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
        // A generalized time may name any year of four digits.
        let century = String(repeating: "0", count: date[0] < 100 ? 2 : date[0] < 1000 ? 1 : 0)
        return century + date.map(two).joined(separator: "-") + "T"
            + clock.map(two).joined(separator: ":")
    }

    private static func colons(_ bytes: [UInt8], isUpper: Bool) -> String {
        let text = bytes.map { Hash.hex([$0]) }.joined(separator: ":")
        return isUpper ? text.uppercased() : text
    }
}

extension Certificate: Hashable {
    package static func == (a: Certificate, b: Certificate) -> Bool {
        a === b || a.fingerprint == b.fingerprint && a.subject == b.subject
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}

extension Certificate: CustomStringConvertible {
    /// Owner and fingerprint, for tests and debuggers.
    package var description: String { "Certificate(\(subject) \(fingerprint))" }
}

/// A DNS message as far as an inventory needs it (RFC 1035 §4).
package struct DNSMessage: Sendable, Hashable {
    package struct Question: Sendable, Hashable {
        /// Labels joined by dots, as sent, without the final dot; controls, and bytes that are no
        /// UTF-8, as `\xHH`.
        package var name: String
        package var type: UInt16
    }
    package struct Answer: Sendable, Hashable {
        package enum Value: Sendable, Hashable {
            case address(IPAddress)
            /// CNAME or PTR target.
            case name(String)
            /// HTTPS or SVCB.
            indirect case service(ServiceBinding)
            case other
        }
        package var name: String
        package var type: UInt16
        /// Seconds the answer may be kept.
        package var timeToLive: UInt32
        package var value: Value
    }
    package var id: UInt16
    package var isResponse: Bool
    /// RCODE, 0...15.
    package var responseCode: UInt8
    package var questions: [Question]
    package var answers: [Answer]
}

extension DNSMessage {
    /// Names of one alias after the other that are followed: resolvers give up at eight to sixteen.
    private static let longestChain = 16

    /// The names that `name` leads to by CNAME, in the order of the answers, which is that of the
    /// chain (RFC 1034 §4.3.2).
    package func aliases(of name: String) -> [String] {
        var found: [String] = []
        for answer in answers where answer.type == 5 && found.count < DNSMessage.longestChain {
            guard case .name(let target) = answer.value,
                DNSMessage.isSame(answer.name, found.last ?? name)
            else { continue }
            found.append(target)
        }
        return found
    }

    /// Whether two names are one: letters of ASCII match in any case (RFC 4343).
    package static func isSame(_ a: String, _ b: String) -> Bool {
        if a == b { return true }
        guard a.utf8.count == b.utf8.count else { return false }
        return zip(a.utf8, b.utf8).allSatisfy { left, right in
            left == right || left | 32 == right | 32 && (97...122).contains(left | 32)
        }
    }
}

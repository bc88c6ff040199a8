/// A DNS message as far as an inventory needs it (RFC 1035 §4).
package struct DNSMessage: Sendable, Hashable {
    package struct Question: Sendable, Hashable {
        /// Labels joined by dots, as sent, without the final dot; other bytes than printable ASCII
        /// as `\DDD`.
        package var name: String
        package var type: UInt16
    }
    package struct Answer: Sendable, Hashable {
        package enum Value: Sendable, Hashable {
            case address(IPAddress)
            /// CNAME or PTR target.
            case name(String)
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

import Codecs
import Wire

/// Community ID v1 (github.com/corelight/community-id-spec): one name for a flow in every tool.
enum CommunityID {
    /// `1:` and the base64 of SHA-1 over seed 0, the ordered endpoints and the protocol.
    static func of(_ flow: FlowReference) -> String {
        let isOrdered = flow.client <= flow.server
        let (first, second) = isOrdered ? (flow.client, flow.server) : (flow.server, flow.client)
        var input: [UInt8] = [0, 0]
        append(first.address, to: &input)
        append(second.address, to: &input)
        input += [flow.transport.rawValue, 0]
        input += [UInt8(first.port >> 8), UInt8(first.port & 255)]
        input += [UInt8(second.port >> 8), UInt8(second.port & 255)]
        return "1:" + Base64.encode(Hash.sha1(input))
    }

    private static func append(_ address: IPAddress, to input: inout [UInt8]) {
        if address.isV4 {
            for shift in stride(from: 24, through: 0, by: -8) {
                input.append(UInt8(truncatingIfNeeded: address.v4 >> UInt32(shift)))
            }
            return
        }
        for half in [address.high, address.low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                input.append(UInt8(truncatingIfNeeded: half >> UInt64(shift)))
            }
        }
    }
}

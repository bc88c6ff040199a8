import Codecs
package import Wire

/// Keys that a capture brings to decrypt its own traffic: kept for the decoders, and never shown.
///
/// Whatever prints a value of this type prints how many bytes it has, and nothing else.
package struct DecryptionSecrets: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// What the bytes are: 0x544c534b is a TLS key log, 0x57474b4c WireGuard's.
    package let kind: UInt32
    package let bytes: [UInt8]

    package var description: String { "secrets of \(bytes.count) bytes" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A name that a capture brings for an address.
package struct ResolvedName: Sendable, Equatable {
    package let address: IPAddress
    package let name: String
}

/// What a pcapng file holds beside packets.
package struct CaptureBlocks: Sendable {
    /// Bounds of what is kept: names, bytes of one name, and bytes of all secrets.
    static let nameLimit = 4096
    static let nameBytes = 255
    static let secretBytes = 1 << 20

    /// How many of each there were, kept or not.
    package struct Counts: Sendable, Equatable {
        package var sections = 0
        package var interfaces = 0
        package var names = 0
        package var secrets = 0
        package var statistics = 0
        /// Of somebody's own making.
        package var custom = 0
        /// Of a type that is not known here.
        package var unknown = 0
        /// Packets that name no interface, or more bytes than their block has.
        package var malformed = 0
        /// Names and secrets beyond the bounds.
        package var leftOut = 0
        /// Packets lost before the file was written, by its own account.
        package var lostPackets: UInt64 = 0

        package init() {}
    }

    package internal(set) var counts = Counts()
    package private(set) var names: [ResolvedName] = []
    package private(set) var secrets: [DecryptionSecrets] = []
    private var secretTotal = 0

    /// A name-resolution block: records of an address and its names, each ended by a zero.
    mutating func addNames(_ body: Span<UInt8>, _ order: FieldOrder) {
        var at = 0
        while body.count - at >= 4 {
            let type = order.uint16(body, at)
            let length = Int(order.uint16(body, at + 2))
            let value = at + 4
            let addressBytes = type == 1 ? 4 : type == 2 ? 16 : 0
            guard type != 0, length <= body.count - value else { return }
            if addressBytes > 0, length > addressBytes {
                let address = CaptureBlocks.address(body, value, isLong: type == 2)
                addNames(body.extracting(value + addressBytes..<value + length), of: address)
            }
            at = min(body.count, value + (length + 3) / 4 * 4)
        }
    }

    private mutating func addNames(_ text: Span<UInt8>, of address: IPAddress) {
        var start = 0
        for at in text.indices where text[at] == 0 {
            defer { start = at + 1 }
            guard at > start else { continue }
            counts.names += 1
            guard names.count < CaptureBlocks.nameLimit, at - start <= CaptureBlocks.nameBytes
            else {
                counts.leftOut += 1
                continue
            }
            let name = String(copying: text.extracting(start..<at))
            names.append(ResolvedName(address: address, name: name))
        }
    }

    private static func address(_ bytes: Span<UInt8>, _ at: Int, isLong: Bool) -> IPAddress {
        let big = FieldOrder(isBig: true)
        return isLong
            ? IPAddress(high: big.uint64(bytes, at), low: big.uint64(bytes, at + 8))
            : IPAddress(v4: big.uint32(bytes, at))
    }

    /// A decryption-secrets block: what the secrets are, their length, and they.
    mutating func addSecrets(_ body: Span<UInt8>, _ order: FieldOrder) {
        guard body.count >= 8 else {
            counts.malformed += 1
            return
        }
        counts.secrets += 1
        let length = Int(order.uint32(body, 4))
        guard length <= body.count - 8 else {
            counts.malformed += 1
            return
        }
        guard length <= CaptureBlocks.secretBytes - secretTotal, secrets.count < 4096 else {
            counts.leftOut += 1
            return
        }
        secretTotal += length
        secrets.append(
            DecryptionSecrets(
                kind: order.uint32(body, 0), bytes: Array(copying: body.extracting(8..<8 + length)))
        )
    }
}

/// The tags and tunnels around a packet: which network it was seen in, and where.
package struct Path: BitwiseCopyable, Hashable, Sendable {
    /// What carried a packet in another one.
    package enum Carrier: UInt8, BitwiseCopyable, Sendable {
        case none, ipInIP, gre, erspan, vxlan, vxlanGPE, geneve, gtp, teredo, l2tp, capwap, lisp
        case etherIP, mplsInIP, ayiya

        /// The name in events.
        package var name: String {
            switch self {
            case .ipInIP: "ip-in-ip"
            case .vxlanGPE: "vxlan-gpe"
            case .etherIP: "etherip"
            case .mplsInIP: "mpls-in-ip"
            default: String(describing: self)
            }
        }
    }

    /// IEEE 802.1Q ids of 16 bits each, the outermost highest; priority tags (id 0) are none.
    private var tags: UInt64 = 0
    private var tagCount: UInt8 = 0
    /// The innermost tunnel.
    package private(set) var carrier = Carrier.none
    /// Tunnels in tunnels.
    package private(set) var depth: UInt8 = 0
    /// The innermost id of a virtual network: VNI, I-SID or LISP instance; nil for none.
    package var virtualNetwork: UInt32? { hasVirtualNetwork ? virtualID : nil }
    private var virtualID: UInt32 = 0
    private var hasVirtualNetwork = false
    /// The outermost tunnel's ends; ports are 0 when it is not in UDP.
    package private(set) var source = Endpoint(.zero, 0)
    package private(set) var destination = Endpoint(.zero, 0)
    /// All ids that separate networks in one number, 0 for none. Two networks share a number by a
    /// chance of 2^-64 only, and an observer gains nothing from making them.
    package private(set) var network: UInt64 = 0

    package static let plain = Path()

    package var isPlain: Bool { tagCount == 0 && depth == 0 && !hasVirtualNetwork }

    package var vlans: [UInt16] {
        (0..<tagCount).reversed().map { UInt16(truncatingIfNeeded: tags >> UInt64(16 * $0)) }
    }

    /// The last of `vlans`, without making the list; nil for none.
    package var innermostVLAN: UInt16? {
        tagCount > 0 ? UInt16(truncatingIfNeeded: tags) : nil
    }

    /// Another tag. Those beyond the room shown still separate networks.
    mutating func tag(_ id: UInt16) {
        guard id != 0 else { return }
        if tagCount < 4 {
            tags = tags << 16 | UInt64(id)
            tagCount += 1
        }
        separate(UInt64(id))
    }

    mutating func enterVirtualNetwork(_ id: UInt32) {
        virtualID = id
        hasVirtualNetwork = true
        separate(1 << 32 | UInt64(id))
    }

    mutating func enter(_ carrier: Carrier, from source: Endpoint, to destination: Endpoint) {
        if depth == 0 {
            self.source = source
            self.destination = destination
        }
        self.carrier = carrier
        depth &+= 1  // Far below its end: the decoder gives up at `Limits.tunnelDepth`.
    }

    /// What was entered turns out to be this.
    mutating func carry(_ carrier: Carrier) { self.carrier = carrier }

    private mutating func separate(_ id: UInt64) {
        network = network &* 0x9e37_79b9_7f4a_7c15 &+ id
    }
}

/// A path of many events: few flows have one, so an event holds a reference and not all of it.
package final class SharedPath: Hashable, Sendable {
    package let value: Path
    package init(_ value: Path) { self.value = value }

    package static func == (left: SharedPath, right: SharedPath) -> Bool {
        left === right || left.value == right.value
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

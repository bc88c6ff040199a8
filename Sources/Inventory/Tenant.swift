import Codecs
package import Wire

/// An address and, where machines had it one after the other, which of them.
///
/// A lease that goes to another machine takes nothing along: what was done before stays the first
/// one's. So rows are kept by tenant, and no row spans two.
package struct Tenant: BitwiseCopyable, Hashable, Comparable, Sendable {
    package var address: IPAddress
    /// The machine that the address went to from another one; zero for the first that was seen
    /// there, and of an address that never moved.
    package var machine: MACAddress

    package init(_ address: IPAddress, _ machine: MACAddress = .zero) {
        self.address = address
        self.machine = machine
    }

    package static func < (left: Tenant, right: Tenant) -> Bool {
        left.address == right.address
            ? left.machine < right.machine : left.address < right.address
    }
}

extension Tenant: CustomStringConvertible {
    /// The address; `10.0.0.7@02:00:00:00:00:0a` where machines share it one after the other.
    package var description: String {
        machine == .zero ? address.description : "\(address)@\(machine)"
    }

    /// What `description` wrote.
    init?(stored text: String) {
        let bytes = text.utf8.span
        guard let sign = bytes.position(of: UInt8(ascii: "@"), in: 0..<bytes.count) else {
            guard let address = IPAddress(stored: text) else { return nil }
            self.init(address)
            return
        }
        guard let address = IPAddress(stored: String(copying: bytes.extracting(0..<sign))),
            let machine = MACAddress(String(copying: bytes.extracting((sign + 1)...)))
        else { return nil }
        self.init(address, machine)
    }
}

extension Tenant: TableKey {
    func hash(_ secret: KeyedHash) -> UInt64 {
        machine == .zero ? secret.of(address) : secret.of(address, machine.value)
    }
}

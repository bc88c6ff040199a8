import Support

@testable import Wire

/// A dissector with a buffer for each side, as a flow has them, fed without packets: what it holds
/// is looked at behind every piece.
struct StreamDrive {
    private var dissector = ActiveDissector()
    private var buffers = [StreamBuffer(), StreamBuffer()]
    private var skipping: [UInt64] = [0, 0]
    private let memory = DefinitionMemory()
    private let limits = DissectionLimits(Limits())
    private(set) var peakBytes = 0
    private(set) var messages: [Message] = []

    init(_ kind: Dissectors.Kind) { dissector.become(kind, memory) }

    var losses: Tally { memory.losses }

    mutating func say(_ side: Side, _ bytes: [UInt8]) throws {
        let at = Int(side.rawValue)
        var found: [Message] = []
        _ = try buffers[at].feed(
            bytes.span, skipping: &skipping[at], to: &dissector, from: side,
            ports: Ports(source: 1, destination: 2), limits: limits
        ) { found.append($0) }
        messages += found
        let held = buffers[0].heldBytes + buffers[1].heldBytes + dissector.heldBytes()
        peakBytes = max(peakBytes, held)
    }

    mutating func say(_ side: Side, _ text: String) throws { try say(side, Array(text.utf8)) }

    mutating func end() {
        var found: [Message] = []
        dissector.finish { found.append($0) }
        messages += found
    }

    var rpc: [(message: RPCMessage, carrier: Carrier)] {
        messages.compactMap {
            if case .rpc(let message, let carrier) = $0 { (message, carrier) } else { nil }
        }
    }
}

extension Dissectors.Kind {
    static func named(_ name: String) -> Dissectors.Kind? {
        (Dissectors.kinds(of: .tcp) + Dissectors.kinds(of: .udp)).first { $0.name == name }
    }
}

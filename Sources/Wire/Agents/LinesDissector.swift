/// JSON-RPC as one JSON object a line over bare TCP, as on stdio (MCP 2026-07-28 §Custom
/// Transports).
package struct LinesDissector: Dissector {
    package static let name = "jsonrpc"
    package static let transport = Transport.tcp

    /// The rest of a line longer than the limit is being passed over.
    private var clientIsSkipping = false
    private var serverIsSkipping = false
    private var memory: DefinitionMemory?

    package init() {}

    package mutating func use(_ memory: DefinitionMemory?) { self.memory = memory }

    /// A line that begins an object and names the protocol; either side may begin.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard let first = opening.peek() else { return .maybe }
        guard first == UInt8(ascii: "{") else { return .no }
        var at = 0
        while let step = opening.from(at).distance(
            to: UInt8(ascii: "\""), within: Limits.standard.openingBytes)
        {
            at += step
            if opening.from(at).starts(with: "\"jsonrpc\"") { return .either }
            at += 1
        }
        // The member may stand last, and the line be cut anywhere before it.
        let isWhole = opening.distance(to: 10, within: Limits.standard.openingBytes) != nil
        return isWhole ? .no : .maybe
    }

    /// Any segment will do: the rest of a lost line is no object and nobody's message, and the next
    /// line begins behind its end.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool { true }

    package mutating func gap(from side: Side) { setSkipping(side, false) }

    private func isSkipping(_ side: Side) -> Bool {
        side == .client ? clientIsSkipping : serverIsSkipping
    }

    private mutating func setSkipping(_ side: Side, _ value: Bool) {
        if side == .client { clientIsSkipping = value } else { serverIsSkipping = value }
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let limit = Limits.standard.contentBytes
        guard let end = input.distance(to: 10, within: limit + 1) else {
            if isSkipping(side) {
                _ = input.rest()
                return .next
            }
            guard input.remaining > limit else { throw .needMore(1) }
            read(input.array(limit), isTruncated: true, from: side, emit: emit)
            setSkipping(side, true)
            return .next
        }
        var taken = try input.take(end + 1)
        if !isSkipping(side) {
            read(taken.array(end), isTruncated: false, from: side, emit: emit)
        }
        setSkipping(side, false)
        return .next
    }

    private func read(
        _ line: [UInt8], isTruncated: Bool, from side: Side, emit: EmitMessage
    ) {
        guard line.contains(where: { $0 != 13 && $0 != 32 }) else { return }
        Content(
            bytes: line, isTruncated: isTruncated, carrier: Carrier(kind: .lines), side: side,
            memory: memory
        ).read(emit: emit)
    }
}

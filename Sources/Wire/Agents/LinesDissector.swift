import Codecs

/// JSON-RPC as one JSON object a line over bare TCP, as on stdio (MCP 2026-07-28 §Custom
/// Transports). No line is too long.
package struct LinesDissector: Dissector {
    package static let name = "jsonrpc"
    package static let transport = Transport.tcp

    /// The line of each side that is not yet whole.
    private var lines = InlineArray<2, JSONText>(repeating: JSONText())
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

    /// The body of an HTTP request or answer begins like a line, and may end like one. So where the
    /// flow's beginning was not seen, a second line must begin behind the first, or the other side
    /// speak in the same way.
    package static func likelihood(
        ofMidstream opening: ByteReader, other: ByteReader, ports: Ports
    ) -> Likelihood {
        var text = opening
        let bytes = text.restSpan()
        let isAnswered = likelihood(of: other, ports: ports) == .either
        let open: Likelihood = isAnswered ? .either : .maybe
        var input = JSONReader(bytes)
        do throws(ParseFailure) {
            try input.skipValue()
        } catch .needMore {
            return open
        } catch {
            return .no
        }
        var hasEnd = false
        for at in input.offset..<bytes.count where ![32, 9, 13].contains(bytes[at]) {
            if bytes[at] == 10 {
                hasEnd = true
            } else {
                return hasEnd && bytes[at] == UInt8(ascii: "{") ? .either : .no
            }
        }
        return open
    }

    package var heldBytes: Int { lines[0].heldBytes + lines[1].heldBytes }

    /// Any segment will do: the rest of a lost line is no object and nobody's message, and the next
    /// line begins behind its end.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool { true }

    package mutating func gap(from side: Side) { lines[Int(side.rawValue)] = JSONText() }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let at = Int(side.rawValue)
        guard let end = input.distance(to: 10) else {
            lines[at].append(input.restSpan())
            return .next
        }
        lines[at].append(input.span(end))
        try input.skip(1)
        read(isWhole: true, from: side, emit: emit)
        return .next
    }

    private mutating func read(isWhole: Bool, from side: Side, emit: EmitMessage) {
        let line = lines[Int(side.rawValue)]
        lines[Int(side.rawValue)] = JSONText()
        line.content(isWhole: isWhole, Carrier(kind: .lines), side, memory)?.read(emit: emit)
    }

    /// A line without an end is read as far as it came.
    package mutating func end(of side: Side, emit: EmitMessage) {
        read(isWhole: false, from: side, emit: emit)
    }

    package mutating func finish(emit: EmitMessage) {
        end(of: .client, emit: emit)
        end(of: .server, emit: emit)
    }
}

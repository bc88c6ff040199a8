import Codecs

/// What the protocols have in common that begin without TLS and change to it when the server
/// agrees: they are followed just so far. A hello says for itself that they have changed; looked
/// for only where a unit begins, and not where a side may send what others wrote.
enum Upgrade {
    /// Whether `side` says a hello here.
    static func begins(at input: ByteReader, from side: Side) throws(ParseFailure) -> Bool {
        switch TLSDissector.likelihood(of: input, ports: Ports(source: 0, destination: 0)) {
        case .yes(side): return true
        case .maybe: throw .needMore(1)
        default: return false
        }
    }
}

/// A protocol of lines (RFC 3207, RFC 9051 §6.2.1, RFC 2595, RFC 4217).
struct CommandLines {
    private static let lineBytes = 2048
    /// Lines of a side that are passed over: TLS comes at the beginning or not at all.
    private static let lineLimit = 64

    private var counts = InlineArray<2, Int>(repeating: 0)
    /// The session is past the point where it could change.
    private var isOver = false

    /// Passes over one line; `ends` says whether one of the client's leads to content or a login.
    mutating func dissect(
        _ input: inout ByteReader, from side: Side, ends: (ByteReader) -> Bool
    ) throws(ParseFailure) -> Step {
        if isOver { return .done }
        if try Upgrade.begins(at: input, from: side) { return .recognizeAnew }
        guard let end = input.distance(to: 10, within: CommandLines.lineBytes) else {
            guard input.remaining >= CommandLines.lineBytes else { throw .needMore(1) }
            return .done
        }
        let line = try input.take(end + 1)
        counts[Int(side.rawValue)] += 1
        isOver =
            counts[Int(side.rawValue)] > CommandLines.lineLimit || side == .client && ends(line)
        return isOver ? .done : .next
    }
}

/// A dissector of such a protocol: what differs are its beginning and its end.
protocol CommandLineDissector: Dissector {
    var lines: CommandLines { get set }
    /// Whether a line of the client's leads to content or a login.
    static func ends(_ line: ByteReader) -> Bool
}

extension CommandLineDissector {
    package static var transport: Transport { .tcp }

    /// Any segment will do: a line's rest is no hello.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool { true }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        try lines.dissect(&input, from: side, ends: Self.ends)
    }
}

extension ByteReader {
    /// Whether the next bytes are `text`, ASCII in lower case, in any case; maybe when they end
    /// within it.
    func likelihood(of text: StaticString, by side: Side) -> Likelihood {
        let length = text.utf8CodeUnitCount
        var rest = self
        let bytes = rest.restSpan()
        if bytes.count >= length { return bytes.holds(anyCase: text, at: 0) ? .yes(side) : .no }
        return bytes.begins(anyCase: text) ? .maybe : .no
    }

    func starts(withAnyCase text: StaticString) -> Bool {
        likelihood(of: text, by: .client) == .yes(.client)
    }
}

extension Likelihood {
    /// The surer of two.
    func or(_ other: @autoclosure () -> Likelihood) -> Likelihood {
        switch self {
        case .no: return other()
        case .maybe:
            let second = other()
            return second == .no ? .maybe : second
        case .yes, .either: return self
        }
    }
}

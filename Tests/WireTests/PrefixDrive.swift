import Support

@testable import Wire

/// A dissector fed byte by byte, as a value: a copy of it is ended where the original goes on, so
/// that every prefix of a connection is looked at in one pass over it.
struct PrefixDrive {
    private struct Half {
        var held: [UInt8] = []
        var needed = 0
        var skipping = 0
        var isDone = false
    }

    private var dissector: any Dissector
    private var halves = [Half(), Half()]

    /// Nil for an opening that begins no protocol, or one that a copy shares its state in: what is
    /// behind an upgrade.
    init?(_ opening: [UInt8]) {
        let ports = Ports(source: 40_000, destination: 8000)
        let kind = Dissectors.kinds(of: .tcp).first {
            switch $0.likelihood(of: ByteReader(opening.span), ports: ports) {
            case .yes, .either: true
            case .no, .maybe: false
            }
        }
        switch kind {
        case .http: dissector = HTTP1Dissector()
        case .other(let place): dissector = Dissectors.others[Int(place)].init()
        default: return nil
        }
    }

    /// Takes one byte; false when the dissector says that it is none of its protocol's.
    mutating func take(_ byte: UInt8, from side: Side, emit: (Side, Message) -> Void) -> Bool {
        let at = Int(side.rawValue)
        if halves[at].isDone { return true }
        if halves[at].skipping > 0 {
            halves[at].skipping -= 1
            return true
        }
        halves[at].held.append(byte)
        guard halves[at].held.count >= halves[at].needed else { return true }
        let held = halves[at].held
        halves[at].held = []
        halves[at].needed = 0
        var consumed = 0
        while consumed < held.count {
            var reader = ByteReader(held.span.extracting(consumed...))
            do throws(ParseFailure) {
                let step = try dissector.dissect(&reader, from: side) { emit(side, $0) }
                consumed += reader.offset
                switch step {
                case .next: break
                case .skip(let count):
                    let here = min(count, held.count - consumed)
                    consumed += here
                    halves[at].skipping = count - here
                case .done:
                    halves[at].isDone = true
                    return true
                default: return false
                }
            } catch {
                guard case .needMore(let count) = error else { return false }
                halves[at].held = Array(held[consumed...])
                halves[at].needed = halves[at].held.count + max(count, 1)
                return true
            }
        }
        return true
    }

    /// What is said when the capture ends here, of the sides that closed before first.
    consuming func end(closed: Bool, emit: (Side, Message) -> Void) {
        if closed {
            dissector.end(of: .client) { emit(.client, $0) }
            dissector.end(of: .server) { emit(.server, $0) }
        }
        for side in [Side.client, .server] where !halves[Int(side.rawValue)].held.isEmpty {
            let held = halves[Int(side.rawValue)].held
            dissector.cut(ByteReader(held.span), from: side) { emit(side, $0) }
        }
        dissector.end(of: .client) { emit(.client, $0) }
        dissector.end(of: .server) { emit(.server, $0) }
        dissector.finish { emit(.client, $0) }
    }
}

import Codecs

/// The codings that a body's head declares, the last applied first; they are undone in that order.
struct BodyCodings {
    enum Name {
        case gzip, deflate, brotli, zstd

        init?(_ name: Substring) {
            switch name.lowercased() {
            case "gzip", "x-gzip": self = .gzip
            case "deflate": self = .deflate
            case "br": self = .brotli
            case "zstd": self = .zstd
            default: return nil
            }
        }
    }

    /// Codings of one body; nobody applies more than two.
    private static let limit = 4

    private(set) var names: [Name] = []

    /// Of Content-Encoding and Transfer-Encoding as sent; nil when one of them is not known.
    init?(content: String?, transfer: String?) {
        guard content != nil || transfer != nil else { return }
        guard add(transfer), add(content) else { return nil }
    }

    private mutating func add(_ list: String?) -> Bool {
        guard let list else { return true }
        for part in list.split(separator: ",").reversed() {
            let word = part.drop { $0 == " " || $0 == "\t" }
                .prefix { $0 != " " && $0 != "\t" && $0 != ";" }
            let isNone = word.isEmpty || ["identity", "chunked"].contains(word.lowercased())
            if isNone { continue }
            guard let name = Name(word), names.count < BodyCodings.limit else { return false }
            names.append(name)
        }
        return true
    }
}

/// Undoes the codings of one body, piece by piece: what is still to come costs no memory.
final class BodyDecoder {
    /// Bytes that are decoded at a time.
    private static let pieceBytes = 16 << 10
    /// What a body may come to: so much in any case, and beyond it so many bytes for each that was
    /// sent. Text is a tenth of its size, a bomb a thousandth.
    private static let freeBytes = 16 << 20
    private static let bytesPerByte = 256
    /// What it may come to at all.
    private static let bodyBytes = 1 << 30

    private struct Stage {
        let name: BodyCodings.Name
        /// Made when the first byte is in, for that tells what it is.
        var decoder: ContentDecoder?
        /// It was not coded, whatever the head said.
        var isPlain = false
        var hasEnded = false
        /// One member or frame was whole.
        var hasMember = false
        /// The library may have more for what it was given.
        var isFull = false
        var out: [UInt8] = []
        /// Bytes of `out` that the next stage has not taken.
        var ready = 0..<0
    }

    private var stages: [Stage]
    private var (sent, decoded) = (0, 0)
    private let memory: DefinitionMemory?
    /// Nothing more can be decoded: the bytes break the coding's rules, or come to too much.
    private(set) var isBroken = false

    init(_ codings: BodyCodings, _ memory: DefinitionMemory?) {
        stages = codings.names.map { Stage(name: $0) }
        self.memory = memory
    }

    /// Bytes that the libraries and the pieces between them take.
    var heldBytes: Int {
        stages.reduce(0) { $0 + $1.out.count + ($1.decoder?.heldBytes ?? 0) }
    }

    /// Takes more of the body, and gives what it comes to to `take`.
    func decode(_ input: Span<UInt8>, to take: (Span<UInt8>) -> Void) {
        sent += input.count
        var at = 0
        let last = stages.count - 1
        while !isBroken {
            // The last stage that has something to do, so that none holds more than a piece.
            var index = last
            while index > 0, !stages[index].isFull, stages[index - 1].ready.isEmpty { index -= 1 }
            if index == 0 {
                guard at < input.count || stages[0].isFull else { return }
                at += step(0, input.extracting(at...))
            } else {
                let source = stages[index - 1].out
                let ready = stages[index - 1].ready
                let taken = step(index, source.span.extracting(ready))
                stages[index - 1].ready = (ready.lowerBound + taken)..<ready.upperBound
            }
            guard index == last, !stages[last].ready.isEmpty else { continue }
            let ready = stages[last].ready
            stages[last].ready = 0..<0
            decoded += ready.count
            guard decoded <= BodyDecoder.bodyBytes else { return refuse() }
            // Moved out, so that a span of it may live beside changes of `self`.
            let piece = stages[last].out
            stages[last].out = []
            take(piece.span.extracting(ready))
            stages[last].out = piece
        }
    }

    /// One step of a stage; gives the bytes that it took.
    private func step(_ index: Int, _ input: Span<UInt8>) -> Int {
        if stages[index].decoder == nil, !stages[index].isPlain, input.count > 0 {
            begin(index, with: input[0])
        }
        if stages[index].hasEnded {
            stages[index].isFull = false
            return input.count
        }
        if stages[index].out.isEmpty {
            stages[index].out = [UInt8](repeating: 0, count: BodyDecoder.pieceBytes)
        }
        if stages[index].isPlain {
            let count = min(input.count, BodyDecoder.pieceBytes)
            for at in 0..<count { stages[index].out[at] = input[at] }
            stages[index].ready = 0..<count
            return count
        }
        guard let decoder = stages[index].decoder else { return input.count }
        let step = decoder.step(input, into: &stages[index].out)
        stages[index].ready = 0..<step.produced
        stages[index].isFull = step.produced == BodyDecoder.pieceBytes
        let total = decoded + step.produced
        if total > BodyDecoder.freeBytes, total / BodyDecoder.bytesPerByte > sent {
            refuse()
        } else if step.isCorrupt {
            // Behind a whole member, whatever stands there is not the body's.
            if stages[index].hasMember { stages[index].hasEnded = true } else { isBroken = true }
        } else if step.isBetweenFrames {
            stages[index].hasMember = true
            if stages[index].name == .brotli { stages[index].hasEnded = true }
        } else if step.consumed == 0, step.produced == 0, input.count > 0 {
            isBroken = true
        }
        return step.consumed
    }

    private func begin(_ index: Int, with byte: UInt8) {
        let isJSON = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
        switch stages[index].name {
        case .gzip where byte != 0x1f: stages[index].isPlain = true
        case .zstd where isJSON: stages[index].isPlain = true
        case .gzip: stages[index].decoder = ContentDecoder(.gzip)
        case .zstd: stages[index].decoder = ContentDecoder(.zstd)
        case .brotli: stages[index].decoder = ContentDecoder(.brotli)
        // Some send the deflated bytes alone (RFC 9110 §8.4.1.2, Note): these begin otherwise.
        case .deflate:
            let isZlib = byte & 0x0f == 8 && byte >> 4 <= 7
            stages[index].decoder = ContentDecoder(isZlib ? .zlib : .deflate)
        }
    }

    private func refuse() {
        isBroken = true
        memory?.losses.count(.expansion)
    }
}

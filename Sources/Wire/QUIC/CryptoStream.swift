import Codecs

/// The handshake's bytes, which come in any order and more than once (RFC 9000 §19.6).
struct CryptoStream {
    private(set) var bytes: [UInt8] = []
    /// Where in the stream `bytes` begin.
    private var origin = 0
    /// Which of `bytes` are in, in order and apart from each other.
    private var filled: [Range<Int>] = []

    /// Bytes from the beginning without a hole.
    var count: Int { filled.first.map { $0.lowerBound == 0 ? $0.upperBound : 0 } ?? 0 }

    /// A message begins at `offset`, and what may have been before it was not seen: it is read from
    /// there on, unless an earlier one is being read.
    mutating func begin(at offset: Int) {
        guard count == 0, offset != origin else { return }
        self = CryptoStream()
        origin = offset
    }

    /// Takes in the bytes of a frame; the first copy of a byte stands.
    mutating func fill(_ frame: inout ByteReader, at position: Int) throws(ParseFailure) {
        let limits = Limits.standard
        guard frame.remaining > 0, position >= origin else { return }
        let offset = position - origin
        guard offset <= limits.handshakeBytes, frame.remaining <= limits.handshakeBytes - offset
        else { throw .malformed(.badQUIC) }
        let new = offset..<(offset + frame.remaining)
        let from = filled.firstIndex { $0.upperBound >= new.lowerBound } ?? filled.count
        var behind = from
        while behind < filled.count, filled[behind].lowerBound <= new.upperBound { behind += 1 }
        guard behind > from || filled.count < limits.handshakePieces else {
            throw .malformed(.badQUIC)
        }
        copy(frame.restSpan(), to: new, around: filled[from..<behind])
        guard from < behind else { return filled.insert(new, at: from) }
        let end = max(new.upperBound, filled[behind - 1].upperBound)
        filled[from] = min(new.lowerBound, filled[from].lowerBound)..<end
        if behind > from + 1 { filled.removeSubrange((from + 1)..<behind) }
    }

    private mutating func copy(
        _ frame: Span<UInt8>, to new: Range<Int>, around known: ArraySlice<Range<Int>>
    ) {
        if bytes.count == new.lowerBound { return bytes.append(copying: frame) }
        if bytes.count < new.upperBound {
            bytes.append(contentsOf: repeatElement(0, count: new.upperBound - bytes.count))
        }
        var at = new.lowerBound
        for range in known {
            while at < min(range.lowerBound, new.upperBound) {
                bytes[at] = frame[at - new.lowerBound]
                at += 1
            }
            at = max(at, range.upperBound)
        }
        while at < new.upperBound {
            bytes[at] = frame[at - new.lowerBound]
            at += 1
        }
    }
}

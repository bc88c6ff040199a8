import Codecs

/// Start line and fields of an HTTP/1 head (RFC 9112 §§3-5), read leniently: what clients and
/// servers in the field accept is taken, what nobody could mean is an anomaly.
struct HTTPHeadReader {
    private var bytes: [UInt8]
    /// The head's lines without their ends; continuation lines are joined (RFC 9112 §5.2).
    private var lines: [Range<Int>] = []

    /// Bytes of the head at the reader's position, its empty line included; nil while it is
    /// incomplete.
    static func length(of input: ByteReader) -> Int? {
        var at = 0
        while let step = input.from(at).distance(to: 10) {
            at += step + 1
            if input.peek(at) == 10 { return at + 1 }
            if input.peek(at) == 13, input.peek(at + 1) == 10 { return at + 2 }
        }
        return nil
    }

    init(_ bytes: [UInt8]) throws(ParseFailure) {
        self.bytes = bytes
        lines.reserveCapacity(24)
        var start = 0
        while start < self.bytes.count {
            let end =
                self.bytes.span.position(of: 10, in: start..<self.bytes.count)
                ?? self.bytes.count
            var stop = end
            if stop > start, self.bytes[stop - 1] == 13 { stop -= 1 }
            if stop > start { try add(start..<stop) }
            start = end + 1
        }
        guard !lines.isEmpty else { throw .malformed(.badHTTPHead) }
    }

    private mutating func add(_ line: Range<Int>) throws(ParseFailure) {
        let first = bytes[line.lowerBound]
        if first == 32 || first == 9, let last = lines.last {
            // Joined behind the rest of the head, so that a line stays one range.
            let joined = Array(bytes[last]) + [32] + bytes[trimmed(line)]
            lines[lines.count - 1] = bytes.count..<(bytes.count + joined.count)
            guard bytes.count + joined.count <= 4 * Limits.standard.headBytes else {
                throw .malformed(.headTooLong)
            }
            bytes += joined
        } else {
            lines.append(line)
        }
        guard lines.count <= Limits.standard.headFields else { throw .malformed(.headTooLong) }
    }

    // MARK: - Heads

    /// A request head, and how its body is framed.
    func request() throws(ParseFailure) -> (HTTPRequest, BodyFraming) {
        let parts = words(of: lines[0])
        guard parts.count >= 3, let version = parts.last,
            bytes.span.holds("HTTP/", at: version.lowerBound)
        else { throw .malformed(.badHTTPHead) }
        var request = HTTPRequest()
        request.method = text(parts[0], limit: 64)
        let target = parts[1].lowerBound..<parts[parts.count - 2].upperBound
        request.target = HTTPHeadReader.withoutUser(text(target, limit: 8192))
        request.version = text(version, limit: 16)
        request.targetHash = SessionKey.of(SessionKey.pathAndQuery(bytes[target]))
        if request.isAbsolute { request.host = HTTPHeadReader.authority(of: request.target) }
        var framing = BodyFraming.none
        for line in lines.dropFirst() {
            guard let (field, range) = field(in: line) else { continue }
            let value = text(range, limit: Limits.standard.fieldBytes)
            switch field {
            case .transferEncoding where HTTPHeadReader.isChunked(value): framing = .chunked
            case .contentLength:
                guard framing != .chunked, let count = Int(value), count >= 0 else { break }
                framing = .length(count)
                request.contentLength = count
            default: request.keep(field, value)
            }
        }
        return (request, framing)
    }

    /// A response head, and how its body is framed as far as the head alone tells.
    func response() throws(ParseFailure) -> (HTTPResponse, BodyFraming) {
        let parts = words(of: lines[0])
        guard parts.count >= 2, bytes.span.holds("HTTP/", at: parts[0].lowerBound),
            let status = Int(text(parts[1], limit: 8)), (100...999).contains(status)
        else { throw .malformed(.badHTTPHead) }
        var response = HTTPResponse()
        response.status = status
        response.version = text(parts[0], limit: 16)
        var framing = BodyFraming.untilClose
        for line in lines.dropFirst() {
            guard let (field, range) = field(in: line) else { continue }
            let value = text(range, limit: Limits.standard.fieldBytes)
            switch field {
            case .transferEncoding where HTTPHeadReader.isChunked(value): framing = .chunked
            case .contentLength:
                guard framing != .chunked, let count = Int(value), count >= 0 else { break }
                framing = .length(count)
                response.contentLength = count
            default: response.keep(field, value)
            }
        }
        return (response, framing)
    }

    // MARK: - Lines

    /// The words of a line that spaces part.
    private func words(of line: Range<Int>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start = line.lowerBound
        for at in line.lowerBound...line.upperBound
        where at == line.upperBound || bytes[at] == 32 {
            if at > start { words.append(start..<at) }
            start = at + 1
        }
        return words
    }

    /// A field of the allow-list and where its value stands; nil for any other line.
    private func field(in line: Range<Int>) -> (HTTPField, Range<Int>)? {
        guard let colon = bytes.span.position(of: 58, in: line), colon > line.lowerBound else {
            return nil
        }
        let name = trimmed(line.lowerBound..<colon)
        return HTTPField.named(bytes.span.extracting(name)).map {
            ($0, trimmed((colon + 1)..<line.upperBound))
        }
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start] == 32 || bytes[start] == 9 { start += 1 }
        while end > start, bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
        return start..<end
    }

    private func text(_ range: Range<Int>, limit: Int) -> String {
        let end = min(range.upperBound, range.lowerBound + limit)
        return String(copying: bytes.span.extracting(range.lowerBound..<end))
    }

    // MARK: - Pieces

    private static func isChunked(_ value: String) -> Bool {
        value.lowercased().hasSuffix("chunked")
    }

    private static func authority(of target: String) -> String? {
        guard let start = target.range(of: "://") else { return nil }
        let authority = target[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // What stands before an @ is a user's name and password (RFC 9110 §4.2.4).
        return authority.lastIndex(of: "@").map { String(authority[$0...].dropFirst()) }
            ?? String(authority)
    }

    /// An absolute target without the user and password that may stand before its host.
    private static func withoutUser(_ target: String) -> String {
        guard target.hasPrefix("http"), let start = target.range(of: "://"),
            let host = authority(of: target)
        else { return target }
        let end = target[start...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" }
        return target[..<start] + host + (end.map { target[$0...] } ?? "")
    }
}

extension String {
    /// The index just behind the first `pattern`.
    fileprivate func range(of pattern: String) -> Index? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(pattern) { return index(at, offsetBy: pattern.count) }
            at = index(after: at)
        }
        return nil
    }
}

extension ByteReader {
    /// A reader that stands `count` bytes further on; at the end when there are fewer.
    @_lifetime(copy self)
    func from(_ count: Int) -> ByteReader {
        var copy = self
        _ = copy.moved(by: count)
        return copy
    }
}

/// How the end of a body is told (RFC 9112 §6.3).
enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
    case untilClose
}

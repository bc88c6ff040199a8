import Codecs

/// Start line and fields of an HTTP/1 head (RFC 9112 §§3-5), read leniently: what clients and
/// servers in the field accept is taken, what nobody could mean is an anomaly.
struct HTTPHeadReader: ~Escapable {
    /// Bytes of a request target that are kept.
    private static let targetBytes = 8192
    /// The head, in which no field goes on over a line's end (RFC 9112 §5.2).
    private let head: Span<UInt8>

    @_lifetime(copy head)
    init(_ head: Span<UInt8>) { self.head = head }

    /// How far a head goes.
    struct Extent {
        /// Its empty line included.
        var bytes = 0
        /// Lines, without those that go on with the one before.
        var lines = 0
        var isFolded = false
    }

    /// What the head at the reader's position takes; nil while it is incomplete. It does not begin
    /// with an empty line.
    static func extent(of input: ByteReader) -> Extent? {
        var extent = Extent(bytes: 0, lines: 1)
        while let step = input.distance(to: 10, from: extent.bytes) {
            extent.bytes = step + 1
            switch input.peek(extent.bytes) {
            case 10:
                extent.bytes += 1
                return extent
            case 13 where input.peek(extent.bytes + 1) == 10:
                extent.bytes += 2
                return extent
            case 32, 9: extent.isFolded = true
            default: extent.lines += 1
            }
        }
        return nil
    }

    /// The next line that is not empty, without its end; nil when there is none.
    @inline(__always)
    private static func nextLine(_ head: Span<UInt8>, _ at: inout Int) -> Range<Int>? {
        while at < head.count {
            let start = at
            let end = head.position(of: 10, in: start..<head.count) ?? head.count
            at = end + 1
            let stop = end > start && head[end - 1] == 13 ? end - 1 : end
            if stop > start { return start..<stop }
        }
        return nil
    }

    /// The head with every line joined that goes on with the one before.
    static func unfolded(_ head: Span<UInt8>) throws(ParseFailure) -> [UInt8] {
        var joined: [UInt8] = []
        joined.reserveCapacity(head.count)
        /// Where the line begins that may go on, and bytes of the head and all that was joined.
        var start = 0
        var total = head.count
        var at = 0
        while let line = nextLine(head, &at) {
            let first = head[line.lowerBound]
            if !joined.isEmpty, first == 32 || first == 9 {
                joined.removeLast(2)
                joined.append(32)
                joined.append(copying: head.extracting(trimmed(line, head)))
                total += joined.count - start
                guard total <= 4 * Limits.standard.headBytes else {
                    throw .malformed(.headTooLong)
                }
            } else {
                start = joined.count
                joined.append(copying: head.extracting(line))
            }
            joined += [13, 10]
        }
        return joined
    }

    // MARK: - Heads

    /// A request head, and how its body is framed.
    func read(into request: inout HTTPRequest.Fields) throws(ParseFailure) -> BodyFraming {
        var at = 0
        guard let line = Self.nextLine(head, &at), let parts = Self.requestLine(head, line)
        else { throw .malformed(.badHTTPHead) }
        request.method = FieldValue(head.extracting(parts.method), limit: 64).text
        let target = head.extracting(parts.target)
        request.target = FieldValue(target, limit: Self.targetBytes).uri
        request.version = FieldValue(head.extracting(parts.version), limit: 16).text
        request.targetHash = SessionKey.of(pathAndQueryOf: target)
        var isAbsolute = false
        // Most begin with the path.
        if !target.holds("/", at: 0) {
            request.target =
                request.method == "CONNECT"
                ? FieldValue(target, limit: Self.targetBytes).authority
                : Self.withoutUser(FieldValue(target, limit: target.count).uri)
            isAbsolute = HTTPRequest.isAbsolute(request.target)
            if isAbsolute { request.host = HTTPHeadReader.authority(of: request.target) }
        }
        var framing = BodyFraming.none
        while let line = Self.nextLine(head, &at) {
            guard let (field, range) = Self.field(head, line) else { continue }
            let value = FieldValue(head.extracting(range))
            switch field {
            case .transferEncoding:
                if value.isChunked {
                    if request.contentLength != nil { request.hasConflictingFraming = true }
                    framing = .chunked
                }
                request.keep(field, value, isAbsolute: isAbsolute)
            case .contentLength:
                if framing == .chunked { request.hasConflictingFraming = true }
                guard framing != .chunked, let count = value.number, count >= 0 else { break }
                if let known = request.contentLength, known != count {
                    request.hasConflictingFraming = true
                }
                framing = .length(count)
                request.contentLength = count
            case .mcpParameter:
                let name = head.extracting(Self.nameRange(head, line))
                request.keep(
                    parameter: FieldValue(name, limit: HTTPField.parameterBytes).text)
            case .host:
                let host = FieldValue(head.extracting(range), limit: Limits.standard.hostBytes)
                request.keep(field, host, isAbsolute: isAbsolute)
            default: request.keep(field, value, isAbsolute: isAbsolute)
            }
        }
        return framing
    }

    /// A response head, and how its body is framed as far as the head alone tells.
    func read(into response: inout HTTPResponse.Fields) throws(ParseFailure) -> BodyFraming {
        var at = 0
        guard let line = Self.nextLine(head, &at),
            let (version, code) = Self.firstWords(head, line),
            head.holds(anyCase: "http/", at: version.lowerBound),
            let status = FieldValue(head.extracting(code), limit: 3).number,
            (100...999).contains(status)
        else { throw .malformed(.badHTTPHead) }
        response.status = status
        response.version = FieldValue(head.extracting(version), limit: 16).text
        var framing = BodyFraming.untilClose
        while let line = Self.nextLine(head, &at) {
            guard let (field, range) = Self.field(head, line) else { continue }
            let value = FieldValue(head.extracting(range))
            switch field {
            case .transferEncoding:
                if value.isChunked { framing = .chunked }
                response.keep(field, value)
            case .contentLength:
                guard framing != .chunked, let count = value.number, count >= 0 else { break }
                framing = .length(count)
                response.contentLength = count
            default: response.keep(field, value)
            }
        }
        return framing
    }

    // MARK: - Lines

    /// The first two words of a line that spaces part; nil when there are fewer.
    private static func firstWords(
        _ head: Span<UInt8>, _ line: Range<Int>
    ) -> (first: Range<Int>, second: Range<Int>)? {
        let first = word(head, line)
        let second = word(head, first.upperBound..<line.upperBound)
        return second.isEmpty ? nil : (first, second)
    }

    /// Method, target and version of a request line; the version is empty when the line has none
    /// (RFC 1945 §4.1), and then the target must look like one.
    private static func requestLine(
        _ head: Span<UInt8>, _ line: Range<Int>
    ) -> (method: Range<Int>, target: Range<Int>, version: Range<Int>)? {
        if let parts = words(head, line), head.holds("HTTP/", at: parts.last.lowerBound) {
            return (parts.first, parts.between, parts.last)
        }
        guard let (method, second) = firstWords(head, line), isMethod(head.extracting(method)),
            head[second.lowerBound] == 47 || head.holds("http://", at: second.lowerBound)
                || head.holds("HTTP/", at: second.lowerBound)
        else { return nil }
        let rest = trimmed(second.lowerBound..<line.upperBound, head)
        return (method, rest, line.upperBound..<line.upperBound)
    }

    /// A word of capital letters, as all registered methods are.
    private static func isMethod(_ word: Span<UInt8>) -> Bool {
        guard (3...24).contains(word.count) else { return false }
        return word.indices.allSatisfy { (65...90).contains(word[$0]) || word[$0] == 95 }
    }

    /// The first word of a line, the last, and all between them; nil when there are fewer than
    /// three.
    private static func words(
        _ head: Span<UInt8>, _ line: Range<Int>
    ) -> (first: Range<Int>, between: Range<Int>, last: Range<Int>)? {
        guard let (first, second) = firstWords(head, line) else { return nil }
        var end = line.upperBound
        while end > second.lowerBound, head[end - 1] == 32 { end -= 1 }
        var start = end
        while start > second.lowerBound, head[start - 1] != 32 { start -= 1 }
        var stop = start
        while stop > second.lowerBound, head[stop - 1] == 32 { stop -= 1 }
        return stop > second.lowerBound ? (first, second.lowerBound..<stop, start..<end) : nil
    }

    private static func word(_ head: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while start < range.upperBound, head[start] == 32 { start += 1 }
        let end = head.position(of: 32, in: start..<range.upperBound) ?? range.upperBound
        return start..<end
    }

    /// A field of the allow-list and where its value stands; nil for any other line.
    private static func field(
        _ head: Span<UInt8>, _ line: Range<Int>
    ) -> (HTTPField, Range<Int>)? {
        guard let colon = head.position(of: 58, in: line), colon > line.lowerBound else {
            return nil
        }
        let name = head.extracting(trimmed(line.lowerBound..<colon, head))
        guard let field = HTTPField.named(name) else { return nil }
        return (field, trimmed((colon + 1)..<line.upperBound, head))
    }

    /// Where the name of a field line stands.
    private static func nameRange(_ head: Span<UInt8>, _ line: Range<Int>) -> Range<Int> {
        trimmed(line.lowerBound..<(head.position(of: 58, in: line) ?? line.upperBound), head)
    }

    private static func trimmed(_ range: Range<Int>, _ head: Span<UInt8>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, head[start] == 32 || head[start] == 9 { start += 1 }
        while end > start, head[end - 1] == 32 || head[end - 1] == 9 { end -= 1 }
        return start..<end
    }

    // MARK: - Pieces

    private static func authority(of target: String) -> String? {
        guard let start = target.range(of: "://") else { return nil }
        let authority = target[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // What stands before an @ is a user's name and password (RFC 9110 §4.2.4).
        return authority.lastIndex(of: "@").map { String(authority[$0...].dropFirst()) }
            ?? String(authority)
    }

    private static func clipped(_ target: String) -> String {
        target.utf8.count <= targetBytes
            ? target : String(decoding: target.utf8.prefix(targetBytes), as: UTF8.self)
    }

    /// An absolute target without the user and password that may stand before its host.
    private static func withoutUser(_ target: String) -> String {
        guard let colon = target.utf8.firstIndex(of: UInt8(ascii: ":")),
            target.utf8[..<colon].allSatisfy({ 97...122 ~= $0 | 32 }),
            target[colon...].hasPrefix("://"), let host = authority(of: target)
        else { return clipped(target) }
        let start = target.utf8.index(colon, offsetBy: 3)
        let end = target[start...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" }
        return clipped(target[..<start] + host + (end.map { target[$0...] } ?? ""))
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
    /// Position of the first `byte` from `start` on, both counted from here.
    func distance(to byte: UInt8, from start: Int) -> Int? {
        from(start).distance(to: byte).map { start + $0 }
    }

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

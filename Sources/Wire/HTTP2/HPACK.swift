import Codecs

/// The field compression of HTTP/2 in one direction (RFC 7541): what its blocks say of the fields
/// that are kept, and the table without which later blocks could not be read.
///
/// Of fields that are not kept the table has no more than the size: nothing of a cookie or a token
/// stays.
struct HPACK {
    /// What is kept of a head, by the name of its field.
    enum Field: Equatable, Sendable {
        case method, path, authority, status, scheme
        /// `:protocol` of an extended CONNECT (RFC 8441 §4).
        case bootstrap
        /// A field that is kept of HTTP/1 as well.
        case head(HTTPField)
        /// An Mcp-Param-* field, by its name: what stands in one is an argument.
        case parameter(String)
        /// None of those.
        case other

        init(_ name: [UInt8]) {
            guard name.first == UInt8(ascii: ":") else {
                switch HTTPField.named(name.span) {
                case .mcpParameter:
                    self = .parameter(FieldValue(name.span, limit: HTTPField.parameterBytes).text)
                case let field?: self = .head(field)
                case nil: self = .other
                }
                return
            }
            switch name.count {
            case 5 where name.span.equals(":path"): self = .path
            case 7 where name.span.equals(":method"): self = .method
            case 7 where name.span.equals(":status"): self = .status
            case 7 where name.span.equals(":scheme"): self = .scheme
            case 9 where name.span.equals(":protocol"): self = .bootstrap
            case 10 where name.span.equals(":authority"): self = .authority
            default: self = .other
            }
        }

        /// What is kept of a value: of credentials no more than their scheme.
        fileprivate func kept(_ value: Span<UInt8>) -> String {
            switch self {
            case .method, .scheme, .bootstrap: FieldValue(value, limit: 64).text
            case .path: FieldValue(value, limit: Limits.standard.hostBytes).text
            case .authority, .head(.host): FieldValue(value).authority
            case .head(.authorization): FieldValue(value).scheme
            case .head(.proxyAuthorization): ""
            case .head(.apiKey), .head(.azureKey), .head(.googleKey), .head(.mcpSession),
                .head(.lastEventID):
                ""
            case .head: FieldValue(value).text
            // A longer one is no number of three digits.
            case .status: FieldValue(value, limit: 3).text
            case .parameter, .other: ""
            }
        }

        /// What stands for a value that is a secret; 0 for any other.
        fileprivate func key(_ value: Span<UInt8>) -> UInt64 {
            switch self {
            case .head(.mcpSession), .head(.lastEventID), .head(.authorization):
                FieldValue(value).sessionKey
            default: 0
            }
        }

        /// What a bearer token says of itself.
        fileprivate func claims(_ value: Span<UInt8>) -> SharedFields<TokenClaims>? {
            guard self == .head(.authorization) else { return nil }
            return FieldValue(value).claims.map { SharedFields($0) }
        }
    }

    /// A field of a block, as far as it is kept.
    struct Kept {
        var field: Field
        var value: String
        /// Stands for a value that is a secret.
        var key: UInt64
        /// Of Authorization: what its token says of itself.
        var claims: SharedFields<TokenClaims>?
    }

    private struct Entry {
        var kept: Kept
        /// Bytes of the name.
        var nameBytes: Int
        /// As the table counts it (RFC 7541 §4.1).
        var size: Int

        /// The value is made once: one byte of a block may name a long one, and all heads that have
        /// it share it.
        init(_ field: Field, nameBytes: Int, value: [UInt8]) {
            kept = Kept(
                field: field, value: field.kept(value.span), key: field.key(value.span),
                claims: field.claims(value.span))
            self.nameBytes = nameBytes
            size = nameBytes + value.count + 32
        }
    }

    /// Oldest first; those before `start` are gone.
    private var entries: [Entry] = []
    private var start = 0
    private var size = 0
    /// Bytes of the table, by its own count.
    var tableBytes: Int { size }
    /// What the encoder uses, and what the other side lets it use (RFC 7541 §4.2).
    private var limit = HPACK.initialLimit
    private var allowed = HPACK.initialLimit

    /// Bytes were lost: what was added before the newest entries is not known.
    private(set) var isPartial = false

    private static let initialLimit = 4096
    /// Places that a table may have, each of 32 bytes at least.
    private static let indexLimit = 61 + Limits.standard.hpackTableBytes / 32

    /// Blocks were lost, and what they added. The table gives its newest entries the first places,
    /// so those that are still to come will be known by their places.
    mutating func lose() {
        entries = []
        (start, size) = (0, 0)
        isPartial = true
    }

    /// The other side's SETTINGS_HEADER_TABLE_SIZE.
    mutating func allow(_ bytes: Int) {
        allowed = min(bytes, Limits.standard.hpackTableBytes)
        // A smaller table is used from here on, as the encoder will say itself.
        if limit > allowed { resize(to: allowed) }
    }

    /// Reads a whole block; each field that is kept goes to `keep`. A field that stands in lost
    /// parts of the table is passed over.
    mutating func read(
        _ input: inout ByteReader, keep: (Kept) -> Void
    ) throws(ParseFailure) {
        while let byte = input.peek() {
            if byte & 0x80 != 0 {
                let entry = try entry(try integer(&input, prefix: 7))
                if let entry, entry.kept.field != .other { keep(entry.kept) }
            } else if byte & 0xe0 == 0x20 {
                let bytes = try integer(&input, prefix: 5)
                guard bytes <= allowed else { throw .malformed(.badHPACK) }
                resize(to: bytes)
            } else {
                let isIndexed = byte & 0xc0 == 0x40
                let entry = try literal(&input, prefix: isIndexed ? 6 : 4)
                if entry.kept.field != .other { keep(entry.kept) }
                if isIndexed { add(entry) }
            }
        }
    }

    private func literal(
        _ input: inout ByteReader, prefix: Int
    ) throws(ParseFailure) -> Entry {
        let index = try integer(&input, prefix: prefix)
        let (field, nameBytes): (Field, Int)
        if index == 0 {
            let name = try text(&input)
            (field, nameBytes) = (Field(name), name.count)
        } else {
            let named = try entry(index)
            (field, nameBytes) = (named?.kept.field ?? .other, named?.nameBytes ?? 0)
        }
        return Entry(field, nameBytes: nameBytes, value: try text(&input))
    }

    /// RFC 7541 §5.1; no number in a block needs more than 28 bits.
    private func integer(
        _ input: inout ByteReader, prefix: Int
    ) throws(ParseFailure) -> Int {
        let mask = 1 << prefix - 1
        var value = Int(try input.uint8()) & mask
        guard value == mask else { return value }
        for shift in stride(from: 0, through: 21, by: 7) {
            let byte = Int(try input.uint8())
            value += (byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .malformed(.badHPACK)
    }

    /// RFC 7541 §5.2.
    private func text(_ input: inout ByteReader) throws(ParseFailure) -> [UInt8] {
        let isHuffman = (input.peek() ?? 0) & 0x80 != 0
        let count = try integer(&input, prefix: 7)
        if isHuffman { return try Huffman.decode(&input, count) }
        var taken = try input.take(count)
        return taken.rest()
    }

    // MARK: - Table

    /// The static table stands before the dynamic one, whose newest entry is its first (RFC 7541
    /// §2.3.3). Nil for one that was lost.
    private func entry(_ index: Int) throws(ParseFailure) -> Entry? {
        guard index > 0 else { throw .malformed(.badHPACK) }
        if index <= HPACK.staticNameBytes.count { return HPACK.staticEntry(index) }
        let place = entries.count - (index - HPACK.staticNameBytes.count)
        guard place >= start else {
            guard isPartial, index <= HPACK.indexLimit else { throw .malformed(.badHPACK) }
            return nil
        }
        return entries[place]
    }

    private mutating func add(_ entry: Entry) {
        shrink(to: limit - entry.size)
        // One that is larger than the table empties it, and is not added (RFC 7541 §4.4).
        guard entry.size <= limit else { return }
        entries.append(entry)
        size += entry.size
    }

    private mutating func resize(to bytes: Int) {
        limit = bytes
        shrink(to: bytes)
    }

    private mutating func shrink(to bytes: Int) {
        while size > max(bytes, 0), start < entries.count {
            size -= entries[start].size
            entries[start].kept.value = ""
            start += 1
        }
        guard start > entries.count / 2 else { return }
        entries.removeFirst(start)
        start = 0
    }

    /// RFC 7541 Appendix A: values only of the fields that are kept.
    private static func staticEntry(_ index: Int) -> Entry {
        let bytes = staticNameBytes[index - 1]
        let (field, value): (Field, String) =
            switch index {
            case 1: (.authority, "")
            case 2: (.method, "GET")
            case 3: (.method, "POST")
            case 4: (.path, "/")
            case 5: (.path, "/index.html")
            case 6: (.scheme, "http")
            case 7: (.scheme, "https")
            case 8...14: (.status, ["200", "204", "206", "304", "400", "404", "500"][index - 8])
            case 19: (.head(.accept), "")
            case 23: (.head(.authorization), "")
            case 26: (.head(.contentEncoding), "")
            case 28: (.head(.contentLength), "")
            case 31: (.head(.contentType), "")
            case 38: (.head(.host), "")
            case 54: (.head(.server), "")
            case 58: (.head(.userAgent), "")
            case 61: (.head(.wwwAuthenticate), "")
            default: (.other, "")
            }
        return Entry(field, nameBytes: bytes, value: Array(value.utf8))
    }

    /// Bytes of the names of RFC 7541 Appendix A.
    private static let staticNameBytes = [
        10, 7, 7, 5, 5, 7, 7, 7, 7, 7, 7, 7, 7, 7, 14, 15,
        15, 13, 6, 27, 3, 5, 13, 13, 19, 16, 16, 14, 16, 13, 12, 6,
        4, 4, 6, 7, 4, 4, 8, 17, 13, 8, 19, 13, 4, 8, 12, 18,
        19, 5, 7, 7, 11, 6, 10, 25, 17, 10, 4, 3, 16,
    ]
}

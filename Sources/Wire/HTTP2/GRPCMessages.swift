import Codecs

/// What a stream of gRPC calls: its path is `/package.Service/Method` (gRPC over HTTP/2, Requests).
struct GRPCCall: Sendable {
    var service: String
    var method: String
    var request: HTTPRequest

    /// Nil when the content is none of gRPC.
    init?(_ contentType: String?, _ request: HTTPRequest) {
        guard contentType?.hasPrefix("application/grpc") == true else { return nil }
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
            return nil
        }
        self.request = request
        (service, method) = (String(parts[1]), String(parts[2]))
    }
}

/// One message of gRPC, for a reader of its service.
struct GRPCContent {
    var call: GRPCCall
    /// The head of the answer that the message stands in; nil in a request.
    var response: HTTPResponse?
    var side: Side { response == nil ? .client : .server }
    /// The message, its compression undone: at most `Limits.grpcMessageBytes`.
    var bytes: [UInt8]
    /// There was more.
    var isTruncated: Bool
}

/// The messages of one side of a call: each behind a flag that says whether it is compressed, and
/// its length in four bytes (gRPC over HTTP/2, Length-Prefixed-Message).
struct GRPCMessages {
    private static let prefixBytes = 5

    private let call: GRPCCall
    private let coding: ContentCoding?
    private let response: HTTPResponse?
    private var prefix: [UInt8] = []
    private var held: [UInt8] = []
    /// Bytes of the message still to come.
    private var left = 0
    private var isLong = false

    /// Of a request, or of the answer with this head.
    init(_ call: GRPCCall, _ response: HTTPResponse? = nil) {
        self.call = call
        self.response = response
        switch response.map(\.grpcEncoding) ?? call.request.grpcEncoding {
        case "gzip": coding = .gzip
        // By this name the format of zlib is meant (RFC 9110 §8.4.1.2).
        case "deflate": coding = .zlib
        default: coding = nil
        }
    }

    var heldBytes: Int { prefix.count + held.count }

    /// Takes more of the stream, and gives each message that is whole to `read`.
    mutating func take(_ bytes: Span<UInt8>, read: (GRPCContent) -> Void) {
        var at = 0
        while at < bytes.count {
            if prefix.count < GRPCMessages.prefixBytes {
                prefix.append(bytes[at])
                at += 1
                guard prefix.count == GRPCMessages.prefixBytes else { continue }
                left = prefix.dropFirst().reduce(0) { $0 << 8 | Int($1) }
                isLong = left > Limits.standard.grpcMessageBytes
            }
            let count = min(left, bytes.count - at)
            let room = min(count, Limits.standard.grpcMessageBytes - held.count)
            if room > 0 { held.append(copying: bytes.extracting(at..<(at + room))) }
            at += count
            left -= count
            if left == 0 { end(read) }
        }
    }

    private mutating func end(_ read: (GRPCContent) -> Void) {
        let isCompressed = prefix[0] & 1 != 0
        let bytes = held
        prefix = []
        held = []
        if !isCompressed {
            return read(
                GRPCContent(
                    call: call, response: response, bytes: bytes, isTruncated: isLong))
        }
        guard let coding else { return }
        var out = [UInt8](repeating: 0, count: Limits.standard.grpcMessageBytes)
        let step = ContentDecoder(coding).step(bytes.span, into: &out)
        guard !step.isCorrupt || step.produced > 0 else { return }
        out.removeLast(out.count - step.produced)
        read(
            GRPCContent(
                call: call, response: response, bytes: out, isTruncated: !step.isBetweenFrames))
    }
}

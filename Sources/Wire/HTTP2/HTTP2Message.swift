/// One request of an HTTP/2 connection in the clear, or its answer, or both (RFC 9113 §8.3).
package struct HTTP2Message: Sendable, Hashable {
    package var stream: UInt32
    package var method: String?
    /// `:path`: path and query.
    package var path: String?
    /// `:authority`, or the Host field where there is none.
    package var authority: String?
    package var userAgent: String?
    /// Of the request, else of the answer.
    package var contentType: String?
    /// Nil while no answer was seen.
    package var status: Int?
    /// How a call of gRPC ended. A message with neither method nor status is the trailers that end
    /// the stream.
    package var grpcStatus: GRPCStatus?
    /// Of trailers.
    package var isEnd: Bool { method == nil && status == nil }

    /// Bytes of all its texts.
    var textBytes: Int {
        [method, path, authority, userAgent, contentType].reduce(0) {
            $0 + ($1?.utf8.count ?? 0)
        }
    }

    /// Service and method of a gRPC call: its path is `/package.Service/Method` (gRPC over HTTP/2,
    /// Requests).
    package var grpc: (service: String, method: String)? {
        guard let contentType, contentType.hasPrefix("application/grpc"), let path else {
            return nil
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
            return nil
        }
        return (String(parts[1]), String(parts[2]))
    }
}

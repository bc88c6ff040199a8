/// How HTTP/1 begins, beside the request line that nearly all have.
extension HTTP1Dissector {
    /// A status line; some servers write it in lower case.
    static func beginsAnswer(_ opening: ByteReader) -> Bool {
        opening.starts(with: "HTTP/1.") || opening.starts(with: "http/1.")
    }

    /// A request line without a version, as HTTP/0.9 has it (RFC 1945 §4.1), or with half of one. A
    /// known method and a path, for other protocols have words like these.
    static func isOldRequest(_ opening: ByteReader, line: Int, target: Int) -> Bool {
        if opening.from(max(0, line - 8)).starts(with: " HTTP/1.") { return true }
        guard isKnownMethod(opening), !opening.from(max(0, line - 8)).starts(with: "RTSP/1.0")
        else { return false }
        let rest = opening.from(target)
        return rest.starts(with: "/") || rest.starts(with: "http://")
    }

    static func isKnownMethod(_ opening: ByteReader) -> Bool {
        opening.starts(with: "GET ") || opening.starts(with: "POST ")
            || opening.starts(with: "PUT ") || opening.starts(with: "HEAD ")
            || opening.starts(with: "DELETE ") || opening.starts(with: "OPTIONS ")
            || opening.starts(with: "PATCH ") || opening.starts(with: "CONNECT ")
            || opening.starts(with: "TRACE ")
    }
}

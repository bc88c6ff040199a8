/// Secrets that a request target carries in its query: the session of MCP's HTTP+SSE, and keys and
/// tokens of APIs that take them there.
enum SecretParameters {
    /// Names in lower case, without `-` and `_`.
    private static let names: Set<String> = [
        "apikey", "token", "accesstoken", "refreshtoken", "idtoken", "jwt", "clientsecret",
        "password", "passwd", "codeverifier", "clientassertion", "subjecttoken", "actortoken",
    ]
    /// An OAuth code, where `state` stands beside it (RFC 6749 §4.1.2); elsewhere a common word.
    private static let code = "code"
    /// Secret in a posting target, where HTTP+SSE puts it; elsewhere it is a page's own word.
    private static let session = "sessionid"
    /// How Google's keys begin, which are sent as `key`, a word that means much else.
    private static let googleKey = "AIza"
    private static let mask = "***"

    /// The target with `***` for the values of such parameters; all else as it was sent.
    static func masked(_ target: String, isPost: Bool) -> String {
        guard let start = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return target }
        let isCallback = target.contains("state=")
        var out = String(target[...start])
        var rest = target[target.utf8.index(after: start)...]
        while true {
            let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") }
            out += masked(parameter: rest[..<(end ?? rest.endIndex)], isPost, isCallback)
            guard let end else { return out }
            let next = rest.utf8.index(after: end)
            out += rest[end..<next]
            rest = rest[next...]
        }
    }

    private static func masked(
        parameter: Substring, _ isPost: Bool, _ isCallback: Bool
    ) -> Substring {
        guard let equals = parameter.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            return parameter
        }
        let name = parameter[..<equals].lowercased().filter { $0 != "-" && $0 != "_" }
        let value = parameter[parameter.utf8.index(after: equals)...]
        guard
            names.contains(name) || isPost && name == session || isCallback && name == code
                || name == "key" && value.hasPrefix(googleKey)
        else { return parameter }
        return parameter[...equals] + mask
    }
}

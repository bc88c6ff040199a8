/// What a fingerprint of TLS hellos is known to stand for: mostly a library with its settings,
/// which any program may use.
package struct Fingerprint: Sendable, Hashable {
    /// How the hello was hashed.
    package enum Kind: String, Sendable, CaseIterable {
        case ja3, ja4

        static let known = Vocabulary(Kind.self)
    }
    /// What the fingerprint tells.
    package enum Scope: String, Sendable, CaseIterable {
        /// A TLS library as a language, a program or a browser sets it up: never an agent.
        case stack
        /// It was met from this agent only, as far as its source looked.
        case agent

        static let known = Vocabulary(Scope.self)
    }
    package enum Confidence: String, Sendable, CaseIterable {
        case high, medium, low
        /// Switched off: the value says nothing in this scope.
        case ignore

        static let known = Vocabulary(Confidence.self)
    }
    package var kind: Kind
    /// `t13d1812h1_85036bcba153_d41ae481755e` for JA4, 32 hex digits for JA3.
    package var value: String
    package var scope: Scope
    package var confidence: Confidence
    package var name: String
    /// The versions it is known of, as the source says it.
    package var version: String?
    /// The day on which we saw it sent, `2026-11-26`; nil where somebody else says so.
    package var measured: String?
    /// The month in which a person last looked at the source, `2026-11`.
    package var checked: String?
    package var source: String

    /// What evidence says of a hello with it: what it rests on, of when, and what it does not tell.
    package var sentence: String {
        let label = kind == .ja4 ? "JA4" : "JA3"
        let age = measured.map { "measured \($0)" } ?? "published, looked up \(checked ?? "")"
        let basis =
            "\(version.map { "\($0); " } ?? "")\(age), \(AppSighting.first(of: source)); "
            + "\(confidence.rawValue) confidence"
        return switch scope {
        case .stack:
            "\(label) \(value) is sent by \(name) (\(basis)): any program may use it, so it "
                + "names no agent"
        case .agent:
            "\(label) \(value) is known from \(name) (\(basis)): others may send the same, so it "
                + "only hints"
        }
    }
}

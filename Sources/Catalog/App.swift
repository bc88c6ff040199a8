/// An app or service of the catalog, as all its files together describe it.
package struct App: Sendable, Hashable {
    /// Lower-case letters, digits and `-`; unique in the catalog.
    package var id: String
    package var name: String
    package var vendor: String
    /// The vendor's country, ISO 3166-1 alpha-2; nil where it is not known.
    package var country: String?
    /// The catalog's fine category, such as `chat-assistant`.
    package var category: String
    /// What the inventory prints for it as `category`, such as `chat`.
    package var group: String
    package var source: String
    /// Year and month in which a person last looked, `2026-11`.
    package var checked: String?
    /// Sorted by text, then by kind of match.
    package var domains: [AppDomain]
    /// Paths of hosts that serve other things too; sorted by host, then by path.
    package var endpoints: [AppEndpoint] = []
}

/// A path of a host by which an app is known where both are seen.
package struct AppEndpoint: Sendable, Hashable {
    package var host: String
    package var match: AppDomain.Match
    /// The beginning of the path, by whole segments.
    package var path: String
    package var role: AppDomain.Role
    package var strength: AppDomain.Strength
    package var source: String
    package var checked: String?
}

/// A name by which an app is known on the wire.
package struct AppDomain: Sendable, Hashable {
    /// Which names a domain line stands for.
    package enum Match: String, Sendable, CaseIterable {
        /// This name only.
        case exact
        /// This name and every name below it.
        case suffix
        /// This name, where `{x}` and `*` are one or more bytes inside a label.
        case pattern

        static let known = Vocabulary(Match.self)
    }
    /// What is served there.
    package enum Role: String, Sendable, CaseIterable {
        case webUI = "web-ui"
        case api, mcp, cdn, telemetry, auth, updates
        /// Marketing and documentation.
        case site

        /// Contact with it comes from using the app, not only from hearing of it.
        var isUse: Bool { self == .webUI || self == .api || self == .mcp }

        static let known = Vocabulary(Role.self)
    }
    /// How much contact with it says.
    package enum Strength: String, Sendable, CaseIterable {
        /// Contact alone is good evidence of use.
        case strong
        /// Contact points to the app, no more.
        case weak
        /// Switched off: names that it matches best are not reported.
        case ignore

        static let known = Vocabulary(Strength.self)
    }
    /// Lower case, as written in the file.
    package var text: String
    package var match: Match
    package var role: Role
    package var strength: Strength
    /// It serves other things than this app too.
    package var isShared: Bool
    package var source: String
    package var checked: String?

    /// Both stand for the same names.
    func isSame(as other: AppDomain) -> Bool { match == other.match && text == other.text }

    /// By text, then by match.
    func isBefore(_ other: AppDomain) -> Bool {
        text == other.text ? match.rawValue < other.match.rawValue : text < other.text
    }
}

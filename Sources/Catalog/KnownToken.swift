/// A kind of credential, as its own letters tell it. Nothing of a token is ever part of it.
package struct KnownToken: Sendable, Hashable {
    /// Whether such a token ends by itself.
    package enum Expiry: String, Sendable, CaseIterable {
        case never, optional, always

        static let known = Vocabulary(Expiry.self)
    }
    /// What it opens.
    package enum Reach: String, Sendable, CaseIterable {
        /// AI services only.
        case ai
        /// Other services as well.
        case shared
        /// Switched off: such tokens are not told.
        case ignore

        static let known = Vocabulary(Reach.self)
    }
    /// Lower-case letters, digits and `-`; unique among the tokens.
    package var id: String
    /// What the vendor calls it.
    package var name: String
    package var vendor: String
    /// As written in the file: `sk-ant-api03-[A-Za-z0-9_-]{93}AA`.
    package var shapes: [String]
    package var expiry: Expiry
    package var reach: Reach
    package var source: String
    package var checked: String?
    package var origin: CatalogOrigin
}

/// What the lines of a file come to before files are merged.
extension CatalogFile {
    /// A value and the line it was given on.
    struct Field {
        var text: String
        var line: Int
    }
    /// What a file says of one app: all of it, or what a user changes.
    struct AppEntry {
        var id: Field
        /// Of the id (`TextIndex`).
        var hash: UInt64
        var name: String?
        var vendor: String?
        var country: String?
        var category: Field?
        var source: String?
        var checked: String?
    }
    /// A domain of an app of the same file.
    struct DomainEntry {
        var domain: AppDomain
        /// Of the domain's text (`TextIndex`).
        var hash: UInt64
        var line: Int
        /// Where its app stands among the file's.
        var app: Int
    }
    /// What a file says of one agent.
    struct AgentEntry {
        var id: Field
        /// Of the id (`TextIndex`).
        var hash: UInt64
        var name: String?
        var vendor: String?
        var kind: KnownAgent.Kind?
        var checked: String?
    }
    /// A mark of an agent of the same file.
    struct MarkEntry {
        var mark: AgentMark
        /// Of the mark's text (`TextIndex`).
        var hash: UInt64
        var line: Int
        /// Where its agent stands among the file's.
        var agent: Int
    }
    /// The group a category is printed under.
    struct GroupEntry {
        var category: String
        var group: String
    }
}

/// What the lines of a file come to before files are merged: where each value stands, for most are
/// never asked for.
extension CatalogFile {
    typealias Place = CatalogText.Place

    /// What a file says of one app: all of it, or what a user changes.
    struct AppEntry {
        var id: Place
        /// Of the id (`TextIndex`).
        var hash: UInt64
        var line: Int
        var name: Place = 0..<0
        var vendor: Place = 0..<0
        var country: Place = 0..<0
        var category: Place = 0..<0
        var categoryLine = 0
        var source: Place = 0..<0
        var checked: Place = 0..<0
    }
    /// A domain of an app of the same file.
    struct DomainEntry {
        var text: Place
        var match: AppDomain.Match
        var role: AppDomain.Role
        var strength: AppDomain.Strength
        var isShared: Bool
        var source: Place = 0..<0
        var checked: Place = 0..<0
        /// Of the domain's text (`TextIndex`).
        var hash: UInt64
        var line: Int
        /// Where its app stands among the file's.
        var app: Int
    }
    /// A host and a path of an app of the same file.
    struct EndpointEntry {
        var host: Place
        var match: AppDomain.Match
        var path: Place
        var role: AppDomain.Role
        var strength: AppDomain.Strength
        var source: Place = 0..<0
        var checked: Place = 0..<0
        /// Of host and path together (`TextIndex`).
        var hash: UInt64
        var line: Int
        /// Where its app stands among the file's.
        var app: Int
    }
    /// What a file says of one agent.
    struct AgentEntry {
        var id: Place
        /// Of the id (`TextIndex`).
        var hash: UInt64
        var line: Int
        var name: Place = 0..<0
        var vendor: Place = 0..<0
        var kind: KnownAgent.Kind?
        var checked: Place = 0..<0
    }
    /// A mark of an agent of the same file.
    struct MarkEntry {
        var signal: AgentMark.Signal
        var match: AgentMark.Match
        var text: Place
        var source: Place = 0..<0
        /// Of the mark's text (`TextIndex`).
        var hash: UInt64
        var line: Int
        /// Where its agent stands among the file's.
        var agent: Int
    }
    /// A fingerprint and what it stands for.
    struct FingerprintEntry {
        var kind: Fingerprint.Kind
        var value: Place
        var scope: Fingerprint.Scope
        var confidence: Fingerprint.Confidence
        var name: Place = 0..<0
        var version: Place = 0..<0
        var source: Place = 0..<0
        var measured: Place = 0..<0
        var checked: Place = 0..<0
        /// Of the value (`TextIndex`).
        var hash: UInt64
        var line: Int
    }
    /// A program that serves models, vectors or agents.
    struct RuntimeEntry {
        var id: Place
        /// Of the id (`TextIndex`).
        var hash: UInt64
        var line: Int
        var name: Place = 0..<0
        var vendor: Place = 0..<0
        var kind: KnownRuntime.Kind?
        var ports: [Int] = []
        var paths: [Place] = []
        var marks: [Place] = []
        var model: Place = 0..<0
        var source: Place = 0..<0
        var checked: Place = 0..<0
    }
    /// What tokens of one kind look like.
    struct TokenEntry {
        var id: Place
        /// Of the id (`TextIndex`).
        var hash: UInt64
        var line: Int
        var name: Place = 0..<0
        var vendor: Place = 0..<0
        var shapes: [(place: Place, line: Int)] = []
        var expiry: KnownToken.Expiry?
        var reach: KnownToken.Reach?
        var source: Place = 0..<0
        var checked: Place = 0..<0
    }
    /// What DHCP clients of one system or device send.
    struct DeviceEntry {
        var id: Place
        /// Of the id (`TextIndex`).
        var hash: UInt64
        var line: Int
        var name: Place = 0..<0
        var vendor: Place = 0..<0
        var kind: KnownDevice.Kind?
        var classes: [(match: KnownDevice.Match, place: Place, line: Int)] = []
        var options: [(place: Place, line: Int)] = []
        var source: Place = 0..<0
        var checked: Place = 0..<0
    }
    /// The group a category is printed under.
    struct GroupEntry {
        var category: Place
        var group: Place
        var line: Int
    }
}

import Catalog
import Codecs
import Wire

/// What the catalog said of the names met last: few names make up most of a network's traffic, and
/// most of those are no app's.
struct AppMemo {
    private static let size = 4096
    private static let appSize = 512

    /// What the catalog has of a name.
    private struct Known: OptionSet {
        let rawValue: UInt8
        static let app = Known(rawValue: 1)
        /// Paths of it.
        static let endpoint = Known(rawValue: 2)
    }

    private let secret = TableSecret.ofThisRun
    /// The name that was met last at each place.
    private var names = [String](repeating: "", count: size)
    private var known = [Known](repeating: [], count: size)
    /// Sightings of the apps met last, at places of name and clue.
    private var sightings = [AppSighting?](repeating: nil, count: appSize)

    /// As `Catalog.app(forName:clue:)`.
    mutating func app(
        forName name: String, clue: Clue, in catalog: Catalog
    ) -> AppSighting? {
        let hash = secret.of(name)
        guard isApp(name, hash, in: catalog) else { return nil }
        let isQuery = clue == .dnsQuery ? 1 : 0
        let appPlace = (Int(truncatingIfNeeded: hash >> 32) ^ isQuery) & (AppMemo.appSize - 1)
        if let known = sightings[appPlace], known.clue == clue, known.domain == name {
            return known
        }
        // A name that is not as the catalog compares it is looked up each time.
        let found = catalog.app(forName: name, clue: clue)
        sightings[appPlace] = found
        return found
    }

    /// As `Catalog.app(forHost:path:)`, for the host and path of a request.
    mutating func app(
        forHost name: String, of request: HTTPRequest, in catalog: Catalog
    ) -> AppSighting? {
        guard known(name, secret.of(name), in: catalog).contains(.endpoint) else { return nil }
        return catalog.app(forHost: name, path: request.path)
    }

    /// As `Catalog.hasApp(forName:)`.
    mutating func isApp(_ name: String, in catalog: Catalog) -> Bool {
        isApp(name, secret.of(name), in: catalog)
    }

    private mutating func isApp(_ name: String, _ hash: UInt64, in catalog: Catalog) -> Bool {
        known(name, hash, in: catalog).contains(.app)
    }

    private mutating func known(_ name: String, _ hash: UInt64, in catalog: Catalog) -> Known {
        let place = Int(truncatingIfNeeded: hash) & (AppMemo.size - 1)
        if names[place] != name {
            names[place] = name
            known[place] = catalog.hasApp(forName: name) ? .app : []
            if catalog.hasEndpoint(atHost: name) { known[place].insert(.endpoint) }
        }
        return known[place]
    }
}

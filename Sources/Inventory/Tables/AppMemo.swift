import Catalog
import Codecs
import Wire

/// What the catalog said of the names met last: few names make up most of a network's traffic.
struct AppMemo {
    private struct Entry {
        var name: String
        var clue: Clue
        var sighting: AppSighting?
    }
    private static let size = 2048

    private let secret = TableSecret.ofThisRun
    private var entries = [Entry?](repeating: nil, count: size)

    /// As `Catalog.app(forName:clue:)`.
    mutating func app(
        forName name: String, clue: Clue, in catalog: Catalog
    ) -> AppSighting? {
        let place = Int(truncatingIfNeeded: secret.of(name)) & (AppMemo.size - 1)
        if let known = entries[place], known.clue == clue, known.name == name {
            return known.sighting
        }
        let sighting = catalog.app(forName: name, clue: clue)
        entries[place] = Entry(name: name, clue: clue, sighting: sighting)
        return sighting
    }
}

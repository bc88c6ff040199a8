import Catalog
import Codecs
import Wire

/// Of the names met last, which are no app's: those make up most of a network's traffic, and few
/// names most of that.
struct AppMemo {
    private static let size = 4096

    private let secret = TableSecret.ofThisRun
    /// The name that was met last at each place.
    private var names = [String](repeating: "", count: size)
    private var areApps = [Bool](repeating: false, count: size)

    /// As `Catalog.app(forName:clue:)`.
    mutating func app(
        forName name: String, clue: Clue, in catalog: Catalog
    ) -> AppSighting? {
        let place = Int(truncatingIfNeeded: secret.of(name)) & (AppMemo.size - 1)
        if names[place] != name {
            names[place] = name
            areApps[place] = catalog.hasApp(forName: name)
        }
        return areApps[place] ? catalog.app(forName: name, clue: clue) : nil
    }
}

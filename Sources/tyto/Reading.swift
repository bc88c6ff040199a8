import ArgumentParser
import Capture
import Catalog
import Foundation
import Inventory
import Outputs
import Policy
import Reports
import Sensor
import Wire

/// A command that could not do its work: one sentence and an exit code (2 usage or configuration, 1
/// the rest).
struct Failure: Error {
    var message: String
    var code: Int32

    /// Any error as a failure.
    static func of(_ error: any Error) -> any Error {
        switch error {
        case let known as Failure: known
        case let known as ExitCode: known
        case let capture as CaptureError:
            Failure(message: capture.message, code: capture.isUsage ? 2 : 1)
        case let configuration as ConfigurationError:
            Failure(message: configuration.message, code: 2)
        case let catalog as CatalogError: Failure(message: "\(catalog)", code: 2)
        case let inventory as InventoryError: Failure(message: inventory.message, code: 1)
        case let output as OutputError: Failure(message: output.message, code: 1)
        default: Failure(message: error.localizedDescription, code: 1)
        }
    }

    static func wrap<Value: ~Copyable>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw of(error)
        }
    }
}

/// Options of the commands that read an inventory.
struct ReadingOptions: ParsableArguments {
    @Option(help: "The inventory (default: $TYTO_DB, else /var/lib/tyto/tyto.db).")
    var db: String?

    @Option(help: "Networks, owners and policy to judge by, instead of those of the last replay.")
    var config: String?

    @Option(help: "A catalog file, or a folder of them, that adds to the shipped one (repeatable).")
    var catalog: [String] = []

    var path: String {
        db ?? ProcessInfo.processInfo.environment["TYTO_DB"] ?? "/var/lib/tyto/tyto.db"
    }

    /// The inventory to read or to write decisions to.
    func open() throws -> Inventory {
        try Failure.wrap { try Inventory(path: path, create: false) }
    }

    /// The inventory as it is now, and what stands against it.
    func read() throws -> (snapshot: Snapshot, alerts: [Alert]) {
        let configuration = try config.map { try Reading.configuration(at: $0) }
        let catalog = try Reading.catalog(
            additional: (configuration?.catalogFiles ?? []) + self.catalog)
        return try Failure.wrap {
            let inventory = try Inventory(path: path, create: false)
            let snapshot = try inventory.snapshot(
                organization: configuration?.organization, catalog: catalog)
            return (snapshot, Policy.alerts(in: snapshot))
        }
    }
}

/// Which rows, for the commands that list.
struct FilterOptions: ParsableArguments {
    @Option(help: "Only what was seen in the last 24h, 7d or 90m, or since a time in RFC 3339.")
    var since: String?

    @Option(help: "Only what belongs to this team.")
    var team: String?

    @Option(help: "Only what is on this host: a name or an address.")
    var host: String?

    func filter(_ snapshot: Snapshot, status: Status? = nil) throws -> SnapshotFilter {
        SnapshotFilter(
            since: try since.map { try Reading.time($0, before: snapshot.end) }, team: team,
            host: host, status: status, of: snapshot)
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, ndjson, csv
}

/// What commands share.
enum Reading {
    static func configuration(at path: String) throws -> Configuration {
        try Failure.wrap { try Configuration.load(path: path) }
    }

    /// The shipped catalog, the administrator's folder (`$TYTO_CATALOG_D`, else
    /// /etc/tyto/catalog.d) and what the configuration and the command line name, in this order.
    static func catalog(additional: [String]) throws -> Catalog {
        try Failure.wrap { try Catalog.loadShipped(additional: ownCatalog + additional) }
    }

    static var ownCatalog: [String] {
        Catalog.ownFolder(
            ProcessInfo.processInfo.environment["TYTO_CATALOG_D"] ?? "/etc/tyto/catalog.d")
    }

    /// `24h`, `7d`, `90m` counted back from the last packet, or a time in RFC 3339.
    static func time(_ text: String, before end: Timestamp) throws -> Timestamp {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (0...100_000).contains(count)
        {
            return end.advanced(byNanoseconds: -count * unit * 1_000_000_000)
        }
        if let time = PointInTime.parse(text) { return time }
        throw Failure(
            message: "--since \(text): write 24h, 7d, or a time like 2026-11-23T08:00:00Z", code: 2)
    }

    static func printSummary(_ snapshot: Snapshot, _ alerts: [Alert]) throws {
        try write(SummaryText.render(snapshot, alerts: alerts, width: width()))
    }

    /// Columns of the window; wide when the output goes elsewhere.
    static func width() -> Int {
        if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }),
            columns >= 40
        {
            return columns
        }
        var size = winsize()
        if isatty(STDOUT_FILENO) == 1, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0,
            size.ws_col >= 40
        {
            return Int(size.ws_col)
        }
        return 160
    }

    /// Results go to standard output; a reader that has had enough is no failure.
    static func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw ExitCode.success
        }
    }
}

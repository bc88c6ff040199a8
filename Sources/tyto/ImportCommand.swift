import ArgumentParser
import Foundation
import Inventory
import Sensor

/// `tyto import`: what other programs know of addresses.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take bindings from DHCP leases, host lists and inventories of devices.",
        discussion: """
            They stand behind what the traffic shows; where the two differ, `tyto show` says so.
            """)

    @Argument(help: "Lease files, hosts files, CSV tables or NetBox JSON.")
    var files: [String]

    @Option(help: "auto, dnsmasq, isc, kea, hosts, csv or netbox.")
    var format: String = "auto"

    @Option(help: "The inventory's SQLite file, made if it is not there.")
    var db: String

    @Option(help: "Its `users` says what becomes of users' names (YAML).")
    var config: String?

    func validate() throws {
        guard format == "auto" || BindingImport.Format(rawValue: format) != nil else {
            throw ValidationError(
                "--format \(format): is none of auto, "
                    + BindingImport.Format.allCases.map(\.rawValue).joined(separator: ", "))
        }
    }

    func run() throws {
        let users = try config.map { try Reading.configuration(at: $0).userNames } ?? .names
        let imports = try files.map { path in
            try Failure.wrap {
                try BindingImport(path: path, format: BindingImport.Format(rawValue: format))
            }
        }
        let inventory = try Failure.wrap { try Inventory(path: db, create: true) }
        for (path, imported) in zip(files, imports) {
            try Failure.wrap { try inventory.add(imported, userNames: users) }
            let noun = imported.count == 1 ? "entry" : "entries"
            Terminal.note("\(path): \(imported.count) \(noun) (\(imported.format.rawValue))")
        }
    }
}

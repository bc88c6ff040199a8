import ArgumentParser
import Inventory
import Reports
import Sensor
import Wire

/// `tyto explain`: why a host is whose, down to the line of the file that decided.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a host is whose: every entry that speaks of it, and which one decided.")

    @Argument(help: "An address, a MAC, a host's name, or its id from `tyto inventory hosts`.")
    var host: String

    @Option(help: "At this packet time (RFC 3339); default: when the host was last seen.")
    var at: String?

    @Option(name: .shortAndLong, help: "table or json.")
    var format: OutputFormat = .table

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard format == .table || format == .json else {
            throw ValidationError("--format \(format.rawValue): explain prints table or json")
        }
    }

    func run() throws {
        let (snapshot, _) = try reading.read()
        let known = find(in: snapshot)
        guard let address = known.first?.address ?? IPAddress(host) else {
            throw Failure(
                message: "\(host): no such host was seen; `tyto inventory hosts` lists them",
                code: 1)
        }
        guard known.count <= 1 else {
            let some = known.prefix(4).map(\.address.description).joined(separator: ", ")
            throw Failure(
                message:
                    "\(host): is the name of \(known.count) hosts (\(some)…); write an address",
                code: 1)
        }
        var time = known.first?.lastSeen ?? snapshot.end
        if let at {
            guard let given = PointInTime.parse(at) else {
                throw Failure(
                    message: "--at \(at): write a time like 2026-11-23T08:00:00Z", code: 2)
            }
            time = given
        }
        let configuration = try reading.config.map { try Reading.configuration(at: $0) }
        let asked = IPAddress(host) ?? address
        let explanation = try Failure.wrap {
            try reading.open().explanation(
                of: asked, at: time, organization: configuration?.organization)
        }
        let text = ExplanationText(explanation, snapshot)
        try Reading.write(format == .json ? text.json() : text.text())
    }

    private func find(in snapshot: Snapshot) -> [Host] {
        if let address = IPAddress(host) {
            return snapshot.hosts.filter { $0.addresses.contains(address) }
        }
        if let mac = MACAddress(host) {
            return snapshot.hosts.filter { $0.attribution.mac == mac }
        }
        return snapshot.hosts.filter {
            $0.id == host || $0.attribution.hostname?.lowercased() == host.lowercased()
        }
    }
}

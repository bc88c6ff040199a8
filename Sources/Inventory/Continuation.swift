import Catalog
import Foundation
import GRDB
import Wire

/// What one replay hands to the next: lookups that may still be in use, and flows that the end of
/// the capture cut. So a capture in two files comes to what it comes to in one. Names only, no
/// content.
struct Continuation {
    struct Lookup {
        var client: IPAddress
        var address: IPAddress
        var name: String
        var told: Timestamp
        var expires: Timestamp
    }
    struct OpenFlow: Hashable {
        var client: Endpoint
        var server: Endpoint
        var transport: Transport
    }
    /// How long after the end of a capture a flow may go on in the next: TCP's idle time.
    static let patience: Int64 = 300_000_000_000

    var lookups: [Lookup] = []
    /// The uses of each cut flow, and when it was last seen.
    var flows: [OpenFlow: (uses: [AppUseRow.Key], last: Timestamp)] = [:]
    /// The machine that had an address last.
    struct Machine {
        var machine: MACAddress
        /// When it was last said to have it.
        var claimed: Timestamp
        /// When it got it from another machine; nil for the first.
        var since: Timestamp?
    }
    /// Address → machine, as far as earlier captures told.
    var machines: [IPAddress: Machine] = [:]

    var exchanges = ContinuedExchanges()

    /// The installation's own key, under which credentials are told apart.
    var key = CredentialMarks.newKey()

    init() {}

    /// What earlier replays left in memory, in the order in which a file gives it.
    init(_ content: MemoryStore.Content) {
        self = content.continuation
        exchanges = ContinuedExchanges(exchanges, content.rows.exchanges)
        lookups.sort { ($0.told, $0.name) < ($1.told, $1.name) }
        let bindings = content.rows.bindings.rows.values.filter { $0.key.kind == .mac }
        for row in bindings.sorted(by: {
            ($0.seen.last, $0.key.value.text) < ($1.seen.last, $1.key.value.text)
        }) {
            guard case .address(let address) = row.key.subject, case .mac(let mac) = row.key.value
            else { continue }
            place(address, mac, row.seen, row.key.since)
        }
    }

    /// Takes a binding, in the order in which they were last seen. Where the address moved it is
    /// whose coming began the last stretch: others may have claimed it meanwhile.
    private mutating func place(
        _ address: IPAddress, _ mac: MACAddress, _ seen: Period, _ since: Timestamp
    ) {
        let known = machines[address]
        var claimed = seen.last
        if let known, known.machine == mac { claimed = max(claimed, known.claimed) }
        guard since > .zero else {
            if let known, known.since != nil {
                if known.machine == mac { machines[address]?.claimed = claimed }
            } else {
                machines[address] = Machine(machine: mac, claimed: claimed, since: nil)
            }
            return
        }
        let last = known?.since ?? .zero
        if since > last, since == seen.first {
            machines[address] = Machine(machine: mac, claimed: claimed, since: since)
        } else if known?.machine == mac {
            machines[address]?.claimed = claimed
        }
    }

    /// What earlier replays left in the database.
    init(_ database: Database) throws {
        for row in try GRDB.Row.fetchAll(
            database,
            sql: """
                SELECT subject, value, first_seen, last_seen, since FROM binding
                WHERE kind = 'mac' ORDER BY last_seen, value
                """)
        {
            guard let address = IPAddress(row["subject"] as String),
                let mac = MACAddress(row["value"] as String)
            else { continue }
            var seen = Period(Timestamp(nanoseconds: row["first_seen"]))
            seen.last = Timestamp(nanoseconds: row["last_seen"])
            place(address, mac, seen, Timestamp(nanoseconds: row["since"]))
        }
        exchanges = try ContinuedExchanges(database)
        if let known = try Data.fetchOne(database, sql: "SELECT key FROM installation") {
            key = [UInt8](known)
        }
        for row in try GRDB.Row.fetchAll(database, sql: "SELECT * FROM lookup ORDER BY told, name")
        {
            guard let client = IPAddress(row["client"] as String),
                let address = IPAddress(row["address"] as String)
            else { continue }
            lookups.append(
                Lookup(
                    client: client, address: address, name: row["name"],
                    told: Timestamp(nanoseconds: row["told"]),
                    expires: Timestamp(nanoseconds: row["expires"])))
        }
        for row in try GRDB.Row.fetchAll(database, sql: "SELECT * FROM open_flow") {
            guard let client = Endpoint(row["client"] as String),
                let server = Endpoint(row["server"] as String),
                let transport = Transport(rawValue: row["transport"]),
                let clue = Clue(rawValue: row["clue"])
            else { continue }
            let flow = OpenFlow(client: client, server: server, transport: transport)
            let machine = MACAddress(row["machine"] as String) ?? .zero
            let use = AppUseRow.Key(
                client: Tenant(client.address, machine), app: row["app"], domain: row["domain"],
                clue: clue)
            flows[flow, default: ([], Timestamp(nanoseconds: row["last_seen"]))].uses.append(use)
        }
    }

    /// Leaves `self` for the next replay, in place of what the last one left.
    func write(to database: Database) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO installation VALUES (1, ?)", arguments: [Data(key)])
        try database.execute(sql: "DELETE FROM lookup")
        try database.execute(sql: "DELETE FROM open_flow")
        let lookup = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO lookup VALUES (?, ?, ?, ?, ?)")
        for entry in lookups {
            try lookup.execute(arguments: [
                entry.client.description, entry.address.description, entry.name,
                entry.told.nanoseconds, entry.expires.nanoseconds,
            ])
        }
        try exchanges.write(to: database)
        let open = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO open_flow VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        for (flow, (uses, last)) in flows {
            for use in uses {
                try open.execute(arguments: [
                    flow.client.description, flow.server.description, flow.transport.rawValue,
                    use.app, use.domain, use.clue.rawValue, last.nanoseconds,
                    use.client.machine == .zero ? "" : use.client.machine.description,
                ])
            }
        }
    }
}

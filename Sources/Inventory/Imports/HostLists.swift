import Foundation
import Wire

/// Lists of hosts that people and other programs keep.
extension BindingImport {
    /// hosts(5): an address and its names, of which the first counts. Names of the machine itself
    /// are nobody's.
    mutating func readHosts(_ text: String) throws(InventoryError) {
        for (line, words) in BindingImport.lines(text) {
            guard let address = IPAddress(String(words[0].prefix { $0 != "%" })) else {
                throw mistake(line, "\(words[0]) is no address; `address name …` is wanted")
            }
            guard words.count > 1 else { throw mistake(line, "names no host; add one") }
            let isLocal = address.description == "::1" || address.description.hasPrefix("127.")
            if isLocal || address.isMulticast || address.isUnspecified { continue }
            try take("hosts", address: address, mac: nil, hostname: words[1], .always, line: line)
        }
    }

    // MARK: - Tables

    /// A table: where its columns are, and its rows with the lines they stand in.
    struct Columns {
        var heads: [String]
        var rows: [(line: Int, fields: [String])]

        func place(_ names: [String]) -> Int? { heads.firstIndex { names.contains($0) } }
    }

    /// A CMDB's table: columns by their heads, in any order; others are passed over.
    mutating func readTable(_ text: String) throws(InventoryError) {
        let head = text.prefix { !$0.isNewline }
        let table = try columns(text, separator: UInt8(ascii: head.contains(";") ? ";" : ","))
        let addresses = table.place(["ip", "address", "ip_address", "ipaddress", "ip address"])
        let macs = table.place(["mac", "mac_address", "macaddress", "mac address", "hwaddr"])
        let names = table.place(["hostname", "host", "name", "dns_name", "device"])
        let users = table.place(["user", "username", "login", "assigned_to", "assigned to"])
        guard addresses != nil || macs != nil, names ?? users ?? macs != nil else {
            throw mistake(
                1, "has no columns to use: `ip` or `mac`, and `hostname` or `user`, are wanted")
        }
        for (line, fields) in table.rows {
            func field(_ place: Int?) -> String? {
                place.flatMap { fields[$0].isEmpty ? nil : fields[$0] }
            }
            var address: IPAddress?
            if let text = field(addresses) {
                address = IPAddress(String(text.prefix { $0 != "/" }))
                if address == nil { throw mistake(line, "\(text) is no address") }
            }
            var mac: MACAddress?
            if let text = field(macs) {
                mac = MACAddress(station: text)
                if mac == nil { throw mistake(line, "\(text) is no MAC address") }
            }
            try take(
                "cmdb", address: address, mac: mac, hostname: field(names), user: field(users),
                .always, line: line)
        }
    }

    /// Heads in lower case, and rows that are as long.
    func columns(_ text: String, separator: UInt8) throws(InventoryError) -> Columns {
        var rows: ArraySlice<CSVRows.Row>
        do {
            rows = try CSVRows(text, separator: separator).rows[...]
        } catch {
            throw mistake(error.line, "a quote is not closed")
        }
        guard let head = rows.popFirst() else { throw mistake(1, "is empty") }
        let heads = head.fields.map { $0.lowercased() }
        for row in rows where row.fields.count != heads.count {
            throw mistake(
                row.line, "has \(row.fields.count) fields where the head has \(heads.count)")
        }
        return Columns(heads: heads, rows: rows.map { ($0.line, $0.fields) })
    }

    // MARK: - NetBox

    private struct Entry: Decodable {
        struct Named: Decodable {
            var name: String?
        }
        struct Port: Decodable {
            var macAddress: String?
            var device: Named?
            var virtualMachine: Named?
        }
        var address: String?
        var dnsName: String?
        var macAddress: String?
        var device: Named?
        var virtualMachine: Named?
        var assignedObject: Port?
    }
    private struct Page: Decodable {
        var results: [Entry]
    }

    /// What `/api/ipam/ip-addresses/` and `/api/dcim/interfaces/` give, a page or its results.
    mutating func readNetBox(_ text: String) throws(InventoryError) {
        let bytes = Data(text.utf8)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let entries: [Entry]
        do {
            entries =
                text.drop { $0.isWhitespace }.first == "["
                ? try decoder.decode([Entry].self, from: bytes)
                : try decoder.decode(Page.self, from: bytes).results
        } catch {
            throw mistake(1, "is no answer of NetBox: a list of entries, or one in `results`")
        }
        for (index, entry) in entries.enumerated() {
            let port = entry.assignedObject
            let mac = entry.macAddress ?? port?.macAddress
            let host =
                entry.device ?? entry.virtualMachine ?? port?.device ?? port?.virtualMachine
            var address: IPAddress?
            if let text = entry.address {
                address = IPAddress(String(text.prefix { $0 != "/" }))
                if address == nil {
                    throw mistake(1, "entry \(index + 1): \(text) is no address")
                }
            }
            let name = host?.name ?? entry.dnsName.flatMap { $0.isEmpty ? nil : $0 }
            try take(
                "netbox", address: address, mac: mac.flatMap { MACAddress(station: $0) },
                hostname: name, .always, line: 1)
        }
    }
}

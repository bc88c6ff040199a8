import Foundation
import Wire

/// Bindings that somebody else keeps: a DHCP server's leases, a list of hosts, an inventory of
/// devices. They stand behind what the traffic shows, and beside it where the two differ.
package struct BindingImport {
    package enum Format: String, CaseIterable, Sendable {
        /// `dnsmasq.leases`.
        case dnsmasq
        /// `dhcpd.leases` of ISC DHCP (dhcpd.leases(5)).
        case isc
        /// `kea-leases4.csv`, `kea-leases6.csv`.
        case kea
        /// hosts(5).
        case hosts
        /// A table with columns `ip`, `mac`, `hostname`, `user`, by their heads.
        case csv
        /// What NetBox's API gives of IP addresses or interfaces.
        case netbox
    }

    /// The largest file that is read, and the most that is taken of one.
    static let fileBytes = 256 << 20
    static let entryLimit = 2_000_000

    package private(set) var format: Format
    private let path: String
    private let name: String
    var rows: [BindingRow] = []

    /// Entries that were taken.
    package private(set) var count = 0

    /// Reads `path`; nil finds the format out. Every mistake is one sentence with file and line.
    package init(path: String, format: Format?) throws(InventoryError) {
        let size =
            (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        guard size <= BindingImport.fileBytes,
            let bytes = FileManager.default.contents(atPath: path)
        else {
            throw InventoryError(
                "\(path): cannot be read; check the path, its permissions and that it has at most "
                    + "256 MiB")
        }
        try self.init(path: path, text: String(decoding: bytes, as: UTF8.self), format: format)
    }

    init(path: String, text: String, format: Format?) throws(InventoryError) {
        self.path = path
        name = path.split(separator: "/").last.map(String.init) ?? path
        guard let known = format ?? BindingImport.format(of: text) else {
            throw InventoryError(
                "\(path): is none of the known formats; say which with --format "
                    + Format.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.format = known
        switch known {
        case .dnsmasq: try readDnsmasq(text)
        case .isc: try readISC(text)
        case .kea: try readKea(text)
        case .hosts: try readHosts(text)
        case .csv: try readTable(text)
        case .netbox: try readNetBox(text)
        }
        try checkFormat(text)
    }

    /// A file of which nothing was taken, and that does not begin as its format does, is another.
    private func checkFormat(_ text: String) throws(InventoryError) {
        let looksLike = BindingImport.format(of: text)
        guard count == 0, looksLike != format, let line = BindingImport.lines(text).first?.line
        else { return }
        throw mistake(
            line,
            "holds nothing that \(format.rawValue) has"
                + (looksLike.map { "; it looks like \($0.rawValue): leave --format out" }
                    ?? "; check the file and --format"))
    }

    /// By the first lines that say anything.
    static func format(of text: String) -> Format? {
        for line in text.split(whereSeparator: \.isNewline).prefix(200) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            guard let first = line.first, first != "#" else { continue }
            if first == "{" || first == "[" { return .netbox }
            if line.hasPrefix("address,") { return .kea }
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.count > 1, Int64(words[0]) != nil || words[0] == "duid" { return .dnsmasq }
            if words.count > 1, IPAddress(String(words[0])) != nil { return .hosts }
            if line.hasPrefix("lease ") || line.hasPrefix("authoring-byte-order")
                || line.hasPrefix("server-duid") || line.hasPrefix("ia-na ")
            {
                return .isc
            }
            return line.contains(",") || line.contains(";") ? .csv : nil
        }
        return nil
    }

    func mistake(_ line: Int, _ what: String) -> InventoryError {
        InventoryError("\(path):\(line): \(what)")
    }

    // MARK: - Taking

    /// Times between which an entry holds.
    struct Validity {
        var first: Timestamp
        var last: Timestamp

        /// What names no time holds always, and what is seen goes before it.
        static let always = Validity(first: .zero, last: Timestamp(nanoseconds: .max))

        init(first: Timestamp, last: Timestamp) {
            self.first = min(first, last)
            self.last = max(first, last)
        }

        /// Seconds since 1970; what lies beyond 64 bits of nanoseconds is as far as they reach.
        init(seconds first: Int64, to last: Int64) {
            self.init(first: Validity.time(first), last: Validity.time(last))
        }

        private static func time(_ seconds: Int64) -> Timestamp {
            let (product, isBeyond) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            return Timestamp(nanoseconds: isBeyond ? .max : max(0, product))
        }
    }

    /// One entry of the file: whatever it tells of an address and its machine.
    mutating func take(
        _ kind: String, address: IPAddress?, mac: MACAddress?, hostname: String?,
        user: String? = nil, _ validity: Validity, line: Int
    ) throws(InventoryError) {
        count += 1
        guard count <= BindingImport.entryLimit else {
            throw mistake(line, "holds more than \(BindingImport.entryLimit) entries; split it")
        }
        let source = "\(kind):\(name)"
        var seen = Period(validity.first)
        seen.last = validity.last
        func add(
            _ subject: BindingRow.Subject, _ kind: BindingRow.Kind, _ value: BindingRow.Value
        ) {
            rows.append(
                BindingRow(
                    key: .init(subject: subject, kind: kind, value: value, source: source),
                    seen: seen))
        }
        let mac = mac.flatMap { $0.isUnicast ? $0 : nil }
        if let address, let mac { add(.address(address), .mac, .mac(mac)) }
        guard let subject = mac.map({ BindingRow.Subject.mac($0) }) ?? address.map({ .address($0) })
        else { return }
        if let hostname = hostname.flatMap(Logon.plain), hostname != "*" {
            add(subject, .hostname, .text(hostname))
        }
        if let user = user.flatMap(Logon.plain) {
            add(subject, .user, .text(Recording.lowercased(user)))
        }
    }
}

extension Inventory {
    /// Keeps what was imported, as one transaction.
    package func add(
        _ imported: BindingImport, userNames: UserNames = .names
    ) throws(InventoryError) {
        var set = RowSet<BindingRow>()
        for var row in imported.rows {
            if row.key.kind == .user, case .text(let account) = row.key.value {
                guard let name = userNames.kept(of: account) else { continue }
                row.key.value = .text(name)
            }
            set.add(row)
        }
        try add(set)
    }
}

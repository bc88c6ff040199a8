import Foundation
import Wire

/// Leases as DHCP servers keep them.
extension BindingImport {
    /// Its default, where a lease names its end alone (dnsmasq(8), --dhcp-range).
    private static let dnsmasqSeconds: Int64 = 3600

    /// Lines of end, MAC address, address, name, client id (dnsmasq's lease file); behind `duid`
    /// those of IPv6, with a number in place of the MAC address.
    mutating func readDnsmasq(_ text: String) throws(InventoryError) {
        for (line, words) in BindingImport.lines(text) {
            if words[0] == "duid" { continue }
            guard words.count >= 4, let end = Int64(words[0]), let address = IPAddress(words[2])
            else {
                throw mistake(
                    line, "is no lease of dnsmasq: `end MAC address name client`; check the file")
            }
            let mac = MACAddress(words[1].split(separator: "-").last.map(String.init) ?? words[1])
            let start = end > BindingImport.dnsmasqSeconds ? end - BindingImport.dnsmasqSeconds : 0
            try take(
                "lease", address: address, mac: address.isV4 ? mac : nil, hostname: words[3],
                end == 0 ? .always : Validity(seconds: start, to: end), line: line)
        }
    }

    /// Lines that say anything, as words.
    static func lines(_ text: String) -> [(line: Int, words: [String])] {
        var found: [(Int, [String])] = []
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            let code = line.prefix { $0 != "#" }
            let words = code.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            if !words.isEmpty { found.append((index + 1, words)) }
        }
        return found
    }

    // MARK: - ISC

    private struct Lease {
        var address: IPAddress
        var line: Int
        var starts: Int64?
        var ends: Int64?
        var mac: MACAddress?
        var hostname: String?
    }

    /// Blocks of `lease ADDRESS { … }` (dhcpd.leases(5)); what else the file holds is passed over.
    mutating func readISC(_ text: String) throws(InventoryError) {
        var open: Lease?
        for (line, words) in BindingImport.lines(text) {
            let words = words.map { $0.hasSuffix(";") ? String($0.dropLast()) : $0 }
            switch (words[0], words.count) {
            case ("lease", 3) where words[2] == "{":
                guard let address = IPAddress(words[1]) else {
                    throw mistake(line, "\(words[1]) is no address; check the file")
                }
                open = Lease(address: address, line: line)
            case ("}", _):
                guard let lease = open.take() else { continue }
                let start = lease.starts ?? 0
                // Without an end it never ends.
                let validity =
                    lease.ends.map { Validity(seconds: start, to: $0) }
                    ?? Validity(
                        first: Validity(seconds: start, to: start).first,
                        last: Validity.always.last)
                try take(
                    "lease", address: lease.address, mac: lease.mac, hostname: lease.hostname,
                    validity, line: lease.line)
            case ("starts", 2...): open?.starts = try time(words, line)
            case ("ends", 2...): open?.ends = words[1] == "never" ? nil : try time(words, line)
            case ("hardware", 3) where words[1] == "ethernet":
                guard let mac = MACAddress(words[2]) else {
                    throw mistake(line, "\(words[2]) is no MAC address; check the file")
                }
                open?.mac = mac
            case ("client-hostname", 2...):
                open?.hostname = words[1].trimmingCharacters(in: ["\""])
            default: break
            }
        }
        if let open { throw mistake(open.line, "this lease is not closed; the file may be cut") }
    }

    /// `4 2026/01/15 08:58:00`, in UTC, or `epoch 1768467480`.
    private func time(_ words: [String], _ line: Int) throws(InventoryError) -> Int64 {
        if words.count >= 3, words[1] == "epoch", let seconds = Int64(words[2]) { return seconds }
        if words.count >= 4 {
            let date = words[2].split(separator: "/").compactMap { Int64($0) }
            let clock = words[3].split(separator: ":").compactMap { Int64($0) }
            if date.count == 3, clock.count == 3, (1970...9999).contains(date[0]),
                (1...12).contains(date[1]), (1...31).contains(date[2]),
                (0...23).contains(clock[0]), (0...59).contains(clock[1]),
                (0...60).contains(clock[2])
            {
                return BindingImport.days(date[0], date[1], date[2]) * 86_400 + clock[0] * 3600
                    + clock[1] * 60 + clock[2]
            }
        }
        throw mistake(line, "is no time: `4 2026/01/15 08:58:00`, `epoch SECONDS` or `never`")
    }

    /// Days from 1970 to a date of the Gregorian calendar.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // Years begin in March here, so that a leap day is a year's last.
        let year = month <= 2 ? year - 1 : year
        let (era, ofEra) = (year / 400, year % 400)
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    // MARK: - Kea

    /// Kea's memfile, IPv4 and IPv6: columns by their heads. Leases that ended count too.
    mutating func readKea(_ text: String) throws(InventoryError) {
        let table = try columns(text, separator: UInt8(ascii: ","))
        guard let addresses = table.place(["address"]), let expires = table.place(["expire"]),
            let lifetimes = table.place(["valid_lifetime"])
        else { throw mistake(1, "has no columns address, valid_lifetime and expire; check it") }
        let macs = table.place(["hwaddr"])
        let names = table.place(["hostname"])
        let states = table.place(["state"])
        for (line, fields) in table.rows {
            guard let address = IPAddress(fields[addresses]), let end = Int64(fields[expires]),
                let length = Int64(fields[lifetimes]), length >= 0
            else { throw mistake(line, "is no lease of Kea; check the file") }
            // 1: declined, and nobody's.
            if states.map({ fields[$0] == "1" }) ?? false { continue }
            let start = end.subtractingReportingOverflow(length).partialValue
            // Kea puts a dot behind full names, and escapes commas.
            let name = names.map {
                fields[$0].hasSuffix(".") ? String(fields[$0].dropLast()) : fields[$0]
            }
            try take(
                "lease", address: address, mac: macs.flatMap { MACAddress(fields[$0]) },
                hostname: name, Validity(seconds: start, to: end), line: line)
        }
    }
}

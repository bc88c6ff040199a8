import Foundation
import Inventory
import Wire

/// A table with the columns `kind`, `name` and any of `version`, `location`, `tools`, `owner`,
/// `team`, in any order (RFC 4180). Several tools or locations stand between semicolons.
enum DeclaredTable {
    private static let columns = [
        "kind", "name", "version", "location", "tools", "owner", "team",
    ]

    static func read(
        _ text: String, _ path: String
    ) throws(ConfigurationError) -> [Declaration] {
        let file = URL(fileURLWithPath: path).lastPathComponent
        var rows: ArraySlice<CSVRows.Row>
        do {
            rows = try CSVRows(text).rows[...]
        } catch {
            throw ConfigurationError("\(path):\(error.line): a quote is not closed; close it")
        }
        guard let head = rows.popFirst() else { return [] }
        let names = head.fields.map { $0.lowercased() }
        for name in names where !columns.contains(name) {
            throw ConfigurationError(
                "\(path):\(head.line): unknown column \"\(name)\"; the columns are "
                    + columns.joined(separator: ", "))
        }
        guard names.contains("kind"), names.contains("name"), Set(names).count == names.count else {
            throw ConfigurationError(
                "\(path):\(head.line): needs the columns kind and name, each column once")
        }
        var found: [Declaration] = []
        for row in rows {
            guard row.fields.count == names.count else {
                throw ConfigurationError(
                    "\(path):\(row.line): has \(row.fields.count) fields, and the head "
                        + "\(names.count); put quotes around commas")
            }
            guard found.count < DeclarationFile.limit else {
                throw ConfigurationError(
                    "\(path):\(row.line): declares more than \(DeclarationFile.limit) things; "
                        + "split it")
            }
            found.append(try declaration(row, names, file, path))
        }
        return found
    }

    private static func declaration(
        _ row: CSVRows.Row, _ names: [String], _ file: String, _ path: String
    ) throws(ConfigurationError) -> Declaration {
        let fields = Dictionary(uniqueKeysWithValues: zip(names, row.fields))
        let given = { (name: String) in fields[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let kind = Declaration.Kind(rawValue: fields["kind"] ?? "") else {
            throw ConfigurationError(
                "\(path):\(row.line): \"\(fields["kind"] ?? "")\" is no kind; write agent or "
                    + "mcp-server")
        }
        guard let name = given("name") else {
            throw ConfigurationError("\(path):\(row.line): needs a name")
        }
        var found = Declaration(kind: kind, name: name, file: file, line: row.line)
        found.version = given("version")
        found.owner = given("owner")
        found.team = given("team")
        found.tools = given("tools")?.split(separator: ";").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        found.locations = (given("location") ?? "").split(separator: ";").map {
            let text = $0.trimmingCharacters(in: .whitespaces)
            return ConfigurationReader.location(ofURL: text) ?? Endpoint(text)?.description
                ?? text.lowercased()
        }
        return found
    }
}

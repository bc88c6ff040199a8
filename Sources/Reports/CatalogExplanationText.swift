package import Catalog
import Wire

/// Explanations of the catalog, for people and for programs.
package enum CatalogExplanationText {
    package static func render(_ explanations: [CatalogExplanation]) -> String {
        explanations.map(text).joined(separator: "\n")
    }

    private static func text(_ explanation: CatalogExplanation) -> String {
        var lines = ["\(explanation.text)  (\(explanation.subject.rawValue))", explanation.answer]
        if !explanation.lines.isEmpty { lines.append("") }
        for line in explanation.lines {
            let verdict =
                line.reason.isEmpty ? "" : (line.wins ? "wins: " : "loses: ") + line.reason
            lines.append("  \(line.text)")
            lines.append("      \(line.origin)")
            lines.append("      \(line.entry)" + (verdict.isEmpty ? "" : "; \(verdict)"))
            let date = line.checked.map { " (\($0))" } ?? ""
            lines.append("      source: \(line.source.isEmpty ? "none" : line.source)\(date)")
        }
        if !explanation.contacts.isEmpty {
            lines += ["", "What it says when it is met:"]
            let width = explanation.contacts.map { Words.width($0.seen) }.max() ?? 0
            for contact in explanation.contacts {
                let blanks = String(repeating: " ", count: width - Words.width(contact.seen))
                lines.append("  \(contact.seen)\(blanks)  \(contact.says)")
            }
        }
        if !explanation.notes.isEmpty { lines.append("") }
        lines += explanation.notes.map { "Note: \($0)." }
        return lines.map { Words.harmless($0) + "\n" }.joined()
    }

    package static func json(_ explanations: [CatalogExplanation]) -> String {
        var out = JSONWriter(pretty: true)
        out.beginArray()
        for explanation in explanations { write(explanation, &out) }
        out.endArray()
        return out.text + "\n"
    }

    private static func write(_ explanation: CatalogExplanation, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("text", explanation.text)
        out.member("taken_for", explanation.subject.rawValue)
        out.member("answer", explanation.answer)
        out.key("lines")
        out.beginArray()
        for line in explanation.lines {
            out.beginObject()
            out.member("line_text", line.text)
            out.member("entry", line.entry)
            out.member("file", line.origin.file)
            out.member("line", line.origin.line)
            out.member("source", line.source)
            out.member("checked", orNull: line.checked)
            out.member("wins", line.wins)
            out.member("reason", orNull: line.reason.isEmpty ? nil : line.reason)
            out.endObject()
        }
        out.endArray()
        out.key("contacts")
        out.beginArray()
        for contact in explanation.contacts {
            out.beginObject()
            out.member("seen", contact.seen)
            out.member("says", contact.says)
            out.endObject()
        }
        out.endArray()
        out.member("notes", explanation.notes)
        out.endObject()
    }
}

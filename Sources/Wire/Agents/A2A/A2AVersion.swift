/// The value of A2A-Version: `Major.Minor` (A2A 1.0 §3.6).
enum A2AVersion {
    static func of(_ value: FieldValue) -> String? {
        let text = value.text
        guard (3...8).contains(text.utf8.count), text.utf8.contains(46),
            text.utf8.allSatisfy({ $0 == 46 || (48...57).contains($0) })
        else { return nil }
        return text
    }
}

import Foundation

/// The rules as functions of one file, so that each can be shown to find what it is for.
enum HouseRules {
    /// What each module may import besides the standard library.
    private static let imports: [String: Set<String>] = [
        "Codecs": ["CBrotli", "CCrypto", "CLz4", "CMalloc", "CZlib", "CZstd", "Glibc"],
        "Wire": ["Codecs"],
        "Capture": ["CPcap", "Codecs", "Glibc", "Wire"],
        "Catalog": ["Codecs", "FoundationEssentials", "Wire"],
        "Inventory": ["Catalog", "Codecs", "Foundation", "GRDB", "Synchronization", "Wire"],
        "Policy": ["Catalog", "Inventory", "Wire"],
        "Reports": ["Catalog", "Inventory", "Mustache", "Policy", "Wire"],
        "Outputs": ["Codecs", "Foundation", "Wire"],
        "Sensor": [
            "Capture", "Dispatch", "Foundation", "Glibc", "Inventory", "Synchronization", "Wire",
            "Yams",
        ],
        "tyto": [
            "ArgumentParser", "Capture", "Catalog", "Codecs", "Dispatch", "Foundation", "Inventory",
            "Outputs", "Policy", "Reports", "Sensor", "Wire",
        ],
    ]

    static func forbiddenImports(_ file: SourceFile) -> [String] {
        let allowed = imports[file.module] ?? []
        return file.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard words.first == "import" || words.dropFirst().first == "import",
                let name = words.last, !allowed.contains(String(name))
            else { return nil }
            return String(name)
        }
    }

    /// Where C is called: everything else is checked by the compiler.
    private static let unsafeFiles: Set<String> = [
        "Sources/Capture/CapturePlace.swift", "Sources/Capture/FileBytes.swift",
        "Sources/Capture/LiveCapture.swift",
        "Sources/Capture/LibpcapWalk.swift", "Sources/Capture/PacketFilter.swift",
        "Sources/Sensor/ProcessUsage.swift",
        "Sources/tyto/Reading.swift",
    ]

    static func unsafeLines(_ file: SourceFile) -> [Int] {
        if file.module == "Codecs" || unsafeFiles.contains(file.path) { return [] }
        return numbered(file) { code($0).contains(/\bunsafe\s/) }
    }

    static func bannedWords(_ file: SourceFile) -> [Int] {
        let traps = /\btry!|\bas! |\bfatalError\(|\bpublic |\bprint\(/
        let leftovers = /TODO|FIXME|XXX/
        return numbered(file) { line in
            if line.contains(leftovers) { return true }
            let isOutput = file.module == "tyto" && line.contains("print(")
            return code(line).contains(traps) && !isOutput
        }
    }

    private static let clockFiles: Set<String> = [
        "Sources/Capture/LiveCapture.swift", "Sources/Sensor/ProcessUsage.swift",
    ]

    static func clockLines(_ file: SourceFile) -> [Int] {
        if file.module == "tyto" || clockFiles.contains(file.path) { return [] }
        return numbered(file) {
            code($0).contains(/\bDate\(\)|\.now\b|Clock\(\)|gettimeofday|clock_gettime/)
        }
    }

    static func longLines(_ file: SourceFile) -> [Int] {
        // What is one string from its first column on, and a page's template, stands as written.
        if file.path.contains("/Formats/") { return [] }
        return numbered(file) { line in
            let text = line.trimmingCharacters(in: .whitespaces)
            return line.count > 100 && !text.hasPrefix("\"") && !text.hasPrefix("/\\b")
                && !text.hasPrefix("? \"") && !text.hasPrefix("#\"")
        }
    }

    /// Functions of more than 60 lines, by their first line. Layout puts the closing brace where
    /// the declaration began, so indentation tells where one ends.
    static func longFunctions(_ file: SourceFile) -> [String] {
        var found: [String] = []
        var open: [(indent: Int, line: Int, text: String)] = []
        for (number, line) in file.lines.enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.contains(
                /^((package|private|fileprivate|static|mutating|override) )*(func|init)\b/)
            {
                // One at the same depth has ended without a brace of its own: a requirement of a
                // protocol.
                if open.last?.indent == indent { open.removeLast() }
                if !text.hasSuffix("}") { open.append((indent, number, text)) }
            }
            if text.hasPrefix("}"), let last = open.last, last.indent == indent {
                if number - last.line - 1 > 60 { found.append(last.text) }
                open.removeLast()
            }
        }
        return found
    }

    static func vagueNames(_ file: SourceFile) -> [String] {
        let vague = /(Manager|Helper|Util|Utils|Utilities|Handler|Processor|Common|Base|Info|Data)$/
        let declaration = /\b(?:class|struct|enum|protocol|actor) ([A-Z][A-Za-z0-9]*)/
        var names = [file.name]
        for line in file.lines {
            if let match = code(line).firstMatch(of: declaration) { names.append(String(match.1)) }
        }
        return names.filter { $0.contains(vague) }
    }

    /// Cases and properties without a documentation comment before them.
    static func undocumented(_ file: SourceFile) -> [String] {
        var found: [String] = []
        for (number, line) in file.lines.enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            guard text.hasPrefix("case ") || text.hasPrefix("package var "), !text.contains("{"),
                !text.contains(": ") || text.hasPrefix("package var ")
            else { continue }
            let before = number > 0 ? file.lines[number - 1] : ""
            if !before.trimmingCharacters(in: .whitespaces).hasPrefix("///") { found.append(text) }
        }
        return found
    }

    /// Stored properties that could carry what nobody asked Tyto to keep.
    static func contentFields(_ file: SourceFile) -> [Int] {
        numbered(file) {
            code($0).contains(
                /\bpackage (private\(set\) )?(var|let) (body|prompt|arguments|token|cookie|authorization|password|payload)\b/
            )
        }
    }

    // MARK: - Lines

    private static func numbered(_ file: SourceFile, _ matches: (String) -> Bool) -> [Int] {
        file.lines.enumerated().filter { matches($0.element) }.map { $0.offset + 1 }
    }

    /// The line without its comment.
    private static func code(_ line: String) -> String {
        guard let comment = line.range(of: "//") else { return line }
        let before = line[..<comment.lowerBound]
        return before.hasSuffix(":") ? line : String(before)
    }
}

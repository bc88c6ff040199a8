/// Why the catalog would say what it says of a name, a field or a fingerprint.
package struct CatalogExplanation: Sendable, Hashable {
    /// What a text is taken for.
    package enum Subject: String, Sendable, CaseIterable {
        case host, url, fingerprint, token, device, entry
        case userAgent = "user-agent"
        case mcpClient = "mcp-client"
    }
    /// A line of the catalog that has to do with it.
    package struct Line: Sendable, Hashable {
        /// As it stands in the file, blanks apart.
        package var text: String
        /// The name and the id of the entry it belongs to.
        package var entry: String
        package var origin: CatalogOrigin
        package var source: String
        package var checked: String?
        /// It decides.
        package var wins: Bool
        /// Why it wins or does not.
        package var reason: String
    }
    /// What one way of meeting it would say.
    package struct Contact: Sendable, Hashable {
        package var seen: String
        package var says: String
    }
    package var subject: Subject
    /// What was asked; of a token only what all tokens of its kind have.
    package var text: String
    /// In one sentence.
    package var answer: String
    /// Those that match, the one that wins first.
    package var lines: [Line]
    package var contacts: [Contact] = []
    package var notes: [String] = []

    init(_ subject: Subject, _ text: String, _ answer: String, _ lines: [Line]) {
        self.subject = subject
        self.text = text
        self.answer = answer
        self.lines = lines
    }
}

extension Catalog {
    /// All that the catalog has to say of a text, taken for what it looks like, or for what
    /// `subject` says it is.
    package func explanations(
        of text: String, as subject: CatalogExplanation.Subject? = nil
    ) -> [CatalogExplanation] {
        // Before anything that would say it again, whatever it is to be taken for.
        if let secret = secret(in: text) { return [explanation(of: secret, .token)] }
        if let subject { return [explanation(of: text, subject)] }
        if Catalog.isFingerprint(text) { return [explanation(of: text, .fingerprint)] }
        let entries = explanation(ofEntry: text)
        if !entries.lines.isEmpty { return [entries] }
        if isDevice(text) { return [explanation(of: text, .device)] }
        if Catalog.url(text) != nil { return [explanation(of: text, .url)] }
        let bytes = text.utf8.span
        if HostName.length(of: bytes) != nil, bytes.contains(UInt8(ascii: ".")),
            !bytes.contains(UInt8(ascii: "/"))
        {
            return [explanation(of: text, .host)]
        }
        if Catalog.isSecret(text) { return [explanation(of: text, .token)] }
        return [explanation(of: text, .userAgent), explanation(of: text, .mcpClient)]
    }

    private func explanation(of text: String, _ subject: CatalogExplanation.Subject)
        -> CatalogExplanation
    {
        switch subject {
        case .host: explanation(ofHost: text)
        case .url: explanation(ofURL: text)
        case .fingerprint: explanation(ofFingerprint: text)
        case .token: explanation(ofToken: text)
        case .device: explanation(ofDevice: text)
        case .entry: explanation(ofEntry: text)
        case .userAgent: explanation(ofField: text, .userAgent)
        case .mcpClient: explanation(ofField: text, .mcpClient)
        }
    }

    static func isFingerprint(_ text: String) -> Bool {
        let bytes = CatalogText(Array(text.utf8))
        let place = 0..<text.utf8.count
        return bytes.isJA3(place) || bytes.isJA4(place)
    }

    /// Host and path of `https://host:port/path?query`, or of `host/path`.
    static func url(_ text: String) -> (host: String, path: String)? {
        var rest = text[...]
        var hasScheme = false
        if let colon = rest.firstRange(of: "://") {
            guard rest[..<colon.lowerBound].utf8.allSatisfy({ $0 | 0x20 >= 97 && $0 | 0x20 <= 122 })
            else { return nil }
            rest = rest[colon.upperBound...]
            hasScheme = true
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" }
        let host = String(HostName.host(ofAuthority: String(authority)))
        guard hasScheme || !path.isEmpty, !host.isEmpty,
            hasScheme || host.utf8.contains(UInt8(ascii: ".")),
            !host.utf8.contains(UInt8(ascii: " "))
        else { return nil }
        // A product with a version looks like a name with a path.
        guard
            hasScheme
                || (HostName.length(of: host.utf8.span) != nil
                    && !text.utf8.contains(UInt8(ascii: " ")))
        else { return nil }
        return (host, path.isEmpty ? "/" : String(path))
    }

    /// The token in a text: a word that has the shape of one, or what follows the name of a field
    /// or a scheme that holds one.
    private func secret(in text: String) -> String? {
        let words = text.utf8.split { " \t=:/?&#\"',;()".utf8.contains($0) }.map {
            String(decoding: $0, as: UTF8.self)
        }
        for word in [text] + words where !tokenIndex.matches(word.utf8.span).isEmpty {
            return word
        }
        let signs = ["bearer", "authorization", "x-api-key", "api-key", "x-goog-api-key"]
        guard words.count > 1, signs.contains(words[0].lowercased()) else { return nil }
        return words.last
    }

    /// A word that may be somebody's secret: long, without blanks, letters and digits mixed.
    static func isSecret(_ text: String) -> Bool {
        let bytes = text.utf8.span
        guard bytes.count >= 20 else { return false }
        var (digits, letters) = (0, 0)
        for index in bytes.indices {
            switch bytes[index] {
            case 48...57: digits += 1
            case 65...90, 97...122: letters += 1
            case UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ";"): return false
            default: break
            }
        }
        return digits >= 4 && letters >= 4
    }
}

extension Span<UInt8> {
    func contains(_ byte: UInt8) -> Bool {
        for index in indices where self[index] == byte { return true }
        return false
    }
}

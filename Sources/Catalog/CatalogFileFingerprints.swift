extension CatalogFile {
    /// A line such as `fingerprint t13d…_…_… ja4 stack high`; the lines below say what it is.
    mutating func beginFingerprint(_ line: Place) throws(CatalogError) {
        let value = text.word(line)
        let hashing = text.word(value.upperBound..<line.upperBound)
        let reach = text.word(hashing.upperBound..<line.upperBound)
        let weight = text.word(reach.upperBound..<line.upperBound)
        guard !weight.isEmpty, text.trimmed(weight.upperBound..<line.upperBound).isEmpty else {
            throw error(
                "a fingerprint takes a value, its kind, its scope and a confidence",
                "write, for example, “fingerprint 0149f47eabf9a20d0893e2a44e5a6323 ja3 stack high”")
        }
        let kind = try choice(hashing, Fingerprint.Kind.known, "kind of fingerprint")
        guard kind == .ja3 ? text.isJA3(value) : text.isJA4(value) else {
            throw error(
                "“\(shown(value))” is no \(kind == .ja3 ? "JA3" : "JA4")",
                kind == .ja3
                    ? "a JA3 is 32 hex digits in lower case"
                    : "a JA4 is written as in “t13d1516h2_8daaf6152771_02713d6af862”, in lower case"
            )
        }
        let hash = text.hash(value)
        let entry = FingerprintEntry(
            kind: kind, value: value,
            scope: try choice(reach, Fingerprint.Scope.known, "scope of a fingerprint"),
            confidence: try choice(weight, Fingerprint.Confidence.known, "confidence"),
            hash: hash, line: self.line)
        let first = seen.fingerprints.first(hash) {
            fingerprints[$0].kind == kind && fingerprints[$0].scope == entry.scope
                && text.isSame(value, as: text, fingerprints[$0].value)
        }
        if let first {
            throw error(
                "this fingerprint was already given on line \(fingerprints[first].line)",
                "keep one of the two, and name in it all that send it")
        }
        seen.fingerprints.add(hash)
        fingerprints.append(entry)
        subject = .fingerprint
    }

    mutating func setMeasured(_ value: Place) throws(CatalogError) {
        guard subject == .fingerprint else {
            throw error("“measured” stands outside a fingerprint", "use “checked” for other lines")
        }
        guard text.isDay(value) else {
            throw error("“\(shown(value))” is no day", "write it as in “measured 2026-11-26”")
        }
        let last = fingerprints.count - 1
        fingerprints[last].measured = try place(fingerprints[last].measured, .measured, value)
    }

    /// The last fingerprint is complete, or switched off.
    func endFingerprint() throws(CatalogError) {
        guard subject == .fingerprint, let last = fingerprints.last, last.confidence != .ignore
        else { return }
        let line = last.line
        let isNamed = !last.name.isEmpty || hasFailed(.name, of: line)
        let isSourced = !last.source.isEmpty || hasFailed(.source, of: line)
        let isDated =
            !last.measured.isEmpty || !last.checked.isEmpty || hasFailed(.measured, of: line)
            || hasFailed(.checked, of: line)
        guard !isNamed || !isSourced || !isDated else { return }
        let (missing, remedy) =
            !isNamed
            ? ("name", "“name …”: what sends it")
            : !isSourced
                ? ("source", "“source …”: where it is known from")
                : ("date", "“measured 2026-11-26” if you saw it sent, else “checked 2026-11”")
        throw error(
            "fingerprint “\(shown(last.value))” has no \(missing)", at: last.line,
            "write below it \(remedy)")
    }
}

extension CatalogFile.Subject {
    /// What an error says of it: what it is called, and the lines it has.
    var fields: (of: String, list: String) {
        switch self {
        case .none, .unreadable: ("nothing", "begin with a line such as “app openai-api”")
        case .app:
            (
                "an app",
                "an app has name, vendor, country, category, domain, endpoint, checked and source "
                    + "lines"
            )
        case .agent:
            (
                "an agent",
                "an agent has name, vendor, kind, user-agent, mcp-client, checked and source lines"
            )
        case .fingerprint:
            (
                "a fingerprint",
                "a fingerprint has name, version, measured, checked and source lines"
            )
        case .runtime:
            (
                "a runtime",
                "a runtime has name, vendor, kind, port, path, mark, model, checked and source "
                    + "lines"
            )
        case .token:
            (
                "a token",
                "a token has name, vendor, shape, expires, opens, checked and source lines"
            )
        case .device:
            (
                "a device",
                "a device has name, vendor, kind, dhcp-class, dhcp-options, checked and source "
                    + "lines"
            )
        }
    }
}

extension CatalogText {
    /// 32 hex digits in lower case.
    func isJA3(_ place: Place) -> Bool { place.count == 32 && areHexDigits(place) }

    /// Three parts of 10, 12 and 12 characters with `_` between them.
    func isJA4(_ place: Place) -> Bool {
        guard place.count == 36 else { return false }
        let start = place.lowerBound
        let first = self[start]
        guard
            first == UInt8(ascii: "t") || first == UInt8(ascii: "q") || first == UInt8(ascii: "d"),
            self[start + 10] == UInt8(ascii: "_"),
            self[start + 23] == UInt8(ascii: "_")
        else { return false }
        for index in start + 1..<start + 10 {
            let byte = self[index]
            guard 48...57 ~= byte || 65...90 ~= byte || 97...122 ~= byte else { return false }
        }
        return areHexDigits(start + 11..<start + 23) && areHexDigits(start + 24..<start + 36)
    }

    /// Year, month and day: `2026-11-26`.
    func isDay(_ place: Place) -> Bool {
        guard place.count == 10, isMonth(place.lowerBound..<place.lowerBound + 7),
            self[place.lowerBound + 7] == UInt8(ascii: "-")
        else { return false }
        let (tens, ones) = (self[place.lowerBound + 8], self[place.lowerBound + 9])
        guard 48...57 ~= tens, 48...57 ~= ones else { return false }
        return 1...31 ~= Int(tens - 48) * 10 + Int(ones - 48)
    }

    private func areHexDigits(_ place: Place) -> Bool {
        for index in place {
            guard 48...57 ~= self[index] || 97...102 ~= self[index] else { return false }
        }
        return true
    }
}

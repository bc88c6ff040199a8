import Catalog

extension SnapshotReader {
    /// What the catalog knows of the hellos behind a use: hints, which raise no claim and no alert.
    ///
    /// JA3 is asked only where no JA4 is known: browsers that shuffle their extensions have another
    /// JA3 at each connection.
    func fingerprintEvidence(_ facts: Facts) -> [Evidence] {
        guard let catalog else { return [] }
        for (fact, kind) in [(FactRow.Kind.ja4, Fingerprint.Kind.ja4), (.ja3, .ja3)] {
            let known = facts[fact].compactMap { row in
                catalog.fingerprint(kind, row.key.value).map { fingerprint in
                    Evidence(
                        clue: .tlsFingerprint, strength: .hint, firstSeen: row.seen.first,
                        lastSeen: row.seen.last, flow: "", detail: fingerprint.sentence,
                        count: row.seen.count)
                }
            }
            if !known.isEmpty { return Array(known.prefix(SnapshotReader.shownEvidence)) }
        }
        return []
    }
}

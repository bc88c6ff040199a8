package import Wire

/// What a person decided with `tyto owner` or `tyto review`. Decisions are only ever added, so who
/// said what, and when, stays.
package struct Decision: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Somebody answers for it, somebody still does, nobody does any more.
        case own, confirm, expire
        /// It has a status, it has none any more.
        case judge, withdraw
    }
    /// Counts up from 1; 0 before it is kept.
    package var number = 0
    package var kind: Kind
    /// See `SubjectText`.
    package var subject: String
    package var scope = ""
    /// The owner, or the status.
    package var value: String
    package var reason = ""
    /// Who answers for a status.
    package var owner = ""
    package var until: Timestamp?
    /// Who decided, and when by the clock of the machine: no packet's time.
    package var by: String
    package var at: Timestamp

    package init(kind: Kind, subject: String, value: String, by: String, at: Timestamp) {
        self.kind = kind
        self.subject = subject
        self.value = value
        self.by = by
        self.at = at
    }

    package var isOfOwner: Bool { kind == .own || kind == .confirm || kind == .expire }

    package var place: Organization.Place {
        .init(file: "decision \(number) of \(by), \(at.rfc3339.prefix(10))", line: 0)
    }
}

extension Organization {
    /// With what was decided since the configuration was written: of what names the same thing the
    /// decision goes first, and the configuration's other word stays visible.
    func applying(_ decisions: [Decision]) -> Organization {
        guard !decisions.isEmpty else { return self }
        var found = self
        var owners: [(key: Key, owner: Owner)] = []
        var verdicts: [Verdict] = []
        for decision in decisions {
            if decision.isOfOwner {
                guard let key = SubjectText.key(decision.subject) else { continue }
                let owner = decision.kind == .expire ? nil : decision.value
                owners.removeAll { $0.key == key }
                owners.append((key, Owner(key: key, owner: owner, place: decision.place)))
                continue
            }
            guard let subject = SubjectText.subject(decision.subject),
                let scope = SubjectText.scope(decision.scope)
            else { continue }
            verdicts.removeAll { $0.subject == subject && $0.scope == scope }
            guard decision.kind == .judge, let status = Status(rawValue: decision.value) else {
                continue
            }
            verdicts.append(
                Verdict(
                    subject: subject, scope: scope, status: status,
                    reason: decision.reason.isEmpty ? nil : decision.reason,
                    owner: decision.owner.isEmpty ? nil : decision.owner, until: decision.until,
                    place: decision.place))
        }
        found.owners = owners.map(\.owner) + found.owners
        found.verdicts += verdicts
        return found
    }
}

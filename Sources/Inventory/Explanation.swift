package import Wire

/// Why a host is whose: every entry that speaks of it, the one that decided first.
package struct Explanation: Sendable {
    package struct Entry: Sendable {
        /// `team engineering`, `owner elif@corp.example`; `nobody` where a decision ended that.
        package var says: String
        /// What of the host it speaks of.
        package var by: String
        /// `hosts.yaml:4`.
        package var place: String
        /// Whether it decided.
        package var wins: Bool
    }
    package var addresses: [IPAddress]
    package var attribution: Attribution
    package var teams: [Entry]
    package var owners: [Entry]
    /// The time that was asked about.
    package var time: Timestamp
}

extension Inventory {
    /// Why the host at `address` is whose it is, at a packet time; empty where nothing was seen of
    /// it and no entry speaks of it.
    package func explanation(
        of address: IPAddress, at time: Timestamp, organization: Organization?
    ) throws(InventoryError) -> Explanation {
        let remembered = try organization == nil ? self.organization() : nil
        let known = organization ?? remembered ?? Organization()
        let reader = try reader(known, nil, .full)
        return reader.identity.explanation(of: address, at: time)
    }
}

extension Identity {
    func explanation(of address: IPAddress, at time: Timestamp) -> Explanation {
        let (traits, teams, owners) = claims(on: address, at: time)
        return Explanation(
            addresses: traits.addresses, attribution: attribution(of: address, at: time),
            teams: teams.enumerated().map { place, match in
                .init(
                    says: "team \(match.value)", by: match.key.description,
                    place: match.place.description, wins: place == 0)
            },
            owners: owners.enumerated().map { place, match in
                .init(
                    says: match.value.map { "owner \($0)" } ?? "nobody any more",
                    by: match.key.description, place: match.place.description, wins: place == 0)
            }, time: time)
    }
}

import Foundation
import Wire

/// An organization as JSON, as it is remembered in the database. What a field means is never
/// changed, and new ones may be missing: an older Tyto wrote the document.
enum OrganizationDocument {
    private struct Place: Codable {
        var file: String
        var line: Int

        init(_ place: Organization.Place) { (file, line) = (place.file, place.line) }
        var place: Organization.Place { .init(file: file, line: line) }
    }
    private struct TeamNetwork: Codable {
        var cidr: String
        var team: String
        var place: Place
    }
    private struct Team: Codable {
        var key: String
        var team: String
        var place: Place
    }
    private struct Owner: Codable {
        var mac: String?
        var hostname: String?
        var address: String?
        /// Any other key, as `SubjectText` has it.
        var key: String?
        var owner: String
        var place: Place
    }
    private struct Ruling: Codable {
        var subject: String
        var scope: String
        var status: String
        var reason: String?
        var owner: String?
        var until: Int64?
        var place: Place
    }
    private struct Document: Codable {
        var networks: [TeamNetwork]
        var teams: [Team]?
        var owners: [Owner]
        var verdicts: [Ruling]?
        var declarations: [Declaration]?
        var apps: [String: [String]]
        var agents: [String]?
        var mcpServers: [String]
        var modelServers: [String]
        var hasAppPolicy: Bool
        var hasAgentPolicy: Bool?
        var hasMCPPolicy: Bool
        var hasModelPolicy: Bool
    }

    // MARK: - Writing

    static func encode(_ organization: Organization) -> String {
        let document = Document(
            networks: organization.networks.map {
                TeamNetwork(
                    cidr: $0.network.description, team: $0.team, place: Place($0.place))
            },
            teams: organization.teams.map {
                Team(key: SubjectText.text($0.key), team: $0.team, place: Place($0.place))
            },
            owners: organization.owners.compactMap(encoded),
            verdicts: organization.verdicts.map {
                Ruling(
                    subject: SubjectText.text($0.subject), scope: SubjectText.text($0.scope),
                    status: $0.status.rawValue, reason: $0.reason, owner: $0.owner,
                    until: $0.until?.nanoseconds, place: Place($0.place))
            }, declarations: organization.declarations, apps: organization.sanctionedApps,
            agents: organization.sanctionedAgents.map(\.text),
            mcpServers: organization.sanctionedMCPServers.map(\.description),
            modelServers: organization.sanctionedModelServers.map(\.description),
            hasAppPolicy: organization.hasAppPolicy, hasAgentPolicy: organization.hasAgentPolicy,
            hasMCPPolicy: organization.hasMCPPolicy, hasModelPolicy: organization.hasModelPolicy)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let bytes = try? encoder.encode(document) else { return "{}" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Nil for what no configuration says.
    private static func encoded(_ owner: Organization.Owner) -> Owner? {
        guard let name = owner.owner else { return nil }
        var out = Owner(owner: name, place: Place(owner.place))
        switch owner.key {
        case .mac(let mac): out.mac = mac.description
        case .hostname(let name): out.hostname = name
        case .address(let address): out.address = address.description
        default: out.key = SubjectText.text(owner.key)
        }
        return out
    }

    // MARK: - Reading

    /// Nil when the text is not what `encode` wrote.
    static func decode(_ text: String) -> Organization? {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(text.utf8)) else {
            return nil
        }
        var organization = Organization()
        organization.networks = document.networks.compactMap { entry in
            Network(entry.cidr).map {
                .init(network: $0, team: entry.team, place: entry.place.place)
            }
        }
        organization.teams = (document.teams ?? []).compactMap { entry in
            SubjectText.key(entry.key).map {
                .init(key: $0, team: entry.team, place: entry.place.place)
            }
        }
        organization.owners = document.owners.compactMap(decoded)
        organization.verdicts = (document.verdicts ?? []).compactMap(decoded)
        organization.declarations = document.declarations ?? []
        organization.sanctionedApps = document.apps
        organization.sanctionedAgents = (document.agents ?? []).compactMap { NamePattern($0) }
        organization.sanctionedMCPServers = document.mcpServers.compactMap { Endpoint($0) }
        organization.sanctionedModelServers = document.modelServers.compactMap { Endpoint($0) }
        organization.hasAppPolicy = document.hasAppPolicy
        organization.hasAgentPolicy = document.hasAgentPolicy ?? false
        organization.hasMCPPolicy = document.hasMCPPolicy
        organization.hasModelPolicy = document.hasModelPolicy
        return organization
    }

    private static func decoded(_ entry: Owner) -> Organization.Owner? {
        let key: Organization.Key? =
            entry.mac.flatMap { MACAddress($0) }.map { .mac($0) }
            ?? entry.address.flatMap { IPAddress($0) }.map { .address($0) }
            ?? entry.hostname.map { .hostname($0) } ?? entry.key.flatMap(SubjectText.key)
        return key.map { .init(key: $0, owner: entry.owner, place: entry.place.place) }
    }

    private static func decoded(_ entry: Ruling) -> Verdict? {
        guard let subject = SubjectText.subject(entry.subject),
            let scope = SubjectText.scope(entry.scope), let status = Status(rawValue: entry.status)
        else { return nil }
        return Verdict(
            subject: subject, scope: scope, status: status, reason: entry.reason,
            owner: entry.owner, until: entry.until.map { Timestamp(nanoseconds: $0) },
            place: entry.place.place)
    }
}

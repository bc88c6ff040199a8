import Foundation
import Wire

/// An organization as JSON, as it is remembered in the database.
enum OrganizationDocument {
    private struct Document: Codable {
        struct Place: Codable {
            var file: String
            var line: Int
        }
        struct TeamNetwork: Codable {
            var cidr: String
            var team: String
            var place: Place
        }
        struct Owner: Codable {
            var mac: String?
            var hostname: String?
            var address: String?
            var owner: String
            var place: Place
        }
        var networks: [TeamNetwork]
        var owners: [Owner]
        var apps: [String: [String]]
        var mcpServers: [String]
        var modelServers: [String]
        var hasAppPolicy: Bool
        var hasMCPPolicy: Bool
        var hasModelPolicy: Bool
    }

    static func encode(_ organization: Organization) -> String {
        let document = Document(
            networks: organization.networks.map {
                .init(
                    cidr: $0.network.description, team: $0.team,
                    place: .init(file: $0.place.file, line: $0.place.line))
            },
            owners: organization.owners.map { owner in
                var out = Document.Owner(
                    owner: owner.owner,
                    place: .init(file: owner.place.file, line: owner.place.line))
                switch owner.key {
                case .mac(let mac): out.mac = mac.description
                case .hostname(let name): out.hostname = name
                case .address(let address): out.address = address.description
                }
                return out
            }, apps: organization.sanctionedApps,
            mcpServers: organization.sanctionedMCPServers.map(\.description),
            modelServers: organization.sanctionedModelServers.map(\.description),
            hasAppPolicy: organization.hasAppPolicy, hasMCPPolicy: organization.hasMCPPolicy,
            hasModelPolicy: organization.hasModelPolicy)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let bytes = try? encoder.encode(document) else { return "{}" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Nil when the text is not what `encode` wrote.
    static func decode(_ text: String) -> Organization? {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(text.utf8)) else {
            return nil
        }
        var organization = Organization()
        organization.networks = document.networks.compactMap { entry in
            Network(entry.cidr).map {
                .init(
                    network: $0, team: entry.team,
                    place: .init(file: entry.place.file, line: entry.place.line))
            }
        }
        organization.owners = document.owners.compactMap { entry in
            let key: Organization.Owner.Key? =
                entry.mac.flatMap { MACAddress($0) }.map { .mac($0) }
                ?? entry.address.flatMap { IPAddress($0) }.map { .address($0) }
                ?? entry.hostname.map { .hostname($0) }
            return key.map {
                .init(
                    key: $0, owner: entry.owner,
                    place: .init(file: entry.place.file, line: entry.place.line))
            }
        }
        organization.sanctionedApps = document.apps
        organization.sanctionedMCPServers = document.mcpServers.compactMap { Endpoint($0) }
        organization.sanctionedModelServers = document.modelServers.compactMap { Endpoint($0) }
        organization.hasAppPolicy = document.hasAppPolicy
        organization.hasMCPPolicy = document.hasMCPPolicy
        organization.hasModelPolicy = document.hasModelPolicy
        return organization
    }
}

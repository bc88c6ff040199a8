import Catalog
import Codecs
import Wire

/// How rows are put down, by numbers of texts.
extension Recording {
    /// The number of a text; it holds until the rows are written.
    mutating func text(_ text: String) -> Texts.Number { waiting.texts.number(of: text) }

    mutating func fact(
        _ subject: Texts.Number, _ kind: FactRow.Kind, _ value: Texts.Number, _ time: Timestamp,
        detail: Texts.Number
    ) {
        waiting.addFact(subject, kind, value, detail, at: time)
    }

    mutating func fact(
        _ subject: Texts.Number, _ kind: FactRow.Kind, _ value: String, _ time: Timestamp,
        detail: String = ""
    ) {
        waiting.addFact(subject, kind, text(value), text(detail), at: time)
    }

    mutating func evidence(
        _ subject: Texts.Number, _ clue: Clue, _ strength: Strength, _ detail: Texts.Number,
        _ event: Event
    ) {
        waiting.addEvidence(subject, clue, strength, detail, of: event.flow, at: event.time)
    }

    /// A server as rows name it.
    struct ServerText {
        var endpoint: Texts.Number
        /// Its id as an MCP server.
        var subject: Texts.Number
    }

    mutating func text(of server: Endpoint) -> ServerText {
        let endpoint = waiting.texts.number(of: server)
        let subject = waiting.texts.number(of: Phrase(.mcpID, endpoint)) {
            EntityID.mcp(server)
        }
        return ServerText(endpoint: endpoint, subject: subject)
    }

    /// Whoever had the client's address when the flow began: an address that moves meanwhile takes
    /// none of its flows along.
    func client(of flow: FlowReference) -> Tenant {
        machines.tenant(of: flow.client.address, at: flow.start)
    }

    /// Id of an app that a client uses.
    mutating func id(ofApp domain: String, _ client: Tenant) -> Texts.Number {
        let phrase = Phrase(.appID, waiting.texts.number(of: client), text(domain))
        return waiting.texts.number(of: phrase) { EntityID.app(client, domain) }
    }

    /// The catalog's entry and the first of its sources.
    static func reference(_ sighting: AppSighting) -> String {
        "by \(sighting.matched) (\(sighting.firstSource))"
    }
}

import Codecs
import Wire

/// Texts by number, so that rows are found by numbers.
struct Texts: Sendable {
    typealias Number = UInt32

    private var table = KeyedTable<String, Nothing>()
    private var phrases = KeyedTable<Phrase, Number>()
    private var addresses = KeyedTable<IPAddress, Number>()
    private var endpoints = KeyedTable<Endpoint, Number>()
    /// Lists as chains: what came before, and one text more.
    private var lists = KeyedTable<Phrase, Nothing>()

    /// A value for tables that are sets.
    private struct Nothing: Sendable {}

    /// Texts and what leads to them.
    var count: Int { table.count + phrases.count + lists.count }

    subscript(_ number: Number) -> String { table.keys[Int(number)] }

    mutating func number(of text: String) -> Number {
        Number(truncatingIfNeeded: table.number(of: text, makingIt: Nothing()))
    }

    mutating func number(of address: IPAddress) -> Number {
        if let known = addresses[address] { return known }
        let made = number(of: address.description)
        addresses.insert(address, made)
        return made
    }

    mutating func number(of tenant: Tenant) -> Number {
        tenant.machine == .zero
            ? number(of: tenant.address) : number(of: tenant.description)
    }

    mutating func number(of endpoint: Endpoint) -> Number {
        if let known = endpoints[endpoint] { return known }
        let made = number(of: endpoint.description)
        endpoints.insert(endpoint, made)
        return made
    }

    /// The number of a list of texts: equal lists have the same.
    mutating func number(ofList list: Number?, and next: Number) -> Number {
        let link = Phrase(.pair, list ?? .max, next)
        return Number(truncatingIfNeeded: lists.number(of: link, makingIt: Nothing()))
    }

    /// The number of the text that a phrase comes to, which is put together only once.
    @inline(__always)
    mutating func number(of phrase: Phrase, making text: () -> String) -> Number {
        if let known = phrases[phrase] { return known }
        let made = number(of: text())
        phrases.insert(phrase, made)
        return made
    }
}

/// A text as its parts: what kind of sentence it is, and the numbers of the texts in it. Two
/// phrases of one kind are the same text when their parts are.
struct Phrase: TableKey {
    enum Kind: UInt8, Sendable {
        // Ids of entities.
        case appID, agentID, mcpID, modelEndpointID, modelID, agentServerID, runtimeID
        // Evidence.
        case app, clientProgram, toolCall, list, serverProgram, resultVersion, answered
        case modelShape, modelName, modelAgent, requestAgent
        // Parts of others.
        case pair, told, wholeList
    }
    var kind: Kind
    var first: Texts.Number
    var second: Texts.Number
    var third: Texts.Number
    var fourth: Texts.Number

    init(
        _ kind: Kind, _ first: Texts.Number, _ second: Texts.Number = .max,
        _ third: Texts.Number = .max, _ fourth: Texts.Number = .max
    ) {
        self.kind = kind
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    func hash(_ secret: KeyedHash) -> UInt64 {
        secret.of(
            UInt64(first) << 32 | UInt64(second),
            UInt64(third) << 32 | UInt64(fourth ^ UInt32(kind.rawValue) << 24))
    }
}

import Codecs

/// What the last definitions of tools, resources and prompts said: a server lists the same ones in
/// every session, and to read them and to hash them is most of what such a list costs.
///
/// A definition has one place, which the next of that place takes: who makes them up on purpose
/// gains nothing but our reading his.
package final class DefinitionMemory {
    /// What bounds took from what dissectors read, until the table takes it over.
    var losses = Tally()
    /// What `FlowTable` was told.
    let readsAllCertificates: Bool

    init(readsAllCertificates: Bool = true) { self.readsAllCertificates = readsAllCertificates }

    struct Entry {
        var item: ListedItem?
        var hasInputSchema: Bool
    }

    private struct Known {
        var kind: ListedItem.Kind
        var definition: [UInt8]
        var entry: Entry
    }

    private static let places = 256
    /// Bytes of a definition that is remembered.
    private static let longest = 4096

    /// A free place has an empty definition.
    private var known: [Known] = []

    private static func place(_ definition: Span<UInt8>) -> Int {
        Int(truncatingIfNeeded: Checksum.of(definition)) & (places - 1)
    }

    /// What the very same bytes said before.
    func entry(_ kind: ListedItem.Kind, _ definition: Span<UInt8>) -> Entry? {
        guard !known.isEmpty, (1...Self.longest).contains(definition.count) else { return nil }
        let place = Self.place(definition)
        // The bytes alone: a copy of all would retain what it holds.
        let bytes = known[place].definition
        guard known[place].kind == kind, bytes.span.equals(definition) else { return nil }
        return known[place].entry
    }

    func note(_ kind: ListedItem.Kind, _ definition: Span<UInt8>, _ entry: Entry) {
        guard definition.count <= Self.longest else { return }
        if known.isEmpty {
            let free = Known(
                kind: kind, definition: [], entry: Entry(item: nil, hasInputSchema: false))
            known = [Known](repeating: free, count: Self.places)
        }
        known[Self.place(definition)] = Known(
            kind: kind, definition: [UInt8](copying: definition), entry: entry)
    }
}

/// One reference to the fields of a head, which never change: to hand a head on costs no copy of
/// its texts.
struct SharedFields<Fields: Hashable & Sendable>: Hashable, Sendable {
    private final class Box: Sendable {
        let fields: Fields
        init(_ fields: consuming Fields) { self.fields = fields }
    }

    private let box: Box

    init(_ fields: consuming Fields) { box = Box(fields) }

    var fields: Fields { box.fields }

    static func == (a: SharedFields, b: SharedFields) -> Bool {
        a.box === b.box || a.fields == b.fields
    }

    func hash(into hasher: inout Hasher) { hasher.combine(fields) }
}

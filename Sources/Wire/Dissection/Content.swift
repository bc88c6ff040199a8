/// A bounded message body, event or line, whichever carrier brought it.
struct Content {
    /// The text as sent, or what `JSONCondenser` made of it.
    var bytes: [UInt8]
    /// The end was not seen.
    var isTruncated: Bool
    var carrier: Carrier
    var side: Side
    /// Of the worker whose flow this is.
    var memory: DefinitionMemory?
    /// Bytes of the text as sent, its codings undone; those that were seen.
    var sentBytes = 0
    /// Where something was left out of `bytes`.
    var cuts = JSONCuts()
    /// What earlier events of the stream began to ask for; nil for what is no stream.
    var calls: AskedCallMemory?

    /// The first byte that is not white space; nil when there is none.
    var opening: UInt8? { bytes.first { $0 != 32 && $0 != 10 && $0 != 13 && $0 != 9 } }

    /// Gives the content to the readers, until one says it is its own.
    func read(emit: EmitMessage) {
        Dissectors.read(self, emit: emit)
    }
}

/// Reads one kind of message from content. Stateless.
protocol ContentReader: Sendable {
    /// Whether the content, which has these members, was this reader's; messages go to `emit`.
    static func read(_ content: Content, _ outline: Outline, emit: EmitMessage) -> Bool
}

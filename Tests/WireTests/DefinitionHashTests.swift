import Codecs
import Testing

@testable import Wire

/// Canonical JSON (RFC 8785) and the three hashes of a definition, with the vectors that others
/// reckon by too.
@Suite struct DefinitionHashTests {
    private func canonical(_ text: String) -> String? {
        CanonicalJSON(Array(text.utf8).span).map { String(decoding: $0.bytes(), as: UTF8.self) }
    }

    private func hashes(
        _ text: String, _ kind: ListedItem.Kind = .tool
    ) throws -> DefinitionHashes {
        let made = DefinitionHashes(kind, Array(text.utf8).span)
        return try #require(made)
    }

    @Test(arguments: [
        (#"{"b":1,"a":[true,false,null]}"#, #"{"a":[true,false,null],"b":1}"#),
        (" { \"a\" : \"\\u00fc\\/\\u000a\\u0001\" } ", "{\"a\":\"ü/\\n\\u0001\"}"),
        // UTF-16: a letter of two units stands before U+FB33 (RFC 8785 §3.2.3).
        (
            "{\"\u{fb33}\":1,\"\u{1f600}\":2,\"\u{20ac}\":3,\"\\r\":4,\"1\":5}",
            "{\"\\r\":4,\"1\":5,\"\u{20ac}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}"
        ), (#""\ud83d\ude00""#, "\"\u{1f600}\""), ("[]", "[]"), ("{}", "{}"),
    ])
    func oneWayToWriteIt(_ text: String, _ expected: String) {
        #expect(canonical(text) == expected)
    }

    /// ECMA-262 §6.1.6.1.20 and RFC 8785 appendix B.
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("1.0", "1"), ("10", "10"), ("1e2", "100"),
        ("0.1", "0.1"), ("1E-6", "0.000001"), ("1e-7", "1e-7"), ("123e-9", "1.23e-7"),
        ("1e20", "100000000000000000000"), ("1e21", "1e+21"), ("1.5e300", "1.5e+300"),
        ("5e-324", "5e-324"), ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740992", "9007199254740992"),
        ("295147905179352830000", "295147905179352830000"),
        ("-42.50", "-42.5"), ("0.000001", "0.000001"), ("123456789.125", "123456789.125"),
    ])
    func numbersAsECMAScriptPrintsThem(_ text: String, _ expected: String) {
        #expect(canonical(text) == expected)
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"a":1}}"#, #""\ud800""#,
        #""\udc00""#, #""\ud800\u0041""#, "9007199254740993", "9223372036854775807", "1e400",
        "0.10000000000000000001", "01", "1.", ".5", "+1", "1e", "-", "tru", "nul", #"{"a"}"#,
        #"{"a":1,}"#, "[1,]", "[1 2]", "{", "[", "\"", "", "1 1", "\"\u{1}\"",
        #"{a:1}"#, "\"\\x\"",
    ])
    func whatTwoReadersMayReadInTwoWaysIsRefused(_ text: String) { #expect(canonical(text) == nil) }

    @Test func bytesThatAreNoTextAreRefused() {
        let texts: [[UInt8]] = [[34, 0xff, 34], [34, 0xed, 0xa0, 0x80, 34]]
        let isRead = texts.map { CanonicalJSON($0.span) != nil }
        #expect(isRead == [false, false])
    }

    @Test func depthAndSizeAreBounded() {
        let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect(canonical(deep) != nil)
        #expect(canonical("[\(deep)]") == nil)
        #expect(canonical(String(repeating: "[", count: 60_000)) == nil)
        #expect(canonical("\"" + String(repeating: "a", count: 65_534) + "\"") != nil)
        #expect(canonical("\"" + String(repeating: "a", count: 65_535) + "\"") == nil)
    }

    // MARK: - Hashes

    /// From a server of the Python SDK 1.30.0.
    private static let add = #"""
        {"name":"add","title":"Add","description":"Add two whole numbers","inputSchema":
        {"properties":{"a":{"title":"A","type":"integer"},"b":{"title":"B","type":"integer"}},
        "required":["a","b"],"title":"addArguments","type":"object"},"outputSchema":{"properties":{"result":{"title":
        "Result","type":"integer"}},"required":["result"],"title":"addOutput","type":"object"},
        "annotations":{"title":"Add two numbers","readOnlyHint":true,"openWorldHint":false}}
        """#
    private static let deleteNote = #"""
        {"name":"delete_note","description":"Delete one note for ever","inputSchema":{"properties":
        {"note_id":{"title":"Note Id","type":"string"}},"required":["note_id"],"title":
        "delete_noteArguments","type":"object"},"outputSchema":{"properties":{"result":{"title":
        "Result","type":"string"}},"required":["result"],"title":"delete_noteOutput","type":"object"},
        "annotations":{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":true,
        "openWorldHint":false}}
        """#
    /// The same tool from a server of the Python SDK 2.3.0: other order, other members beside.
    private static let addElsewhere = #"""
        {"annotations":{"openWorldHint":false,"readOnlyHint":true},"description":
        "Add two whole numbers","inputSchema":{"type":"object","properties":{"a":{"title":"A","type":
        "integer"},"b":{"title":"B","type":"integer"}},"required":["b","a"],"title":"addArguments"},
        "name":"add","outputSchema":{"properties":{"result":{"title":"Result","type":"integer"}},
        "required":["result"],"title":"addOutput","type":"object"},"title":"Add","_meta":{"x":1},
        "icons":[]}
        """#

    @Test func theVectorsHold() throws {
        let add = try hashes(Self.add)
        #expect(add.shape == "668dfeca896b7487f001032acc0d8f23b1686d9de77863c73515e6d00045855d")
        #expect(add.text == "8f216368d898d3b4a3b5a348a9f37fcb9d9f796fb792007d1788ef8559658933")
        #expect(add.hints == "3060238b97914589ea2a599016cd6898c99b76a8a13ce5fd010fb9e4dfbee815")
        let note = try hashes(Self.deleteNote)
        #expect(note.shape == "7104fd656a9a3a0ac059124eaf0ea1c416610bb25fa1aef4c99121675eed2471")
        #expect(note.text == "9128d9944381ac1a0a5fee1e661bed0672fb5c3cde02406d2e9d2c4675e90ec9")
        #expect(note.hints == "e90b508239a099dee08ad3ad2bd9f6eed9d943385439156ea9dd693487fd20de")
    }

    @Test func orderAndWhatStandsBesideChangeNothing() throws {
        let (one, other) = (try hashes(Self.add), try hashes(Self.addElsewhere))
        #expect(one.shape == other.shape && one.hints == other.hints)
        // That server says no title in the annotations.
        #expect(one.text != other.text)
    }

    private func tool(_ schema: String, _ more: String = "") -> String {
        #"{"name":"t","inputSchema":\#(schema)\#(more)}"#
    }

    @Test func aParameterMayBeCalledTitle() throws {
        let one = try hashes(tool(#"{"properties":{"title":{"type":"string","title":"T"}}}"#))
        #expect(one.outline.parameters.map(\.name) == ["title"])
        #expect(one.outline.texts.map(\.pointer) == ["/inputSchema/properties/title/title"])
        let other = try hashes(tool(#"{"properties":{"title":{"type":"integer","title":"T"}}}"#))
        #expect(one.shape != other.shape && one.text == other.text)
    }

    @Test func setsHaveNoOrderAndOtherArraysHave() throws {
        let sets = [
            #"{"enum":["b","a"],"type":["null","string"]}"#,
            #"{"enum":["a","b"],"type":["string","null"]}"#,
        ]
        #expect(try hashes(tool(sets[0])).shape == hashes(tool(sets[1])).shape)
        let lists = [
            #"{"prefixItems":[{"type":"a"},{"type":"b"}]}"#,
            #"{"prefixItems":[{"type":"b"},{"type":"a"}]}"#,
        ]
        #expect(try hashes(tool(lists[0])).shape != hashes(tool(lists[1])).shape)
    }

    @Test func eachPartChangesItsOwnHash() throws {
        let before = try hashes(tool(#"{"properties":{"a/b":{"description":"x"}}}"#))
        #expect(before.outline.texts.map(\.pointer) == ["/inputSchema/properties/a~1b/description"])
        let text = try hashes(tool(#"{"properties":{"a/b":{"description":"y"}}}"#))
        #expect(text.shape == before.shape && text.text != before.text)
        let hints = try hashes(
            tool(
                #"{"properties":{"a/b":{"description":"x"}}}"#,
                #","annotations":{"readOnlyHint":true}"#))
        #expect(hints.hints != before.hints && hints.text == before.text)
        #expect(hints.shape == before.shape)
    }

    /// Unicode is hashed as it stands: a normal form would hide what is hidden in it.
    @Test func hiddenCharactersAreOtherCharacters() throws {
        let plain = try hashes(tool("{}", #","description":"Adds"# + "\""))
        let tagged = try hashes(tool("{}", ",\"description\":\"Adds\u{e0041}\""))
        let decomposed = try hashes(tool("{}", ",\"description\":\"A\u{308}dds\""))
        let composed = try hashes(tool("{}", ",\"description\":\"\u{c4}dds\""))
        #expect(Set([plain, tagged, decomposed, composed].map(\.text)).count == 4)
    }

    @Test func promptsAndResourcesHaveShapesToo() throws {
        let prompt =
            #"{"name":"p","description":"d","arguments":[{"name":"n","description":"x","required":true}]}"#
        let one = try hashes(prompt, .prompt)
        #expect(one.outline.parameters.map(\.isRequired) == [true])
        #expect(one.outline.texts.map(\.pointer) == ["/arguments/0/description", "/description"])
        let sizes = [1, 2].map { #"{"uri":"a://b","name":"b","size":\#($0)}"# }
        #expect(try hashes(sizes[0], .resource) == hashes(sizes[1], .resource))
    }

    /// An item of a list carries them, and tells versions apart by what they say.
    @Test func aListedToolHasItsHashes() throws {
        var found: [RPCMessage] = []
        for definition in [Self.add, Self.addElsewhere, tool(#"{"a":1,"a":2}"#)] {
            let text = #"{"jsonrpc":"2.0","id":1,"result":{"tools":[\#(definition)]}}"#
            Content(
                bytes: Array(text.utf8), isTruncated: false, carrier: Carrier(kind: .lines),
                side: .server
            ).read { if case .rpc(let message, _) = $0 { found.append(message) } }
        }
        let items = found.compactMap(\.items.first)
        #expect(items.count == 3 && items[0].hashes?.shape == items[1].hashes?.shape)
        #expect(items[0].digest != items[1].digest)
        #expect(items[2].hashes == nil && items[2].digest.count == 32)
    }
}

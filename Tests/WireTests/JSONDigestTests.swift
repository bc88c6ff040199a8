import Codecs
import Testing

@testable import Wire

/// Marks of arguments: equal for equal ones, whatever is done to their text.
@Suite struct JSONDigestTests {
    private func mark(_ text: String) -> ArgumentMark? {
        var digest = JSONDigest()
        digest.feed(Array(text.utf8).span)
        return digest.mark
    }

    static let plain =
        #"{"city":"Zürich \"old\" town 🗻","days":10,"wind":{"unit":"km/h","min":0.5},"tags":["a\n","b",null,true]}"#
    /// The same, as another program writes it.
    static let other =
        #"{ "tags" : ["a\u000a","\u0062" , null,true], "wind":{"min":5e-1,"unit":"km\/h"},"#
        + #""\u0064ays":1.0e1 , "city":"Z\u00fcrich \u0022old\" town \ud83d\uddfb" }"#

    @Test func howItIsWrittenMakesNoDifference() throws {
        let found = try #require(mark(Self.plain))
        #expect(found == mark(Self.other) && found.isTelling)
    }

    @Test(arguments: [
        #"{"city":"Zürich","days":1}"#, #"{"city":"Zürich","days":"10"}"#,
        #"{"days":"Zürich","city":10}"#, #"{"city":"Zürich"}"#, #"[{"city":"Zürich","days":10}]"#,
        #"{"city":"Zürich","days":10,"a":null}"#, #"{"city":{"Zürich":10},"days":10}"#,
        #"{"city":"zürich","days":10}"#, #"{"city":"Zürich\u0000","days":10}"#,
        #"{"city":["Zürich"],"days":10}"#, #"{"city":"Zürich","days":[10]}"#,
    ])
    func whatDiffersIsNotEqual(_ text: String) throws {
        let found = try #require(mark(text))
        #expect(found.value != mark(#"{"city":"Zürich","days":10}"#)?.value)
    }

    @Test func orderCountsInArraysAndLevelsAreKeptApart() {
        #expect(mark("[1,2]")?.value != mark("[2,1]")?.value)
        #expect(mark("[[1],2]")?.value != mark("[1,[2]]")?.value)
        #expect(mark("[]")?.value != mark("{}")?.value)
        #expect(mark("[[],[]]")?.value != mark("[[[]]]")?.value)
        #expect(
            mark(#"{"a":{"x":1},"b":{"y":2}}"#)?.value
                != mark(#"{"a":{"y":2},"b":{"x":1}}"#)?.value)
    }

    @Test func emptyAndShortOnesTellTooLittle() {
        for text in [
            "{}", "[]", #"{"id":7}"#, #"{"query":"x"}"#, #"{"a_very_long_name_of_a_flag":true}"#,
            #"{"verbose":false,"a":null,"limit":1000}"#,
        ] {
            #expect(mark(text)?.isTelling == false, "\(text)")
        }
        #expect(mark(#"{"path":"/srv/report"}"#)?.isTelling == true)
    }

    /// What two readers may read differently, and what is no JSON, has no mark.
    @Test(arguments: [
        #"{"a":"one of two","a":"the other"}"#, #"{"a":"one","\u0061":"another one"}"#,
        #"{"a":"\ud83d lone surrogate"}"#, #"{"a":"\udc00 lone surrogate"}"#,
        #"{"a":"\ud83d\u0041 no pair"}"#, #"{"a":"bad \x escape"}"#, #"{"a":"bad \u00g1 escape"}"#,
        #"{"a":12345678901234567890123}"#, #"{"a":1e999,"b":"long enough"}"#,
        #"{"a":0123456789}"#, #"{"a":+123456789}"#, #"{"a":12345678.}"#,
        #"{"a":nul,"b":"long enough"}"#,
        #"{"a":"long enough",}"#, #"{"a" "long enough"}"#, #"{"a":"long enough"]"#,
        #"["long enough",]"#, #"{"a":"long enough"} x"#, #"{a:"long enough"}"#,
        "{\"a\":\"a line\nbreak\"}", #"{"a":"long enough""#, "\u{feff}{}", "",
    ])
    func whatIsDoubtfulIsRefused(_ text: String) {
        #expect(mark(text) == nil)
    }

    @Test func depthNumbersAndNamesAreBounded() {
        let deep = { (count: Int) in
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(mark(deep(32)) != nil && mark(deep(33)) == nil && mark(deep(100_000)) == nil)
        #expect(mark("[" + String(repeating: "9", count: 100_000) + "]") == nil)
        let members = { (count: Int) in
            "{" + (0..<count).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"
        }
        #expect(mark(members(256)) != nil && mark(members(257)) == nil)
        // Names of objects that are over count no more.
        let list = "[" + (0..<400).map { "{\"n\":\($0)}" }.joined(separator: ",") + "]"
        #expect(mark(list) != nil)
    }

    @Test func wherePiecesEndMakesNoDifference() {
        let bytes = Array(Self.other.utf8)
        for cut in 0...bytes.count {
            var digest = JSONDigest()
            digest.feed(bytes.span.extracting(0..<cut))
            #expect(digest.mark == nil || cut == bytes.count)
            digest.feed(bytes.span.extracting(cut...))
            #expect(digest.mark == mark(Self.plain))
        }
    }
}

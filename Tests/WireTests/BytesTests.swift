import Support
import Testing

@testable import Wire

@Suite struct ByteReaderTests {
    private func failure(_ body: () throws(ParseFailure) -> Void) -> ParseFailure? {
        do throws(ParseFailure) { try body() } catch { return error }
        return nil
    }

    @Test func integersAreOfNetworkOrder() throws {
        let bytes: [UInt8] = (1...24).map { $0 }
        var input = ByteReader(bytes.span)
        let auint8 = try input.uint8()
        #expect(auint8 == 1)
        let auint16 = try input.uint16()
        #expect(auint16 == 0x0203)
        let auint24 = try input.uint24()
        #expect(auint24 == 0x04_0506)
        let auint32 = try input.uint32()
        #expect(auint32 == 0x0708_090a)
        let auint48 = try input.uint48()
        #expect(auint48 == 0x0b0c_0d0e_0f10)
        let auint64 = try input.uint64()
        #expect(auint64 == 0x1112_1314_1516_1718)
        let isAtEnd = input.isAtEnd
        #expect(isAtEnd)
    }

    @Test func aStreamThatEndsAsksForMore() {
        let found = failure { () throws(ParseFailure) in
            let bytes: [UInt8] = [1, 2, 3]
            var input = ByteReader(bytes.span)
            _ = try input.uint8()
            _ = try input.uint48()
        }
        #expect(found == .needMore(2) || found == .needMore(4))
    }

    @Test func aPartThatEndsIsALie() {
        let found = failure { () throws(ParseFailure) in
            let bytes: [UInt8] = [1, 2, 3]
            var input = ByteReader(bytes.span)
            var part = try input.take(2)
            try part.skip(3)
        }
        #expect(found == .malformed(.shortInside))
    }

    @Test(arguments: [-1, Int.min])
    func negativeCountsAreRefused(_ count: Int) {
        let found = failure { () throws(ParseFailure) in
            let bytes: [UInt8] = [1, 2, 3]
            var input = ByteReader(bytes.span)
            try input.skip(count)
        }
        #expect(found == .malformed(.shortInside))
    }

    @Test func aFailedReadMovesNothing() {
        let bytes: [UInt8] = [1, 2, 3]
        var input = ByteReader(bytes.span)
        _ = try? input.uint32()
        _ = try? input.skip(.max)
        let (offset, all, none) = (input.offset, input.array(.max), input.array(-4))
        #expect(offset == 0)
        #expect(all == [1, 2, 3])
        #expect(none == [])
    }

    @Test func lookingAheadMovesNothing() {
        let bytes: [UInt8] = Array("ab\ncd".utf8)
        let input = ByteReader(bytes.span)
        let ahead = [input.peek(4), input.peek(5), input.peek(-1)]
        #expect(ahead == [100, nil, nil])
        let distances = [input.distance(to: 10), input.distance(to: 10, within: 2)]
        #expect(distances == [2, nil])
        let starts = [input.starts(with: "ab"), input.starts(with: "ab\ncde")]
        #expect(starts == [true, false])
        let offset = input.offset
        #expect(offset == 0)
    }
}

@Suite struct JSONReaderTests {
    private enum Outcome: Equatable {
        case text(String?)
        case more, bad
    }

    /// The string in `{"k":…}`, at most `limit` bytes of it.
    private func member(_ json: String, limit: Int = 100) -> Outcome {
        let bytes = Array("{\"k\":\(json)}".utf8)
        var input = JSONReader(bytes.span)
        do throws(ParseFailure) {
            try input.enterObject()
            _ = try input.nextKey()
            let value = try input.stringIfPresent(limit: limit)
            guard try input.nextKey() == nil else { return .bad }
            return .text(value)
        } catch .needMore {
            return .more
        } catch {
            return .bad
        }
    }

    @Test(
        arguments: [
            (#""plain""#, "plain"), (#""a\nb\t\"\\\/\r""#, "a\nb\t\"\\/\r"), (#""\u00fc""#, "ü"),
            (#""\ud83e\udd89""#, "🦉"), (#""\uD83E""#, "\u{fffd}"),
            (#""\udd89\ud83e""#, "\u{fffd}\u{fffd}"), (#""\ud83ex""#, "\u{fffd}x"),
            (#""\ud83e\n""#, "\u{fffd}\n"), (#""\ud83e\u0041""#, "\u{fffd}A"),
            (#""\u0000""#, "\0"), (#""""#, ""),
        ])
    func escapesAreResolved(_ json: String, _ expected: String) {
        #expect(member(json) == .text(expected))
    }

    @Test(arguments: ["1", "-1.5e+9", "true", "null", "[1,[2]]", #"{"a":{"b":[]}}"#])
    func otherValuesArePassedOver(_ json: String) { #expect(member(json) == .text(nil)) }

    @Test(arguments: [#""\u12x4""#, "]", ":", "'a'", "", "}", "nope,", "1 2", "+1", #""a" "b""#])
    func whatIsNoJSONIsRefused(_ json: String) { #expect(member(json) == .bad) }

    @Test func textIsCutAtItsLimitAndReadToItsEnd() {
        #expect(member(#""abcdef""#, limit: 3) == .text("abc"))
        #expect(member(#""ab\u0063def""#, limit: 3) == .text("abc"))
        #expect(member(#""abcdef""#, limit: 0) == .text(""))
    }

    @Test func bytesThatAreNoTextAreRepaired() throws {
        let bytes: [UInt8] = [34, 97, 0xff, 0xc3, 34]
        var input = JSONReader(bytes.span)
        let text = try input.string(limit: 10)
        #expect(text == "a\u{fffd}\u{fffd}")
    }

    private static let document =
        #"{"a":[1,{"b":"x\ud83e\udd89\n"},null],"c":{"d":true},"e":-1.5e3,"f":"g"}"#

    /// Reads the whole document, every value by its kind.
    private static func walk(_ input: inout JSONReader, _ depth: Int) throws(ParseFailure) {
        switch try input.kind() {
        case .object:
            try input.enterObject()
            while try input.nextKey() != nil { try walk(&input, depth + 1) }
        case .array:
            try input.enterArray()
            while try input.nextElement() { try walk(&input, depth + 1) }
        case .string: _ = try input.string(limit: 10)
        case .number: _ = try input.numberText()
        case .bool: _ = try input.boolIfPresent()
        case .null: try input.skipValue()
        }
    }

    @Test func everyPrefixAsksForMore() {
        let bytes = Array(Self.document.utf8)
        for length in 0...bytes.count {
            for isWalked in [true, false] {
                var input = JSONReader(bytes.span.extracting(0..<length))
                var isShort = false
                do throws(ParseFailure) {
                    if isWalked { try Self.walk(&input, 0) } else { try input.skipValue() }
                } catch {
                    if case .needMore = error { isShort = true }
                }
                #expect(isShort == (length < bytes.count), "prefix of \(length)")
            }
        }
    }

    @Test(arguments: 0..<300)
    func mutatedDocumentsAreHarmless(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var bytes = Array(Self.document.utf8)
        for _ in 0..<4 {
            let at = Int.random(in: bytes.indices, using: &chance)
            bytes[at] = Array("{}[]\",:\\u0dn-\0\u{1f}a".utf8).randomElement(using: &chance) ?? 0
        }
        var input = JSONReader(bytes.span)
        _ = try? Self.walk(&input, 0)
        let offset = input.offset
        #expect(offset <= bytes.count, "seed \(seed)")
    }

    @Test(arguments: [31, 32, 33])
    func nestingHasALimit(_ depth: Int) {
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let bytes = Array(text.utf8)
        var skipper = JSONReader(bytes.span)
        var walker = JSONReader(bytes.span)
        let isSkipped = (try? skipper.skipValue()) != nil
        let isWalked = (try? Self.walk(&walker, 0)) != nil
        #expect(isSkipped == (depth <= 32))
        #expect(isWalked == (depth <= 32))
    }
}

/// Text from people and captures that is nearly right.
@Suite struct HostileTextTests {
    @Test(arguments: [
        "::+1", "::-0", "+1::", "1:2:3:4:5:6:7:+8", ":: 1", "::1%eth0", "::1/64", "1.2.3.4::",
        "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1:2:3:4:5:6:7:8", "1:::2", "１::",
        "1٠.0.0.1", "+1.0.0.0", "1..2.3", ".1.2.3", "1.2.3.", " 1.2.3.4", "1.2.3.4\0", "0x1.2.3.4",
        String(repeating: "1:", count: 1000), String(repeating: ":", count: 1000),
    ])
    func noAddressIsMadeOfIt(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test(arguments: [
        ("::1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("0:0:1:0:0:0:0:1", "0:0:1::1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"), ("2001:DB8::ABCD", "2001:db8::abcd"),
    ])
    func anAddressIsWrittenAsRFC5952Asks(_ text: String, _ expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(expected) == address)
    }

    @Test(arguments: 0..<100)
    func anyAddressIsReadBack(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var address = IPAddress(high: chance.next(), low: chance.next())
        // Most addresses have zeros in them.
        address.high &= chance.next() & chance.next() & 0xffff_0000_ffff_ffff
        address.low &= chance.next() & 0x0000_ffff_0000_ffff
        #expect(IPAddress(address.description) == address, "seed \(seed)")
        let v4 = IPAddress(v4: UInt32(truncatingIfNeeded: chance.next()))
        #expect(IPAddress(v4.description) == v4, "seed \(seed)")
    }

    @Test(arguments: [
        "10.0.0.0/+8", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/ 8", "::/129",
        "10.0.0.1/0", "/8", "", "10.0.0.0/08x", "1::/15",
    ])
    func noNetworkIsMadeOfIt(_ text: String) { #expect(Network(text) == nil) }

    @Test(arguments: ["10.0.0.1:+80", "10.0.0.1:-0", "10.0.0.1: 80", "[::1]", "[::1:80", "::1]:8"])
    func noEndpointIsMadeOfIt(_ text: String) { #expect(Endpoint(text) == nil) }

    @Test(arguments: [
        "aa:bb:cc:dd:ee:ff", "AA-BB-CC-DD-EE-FF", "aabb.ccdd.eeff", "aabbccddeeff",
    ])
    func aMACIsReadInItsFourForms(_ text: String) {
        #expect(MACAddress(text)?.description == "aa:bb:cc:dd:ee:ff")
    }

    @Test(arguments: [
        "", "aa:bb:cc:dd:ee", "aa:bb:cc:dd:ee:ff:00", "gg:bb:cc:dd:ee:ff", "+abbccddeeff",
        "ＡＡＡＡ", "aabbccddeef ",
    ])
    func noMACIsMadeOfIt(_ text: String) { #expect(MACAddress(text) == nil) }

    @Test(arguments: [Int64.min, Int64.min + 1, -1, Int64.max])
    func anyTimeCanBeWritten(_ nanoseconds: Int64) {
        let text = Timestamp(nanoseconds: nanoseconds).rfc3339
        #expect(text.count == 27)
        #expect(text.hasSuffix("Z"))
    }

    @Test func timesSaturate() {
        #expect(Timestamp(seconds: .max, nanoseconds: .max).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .max).advanced(byNanoseconds: 1).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .min).advanced(byNanoseconds: -1).nanoseconds == .min)
        let (first, last) = (Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max))
        #expect(last.nanoseconds(since: first) == .max)
        #expect(first.nanoseconds(since: last) == .min)
    }
}

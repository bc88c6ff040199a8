import Testing

@testable import Catalog

/// Kinds of credentials, told by their letters. All tokens here are made up.
@Suite struct TokenTests {
    private func entry(_ id: String, _ shapes: String..., opens: String = "ai") -> String {
        "token \(id)\nname N \(id)\nvendor V\nexpires never\nopens \(opens)\nsource s\n"
            + shapes.map { "shape \($0)\n" }.joined()
    }

    private func kind(_ token: String, _ catalog: Catalog) -> String? {
        catalog.token(token.utf8.span)?.id
    }

    private func fits(_ shape: TokenShape, _ token: String) -> Bool {
        shape.matches(token.utf8.span)
    }

    @Test func aTokenIsReadWithEveryField() throws {
        let catalog = try catalog(
            """
            token    my-key
            name     My key
            vendor   Me & Co
            shape    my-[a-z0-9]{10}
            shape    our-[A-Z]{8,}
            expires  optional
            opens    shared
            checked  2026-11
            source   one
            source   two
            """)
        let token = try #require(catalog.tokens.first)
        #expect(token.id == "my-key" && token.name == "My key" && token.vendor == "Me & Co")
        #expect(token.shapes == ["my-[a-z0-9]{10}", "our-[A-Z]{8,}"])
        #expect(token.expiry == .optional && token.reach == .shared)
        #expect(token.checked == "2026-11" && token.source == "one ; two")
        #expect(token.origin == CatalogOrigin(file: "file1.catalog", line: 1))
        #expect(kind("my-0123456789", catalog) == "my-key")
        #expect(kind("our-ABCDEFGHI", catalog) == "my-key")
    }

    @Test(arguments: [
        ("ab-[0-9]{10}", "ab-0123456789", true), ("ab-[0-9]{10}", "ab-012345678", false),
        ("ab-[0-9]{10}", "ab-01234567890", false), ("ab-[0-9]{10}", "xab-0123456789", false),
        ("ab-[0-9]{10}", "ab-012345678x", false), ("ab-[0-9]{10,12}", "ab-012345678901", true),
        ("ab-[0-9]{10,12}", "ab-0123456789012", false),
        ("ab-[0-9]{10,}", "ab-01234567890123", true),
        ("ab[a-c-]{10}", "ab--abcabcab", true), ("ab[-a]{10}", "ab-a-a-a-a-a", true),
        ("ab[0-9]{0,10}xy[0-9]{10}", "abxy0123456789", true),
        ("ab[0-9a-z]{2,}xy[a-z]{8}", "abxyxyxyxyxyxyabcdefgh", true),
        ("ab[0-9a-z]{2,}xy[a-z]{8}", "abxyxyxyxyxyxyabcdefg0", false),
        ("[0-9]{5,16}:A[a-z]{10}", "12345:Aabcdefghij", true),
        ("AB[=]{0,3}[a-z]{10}", "AB==abcdefghij", true),
    ])
    func aShapeFitsTheWholeToken(shape: String, token: String, isMatch: Bool) throws {
        let made = try #require(TokenShape(Array(shape.utf8)[...]))
        #expect(fits(made, token) == isMatch)
        #expect((kind(token, try catalog(entry("t", shape))) != nil) == isMatch)
    }

    @Test(arguments: [
        "ab[0-9{10}", "ab0-9]{10}", "ab[]{10}", "ab[9-0]{10}", "ab[0-9]{x}", "ab[0-9]{10",
        "ab{10}c",
        "ab[0-9]{12,10}", "a[0-9]{20}", "ab[0-9]{3}", "abcdefgh", "ab[0-9]{99999}", "ab [0-9]{10}",
        "[a-z]{40}", "ab[0-9]{4096}", "",
    ])
    func whatIsNoShapeOrWouldFitAnyWordIsRefused(shape: String) {
        #expect(TokenShape(Array(shape.utf8)[...]) == nil)
    }

    @Test func theShapeWithMostFixedTextWins() throws {
        let catalog = try catalog(
            entry("wide", "sk-[A-Za-z0-9_-]{20,}"), entry("deep", "sk-ant-[A-Za-z0-9_-]{16,}"))
        #expect(kind("sk-ant-0123456789abcdefgh", catalog) == "deep")
        #expect(kind("sk-any-0123456789abcdefgh", catalog) == "wide")
        #expect(kind("", catalog) == nil)
        #expect(kind("sk", catalog) == nil)
    }

    @Test func aTokenGivenAgainTakesThePlaceOfTheFormer() throws {
        let first = entry("a", "ab-[0-9]{10}")
        #expect(kind("ab-0123456789", try catalog(first, entry("a", "cd-[0-9]{10}"))) == nil)
        #expect(kind("cd-0123456789", try catalog(first, entry("a", "cd-[0-9]{10}"))) == "a")
        #expect(kind("ab-0123456789", try catalog(first, "token a\nopens ignore")) == nil)
    }

    /// A long token of one letter, and a shape that could be tried in very many ways.
    @Test func workIsBoundedWhateverTheToken() throws {
        let pieces = String(repeating: "[a]{1,}", count: 12)
        let shape = try #require(TokenShape(Array("aa\(pieces)b".utf8)[...]))
        let long = String(repeating: "a", count: TokenShape.longest)
        #expect(!fits(shape, long))
        #expect(!fits(shape, long + "b"))
        #expect(fits(shape, String(repeating: "a", count: 1000) + "b"))
    }

    @Test(arguments: [
        ("token a\nname n\nvendor v\nexpires never\nopens ai\nsource s", 1, "has no “shape”"),
        ("token a\nshape ab-[0-9]{10}", 1, "has no “name”, no “vendor”, no “expires”, no “opens”"),
        ("token a\nexpires soon", 2, "“soon” is no way to expire"),
        ("token a\nopens all", 2, "“all” is no reach of a token"),
        ("token a\nopens ai\nopens ai", 3, "“opens” is given twice"),
        ("token a\nshape ab", 2, "“ab” is no shape of a token"),
        ("token a\nport 1", 2, "a token has no “port”"),
        ("token A", 1, "“A” is no id"),
        ("token a\nopens ignore\ntoken a", 3, "already given on line 1"),
        ("shape ab-[0-9]{10}", 1, "“shape” stands before any"),
    ])
    func aMistakeIsNamedWithItsLine(text: String, line: Int, problem: String) throws {
        let error = try #require(complaint(about: text))
        #expect(error.line == line)
        #expect(error.problem.contains(problem), "\(error)")
    }

    /// Made of the shapes themselves, so that no token stands here: each fits its own kind.
    @Test func everyShippedShapeFindsItself() throws {
        let catalog = try Catalog.loadShipped(additional: [])
        for token in catalog.tokens {
            for shape in token.shapes {
                let sample = try #require(TokenSample.of(shape), "\(shape)")
                let found = catalog.tokenIndex.matches(sample.utf8.span).map {
                    catalog.token($0).id
                }
                #expect(found.contains(token.id), "\(token.id): \(shape)")
            }
        }
    }

    @Test(arguments: [
        "hello", "application/json", "Basic", "00000000-0000-0000-0000-000000000000",
        "2026-11-27T13:00:00Z", "https://api.openai.com/v1/chat/completions", "sk-", "anonymous",
    ])
    func wordsAreNoTokens(text: String) throws {
        #expect(kind(text, try Catalog.loadShipped(additional: [])) == nil)
    }
}

/// The shortest token of a shape: of each class its first byte, as often as it must stand there.
private enum TokenSample {
    static func of(_ shape: String) -> String? {
        var out = ""
        var rest = Substring(shape)
        while let first = rest.first {
            guard first == "[" else {
                out.append(first)
                rest = rest.dropFirst()
                continue
            }
            guard let end = rest.firstIndex(of: "]"), let byte = rest.dropFirst().first else {
                return nil
            }
            rest = rest[rest.index(after: end)...]
            var count = 1
            if rest.first == "{", let close = rest.firstIndex(of: "}") {
                count = Int(rest.dropFirst().prefix { $0.isNumber }) ?? 0
                rest = rest[rest.index(after: close)...]
            }
            out += String(repeating: byte, count: count)
        }
        return out
    }
}

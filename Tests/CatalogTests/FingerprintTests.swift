import Testing

@testable import Catalog

@Suite struct FingerprintTests {
    private let ja4 = "t13d5212h1_b262b3658495_8e6e362c5eac"
    private let ja3 = "d67b094811e5145139d7cea5f014309f"

    private func entry(
        _ value: String, _ kind: String = "ja4", _ scope: String = "stack", name: String = "N"
    ) -> String {
        "fingerprint \(value) \(kind) \(scope) high\nname \(name)\nmeasured 2026-11-26\nsource s\n"
    }

    @Test func aFingerprintIsReadWithEveryField() throws {
        let catalog = try catalog(
            """
            fingerprint  \(ja4)  ja4  stack  medium
            name     Node.js  fetch
            version  22 and 24
            measured 2026-11-26
            checked  2026-10
            source   one
            source   two
            """)
        #expect(
            catalog.fingerprint(.ja4, ja4)
                == Fingerprint(
                    kind: .ja4, value: ja4, scope: .stack, confidence: .medium,
                    name: "Node.js  fetch", version: "22 and 24", measured: "2026-11-26",
                    checked: "2026-10", source: "one ; two"))
        #expect(catalog.fingerprint(.ja3, ja4) == nil)
        #expect(catalog.fingerprint(.ja4, ja3) == nil)
        #expect(catalog.fingerprint(.ja4, "") == nil)
    }

    @Test(arguments: [
        ("fingerprint t13d5212h1_b262b3658495_8e6e362c5eac ja4 stack", 1, "a fingerprint takes"),
        ("fingerprint a ja4 stack high more", 1, "a fingerprint takes"),
        ("fingerprint a ja5 stack high", 1, "“ja5” is no kind of fingerprint"),
        ("fingerprint a ja4 stack high", 1, "“a” is no JA4"),
        ("fingerprint x13d5212h1_b262b3658495_8e6e362c5eac ja4 stack high", 1, "is no JA4"),
        ("fingerprint t13d5212h1-b262b3658495_8e6e362c5eac ja4 stack high", 1, "is no JA4"),
        ("fingerprint t13d5212h1_B262b3658495_8e6e362c5eac ja4 stack high", 1, "is no JA4"),
        ("fingerprint d67b094811e5145139d7cea5f014309 ja3 stack high", 1, "is no JA3"),
        ("fingerprint D67b094811e5145139d7cea5f014309f ja3 stack high", 1, "is no JA3"),
        (
            "fingerprint d67b094811e5145139d7cea5f014309f ja3 library high", 1,
            "“library” is no scope of a fingerprint"
        ),
        (
            "fingerprint d67b094811e5145139d7cea5f014309f ja3 stack sure", 1,
            "“sure” is no confidence"
        ),
        ("name a\n", 1, "“name” stands before any"),
        ("app a\nversion 1", 2, "an app has no “version”"),
        ("agent a\nmeasured 2026-11-26", 2, "“measured” stands outside a fingerprint"),
    ])
    func aMistakeIsNamedWithItsLine(text: String, line: Int, problem: String) throws {
        let error = try #require(complaint(about: text))
        #expect(error.line == line)
        #expect(error.problem.contains(problem), "\(error)")
        #expect(error.description.hasPrefix("my.catalog:\(line): "))
        #expect(!error.remedy.isEmpty)
    }

    @Test(arguments: [
        ("name a\nsource s", 2, "has no date"), ("name a\nmeasured 2026-11-26", 2, "has no source"),
        ("source s\nchecked 2026-11", 2, "has no name"),
        ("name a\n\nname b", 5, "“name” is given twice"),
        ("measured 2026-11", 3, "“2026-11” is no day"),
        ("measured 2026-11-32", 3, "“2026-11-32” is no day"),
        ("measured 2026-13-01", 3, "is no day"), ("checked 2026-11-26", 3, "is no month"),
        ("vendor v", 3, "a fingerprint has no “vendor”"),
        ("kind sdk", 3, "a fingerprint has no “kind”"),
        (
            "name a\nsource s\nchecked 2026-11\n"
                + "fingerprint d67b094811e5145139d7cea5f014309f ja3 agent high", 6, "has no name"
        ),
        (
            "name a\nsource s\nchecked 2026-11\n"
                + "fingerprint d67b094811e5145139d7cea5f014309f ja3 stack low", 6,
            "this fingerprint was already given on line 2"
        ),
        ("app a", 2, "has no name"), ("agent a", 2, "has no name"),
    ])
    func aMistakeInsideOneIsNamedWithItsLine(text: String, line: Int, problem: String) throws {
        let error = try #require(complaint(about: "\nfingerprint \(ja3) ja3 stack high\n\(text)"))
        #expect(error.line == line)
        #expect(error.problem.contains(problem), "\(error)")
    }

    /// Not even where the user's own file says so.
    @Test(arguments: [["stack", "agent"], ["agent", "stack"]])
    func aStackNeverBecomesAnAgent(scopes: [String]) throws {
        let files = scopes.map { entry(ja4, "ja4", $0, name: "the \($0)") }
        for catalog in [try catalog(files[0], files[1]), try catalog(files[0] + files[1])] {
            let found = try #require(catalog.fingerprint(.ja4, ja4))
            #expect(found.scope == .stack)
            #expect(found.name == "the stack")
            #expect(found.sentence.hasSuffix("any program may use it, so it names no agent"))
        }
    }

    @Test func aUsersFileOverridesAndSwitchesOff() throws {
        let shipped = entry(ja4, name: "old") + entry(ja3, "ja3")
        let catalog = try catalog(
            shipped, entry(ja4, name: "new"), "fingerprint \(ja3) ja3 stack ignore")
        #expect(catalog.fingerprint(.ja4, ja4)?.name == "new")
        #expect(catalog.fingerprint(.ja3, ja3) == nil)
        #expect(catalog.fingerprints.count == 2)
    }

    @Test func theSentenceSaysWhatItRestsOn() throws {
        let catalog = try catalog(
            entry(ja4, name: "Node.js"),
            "fingerprint \(ja3) ja3 agent low\nname Some bot\nversion 3\nchecked 2026-10\n"
                + "source page one\nsource page two")
        #expect(
            catalog.fingerprint(.ja4, ja4)?.sentence
                == "JA4 \(ja4) is sent by Node.js (measured 2026-11-26, s; high confidence): "
                + "any program may use it, so it names no agent")
        #expect(
            catalog.fingerprint(.ja3, ja3)?.sentence
                == "JA3 \(ja3) is known from Some bot (3; published, looked up 2026-10, page one; "
                + "low confidence): others may send the same, so it only hints")
    }

    @Test func theShippedOnesAreWhole() throws {
        let catalog = try Catalog.loadShipped(additional: [])
        let all = catalog.fingerprints
        #expect(all.count > 90)
        #expect(all.filter { $0.measured != nil }.count > 60)
        for one in all {
            #expect(!one.name.isEmpty && !one.source.isEmpty, "\(one.value)")
            #expect(one.measured != nil || one.checked != nil, "\(one.value)")
            #expect(catalog.fingerprint(one.kind, one.value) == one, "\(one.value)")
        }
    }

    /// Published as an agent's, and measured as a library's.
    @Test(arguments: [
        ("t13d1714h1_5b57614c22b0_43ade6aba3df", "Bun"),
        ("t13d1911h2_9dc949149365_e7c285222651", "Go"),
        ("t13d1812h1_85036bcba153_d41ae481755e", "Python"),
        ("t13d521100_b262b3658495_8e6e362c5eac", "Node.js"),
        ("t13d1011h2_61a7ad8aa9b6_0d308c48d2a3", "Rust"),
    ])
    func librariesAreNoAgents(value: String, name: String) throws {
        let catalog = try Catalog.loadShipped(additional: [])
        let found = try #require(catalog.fingerprint(.ja4, value))
        #expect(found.scope == .stack)
        #expect(found.name.hasPrefix(name))
    }
}

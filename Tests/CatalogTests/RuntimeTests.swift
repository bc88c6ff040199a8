import Testing

@testable import Catalog

@Suite struct RuntimeTests {
    @Test func aRuntimeIsReadWithEveryField() throws {
        let catalog = try catalog(
            """
            runtime  my-server
            name     My server
            vendor   Me
            kind     llm-server
            port     8000
            port     9000
            path     /v1/models
            path     /agents/{id}
            mark     Server: mine
            model    request model
            source   one
            source   two
            checked  2026-11
            """)
        let runtime = try #require(catalog.runtime(id: "my-server"))
        #expect(runtime.name == "My server" && runtime.vendor == "Me")
        #expect(runtime.kind == .languageModels && runtime.ports == [8000, 9000])
        #expect(
            runtime.paths == ["/v1/models", "/agents/{id}"] && runtime.marks == ["Server: mine"])
        #expect(runtime.model == "request model" && runtime.source == "one ; two")
        #expect(runtime.checked == "2026-11" && runtime.origin.line == 1)
        #expect(runtime.answers(on: "/agents/7") && !runtime.answers(on: "/agents"))
        #expect(catalog.runtime(id: "other") == nil)
    }

    @Test func aRuntimeGivenAgainTakesThePlaceOfTheFormer() throws {
        let entry = "runtime a\nname A\nvendor V\nkind vector-db\nsource s\n"
        let catalog = try catalog(entry + "port 1", entry.replacing("name A", with: "name B"))
        #expect(catalog.runtimes.map(\.name) == ["B"] && catalog.runtimes[0].ports == [])
    }

    @Test(arguments: [
        ("runtime a\nname n\nvendor v\nkind chat-ui", 1, "runtime “a” has no “source”"),
        ("runtime a", 1, "has no “name”, no “vendor”, no “kind”, no “source”"),
        ("runtime a\nkind robot", 2, "“robot” is no kind of runtime"),
        ("runtime a\nport 0", 2, "“0” is no port"), ("runtime a\nport 65536", 2, "is no port"),
        ("runtime a\nport eighty", 2, "is no port"), ("runtime a\npath x", 2, "is no path"),
        ("runtime a\nname b\nname c", 3, "“name” is given twice"),
        ("runtime a\ncountry SE", 2, "a runtime has no “country”"),
        ("app a\nport 80", 2, "an app has no “port”"), ("port 80", 1, "“port” stands before any"),
        ("runtime a\n" + String(repeating: "port 1\n", count: 17), 18, "more than 16 “port” lines"),
    ])
    func aMistakeIsNamedWithItsLine(text: String, line: Int, problem: String) throws {
        let error = try #require(complaint(about: text))
        #expect(error.line == line)
        #expect(error.problem.contains(problem), "\(error)")
        #expect(!error.remedy.isEmpty)
    }

    /// The ids the wire's own marks use are those of the catalog.
    @Test(arguments: [
        "ollama", "llama-cpp", "vllm", "sglang", "lmdeploy", "lmstudio", "mistral-rs", "tgi",
        "koboldcpp", "whisper-cpp",
    ])
    func whatTheWireNamesIsKnown(id: String) throws {
        #expect(try Catalog.loadShipped(additional: []).runtime(id: id) != nil)
    }
}

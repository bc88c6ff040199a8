import Testing

@testable import Catalog

/// What holds for the data files, whatever is added to them.
@Suite struct ShippedCatalogTests {
    private static let shipped = Result { try Catalog.loadShipped(additional: []) }
    private let catalog: Catalog

    init() throws { catalog = try Self.shipped.get() }

    private func files() throws -> [CatalogFile] {
        let directory = try #require(Catalog.shippedDirectory())
        return try CatalogFiles.list(directory).map { try CatalogFiles.read($0) }
    }

    @Test func itIsThere() {
        #expect(catalog.apps.count > 1300)
        #expect(catalog.lines(.domain).count > 1800)
        #expect(catalog.lines(.endpoint).count > 400)
        #expect(catalog.lines(.agent).count > 100)
        #expect(catalog.lines(.crawler).count > 100)
        #expect(catalog.runtimes.count > 50)
        #expect(catalog.tokens.count > 50)
        #expect(catalog.apps.map(\.id) == catalog.apps.map(\.id).sorted())
    }

    @Test func everyEntryStandsInOneFileOnly() throws {
        var apps: [String: String] = [:]
        var agents: [String: String] = [:]
        for file in try files() {
            for app in file.apps {
                let id = file.text.text(app.id)
                let first = apps.updateValue(file.path, forKey: id)
                #expect(first == nil, "\(id) is in \(file.path) and \(first ?? "")")
            }
            for agent in file.agents {
                #expect(agents.updateValue(file.path, forKey: file.text.text(agent.id)) == nil)
            }
        }
    }

    @Test func noTwoAppsShareADomain() throws {
        // The same name as exact and suffix line would leave the reader guessing, too.
        var owners: [String: String] = [:]
        for file in try files() {
            for domain in file.domains {
                let text = file.text.text(domain.text)
                let app = file.text.text(file.apps[domain.app].id)
                let first = owners.updateValue(app, forKey: text)
                #expect(first == nil, "\(text) of \(app), line \(domain.line): \(first ?? "")")
            }
        }
    }

    @Test func everyEntryHasASourceAndAMonth() {
        for app in catalog.apps {
            #expect(!app.source.isEmpty && app.checked != nil, "\(app.id)")
            #expect(!app.domains.isEmpty || !app.endpoints.isEmpty, "\(app.id)")
            for endpoint in app.endpoints { #expect(!endpoint.source.isEmpty, "\(endpoint)") }
            for domain in app.domains { #expect(!domain.source.isEmpty, "\(domain.text)") }
        }
        for agent in catalog.agents {
            #expect(!agent.marks.isEmpty && agent.checked != nil, "\(agent.id)")
            for mark in agent.marks { #expect(!mark.source.isEmpty, "\(mark.text)") }
        }
    }

    @Test func everyDomainFindsItself() {
        for app in catalog.apps {
            for domain in app.domains where domain.match != .pattern && !domain.isShared {
                let sighting = catalog.app(forName: domain.text, clue: .tlsSNI)
                #expect(sighting?.app == app.id, "\(domain.text)")
                #expect(sighting?.matched == "\(domain.text) \(domain.match.rawValue)")
            }
        }
    }

    /// Hosts of role mcp, and paths where there are any: each endpoint once.
    @Test func sevenHundredHostedMCPEndpointsAreKnown() {
        let endpoints = catalog.lines(.endpoint).filter { $0.role == "mcp" }
        let hosts = Set(
            endpoints.map { String($0.value.prefix { $0 != "/" }) })
        let domains = catalog.lines(.domain).filter {
            $0.role == "mcp" && !hosts.contains($0.value)
        }
        #expect(endpoints.count + domains.count >= 700)
    }

    /// What only host and path together tell is never told by the host alone.
    @Test func anEndpointOfASharedHostNeedsItsPath() {
        for line in catalog.lines(.endpoint) where line.match == "exact" {
            let slash = line.value.firstIndex(of: "/") ?? line.value.endIndex
            let (host, path) = (String(line.value[..<slash]), String(line.value[slash...]))
            let seen = path.replacing(/\{[^}]*\}/, with: "x1")
            let sighting = catalog.app(forHost: host, path: seen)
            #expect(sighting?.app == line.id && sighting?.role == "mcp", "\(line.value)")
            #expect(catalog.app(forHost: host, path: "/other/page") == nil, "\(line.value)")
            if let byName = catalog.app(forName: host, clue: .tlsSNI), byName.app == line.id {
                // A host of its own, whose paths tell more.
                #expect(byName.role == "mcp", "\(host)")
            }
        }
    }

    @Test func everyRuntimeAndTokenIsWhole() {
        for runtime in catalog.runtimes {
            #expect(!runtime.source.isEmpty && runtime.checked != nil, "\(runtime.id)")
            #expect(!runtime.ports.isEmpty || !runtime.paths.isEmpty, "\(runtime.id)")
        }
        for token in catalog.tokens {
            #expect(!token.source.isEmpty && token.checked != nil, "\(token.id)")
        }
    }

    @Test func everyHostedServerIsOfCategoryMCP() {
        for app in catalog.apps where app.category == "mcp-server" {
            #expect(app.group == "mcp")
            #expect(
                app.domains.allSatisfy { $0.role == .mcp && $0.strength == .strong }, "\(app.id)")
        }
    }

    @Test(arguments: [
        ("api.openai.com", "llm-api"), ("api.anthropic.com", "llm-api"),
        ("api.mistral.ai", "llm-api"),
        ("api.groq.com", "llm-api"), ("openrouter.ai", "llm-api"), ("api.cohere.com", "llm-api"),
        ("api.deepseek.com", "llm-api"), ("generativelanguage.googleapis.com", "llm-api"),
        ("bedrock-runtime.eu-north-1.amazonaws.com", "llm-api"),
        ("some-tenant.openai.azure.com", "llm-api"),
        ("us-central1-aiplatform.googleapis.com", "llm-api"),
        ("chatgpt.com", "chat"), ("claude.ai", "chat"), ("gemini.google.com", "chat"),
        ("chat.deepseek.com", "chat"), ("copilot.microsoft.com", "chat"), ("grok.com", "chat"),
        ("www.perplexity.ai", "chat"), ("character.ai", "chat"),
        ("api.githubcopilot.com", "coding"), ("api2.cursor.sh", "coding"),
        ("server.codeium.com", "coding"), ("huggingface.co", "models"),
        ("api.elevenlabs.io", "voice"), ("app.grammarly.com", "writing"),
        ("mcp.linear.app", "mcp"), ("mcp.notion.com", "mcp"), ("mcp.sentry.dev", "mcp"),
        ("docs.mcp.cloudflare.com", "mcp"), ("mcp.context7.com", "mcp"),
    ])
    func wellKnownNamesAreStrongAndInTheirGroup(name: String, category: String) {
        let sighting = catalog.app(forName: name, clue: .tlsSNI)
        #expect(sighting?.category == category)
        #expect(sighting?.strength == .strong)
    }

    @Test(arguments: [
        "openai.com.example.net", "notopenai.com", "api-openai.com", "openai.company",
        "claude-monet.museum.example", "claude.ai.evil.example", "www.openair.example",
        "bedrock-runtime.amazonaws.com", "s3.us-east-1.amazonaws.com", "www.googleapis.com",
        "github.com", "slack.com", "zoom.us", "outlook.office365.com", "login.microsoftonline.com",
        "storage.googleapis.com", "www.wikipedia.org", "amazonaws.com", "google.com",
    ])
    func otherNamesAndLookAlikesAreNobodys(name: String) {
        #expect(catalog.app(forName: name, clue: .tlsSNI) == nil)
    }

    @Test func anApexBesideItsAPIIsAHint() {
        #expect(catalog.app(forName: "openai.com", clue: .tlsSNI)?.strength == .hint)
        #expect(catalog.app(forName: "www.anthropic.com", clue: .tlsSNI)?.strength == .hint)
    }

    @Test(arguments: [
        ("OpenAI/Python 3.54.0", "openai-python"),
        ("AsyncAnthropic/Python 2.12.0", "anthropic-python"),
        ("ollama-python/0.6.3 (x86_64 linux) Python/3.11.7", "ollama-python"),
        ("claude-cli/2.1.75 (external, cli)", "claude-code"), ("opencode/0.25.2", "opencode"),
        ("codex_cli_rs/0.114.0 (Mac OS 14.2.0; x86_64) vscode/1.111.0", "codex"),
        ("transformers/4.55.0; hf_hub/0.34.3; python/3.12", "hf-hub"),
        ("google-genai-sdk/1.28.0 gl-python/3.12.3", "google-genai"),
    ])
    func wellKnownAgentsAreTold(userAgent: String, id: String) {
        #expect(catalog.agent(forUserAgent: userAgent)?.signature == id)
    }

    @Test(arguments: [
        "python-httpx/0.28.1", "python-requests/2.34.2", "node", "curl/7.88.1",
        "Go-http-client/2.0",
        "Java-http-client/17.0.15", "Python/3.11 aiohttp/3.14.5", "Python-urllib/3.11",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Code/1.104.0 Chrome/138.0.0.0",
        "deal-desk-bot/1.4", "",
    ])
    func librariesBrowsersAndStrangersAreNoAgents(userAgent: String) {
        #expect(catalog.agent(forUserAgent: userAgent) == nil)
    }

    @Test(arguments: [
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; "
                + "+https://openai.com/gptbot", "crawler-gptbot"
        ),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; "
                + "+claudebot@anthropic.com)", "crawler-claudebot"
        ),
        ("CCBot/2.0 (https://commoncrawl.org/faq/)", "crawler-ccbot"),
    ])
    func aCrawlerIsToldAndIsNobodysAgent(userAgent: String, id: String) throws {
        #expect(catalog.agent(forUserAgent: userAgent)?.signature == id)
        #expect(catalog.agent(id: id)?.kind == .crawler)
    }

    @Test(arguments: [("claude-ai", "claude-desktop"), ("Visual Studio Code", "vscode")])
    func wellKnownMCPClientsAreTold(name: String, id: String) {
        #expect(catalog.agent(forMCPClient: name)?.id == id)
    }
}

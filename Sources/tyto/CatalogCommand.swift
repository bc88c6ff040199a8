import ArgumentParser
import Catalog
import Reports
import Sensor

/// `tyto catalog`: what is known of AI apps and agents, why a name matches, and whether a file of
/// your own is right.
struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog",
        abstract: "Check, explain and list the catalog of AI apps, agents and their marks.",
        discussion: """
            The catalog is plain text: files that end in .catalog. Read in this order, a later one \
            adds to the former and overrides it:
              the files that came with Tyto, beside the program or in /usr/share/tyto/catalog;
              /etc/tyto/catalog.d (or $TYTO_CATALOG_D), if it is there;
              those that the configuration names (catalog:);
              those that --catalog names.
            The format is described in Docs/Catalog.md. Nothing here asks the network.
            """,
        subcommands: [
            CatalogValidateCommand.self, CatalogExplainCommand.self, CatalogListCommand.self,
        ])
}

/// Which catalog the command is about.
struct CatalogOptions: ParsableArguments {
    @Option(help: "A catalog file, or a folder of them, that adds to the others (repeatable).")
    var catalog: [String] = []

    @Option(help: "A configuration (YAML) whose catalog files are read as well.")
    var config: String?

    func read() throws -> Catalog {
        let configuration = try config.map { try Reading.configuration(at: $0) }
        return try Reading.catalog(additional: (configuration?.catalogFiles ?? []) + catalog)
    }
}

/// `tyto catalog validate`: every mistake of some files, with its line.
struct CatalogValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Say of catalog files all that is wrong, and which lines they override.",
        discussion: """
            The files are read as they would be in use: on top of the shipped catalog and of \
            /etc/tyto/catalog.d, in the order given. Each mistake is one line on standard error: \
            FILE:LINE: what is wrong; how to mend it.
            Exit code 0 if all is right, 2 if anything is wrong.
            Example: tyto catalog validate /etc/tyto/catalog.d our-own.catalog
            """)

    @Argument(help: "Catalog files, or folders of them.")
    var files: [String]

    func run() throws {
        let base = try Failure.wrap { try Catalog.shippedFiles() }
        // A folder that is looked at is not read twice.
        let own = Reading.ownCatalog.filter { !files.contains($0) && !files.contains($0 + "/") }
        let review = try Failure.wrap { try CatalogReview(of: files, on: base + own) }
        guard review.errors.isEmpty else {
            Terminal.notes(review.errors.map { Words.harmless($0.description) })
            let count = review.errors.count + review.moreErrors
            let unshown = review.moreErrors > 0 ? ", of which \(review.errors.count) are shown" : ""
            throw Failure(message: Words.plural(count, "mistake") + unshown, code: 2)
        }
        try Reading.write(report(review))
    }

    private func report(_ review: CatalogReview) -> String {
        let most = 50
        var lines = review.files.map { file in
            let counts = file.counts.map { Words.plural($0.count, $0.what) }
            return "\(file.path): right; "
                + (counts.isEmpty ? "nothing is in it" : counts.joined(separator: ", "))
        }
        lines += review.replacements.prefix(most).map {
            "\($0.origin): “\($0.text)” takes the place of \($0.former)"
        }
        if review.replacements.count > most {
            lines.append("and \(review.replacements.count - most) more take the place of others")
        }
        return lines.map { Words.harmless($0) + "\n" }.joined()
    }
}

/// `tyto catalog explain`: why a text would match what.
struct CatalogExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Say which line of which file a name, User-Agent or fingerprint matches, and why.",
        discussion: """
            TEXT is taken for what it looks like: a host name, a URL, a JA3 or JA4, a token, the \
            id or name of an entry; else for a User-Agent and for the name a client gives itself \
            in MCP. --as says it outright. The answer names the line that wins, the others that \
            match and why they lose, and how much a contact would say.
            A token is never printed: only what all tokens of its kind begin with. Mind your \
            shell's history all the same.
            Examples: tyto catalog explain api.openai.com
                      tyto catalog explain https://api.githubcopilot.com/mcp/readonly
                      tyto catalog explain 'claude-cli/2.1.75 (external, cli)'
                      tyto catalog explain t13d5212h1_b262b3658495_8e6e362c5eac
            """)

    @Argument(help: "A host name, URL, User-Agent, client name, JA3, JA4, token, or an entry's id.")
    var text: String

    @Option(
        help: "Take it for: host, url, user-agent, mcp-client, fingerprint, token or entry.")
    var `as`: CatalogExplanation.Subject?

    @Option(name: .shortAndLong, help: "table or json.")
    var format: OutputFormat = .table

    @OptionGroup var options: CatalogOptions

    func validate() throws {
        guard format == .table || format == .json else {
            throw ValidationError("--format \(format.rawValue): explain prints table or json")
        }
        guard !text.utf8.isEmpty else { throw ValidationError("there is nothing to explain") }
    }

    func run() throws {
        let explanations = try options.read().explanations(of: text, as: self.as)
        try Reading.write(
            format == .json
                ? CatalogExplanationText.json(explanations)
                : CatalogExplanationText.render(explanations))
    }
}

extension CatalogExplanation.Subject: ExpressibleByArgument {}
extension CatalogLine.Kind: ExpressibleByArgument {}

/// `tyto catalog list`: what is known.
struct CatalogListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what the catalog knows, with vendor, source, date and line.",
        discussion: """
            --kind domain and endpoint list the names apps are known by, with role and strength; \
            the others list entries. A narrow window shows fewer columns; csv and json have all.
            Examples: tyto catalog list --category llm-api
                      tyto catalog list --kind domain --format csv
                      tyto catalog list --kind crawler
            """)

    @Option(
        help: """
            app (the default), domain, endpoint, agent, crawler, runtime, token or fingerprint.
            """)
    var kind: CatalogLine.Kind = .app

    @Option(help: "Only of this category of apps, or of this kind of agents or runtimes.")
    var category: String?

    @Option(name: .shortAndLong, help: "table, json or csv.")
    var format: OutputFormat = .table

    @OptionGroup var options: CatalogOptions

    func validate() throws {
        guard format != .ndjson else {
            throw ValidationError("--format ndjson: list prints table, json or csv")
        }
    }

    func run() throws {
        let all = try options.read().lines(kind)
        let lines = all.filter { category == nil || $0.category == category }
        if let category, lines.isEmpty {
            let known = Set(all.map(\.category)).sorted().joined(separator: ", ")
            throw Failure(
                message: "--category \(category): no \(kind.rawValue) has it; there are \(known)",
                code: 2)
        }
        switch format {
        case .json: try Reading.write(CatalogTable.json(of: lines))
        case .csv: try Reading.write(CSVText.render(CatalogTable.table(of: lines, kind: kind)))
        case .table, .ndjson:
            try Reading.write(
                TableText.render(
                    CatalogTable.table(of: lines, kind: kind), width: Reading.width()))
        }
    }
}

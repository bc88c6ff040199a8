import ArgumentParser
import Inventory
import Reports
import Sensor
import Wire

/// `tyto owner`: who answers for what, as people decide it.
struct OwnerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owner",
        abstract: "Say who answers for a host, network, user, MCP server or agent.",
        discussion: """
            Decisions are kept in the inventory with who made them and when; none is ever changed. \
            For the same thing a decision goes before the configuration.
            """,
        subcommands: [Set.self, Confirm.self, Expire.self, History.self],
        defaultSubcommand: History.self)

    struct Subject: ParsableArguments {
        @Argument(
            help: """
                What it is for: an address, MAC, network, name or name*, MCP server's \
                ADDRESS:PORT, user:NAME, vlan:N, agent:NAME, or an id from `tyto inventory`.
                """)
        var subject: String

        @Option(help: "Why, in one line.")
        var reason: String?

        @Option(help: "Who decides (default: the user at the keyboard).")
        var by: String?

        @OptionGroup var reading: ReadingOptions

        func key() throws -> Organization.Key {
            try Subjects.ownerKey(subject) { try reading.read().snapshot }
        }

        /// Keeps the decision, and says so.
        func decide(_ kind: Decision.Kind, _ key: Organization.Key, _ owner: String) throws {
            var decision = Decision(
                kind: kind, subject: SubjectText.text(key), value: owner,
                by: try Subjects.person(by), at: Subjects.now())
            decision.reason = try reason.map { try Subjects.plain($0, "--reason") } ?? ""
            try DecisionOutput.keep(decision, in: reading)
        }

        /// Decides of whoever answers for it now by an entry for just this, and no wider one.
        func decide(_ kind: Decision.Kind, orSay remedy: String) throws {
            let key = try key()
            let configuration = try reading.config.map { try Reading.configuration(at: $0) }
            let inventory = try reading.open()
            let owner = try Failure.wrap {
                try inventory.owner(of: key, organization: configuration?.organization)
            }
            guard let owner else {
                throw Failure(
                    message: "\(subject): nobody is said to answer for just this\(remedy)", code: 1)
            }
            try decide(kind, key, owner)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Somebody answers for it from now on.")
        @OptionGroup var subject: Subject
        @Argument(help: "Who answers for it: a name or an address for mail.")
        var owner: String

        func run() throws {
            let owner = try Subjects.plain(self.owner, "OWNER")
            try subject.decide(.own, try subject.key(), owner)
        }
    }

    struct Confirm: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whoever answers for it still does.")
        @OptionGroup var subject: Subject

        func run() throws { try subject.decide(.confirm, orSay: "; use `tyto owner set`") }
    }

    struct Expire: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Nobody answers for it any more, whatever the configuration says.")
        @OptionGroup var subject: Subject

        func run() throws { try subject.decide(.expire, orSay: ", so nothing ends") }
    }

    struct History: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every decision on owners (the default).")
        @Option(name: .shortAndLong, help: "table, json, ndjson or csv.")
        var format: OutputFormat = .table
        @OptionGroup var reading: ReadingOptions

        func run() throws {
            try DecisionOutput.write(format, from: reading) { $0.isOfOwner }
        }
    }
}

/// Decisions on their way into the inventory and out of it.
enum DecisionOutput {
    /// Keeps a decision, and says so.
    static func keep(_ decision: Decision, in reading: ReadingOptions) throws {
        var decision = decision
        let inventory = try reading.open()
        decision.number = try Failure.wrap { try inventory.decide(decision) }
        try Reading.write(DecisionText.line(decision) + "\n")
    }

    static func write(
        _ format: OutputFormat, from reading: ReadingOptions,
        where isWanted: (Decision) -> Bool
    ) throws {
        let inventory = try reading.open()
        let decisions = try Failure.wrap { try inventory.decisions() }.filter(isWanted)
        switch format {
        case .table:
            try Reading.write(
                TableText.render(DecisionText.table(decisions), width: Reading.width()))
        case .csv: try Reading.write(CSVText.render(DecisionText.table(decisions)))
        case .json: try Reading.write(SectionJSON.render(decisions, isLines: false))
        case .ndjson: try Reading.write(SectionJSON.render(decisions, isLines: true))
        }
    }
}

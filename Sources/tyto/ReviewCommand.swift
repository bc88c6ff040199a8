import ArgumentParser
import Inventory
import Reports
import Wire

/// `tyto review`: what is in use and nobody decided on, and the decisions.
struct ReviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Decide what is sanctioned, tolerated or unsanctioned.",
        discussion: """
            Without a subcommand it lists what waits for a decision. Decisions are kept in the \
            inventory with who made them and when; none is ever changed. The narrower scope goes \
            first (a host, a team, everywhere), then the closer name, then a decision before the \
            configuration.
            """,
        subcommands: [List.self, Set.self, Withdraw.self, History.self],
        defaultSubcommand: List.self)

    struct Scope: ParsableArguments {
        @Option(help: "Only for this team.")
        var team: String?

        @Option(help: "Only for this host: an address, MAC or name.")
        var host: String?

        /// Nil where neither is given.
        func scope() throws -> Verdict.Scope? {
            guard team == nil || host == nil else {
                throw Failure(message: "--team and --host: give one of them", code: 2)
            }
            if let team { return .team(try Subjects.plain(team, "--team")) }
            guard let host else { return nil }
            guard let scope = SubjectText.host(host) else {
                throw Failure(
                    message: "--host \(host): write an address, a MAC or a name", code: 2)
            }
            return scope
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is unreviewed or unsanctioned (the default).")
        @Option(name: .shortAndLong, help: "table, json, ndjson or csv.")
        var format: OutputFormat = .table
        @OptionGroup var filter: FilterOptions
        @OptionGroup var reading: ReadingOptions

        func run() throws {
            let (whole, _) = try reading.read()
            let snapshot = try filter.filter(whole).apply(to: whole)
            let waiting = ReviewItem.waiting(in: snapshot)
            switch format {
            case .table:
                try Reading.write(
                    TableText.render(ReviewItem.table(of: waiting), width: Reading.width()))
            case .csv: try Reading.write(CSVText.render(ReviewItem.table(of: waiting)))
            case .json: try Reading.write(SectionJSON.render(waiting, isLines: false))
            case .ndjson: try Reading.write(SectionJSON.render(waiting, isLines: true))
            }
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give something a status.")
        @Argument(
            help: """
                app:ID, domain:NAME, agent:NAME, mcp:ADDRESS:PORT, llm:ADDRESS:PORT, tool:NAME, \
                tool:NAME@ADDRESS:PORT, or an id from `tyto inventory`. Agents and tools may be \
                patterns with *.
                """)
        var subject: String
        @Argument(help: "sanctioned, tolerated, unsanctioned or unreviewed.")
        var status: Status
        @OptionGroup var scope: Scope
        @Option(help: "Why, in one line.")
        var reason: String?
        @Option(help: "Who answers for the decision.")
        var owner: String?
        @Option(help: "The last day it holds, like 2027-01-31, or a time.")
        var until: String?
        @Option(help: "Who decides (default: the user at the keyboard).")
        var by: String?
        @OptionGroup var reading: ReadingOptions

        func run() throws {
            let given = try scope.scope()
            let (subject, own) = try Subjects.statusSubject(subject) {
                try reading.read().snapshot
            }
            var decision = Decision(
                kind: .judge, subject: SubjectText.text(subject), value: status.rawValue,
                by: try Subjects.person(by), at: Subjects.now())
            decision.scope = SubjectText.text(given ?? own ?? .everywhere)
            decision.reason = try reason.map { try Subjects.plain($0, "--reason") } ?? ""
            decision.owner = try owner.map { try Subjects.plain($0, "--owner") } ?? ""
            decision.until = try Subjects.until(until)
            try DecisionOutput.keep(decision, in: reading)
        }
    }

    struct Withdraw: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a decision back; the configuration counts again.")
        @Argument(help: "What the decision is about, as it was given.")
        var subject: String
        @OptionGroup var scope: Scope
        @Option(help: "Who decides (default: the user at the keyboard).")
        var by: String?
        @OptionGroup var reading: ReadingOptions

        func run() throws {
            let given = try scope.scope()
            let (subject, own) = try Subjects.statusSubject(subject) {
                try reading.read().snapshot
            }
            let (text, place) = (
                SubjectText.text(subject), SubjectText.text(given ?? own ?? .everywhere)
            )
            let inventory = try reading.open()
            let last = try Failure.wrap { try inventory.decisions() }.last {
                !$0.isOfOwner && $0.subject == text && $0.scope == place
            }
            guard let last, last.kind == .judge else {
                throw Failure(
                    message: "\(text): no decision on it\(place.isEmpty ? "" : " for \(place)") "
                        + "stands; `tyto review history` lists them", code: 1)
            }
            var decision = Decision(
                kind: .withdraw, subject: text, value: last.value, by: try Subjects.person(by),
                at: Subjects.now())
            decision.scope = place
            try DecisionOutput.keep(decision, in: reading)
        }
    }

    struct History: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every decision on status.")
        @Option(name: .shortAndLong, help: "table, json, ndjson or csv.")
        var format: OutputFormat = .table
        @OptionGroup var reading: ReadingOptions

        func run() throws {
            try DecisionOutput.write(format, from: reading) { !$0.isOfOwner }
        }
    }
}

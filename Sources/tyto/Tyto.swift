import ArgumentParser
import Foundation

@main
struct Tyto: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tyto",
        abstract:
            "Finds the AI apps, agents and MCP servers on a network, and who answers for them.",
        discussion: """
            Listens only: Tyto never sends a packet into the monitored network.
            Begin with: tyto replay CAPTURE --config hosts.yaml
            """,
        version: "0.1.0",
        subcommands: [
            ReplayCommand.self, BenchCommand.self, RunCommand.self, InventoryCommand.self,
            ShowCommand.self, ImportCommand.self, AlertsCommand.self, ChainsCommand.self,
            ReportCommand.self, ExplainCommand.self, OwnerCommand.self, ReviewCommand.self,
            CatalogCommand.self,
        ])

    /// Every failure is one sentence on stderr: exit code 2 for usage and configuration, 1 for the
    /// rest.
    static func main() {
        // A closed pipe is an error to report, not a signal to die of.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            complain(failure.message)
            Foundation.exit(failure.code)
        } catch {
            let code = exitCode(for: error)
            if code == .success {
                Swift.print(fullMessage(for: error))
                Foundation.exit(0)
            }
            if code == .validationFailure {
                complain(oneLine(message(for: error)) + "; see `tyto --help`")
                Foundation.exit(2)
            }
            complain(oneLine(message(for: error)))
            Foundation.exit(1)
        }
    }

    private static func complain(_ message: String) {
        FileHandle.standardError.write(Data("tyto: \(message)\n".utf8))
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import PipelineSyntax
internal import Rendering
internal import Tables
internal import Terminal

/// The program.
@main
struct Distnb: ParsableCommand {
    /// The program's version.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "distnb",
        abstract: "A notebook and REPL for model distillation.",
        discussion:
            "Without a command it starts the REPL. Exit codes: 0 fine, 1 a cell failed or a check did not hold, 2 usage, 130 interrupted.",
        version: Distnb.version,
        groupedSubcommands: [
            CommandGroup(
                name: "Work",
                subcommands: [
                    REPLCommandLine.self, New.self, Run.self, Watch.self, Cell.self, Format.self,
                    LanguageServerCommand.self, Models.self, Completions.self, Deployments.self,
                ]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    Show.self, Check.self, Explain.self, Plan.self, Inspect.self, Diff.self, Verify.self,
                    CardCommand.self, Doctor.self,
                ]),
            CommandGroup(
                name: "Hand on",
                subcommands: [
                    Clear.self, Reset.self, Export.self, Import.self, Pack.self, Unpack.self, Workshop.self,
                ]),
        ],
        defaultSubcommand: REPLCommandLine.self)

    static func main() {
        do {
            try refuseUnknownCommand(CommandLine.arguments.dropFirst().first)
            var command = try parseAsRoot()
            try command.run()
        } catch let refusal as Refusal {
            FileHandle.standardError.write(Data((TerminalText.safe(refusal.description) + "\n").utf8))
            _exit(refusal.isUsage ? 2 : 1)
        } catch let code as ExitCode {
            _exit(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code.isSuccess {
                if !text.isEmpty { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
                _exit(0)
            }
            let isUsage = code == .validationFailure
            FileHandle.standardError.write(
                Data((TerminalText.safe(isUsage ? text : Self.words(for: error)) + "\n").utf8))
            _exit(isUsage ? 2 : 1)
        }
    }

    /// Without this, a misspelt command would be taken for the file that the REPL opens.
    private static func refuseUnknownCommand(_ word: String?) throws {
        guard let word, !word.hasPrefix("-"), !word.contains("."), !word.contains("/") else { return }
        let commands = configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)
        var names: [String] = []
        for command in commands {
            let name = command.configuration.commandName ?? "\(command)".lowercased()
            if !names.contains(name) { names.append(name) }
        }
        names.append("help")
        guard !names.contains(word), !FileManager.default.fileExists(atPath: word) else { return }
        let close =
            Suggestion.closest(to: word, among: names).map { "; did you mean \($0)?" }
            ?? "; there are \(names.joined(separator: ", "))."
        throw Refusal("There is no command \(word)\(close)", isUsage: true)
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let diagnostic as Diagnostic: DiagnosticText.render(diagnostic)
        case let error as FileFailure: error.text
        case let error as BlobError: "\(error.description)"
        default: "\(error)"
        }
    }
}

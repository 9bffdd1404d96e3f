internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import PipelineSyntax
internal import Rendering
internal import Terminal

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Look for mistakes in all cells without running any.")

    @OptionGroup var notebook: NotebookArgument

    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let session = try options.session(of: notebook, Workbench(console: console))
        // A cell that is meant to fail may have mistakes.
        let mistakes = session.check().filter { !session.expectsFailure($0.key) }
        for number in mistakes.keys.sorted() {
            for diagnostic in mistakes[number] ?? [] {
                console.print(DiagnosticText.render(diagnostic, style: console.style))
            }
        }
        let errors = mistakes.values.joined().count { $0.severity == .error }
        if errors > 0 {
            console.printError(
                "\(errors) mistake\(errors == 1 ? "" : "s") in \(mistakes.count) of \(session.cells.count) cells.")
            throw ExitCode(1)
        }
        console.print("\(session.cells.count) cells, no mistakes.")
    }
}

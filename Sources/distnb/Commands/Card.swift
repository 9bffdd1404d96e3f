internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import Tables
internal import Terminal

struct CardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: "Make one page about a distillation: verdict, scores, cost, worst answers, hashes. Runs nothing.",
        discussion: """
            It is made from what the notebook's last `compare` saved. Figures of a notebook that has changed since are \
            marked as stale.
            """)

    @OptionGroup var notebook: NotebookArgument

    @Option(
        help: ArgumentHelp("What to make: text, md, html (one page, no network).", valueName: "format"),
        transform: Self.format)
    var to: CardFormat = .text

    @Option(help: ArgumentHelp("The cell whose comparison to take, instead of the last.", valueName: "n"))
    var cell: Int?

    @Option(
        help: ArgumentHelp(
            "The trained model that it is about, instead of the one with the highest score.", valueName: "name"))
    var model: String?

    @OptionGroup var target: TargetOptions
    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let session = try options.session(of: notebook, Workbench(console: console), usesSavedParameters: true)
        if let cell, !(1...max(1, session.cells.count) ~= cell) || session.cells.isEmpty {
            throw Refusal(SessionError.noSuchCell(String(cell), count: session.cells.count).description, isUsage: true)
        }
        let bytes = FileManager.default.contents(atPath: notebook.file) ?? Data()
        let card: Card
        do throws(CardError) {
            card = try session.card(cell: cell, model: model, sha256: SHA256Name.of(Array(bytes)))
        } catch {
            throw Refusal(error.description + (error.hint.map { "\n  Hint: \($0)" } ?? ""))
        }
        if to == .text, target.output == nil { return console.page(card.text(as: .text, style: console.style)) }
        let text = card.text(as: to) + (to == .text ? "\n" : "")
        if target.isStandardOutput { return try TargetOptions.writeToStandardOutput(text) }
        let path = try target.path(for: notebook.file, ending: "card.\(to == .text ? "txt" : to.rawValue)")
        try FileFailure.translating { try AtomicFile.replace(path, with: Array(text.utf8)) }
        console.print("\(path) is written.")
    }

    private static func format(_ word: String) throws -> CardFormat {
        guard let format = CardFormat(rawValue: word) else {
            let words = CardFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("Expected one of \(words).")
        }
        return format
    }
}

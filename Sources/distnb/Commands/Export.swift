internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import Terminal

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a notebook as a Jupyter notebook, Markdown, a page or a script. Runs nothing.")

    @ArgumentParser.Argument(help: ArgumentHelp("The notebook.", valueName: "file"))
    var file: String

    @Option(
        help: ArgumentHelp(
            "What to write: ipynb, md, html (one page, no network), dist (a script).", valueName: "format"),
        transform: Self.format)
    var to: ExportFormat

    @OptionGroup var target: TargetOptions
    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let (document, statuses) = try read(console)
        let source = URL(fileURLWithPath: file)
        let text = NotebookExport.text(
            document, as: to, title: source.deletingPathExtension().lastPathComponent, statuses: statuses)
        if target.isStandardOutput { return try TargetOptions.writeToStandardOutput(text) }
        let path = try target.path(for: file, ending: to.fileExtension)
        try FileFailure.translating { try AtomicFile.replace(path, with: Array(text.utf8)) }
        console.print("\(path) is written.")
    }

    /// The document, and where the format shows them, what is current: only that needs a kernel.
    private func read(_ console: Console) throws -> (NotebookDocument, [CellStatus]) {
        guard to.showsStatuses else { return (try Workbench.read(file).0, []) }
        let session = try Workbench(console: console).session(
            file: file, kernel: options.kernel, parameters: options.parameters, root: options.root,
            usesSavedParameters: true)
        return (session.document, session.statuses().map(\.status))
    }

    private static func format(_ word: String) throws -> ExportFormat {
        guard let format = ExportFormat(rawValue: word) else {
            let words = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("Expected one of \(words).")
        }
        return format
    }
}

internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import PipelineSyntax
internal import Rendering
internal import Terminal

struct Format: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt",
        abstract: "Write code in one style. Outputs and state stay, and nothing becomes stale.",
        discussion:
            "Cells with mistakes are named and left as they are. Exit code 1 where there are such cells, or with --check where a file would change."
    )

    @ArgumentParser.Argument(
        help: ArgumentHelp(
            "Notebooks (.distnb) and scripts (.dist); - reads a script and writes it to standard output.",
            valueName: "file"),
        completion: .file(extensions: ["distnb", "dist"]))
    var files: [String]

    @Flag(help: "Change nothing; show what would change.")
    var check = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        // All are read before the first is written: a wrong name among them changes nothing.
        let works = try files.map(Work.init)
        var isFine = true
        for var work in works {
            for cell in work.cells { tell(cell.mistakes, console) }
            if work.cells.contains(where: { !$0.mistakes.isEmpty && !$0.expectsFailure }) { isFine = false }
            if check {
                if work.isChanged { isFine = false }
                show(work, console)
            } else {
                try write(&work, console)
            }
        }
        if !isFine { throw ExitCode(1) }
    }

    private func tell(_ mistakes: [Diagnostic], _ console: Console) {
        for mistake in mistakes { console.printError(DiagnosticText.render(mistake, style: console.style)) }
    }

    private func write(_ work: inout Work, _ console: Console) throws {
        if work.isStandardInput { return try TargetOptions.writeToStandardOutput(work.text ?? "") }
        guard work.isChanged else { return console.print("\(work.name) is formatted already.\(work.leftAlone)") }
        try FileFailure.translating { try work.save() }
        let changed = work.cells.count(where: \.isChanged)
        console.print("\(work.name): \(Self.cells(changed)) formatted.\(work.leftAlone)")
    }

    private func show(_ work: Work, _ console: Console) {
        guard work.isChanged else { return console.print("\(work.name) is formatted already.\(work.leftAlone)") }
        let changed = work.cells.filter(\.isChanged)
        if changed.isEmpty { console.print("\(work.name): blank lines between cells would change.") }
        for cell in changed {
            console.print(console.style.bold("\(work.name): cell \(cell.number) would change"))
            DifferencePrinter(console: console).lines(cell.before, cell.after)
        }
    }

    private static func cells(_ count: Int) -> String {
        switch count {
        case 0: "blank lines between cells are"
        case 1: "1 cell is"
        default: "\(count) cells are"
        }
    }
}

/// A file that is formatted.
private struct Work {
    let name: String
    let cells: [CellFormatting]
    let isChanged: Bool
    /// The new text of a script; nil for a notebook.
    let text: String?
    private var document: NotebookDocument?
    private let file: NotebookFile?

    var isStandardInput: Bool { name == "-" }

    /// What is said of cells that hold mistakes.
    var leftAlone: String {
        let count = cells.count { !$0.mistakes.isEmpty }
        return switch count {
        case 0: ""
        case 1: " 1 cell with mistakes is left as it is."
        default: " \(count) cells with mistakes are left as they are."
        }
    }

    /// Reads a file and formats what it holds.
    /// - Throws: `Refusal`.
    init(_ name: String) throws {
        self.name = name
        switch name == "-" ? .dist : ImportFormat(path: name) {
        case .distnb:
            let signature = FileSignature(of: name)
            var (document, bytes) = try Workbench.read(name)
            cells = document.format()
            isChanged = cells.contains(where: \.isChanged)
            text = nil
            self.document = document
            // A link and what it leads to are one notebook, with one lock.
            file = NotebookFile(
                path: URL(fileURLWithPath: name).resolvingSymlinksInPath().path, bytes: bytes, signature: signature)
        case .dist:
            let bytes = try Self.script(name)
            do throws(NotebookError) {
                let result = try ScriptCodec.formatted(bytes)
                (text, cells) = (result.text, result.cells)
                isChanged = Array(result.text.utf8) != bytes
            } catch {
                throw Refusal("\(name == "-" ? "What came on standard input" : name) is not a script: \(error).")
            }
            file = nil
        default:
            throw Refusal("fmt takes notebooks (.distnb) and scripts (.dist); \(name) is neither.", isUsage: true)
        }
    }

    private static func script(_ name: String) throws -> [UInt8] {
        if name == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: name, isDirectory: &isFolder) else {
            throw Refusal("There is no file \(name).")
        }
        guard !isFolder.boolValue else { throw Refusal("\(name) is a folder, not a script.") }
        guard let data = FileManager.default.contents(atPath: name) else { throw Refusal("\(name) may not be read.") }
        return Array(data)
    }

    /// Replaces the file, whole.
    mutating func save() throws {
        if let text { return try AtomicFile.replace(name, with: Array(text.utf8)) }
        guard let file, var changed = document else { return }
        try file.save(&changed)
        document = changed
    }
}

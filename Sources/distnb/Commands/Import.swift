internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import Terminal

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a notebook from a Jupyter notebook, Markdown or a script. Runs nothing.",
        discussion: "Outputs of notebooks that distnb did not write are left out.")

    @ArgumentParser.Argument(help: ArgumentHelp("The file: .ipynb, .md, .dist or .distnb.", valueName: "file"))
    var file: String

    @OptionGroup var target: TargetOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        guard let format = ImportFormat(path: file) else {
            let endings = ImportFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
            throw Refusal("\(file) has no ending that says what it is; expected one of \(endings).", isUsage: true)
        }
        let bytes = try Self.read(file)
        let document: NotebookDocument
        do throws(NotebookError) {
            document = try NotebookImport.document(bytes, as: format)
        } catch {
            throw Refusal("\(file) cannot be read as .\(format.rawValue): \(error).")
        }
        if target.isStandardOutput {
            return try TargetOptions.writeToStandardOutput(NotebookCodec.encode(document))
        }
        let path = try target.path(for: file, ending: ImportFormat.distnb.rawValue)
        try FileFailure.translating { try NotebookImport.save(document, to: path) }
        let cells = document.cells.count
        output.console.print("\(path) is written: \(cells) cell\(cells == 1 ? "" : "s").")
    }

    private static func read(_ file: String) throws -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            throw Refusal("There is no file \(file).")
        }
        guard !isFolder.boolValue else { throw Refusal("\(file) is a folder, not a file.") }
        guard let data = FileManager.default.contents(atPath: file) else { throw Refusal("\(file) may not be read.") }
        return Array(data)
    }
}

internal import ArgumentParser
internal import Notebook
internal import Rendering
internal import Tables
internal import Terminal

struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put the state that lies beside a notebook into its file, so that it can travel alone.")

    @OptionGroup var notebook: NotebookArgument
    @OptionGroup var output: OutputOptions

    func run() throws {
        let session = try Workbench(console: output.console).session(file: notebook.file)
        let (count, bytes, missing) = try FileFailure.translating { try session.pack() }
        output.console.print(
            "\(notebook.file) holds all its state: \(count) blob\(count == 1 ? "" : "s"), \(Number.integer(Int64(bytes)).grouped) bytes."
        )
        guard missing.isEmpty else {
            throw Refusal("\(missing.count) of its blobs are not here; run the cells that made them, and pack again.")
        }
    }
}

struct Unpack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take packed state out of a notebook's file, into .distnb/ beside it.")

    @OptionGroup var notebook: NotebookArgument
    @OptionGroup var output: OutputOptions

    func run() throws {
        let session = try Workbench(console: output.console).session(file: notebook.file)
        let count = try FileFailure.translating { try session.unpack() }
        output.console.print(
            count == 0 ? "Nothing is packed in \(notebook.file)." : "\(count) blobs are in .distnb/ now.")
    }
}

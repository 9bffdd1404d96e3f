internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import OrderedCollections
internal import Rendering
internal import Tables
internal import Terminal

struct Cell: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, add, edit, move or delete cells.",
        subcommands: [List.self, Add.self, Edit.self, Move.self, Delete.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all cells with their ids.")

        @OptionGroup var notebook: NotebookArgument
        @OptionGroup var output: OutputOptions

        func run() throws {
            let session = try Workbench(console: output.console).session(
                file: notebook.file, usesSavedParameters: true)
            let statuses = session.statuses().map(\.status)
            var number = 0
            let rows = session.document.cells.map { cell -> Record in
                if cell.kind == .code { number += 1 }
                let first = cell.source.split(separator: "\n").first.map(String.init) ?? ""
                return [
                    "cell": cell.kind == .code ? .integer(number) : .null, "id": .string(cell.id),
                    "kind": .string(cell.kind.rawValue),
                    "status": cell.kind == .code ? .string(statuses[number - 1].label) : .null,
                    "begins": .string(first),
                ]
            }
            output.console.printTable(DataSet(rows: rows))
        }
    }

    /// Where a cell's text comes from.
    struct SourceOptions: ParsableArguments {
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("The cell's text; from standard input unless given.", valueName: "text"))
        var source: String?

        /// - Throws: a refusal where nothing comes.
        func text(now: String? = nil) throws -> String {
            if let source { return source }
            if isatty(0) == 1 {
                guard let edited = ExternalEditor.edit(now ?? "") else {
                    throw Refusal("Nothing was changed: the editor gave no text. --source TEXT takes it from here.")
                }
                return edited
            }
            guard var text = String(data: FileHandle.standardInput.readDataToEndOfFile(), encoding: .utf8) else {
                throw Refusal("What came on standard input is no UTF-8 text; nothing was changed.")
            }
            while text.hasSuffix("\n") { text.removeLast() }
            guard !text.isEmpty else {
                throw Refusal(
                    "Nothing came on standard input, and nothing was changed; --source \"\" makes a cell empty.")
            }
            return text
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put a new cell in.")

        @OptionGroup var notebook: NotebookArgument

        @Option(help: ArgumentHelp("Before this cell, by number or id; at the end unless given.", valueName: "n"))
        var before: String?

        @Flag(help: "A cell of text instead of code.")
        var markdown = false

        @OptionGroup var text: SourceOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let session = try Workbench(console: output.console).session(file: notebook.file)
            let place = try before.map { try session.place(of: $0) }
            let source = try text.text()
            let id = try FileFailure.translating {
                try session.addCell(source, kind: markdown ? .markdown : .code, before: place)
            }
            output.console.print("Cell \(id) is added.")
        }
    }

    struct Edit: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a cell another text; in $EDITOR at a terminal.")

        @OptionGroup var notebook: NotebookArgument

        @Argument(help: ArgumentHelp("Its number or id.", valueName: "cell"))
        var cell: String

        @OptionGroup var text: SourceOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let session = try Workbench(console: output.console).session(file: notebook.file)
            let place = try session.place(of: cell)
            let source = try text.text(now: session.document.cells[place].source)
            try FileFailure.translating { try session.editCell(at: place, source) }
            output.console.print("Cell \(cell) is changed.")
        }
    }

    struct Move: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Move a cell.")

        @OptionGroup var notebook: NotebookArgument

        @Argument(help: ArgumentHelp("Its number or id.", valueName: "cell"))
        var cell: String

        @Option(help: ArgumentHelp("Before this cell; to the end unless given.", valueName: "n"))
        var before: String?

        @OptionGroup var output: OutputOptions

        func run() throws {
            let session = try Workbench(console: output.console).session(file: notebook.file)
            let place = try session.place(of: cell)
            let target = try before.map { try session.place(of: $0) } ?? session.document.cells.count
            try FileFailure.translating { try session.moveCell(at: place, before: target) }
            output.console.print("Cell \(cell) is moved.")
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a cell out.")

        @OptionGroup var notebook: NotebookArgument

        @Argument(help: ArgumentHelp("Its number or id.", valueName: "cell"))
        var cell: String

        @OptionGroup var output: OutputOptions

        func run() throws {
            let session = try Workbench(console: output.console).session(file: notebook.file)
            let place = try session.place(of: cell)
            let source = session.document.cells[place].source
            try FileFailure.translating { try session.deleteCell(at: place) }
            output.console.print("Cell \(cell) is deleted. It was:\n\(source)")
        }
    }
}

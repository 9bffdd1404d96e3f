internal import ArgumentParser
internal import CompletionStore
internal import Distillation
internal import OrderedCollections
internal import RemoteModels
internal import Tables
internal import Terminal
internal import Verbs

enum CompletionsFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

struct CompletionsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List stored completions, the newest last.")

    @ArgumentParser.Argument(
        help: ArgumentHelp(
            "The notebook, or its folder; the current folder unless given.", valueName: "place"),
        completion: .file(extensions: ["distnb"]))
    var file: String?

    @OptionGroup var selection: CompletionSelection
    @OptionGroup var place: CompletionPlace

    @Option(help: ArgumentHelp("How they are printed: text, or json with all that is known.", valueName: "format"))
    var format: CompletionsFormat = .text

    @OptionGroup var output: OutputOptions

    /// As many as a screen has, unless the command line says otherwise.
    private static let usual = 20

    func run() throws {
        let console = output.console
        let store = try CompletionShelf.store(of: file ?? place.place).store
        var filter = selection.filter
        if format == .text, filter.limit == nil { filter.limit = Self.usual }
        try CompletionShelf.translating {
            let found = try store.completions(filter)
            guard format == .text else {
                return console.print(
                    JSON.text(["completions": .list(found.map(CompletionEntry.json))], .readable))
            }
            guard !found.isEmpty else { return console.print(try nothing(in: store)) }
            let length = try store.shortKeyLength()
            console.printTable(DataSet(rows: found.map { CompletionEntry.row($0, idLength: length) }))
            let all = try store.count(filter)
            if all > found.count {
                console.print("The newest \(found.count) of \(Number.integer(Int64(all)).grouped); --limit shows more.")
            }
            let expired = try store.expiredCount()
            if expired > 0 {
                let words = CompletionShelf.retentionWords
                console.print(
                    "\(Number.integer(Int64(expired)).grouped) without tags, not used for \(words), go after the next run "
                        + "that leaves no cell stale; tags keep them.")
            }
        }
    }

    private func nothing(in store: SQLiteCompletionStore) throws -> String {
        guard try store.count(CompletionFilter()) > 0 else {
            return "There are no completions here yet; `generate` and `ask` make them."
        }
        let models = try store.modelNames().map { "\($0.name) (\(Number.integer(Int64($0.count)).grouped))" }
        return "No completion fits. There are some of \(models.joined(separator: ", "))."
    }
}

struct CompletionsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a stored completion: the whole conversation, usage, tags.")

    @ArgumentParser.Argument(help: "The completion's id, as list shows it, or its beginning.")
    var id: String

    @OptionGroup var place: CompletionPlace

    @Option(help: ArgumentHelp("How it is printed: text or json.", valueName: "format"))
    var format: CompletionsFormat = .text

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let store = try CompletionShelf.store(of: place.place).store
        for stored in try CompletionShelf.completions([id], in: store) {
            guard format == .text else { return console.print(JSON.text(CompletionEntry.json(stored), .readable)) }
            console.page(CompletionEntry.lines(stored, style: console.style).joined(separator: "\n"))
        }
    }
}

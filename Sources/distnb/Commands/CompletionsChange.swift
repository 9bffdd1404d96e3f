internal import ArgumentParser
internal import CompletionStore
internal import Distillation
internal import Foundation
internal import Tables
internal import Terminal

struct CompletionsTag: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Add, change and remove tags of completions.",
        discussion: """
            distnb completions tag 3fa9c21 lab=3.3 keep=yes
            distnb completions tag lab=3.3 --since 2026-11-01 --model cora
            """)

    @ArgumentParser.Argument(
        help: ArgumentHelp(
            "Ids, and tags as name=value; without ids those that the options select.", valueName: "id or name=value"))
    var words: [String] = []

    @Option(
        name: .customLong("remove"), help: ArgumentHelp("Take this tag away; several may be given.", valueName: "name"))
    var removed: [String] = []

    @OptionGroup var selection: CompletionSelection
    @OptionGroup var place: CompletionPlace
    @OptionGroup var output: OutputOptions

    private var ids: [String] { words.filter { !$0.contains("=") } }

    private var tags: [String: String] {
        get throws { try CompletionSelection.pairs(words.filter { $0.contains("=") }, "A tag") }
    }

    func validate() throws {
        guard try !tags.isEmpty || !removed.isEmpty else {
            throw ValidationError("Name a tag: distnb completions tag ID name=value, or --remove name.")
        }
        if let name = try tags.keys.sorted().first(where: CompletionTags.isReserved) {
            throw ValidationError(
                "\(name) begins with \(CompletionTags.reserved), as distnb's own tags do; choose another.")
        }
        guard ids.isEmpty != selection.isEmpty else {
            throw ValidationError(
                ids.isEmpty
                    ? "Say which completions: their ids, or --model, --tag, --since, --until, --contains, --limit."
                    : "Ids go without the options that select.")
        }
    }

    func run() throws {
        let store = try CompletionShelf.store(of: place.place).store
        let tags = try self.tags
        let chosen =
            ids.isEmpty
            ? try CompletionShelf.translating { try store.completions(selection.filter) }
            : try CompletionShelf.completions(ids, in: store)
        guard !chosen.isEmpty else { throw Refusal("No completion fits; nothing was changed.") }
        for stored in chosen {
            let names = Set(stored.metadata.keys).subtracting(removed).union(tags.keys)
            guard names.count <= CompletionTags.most else {
                throw Refusal(
                    "\(stored.key.description.prefix(7)) would have \(names.count) tags; \(CompletionTags.most) are the most. "
                        + "Nothing was changed.")
            }
        }
        try CompletionShelf.translating { try store.tag(chosen.map(\.key), adding: tags, removing: removed) }
        output.console.print(
            "\(Number.integer(Int64(chosen.count)).grouped) completion\(chosen.count == 1 ? " has" : "s have") other tags now."
        )
    }
}

struct CompletionsDelete: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete completions; what a cell needs of them is asked for, and paid for, anew.")

    @ArgumentParser.Argument(help: "Ids of completions, as list shows them.")
    var ids: [String] = []

    @Flag(help: "Those without tags that were not used for as long as completions are kept.")
    var expired = false

    @Flag(name: .customLong("all-untagged"), help: "All that have no tags.")
    var allUntagged = false

    @Flag(help: "Without asking.")
    var yes = false

    @OptionGroup var place: CompletionPlace
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [!ids.isEmpty, expired, allUntagged].filter(\.self).count == 1 else {
            throw ValidationError("Say what to delete: ids, or --expired, or --all-untagged.")
        }
    }

    func run() throws {
        let console = output.console
        Interrupts.install()
        let store = try CompletionShelf.store(of: place.place).store
        if expired { return try deleteExpired(store, console) }
        let chosen =
            allUntagged
            ? try CompletionShelf.translating { try store.completions(CompletionFilter(isTagged: false)) }
            : try CompletionShelf.completions(ids, in: store)
        guard !chosen.isEmpty else { return console.print("There is nothing to delete.") }
        try agree(chosen.count, console)
        let count = try CompletionShelf.translating { try store.delete(chosen.map(\.key)) }
        console.print("\(counted(count)) deleted.")
    }

    private func deleteExpired(_ store: SQLiteCompletionStore, _ console: Console) throws {
        let count = try CompletionShelf.translating { try store.expiredCount() }
        guard count > 0 else { return console.print("There is nothing to delete.") }
        try agree(count, console)
        guard let count = try CompletionShelf.translating({ try store.removeExpired(isAsked: true) }) else {
            throw Refusal("Another program uses these completions; nothing was deleted. Wait for it, and try again.")
        }
        console.print("\(counted(count)) deleted.")
    }

    private func counted(_ count: Int) -> String {
        "\(Number.integer(Int64(count)).grouped) completion\(count == 1 ? " is" : "s are")"
    }

    private func agree(_ count: Int, _ console: Console) throws {
        if yes { return }
        guard console.errorIsTerminal, isatty(0) == 1 else {
            throw Refusal(
                "Nobody is here to ask whether \(counted(count)) to be deleted; --yes says so.", isUsage: true)
        }
        let question = "Delete \(Number.integer(Int64(count)).grouped) completion\(count == 1 ? "" : "s")?"
        guard ProgressPrinter(console: console).offer(question) else { throw Refusal("Nothing was deleted.") }
    }
}

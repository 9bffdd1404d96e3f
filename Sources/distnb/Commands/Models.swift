internal import ArgumentParser
internal import Distillation
internal import Foundation
internal import ModelLibrary
internal import Notebook
internal import OrderedCollections
internal import Rendering
internal import Tables
internal import Terminal

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, add, describe and remove the models on this machine, which kernels name.",
        discussion: """
            They lie in $DISTNB_HOME/weights, outside of every notebook's folder. HF_ENDPOINT names a mirror of Hugging \
            Face, HF_TOKEN opens gated repositories; it is shown to that one host only. Exit codes: 0 fine, 1 it did not \
            work, 2 usage, 130 interrupted.
            """,
        subcommands: [List.self, Add.self, Info.self, Remove.self], defaultSubcommand: List.self)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the models that are here.")

        @Option(help: ArgumentHelp("How they are printed: text or json.", valueName: "format"))
        var format: Format = .text

        @OptionGroup var output: OutputOptions

        func run() throws {
            let console = output.console
            let folder = ModelShelf.folder
            let (models, unfinished) = (folder.models.map(ModelEntry.init), folder.unfinished)
            guard format == .text else {
                let json: Value = [
                    "folder": .string(folder.path), "models": .list(models.map(\.json)),
                    "unfinished": .list(
                        unfinished.map {
                            [
                                "name": .string($0.name), "bytes": .integer($0.bytes),
                                "source": $0.source.map { .string($0) } ?? .null,
                            ]
                        }),
                ]
                return console.print(JSON.text(json, .readable))
            }
            if models.isEmpty {
                let names = (try? ModelShelf.known().entries.map(\.alias)) ?? []
                console.print("There are no models in \(ModelShelf.shown(folder.path)) yet.")
                if let name = names.first { console.print("distnb models add \(name) fetches what the lab needs.") }
            } else {
                for line in ModelEntry.list(models) { console.print(line) }
                let total = models.reduce(0) { $0 + $1.model.bytes }
                console.print("\(ByteText.of(total)) in \(ModelShelf.shown(folder.path)).")
            }
            for part in unfinished {
                let goesOn =
                    part.source.map { "distnb models add \($0) goes on" }
                    ?? "distnb models remove \(part.name) takes it away"
                console.print("Not whole: \(part.name), \(ByteText.of(part.bytes)) are here; \(goesOn).")
            }
        }
    }

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a model is, and what memory it needs.",
            discussion: """
                With --format kernel it prints a kernel.json by which a notebook uses it, everything else being as in \
                the kernel embedded.
                """)

        enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, kernel }

        @ArgumentParser.Argument(
            help: "The model's name, as list tells it.",
            completion: .custom { _, _, _ in ModelShelf.folder.models.map(\.name) })
        var name: String

        @Option(help: ArgumentHelp("How it is printed: text, json or kernel.", valueName: "format"))
        var format: Format = .text

        @Option(
            name: .customLong("as"),
            help: ArgumentHelp("With --format kernel: which alias it becomes.", valueName: "alias"))
        var alias = "student"

        @OptionGroup var output: OutputOptions

        func run() throws {
            let console = output.console
            try ModelShelf.translating {
                let model = try ModelShelf.folder.model(named: name, closest: ModelShelf.closest)
                let description = try ModelDescription(path: model.path)
                let entry = ModelEntry(model, description)
                switch format {
                case .text:
                    for line in entry.lines { console.print(line) }
                case .json: console.print(JSON.text(entry.json, .readable))
                case .kernel: console.print(JSON.text(try entry.kernel(alias: alias), .readable))
                }
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a model, or what is there of one.")

        @ArgumentParser.Argument(
            help: "The model's name, as list tells it.",
            completion: .custom { _, _, _ in ModelShelf.folder.models.map(\.name) })
        var name: String

        @Flag(help: "Without asking, and also what a kernel that came with distnb needs.")
        var yes = false

        @OptionGroup var output: OutputOptions

        func run() throws {
            let console = output.console
            Interrupts.install()
            try ModelShelf.translating {
                let folder = ModelShelf.folder
                if let part = folder.unfinished.first(where: { $0.name == name }),
                    !folder.models.contains(where: { $0.name == name })
                {
                    let bytes = try folder.remove(part)
                    return console.print("What was there of \(name) is removed: \(ByteText.of(bytes)).")
                }
                let model = try folder.model(named: name, closest: ModelShelf.closest)
                try agree(model, console)
                let bytes = try folder.remove(model)
                console.print(
                    bytes == 0 ? "The link \(name) is removed." : "\(name) is removed: \(ByteText.of(bytes)).")
            }
        }

        private func agree(_ model: ModelFolder.Model, _ console: Console) throws {
            if yes { return }
            let needing = ModelShelf.users(of: name, shippedOnly: true)
            guard needing.isEmpty else {
                throw Refusal(
                    "\(name) is needed by a kernel that came with distnb (\(needing.joined(separator: "; "))); --yes removes it all the same."
                )
            }
            guard console.errorIsTerminal, isatty(0) == 1 else {
                throw Refusal("Nobody is here to ask whether \(name) may be removed; --yes says so.", isUsage: true)
            }
            let users = ModelShelf.users(of: name)
            let use = users.isEmpty ? "" : " It is used by \(users.joined(separator: "; "))."
            let question = "Remove \(name), \(ByteText.of(model.bytes))?\(use)"
            guard ProgressPrinter(console: console).offer(question) else { throw Refusal("Nothing was removed.") }
        }
    }
}

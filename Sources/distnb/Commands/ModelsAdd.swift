internal import ArgumentParser
internal import Distillation
internal import Foundation
internal import LanguageModel
internal import ModelLibrary
internal import Terminal

extension Models {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a model: fetched or copied, checked by its SHA-256, then put in its place whole.",
            discussion: """
                SOURCE is a path to a GGUF file or to a folder as Hugging Face has it; owner/name of a repository on \
                Hugging Face, or owner/name/file.gguf; an https address, with --sha256; or a name that distnb knows: \
                smollm2-135m, or minilm, which turns texts into vectors. What was interrupted goes on where it stopped.
                """)

        @ArgumentParser.Argument(
            help: ArgumentHelp("Where it comes from.", valueName: "source"), completion: .file(extensions: ["gguf"]))
        var source: String

        @Option(help: ArgumentHelp("The repository's file, or a part of its name such as Q4_K_M.", valueName: "name"))
        var file: String?

        @Option(help: ArgumentHelp("The repository's branch, tag or commit.", valueName: "revision"))
        var revision: String?

        @Option(name: .customLong("sha256"), help: ArgumentHelp("What the file must hash to.", valueName: "hash"))
        var hash: String?

        @Option(help: ArgumentHelp("Keep it under this name.", valueName: "name"))
        var name: String?

        @Flag(help: "Only link to a path instead of copying what is there.")
        var link = false

        @Flag(help: "Put it in the place of another model of that name.")
        var force = false

        @OptionGroup var output: OutputOptions

        func run() throws {
            let console = output.console
            let progress = ProgressPrinter(console: console)
            Interrupts.install()
            Home.prepare()
            do {
                try ModelShelf.translating {
                    let hub = try Endpoints.hub(ProcessInfo.processInfo.environment["HF_ENDPOINT"])
                    let source = try ModelSource(
                        self.source, hub: hub, known: try ModelShelf.known(), closest: ModelShelf.closest)
                    var wishes = ModelAddition.Wishes()
                    wishes.name = name
                    wishes.file = file
                    wishes.revision = revision
                    wishes.sha256 = hash
                    wishes.links = link
                    wishes.replaces = force
                    defer { progress.clear() }
                    let result = try ModelShelf.addition(console, progress).add(source, wishes)
                    progress.clear()
                    tell(result, console)
                }
            } catch is Interrupted {
                progress.clear()
                let kept = ModelShelf.folder.unfinished.reduce(0) { $0 + $1.bytes }
                console.printError(
                    kept > 0 ? "Stopped. What came is kept; the same command goes on." : "Stopped. Nothing was added.")
                throw ExitCode(130)
            }
        }

        func validate() throws {
            if let hash { _ = try Self.checked(hash) }
        }

        private static func checked(_ hash: String) throws -> String {
            do {
                _ = try ExpectedDigest(sha256: hash)
                return hash
            } catch let error as ModelLibraryError {
                throw ValidationError(error.description)
            }
        }

        private func tell(_ result: ModelAddition.Result, _ console: Console) {
            let entry = ModelEntry(result.model, result.description)
            let name = result.model.name
            console.print("\(name) is \(result.wasHere ? "here already" : "added"): \(entry.summary).")
            if let record = result.model.record {
                console.print("SHA-256 \(record.sha256), from \(record.origin).")
            }
            if let problem = result.description.problem {
                return console.printError("The embedded engine does not run it: \(problem)")
            }
            let users = ModelShelf.users(of: name)
            guard users.isEmpty else { return console.print("Used by \(users.joined(separator: "; ")).") }
            let kernel = "\(ModelShelf.shown(Home.path))/kernels/mine"
            let isEncoder = EmbeddedProvider.isEncoder(result.model.path)
            console.print("To use it as the \(isEncoder ? "embedding" : "student"), make a kernel of your own:")
            console.print("  mkdir -p \(kernel)")
            console.print("  distnb models info \(name) --format kernel > \(kernel)/kernel.json")
            console.print("  distnb run NOTEBOOK --kernel mine")
        }
    }
}

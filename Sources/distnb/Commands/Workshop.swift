internal import ArgumentParser
internal import Distillation
internal import Foundation
internal import Notebook
internal import OrderedCollections
internal import Rendering
internal import Tables
internal import Terminal
internal import Verbs

struct Workshop: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make exercises of a notebook, and see how learners get on.",
        subcommands: [Make.self, Progress.self, Collect.self])

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the learners' notebook: solutions become holes ___, outputs and state go.",
            discussion: """
                Solutions are marked in comments: a line that ends in `# solution: CODE` gets a hole for that code; \
                between lines `# solution` and `# end`, every let keeps its name and gets a hole for its value. \
                Comments that begin with `# teacher:` are left out.
                """)

        @OptionGroup var notebook: NotebookArgument

        @Option(name: .shortAndLong, help: ArgumentHelp("The learners' file.", valueName: "file"))
        var output: String

        @Flag(help: "Overwrite the learners' file where it is there.")
        var force = false

        @OptionGroup var colours: OutputOptions

        func run() throws {
            let (document, _) = try Workbench.read(notebook.file)
            guard !FilePaths.areSame(output, notebook.file) else {
                throw Refusal("\(output) is the teacher's notebook itself; name another file.", isUsage: true)
            }
            guard force || !FileManager.default.fileExists(atPath: output) else {
                throw Refusal("\(output) is there already; --force overwrites it.")
            }
            let result = try handout(of: document)
            guard !result.exercises.isEmpty else {
                throw Refusal(
                    "\(notebook.file) has no exercise: mark a solution (distnb workshop make --help), or add a check.")
            }
            try FileFailure.translating {
                try AtomicFile.replace(output, with: Array(NotebookCodec.encode(result.document).utf8))
            }
            let cells = result.exercises.map(String.init).joined(separator: ", ")
            colours.console.print("\(output) is made, with \(result.exercises.count) exercises: cells \(cells).")
        }

        private func handout(of document: NotebookDocument) throws -> Handout.Result {
            do throws(HandoutError) {
                return try Handout(builtins: StandardLanguage.builtins).make(from: document)
            } catch {
                throw Refusal(error.description)
            }
        }
    }

    struct Progress: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say how far the exercises of a notebook are.")

        @OptionGroup var notebook: NotebookArgument
        @OptionGroup var output: OutputOptions

        func run() throws {
            let (document, _) = try Workbench.read(notebook.file)
            let progress = LearnerProgress(document, builtins: StandardLanguage.builtins)
            if !progress.exercises.isEmpty { output.console.printTable(progress.rows) }
            output.console.print(progress.summary)
        }
    }

    struct Collect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sum up the notebooks that were handed in: who is stuck where, how many solved what.")

        @Argument(help: ArgumentHelp("A folder of notebooks, or of folders with one each.", valueName: "folder"))
        var folder: String

        @Flag(help: "As JSON.")
        var json = false

        @OptionGroup var output: OutputOptions

        func run() throws {
            let console = output.console
            var learners: [ClassProgress.Learner] = []
            var unreadable: [String] = []
            for file in try files() {
                if isLink(file) {
                    unreadable.append("\(folder)/\(file) is a link; it was not followed.")
                    continue
                }
                do {
                    let (document, _) = try Workbench.read(folder + "/" + file)
                    let progress = LearnerProgress(document, builtins: StandardLanguage.builtins)
                    learners.append(.init(name: String(file.dropLast(".distnb".count)), progress: progress))
                } catch {
                    unreadable.append("\(error)")
                }
            }
            let group = ClassProgress(learners: learners)
            if json {
                var report = group.json.record ?? [:]
                report["unreadable"] = .list(unreadable.map { .string($0) })
                console.print(JSON.text(.record(report), .readable))
            } else {
                console.printTable(group.learnerRows)
                console.print("")
                console.printTable(group.exerciseRows)
            }
            for message in unreadable { console.printError(message) }
            if !unreadable.isEmpty {
                console.printError("\(unreadable.count) of \(learners.count + unreadable.count) files were not read.")
                throw ExitCode(1)
            }
        }

        /// A link that was handed in could lead anywhere.
        private func isLink(_ file: String) -> Bool {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + file)) != nil
        }

        private func files() throws -> [String] {
            let manager = FileManager.default
            guard let names = try? manager.contentsOfDirectory(atPath: folder) else {
                throw Refusal("There is no folder \(folder).", isUsage: true)
            }
            var found: [String] = []
            for name in names.sorted() where !name.hasPrefix(".") {
                if name.hasSuffix(".distnb") {
                    found.append(name)
                } else if !isLink(name) {
                    let inner = (try? manager.contentsOfDirectory(atPath: folder + "/" + name)) ?? []
                    found += inner.filter { $0.hasSuffix(".distnb") && !$0.hasPrefix(".") }.sorted().map {
                        name + "/" + $0
                    }
                }
            }
            guard !found.isEmpty else { throw Refusal("\(folder) has no notebooks (.distnb).", isUsage: true) }
            return found
        }
    }
}

internal import ArgumentParser
internal import CompletionStore
internal import Distillation
internal import Foundation
internal import Notebook
internal import RemoteModels
internal import Tables
internal import Terminal
internal import Verbs

struct CompletionsRecord: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record answers of a notebook's models on a tape, which replays them without keys.",
        discussion: """
            distnb completions record cora.jsonl --in lab.distnb --kernel openai
            distnb run lab.distnb --kernel tape:cora.jsonl

            Recorded are the models of the kernel's service but for base and student, which are to be trained; --model \
            names aliases instead. On the tape's kernel these answer from the tape; all others run on this machine, as on \
            the kernel embedded. A tape is JSON Lines with \
            a digest: one that was changed is not used.
            """)

    @ArgumentParser.Argument(help: ArgumentHelp("The file to write.", valueName: "file"))
    var file: String

    @Option(
        name: .customLong("model"),
        help: ArgumentHelp("Record this alias of the kernel; several may be given.", valueName: "alias"))
    var aliases: [String] = []

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp("Only with this tag; several may be given.", valueName: "name=value"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("Not before this day, or moment.", valueName: "day"))
    var since: String?

    @Option(name: .shortAndLong, help: "The kernel that answered, instead of the notebook's own.")
    var kernel: String?

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("The notebook whose models are recorded.", valueName: "notebook"),
        completion: .file(extensions: ["distnb"]))
    var notebook: String

    @Flag(help: "Overwrite a file that is there.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try CompletionSelection.pairs(tags, "--tag")
        if let since, Moment(since) == nil {
            throw ValidationError("--since takes a day, such as 2026-11-01; it was \(since).")
        }
    }

    func run() throws {
        let console = output.console
        let session = try Workbench(console: console).session(
            file: notebook, kernel: kernel, usesSavedParameters: true)
        try CompletionShelf.translating {
            let lab = session.lab
            guard lab.kernel.tape == nil else {
                throw Refusal("\(lab.kernel.name) is a tape itself; copy its file.")
            }
            var models: [TapeHeader.RecordedModel] = []
            var found: [StoredCompletion] = []
            var seen: Set<ModelIdentity> = []
            for alias in try chosen(in: lab.kernel) {
                guard let specification = lab.kernel.models[alias] else { continue }
                let identity = try lab.provider.identity(of: specification, trainedWeights: nil)
                models.append(
                    TapeHeader.RecordedModel(
                        alias: alias, identity: identity,
                        name: identity.endpoint == KernelProfile.embedded ? specification.id : identity.id,
                        price: specification.price.flatMap { $0.isCharged ? $0 : nil }))
                guard seen.insert(identity).inserted else { continue }
                found +=
                    try lab.store?.completions(
                        CompletionFilter(
                            metadata: try CompletionSelection.pairs(tags, "--tag"),
                            since: since.flatMap { Moment($0)?.timestamp }, identity: identity)) ?? []
            }
            let tape = Tape(
                name: URL(fileURLWithPath: file).lastPathComponent,
                recorded: Moment(timestamp: Date().timeIntervalSince1970)?.text ?? "", kernel: lab.kernel.name,
                maxTokens: lab.kernel.maxTokens, models: models, completions: found)
            guard tape.header.count > 0 else {
                let names = models.map { "\($0.alias) (\($0.name))" }.joined(separator: ", ")
                throw Refusal("No completion of \(names) is in the store; run the notebook with the kernel first.")
            }
            try CompletionsFile.write(tape.bytes, to: file, force: force)
            let count = tape.header.count
            console.print(
                "\(file) is written: \(Number.integer(Int64(count)).grouped) answer\(count == 1 ? "" : "s") of "
                    + tape.header.models.map { "\($0.alias) (\($0.words))" }.joined(separator: ", ") + ".")
            let rest = models.filter { !tape.header.models.contains($0) }.map(\.alias)
            if !rest.isEmpty { console.print("There is none of \(rest.joined(separator: ", ")).") }
            console.print("It is replayed by: distnb run \(notebook) --kernel tape:\(file)")
        }
    }

    /// The aliases to record: those that the command line names, else those of the kernel's service.
    private func chosen(in kernel: KernelProfile) throws -> [String] {
        for alias in aliases where kernel.models[alias] == nil {
            throw Refusal(
                "The kernel \(kernel.name) has no model \(alias); it has \(kernel.models.keys.sorted().joined(separator: ", ")).",
                isUsage: true)
        }
        guard aliases.isEmpty else { return aliases }
        // Whose students are trained runs where the tape is played.
        let remote = kernel.aliasesAway.filter { !["base", "student"].contains($0) }
        guard !remote.isEmpty else {
            throw Refusal(
                "The models of the kernel \(kernel.name) run on every machine, without keys; --model ALIAS records one all the same.",
                isUsage: true)
        }
        return remote
    }
}

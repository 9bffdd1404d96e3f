internal import ArgumentParser
internal import CompletionStore
internal import Distillation
internal import Foundation
internal import Notebook
internal import RemoteModels
internal import Tables
internal import Terminal

struct CompletionsExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write completions into a file of JSON Lines.",
        discussion: """
            As openai (what is written unless you say otherwise) each line is what OpenAI lists as a stored completion, \
            with the request's messages and sampling; import reads it back. As training each line is a row for \
            fine-tuning on chats.
            """)

    enum Form: String, ExpressibleByArgument, CaseIterable { case openai, training }

    @ArgumentParser.Argument(help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"))
    var file: String

    @Option(name: .customLong("as"), help: ArgumentHelp("What is written: openai or training.", valueName: "form"))
    var form: Form = .openai

    @Flag(help: "Overwrite a file that is there.")
    var force = false

    @OptionGroup var selection: CompletionSelection
    @OptionGroup var place: CompletionPlace
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let store = try CompletionShelf.store(of: place.place).store
        let found = try CompletionShelf.translating { try store.completions(selection.filter) }
        guard !found.isEmpty else { throw Refusal("No completion fits; nothing is written.") }
        var notes: [String] = []
        let lines: [String]
        switch form {
        case .openai: lines = found.map { JSON.text(CompletionJSON.json($0)) }
        case .training:
            let rows = TrainingRows(found)
            lines = rows.lines
            if rows.cut > 0 { notes.append("\(rows.cut) left out that max_tokens cut off") }
            if rows.unreadable > 0 { notes.append("\(rows.unreadable) left out whose reasoned answer cannot be read") }
            guard !lines.isEmpty else { throw Refusal("No row can be learnt: \(notes.joined(separator: "; ")).") }
        }
        let text = lines.joined(separator: "\n") + "\n"
        if file == "-" { return try TargetOptions.writeToStandardOutput(text) }
        try CompletionsFile.write(Array(text.utf8), to: file, force: force)
        let what = form == .training ? "row" : "completion"
        notes.insert("\(Number.integer(Int64(lines.count)).grouped) \(what)\(lines.count == 1 ? "" : "s")", at: 0)
        console.print("\(file) is written: \(notes.joined(separator: "; ")).")
    }
}

struct CompletionsImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take completions out of files into the store.",
        discussion: """
            Reads OpenAI's stored completions (pages or lines, with their messages), requests and results of the Batch \
            API (name both files), distnb's own exports, and tapes. A completion answers requests of cells only where \
            its own is known in full: service, model, messages, sampling with max_tokens. The others are there for the \
            verb `completions`. What is in the store stays.
            """)

    @ArgumentParser.Argument(help: ArgumentHelp("The files, JSON or JSON Lines.", valueName: "file"))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "The kernel whose service answered, where the files do not say.", valueName: "name"))
    var kernel: String?

    @Option(
        name: .customLong("add-tag"),
        help: ArgumentHelp("Give all of them this tag; several may be given.", valueName: "name=value"))
    var added: [String] = []

    @OptionGroup var place: CompletionPlace
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let names = try CompletionSelection.pairs(added, "--add-tag").keys
        if let name = names.sorted().first(where: CompletionTags.isReserved) {
            throw ValidationError(
                "\(name) begins with \(CompletionTags.reserved), as distnb's own tags do; choose another.")
        }
    }

    /// Kept at once; a kill loses no more than these, and importing again goes on.
    private static let batch = 500

    func run() throws {
        let console = output.console
        let store = try CompletionShelf.store(of: place.place).store
        let found = try CompletionShelf.translating {
            var found = CompletionImport(endpoint: try endpoint(), now: Date().timeIntervalSince1970)
            for file in files { try found.add(try CompletionsFile.read(file), name: file) }
            found.finish()
            return found
        }
        let tags = try CompletionSelection.pairs(added, "--add-tag")
        let known = try CompletionShelf.translating {
            var known = 0
            for first in stride(from: 0, to: found.completions.count, by: Self.batch) {
                let part = found.completions[first..<min(first + Self.batch, found.completions.count)]
                known += try part.count { try store.contains($0.key) }
                try store.keep(part.map { $0.tagged(tags) }, replacing: false)
            }
            return known
        }
        for line in Self.report(found, known: known) { console.print(line) }
        if found.completions.isEmpty { throw ExitCode(1) }
    }

    private func endpoint() throws -> String? {
        guard let kernel else { return nil }
        guard let service = try KernelFolders.profile(named: kernel).service else {
            throw KernelError("The kernel \(kernel) has no service; its models run here.")
        }
        return ServiceEndpoint(service, kernel: kernel).host
    }

    private static func report(_ found: CompletionImport, known: Int) -> [String] {
        func number(_ count: Int) -> String { Number.integer(Int64(count)).grouped }
        let count = found.completions.count
        var lines: [String] = []
        if count == 0 {
            lines.append("Nothing was imported.")
        } else {
            let old = known > 0 ? "; \(number(known)) of them \(known == 1 ? "was" : "were") there already" : ""
            lines.append("\(number(count)) completion\(count == 1 ? " is" : "s are") in the store\(old).")
            let rest = count - found.answering
            if found.answering > 0 {
                lines.append(
                    "\(number(found.answering)) answer\(found.answering == 1 ? "s" : "") equal requests of cells.")
            }
            if rest > 0 {
                lines.append(
                    "\(number(rest)) \(rest == 1 ? "is" : "are") there for the verb `completions` only: service (--kernel) "
                        + "or sampling with max_tokens \(rest == 1 ? "is" : "are") not known.")
            }
        }
        for skipped in found.skipped {
            lines.append("Skipped: \(number(skipped.count)) \(skipped.reason); the first: \(skipped.first).")
        }
        return lines
    }
}

/// Files of the commands about completions.
enum CompletionsFile {
    static func read(_ file: String) throws -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            throw Refusal("There is no file \(file).")
        }
        guard !isFolder.boolValue else { throw Refusal("\(file) is a folder, not a file.") }
        guard let data = FileManager.default.contents(atPath: file) else { throw Refusal("\(file) may not be read.") }
        return Array(data)
    }

    static func write(_ bytes: [UInt8], to file: String, force: Bool) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) {
            if isFolder.boolValue { throw Refusal("\(file) is a folder; name a file.") }
            guard force else { throw Refusal("\(file) is there already; --force overwrites it.") }
        }
        try FileFailure.translating { try AtomicFile.replace(file, with: bytes) }
    }
}

extension StoredCompletion {
    /// The same with more tags.
    fileprivate func tagged(_ tags: [String: String]) -> StoredCompletion {
        guard !tags.isEmpty else { return self }
        return StoredCompletion(
            request: request, completion: completion, modelName: modelName,
            metadata: metadata.merging(tags) { $1 }, createdAt: createdAt, key: key)
    }
}

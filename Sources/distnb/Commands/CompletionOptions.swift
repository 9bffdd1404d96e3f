internal import ArgumentParser
internal import CompletionStore
internal import Distillation
internal import Verbs

/// Whose completions.
struct CompletionPlace: ParsableArguments {
    @Option(
        name: .customLong("in"),
        help: ArgumentHelp(
            "The notebook, or its folder, whose completions they are; the current folder unless given.",
            valueName: "place"), completion: .file(extensions: ["distnb"]))
    var place = "."
}

/// Which completions.
struct CompletionSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Only of this model: its id, or what it was called then.", valueName: "name"))
    var model: String?

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp("Only with this tag; several may be given.", valueName: "name=value"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("Not before this day, or moment: 2026-11-01, 2026-11-01T09:30Z.", valueName: "day"))
    var since: String?

    @Option(help: ArgumentHelp("Not after this day, or moment.", valueName: "day"))
    var until: String?

    @Option(
        help: ArgumentHelp(
            "Only with these words in the conversation or the answer, in capitals or not.", valueName: "text"))
    var contains: String?

    @Option(help: ArgumentHelp("Only the newest so many.", valueName: "n"))
    var limit: Int?

    func validate() throws {
        _ = try Self.pairs(tags, "--tag")
        for (name, text) in [("--since", since), ("--until", until)] {
            if let text, Moment(text) == nil {
                throw ValidationError("\(name) takes a day, such as 2026-11-01; it was \(text).")
            }
        }
        if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1; it was \(limit).") }
    }

    /// Whether anything was selected.
    var isEmpty: Bool {
        model == nil && tags.isEmpty && since == nil && until == nil && contains == nil && limit == nil
    }

    var filter: CompletionFilter {
        CompletionFilter(
            metadata: (try? Self.pairs(tags, "--tag")) ?? [:], since: since.flatMap { Moment($0)?.timestamp },
            until: until.flatMap { Moment($0)?.end }, model: model, words: contains, limit: limit, takesNewest: true)
    }

    /// Reads `name=value`.
    /// - Throws: a usage error for what is none, or too long.
    static func pairs(_ texts: [String], _ option: String) throws -> [String: String] {
        var pairs: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, CompletionTags.fits(parts[0], parts[1]) else {
                throw ValidationError(
                    "\(option) takes name=value, of at most \(CompletionTags.longestName) and "
                        + "\(CompletionTags.longestValue) characters; it was \(text).")
            }
            pairs[parts[0]] = parts[1]
        }
        return pairs
    }
}

internal import ArgumentParser

struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show, tag, delete, export, import and record stored completions.",
        discussion: """
            Every answer of a model is kept in .distnb/completions.sqlite beside the notebook, so that none is asked for \
            twice. Those without tags stay for 30 days after they were last used (DISTNB_RETENTION=90, or forever); tags \
            keep them. An id may be typed as far as only one completion has it. Exit codes: 0 fine, 1 it did not work, 2 \
            usage, 130 interrupted.
            """,
        subcommands: [
            CompletionsList.self, CompletionsShow.self, CompletionsTag.self, CompletionsDelete.self,
            CompletionsExport.self, CompletionsImport.self, CompletionsRecord.self,
        ], defaultSubcommand: CompletionsList.self)
}

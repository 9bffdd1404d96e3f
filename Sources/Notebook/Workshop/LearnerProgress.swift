internal import OrderedCollections
public import PipelineRuntime
public import Tables

/// How far one learner is.
public struct LearnerProgress: Sendable {
    public let exercises: [Exercise]

    public init(_ document: NotebookDocument, builtins: BuiltinTable) {
        exercises = Exercise.all(in: document, builtins: builtins)
    }

    public var solved: Int { exercises.count { $0.progress == .solved } }

    /// The first exercise that is not solved; nil where all are.
    public var next: Exercise? { exercises.first { $0.progress != .solved } }

    /// Where the learner works without success: where checks failed, else what was begun; nil where nothing was.
    public var stuckAt: Exercise? {
        let begun = exercises.filter { $0.progress == .tried && $0.number > 0 }
        return begun.first { $0.attempts > 0 } ?? begun.first
    }

    /// An exercise a row.
    public var rows: DataSet {
        DataSet(
            rows: exercises.map {
                [
                    "cell": .integer($0.number), "exercise": .string($0.title),
                    "progress": .string($0.progress.rawValue),
                    "attempts": $0.attempts > 0 ? .integer($0.attempts) : .null,
                ]
            })
    }

    /// In a sentence.
    public var summary: String {
        guard !exercises.isEmpty else { return "This notebook has no exercises: no hole ___ and no check." }
        if solved == exercises.count { return "All \(solved) exercises are solved." }
        var text = "\(solved) of \(exercises.count) exercises are solved"
        if let stuck = stuckAt {
            text += "; at work on cell \(stuck.number)"
            if stuck.attempts > 0 { text += " (\(stuck.attempts) attempt\(stuck.attempts == 1 ? "" : "s"))" }
        } else if let next {
            text += "; next is cell \(next.number)"
        }
        return text + "."
    }
}

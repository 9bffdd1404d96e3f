internal import Distillation
internal import OrderedCollections
public import Tables

/// How far a class is: who is stuck where, and how many solved what.
public struct ClassProgress: Sendable {
    /// A file that was handed in.
    public struct Learner: Sendable {
        public let name: String
        public let progress: LearnerProgress

        public init(name: String, progress: LearnerProgress) {
            self.name = name
            self.progress = progress
        }
    }

    public let learners: [Learner]

    public init(learners: [Learner]) { self.learners = learners }

    /// A learner a row.
    public var learnerRows: DataSet {
        DataSet(
            rows: learners.map { learner in
                let stuck = learner.progress.stuckAt
                return [
                    "learner": .string(learner.name), "solved": .integer(learner.progress.solved),
                    "of": .integer(learner.progress.exercises.count),
                    "stuck at cell": stuck.map { .integer($0.number) } ?? .null,
                    "attempts": stuck.flatMap { $0.attempts > 0 ? .integer($0.attempts) : nil } ?? .null,
                    "exercise": stuck.map { .string($0.title) } ?? .null,
                ]
            })
    }

    /// The same for machines, with numbers as numbers.
    public var json: Value {
        [
            "learners": .list(
                learners.map { learner in
                    [
                        "learner": .string(learner.name), "solved": .integer(learner.progress.solved),
                        "of": .integer(learner.progress.exercises.count),
                        "stuck_at": learner.progress.stuckAt.map { .integer($0.number) } ?? .null,
                        "attempts": .integer(learner.progress.stuckAt?.attempts ?? 0),
                    ]
                }),
            "exercises": .list(
                exercises.map { exercise in
                    let (found, score) = solved(exercise)
                    return [
                        "cell": .integer(exercise.number), "id": .string(exercise.id),
                        "exercise": .string(exercise.title),
                        "n": .integer(found.count), "solved": .integer(found.count { $0.progress == .solved }),
                        "share": score.mean.map { .double($0) } ?? .null,
                        "low": score.interval.map { .double($0.low) } ?? .null,
                        "high": score.interval.map { .double($0.high) } ?? .null,
                        "stuck": .integer(found.count { $0.progress == .tried }),
                    ]
                }),
        ]
    }

    private var exercises: [Exercise] {
        var ids: OrderedDictionary<String, Exercise> = [:]
        for learner in learners {
            for exercise in learner.progress.exercises where ids[exercise.id].map({ $0.number == 0 }) ?? true {
                ids[exercise.id] = exercise
            }
        }
        return ids.values.sorted { $0.number < $1.number }
    }

    private func solved(_ exercise: Exercise) -> (found: [Exercise], score: ScoreSummary) {
        let found = learners.compactMap { $0.progress.exercises.first { $0.id == exercise.id } }
        return (found, ScoreSummary(scores: found.map { .integer($0.progress == .solved ? 1 : 0) }))
    }

    /// An exercise a row: how many solved it, with a 95 % interval (Wilson), and how many are at it.
    ///
    /// Cells are known by their ids: a learner may have added others between them.
    public var exerciseRows: DataSet {
        DataSet(
            rows: exercises.map { exercise in
                let (found, score) = solved(exercise)
                let interval = score.interval.map {
                    "\(Number.fixed($0.low, decimals: 2)) – \(Number.fixed($0.high, decimals: 2))"
                }
                return [
                    "cell": .integer(exercise.number), "exercise": .string(exercise.title),
                    "n": .integer(found.count), "solved": .integer(found.count { $0.progress == .solved }),
                    "share": score.mean.map { .string(Number.fixed($0, decimals: 2)) } ?? .null,
                    "95 % interval": interval.map { .string($0) } ?? .null,
                    "stuck": .integer(found.count { $0.progress == .tried }),
                ]
            })
    }
}

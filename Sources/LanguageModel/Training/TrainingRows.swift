internal import Distillation

/// The rows of a job that are short enough; the others are left out whole.
struct TrainingRows {
    let examples: [TrainingExample]
    /// Where each of them stands among the rows given.
    let places: [Int]
    let leftOut: TrainingPreparation.LeftOut

    /// - Parameters:
    ///   - kind: what messages call a row: "training row".
    ///   - limit: tokens that a row may have.
    /// - Throws: `EngineError` for a row that cannot be trained on, and where all are too long.
    init(_ given: [TrainingExample], _ kind: String, limit: Int, vocabulary: Int) throws {
        var leftOut = TrainingPreparation.LeftOut()
        var places: [Int] = []
        for (index, example) in given.enumerated() {
            let what = "\(kind) \(index + 1)"
            guard example.tokens.count == example.trained.count else {
                throw EngineError.invalidOption(
                    name: "trained", expected: "as long as the \(example.tokens.count) tokens of \(what)",
                    found: "\(example.trained.count) long")
            }
            guard PackedRows.targetCount(example) > 0 else {
                throw EngineError.empty(what: "the answer of \(what)")
            }
            if let unknown = example.tokens.first(where: { $0 < 0 || Int($0) >= vocabulary }) {
                throw EngineError.unknownToken(id: unknown, vocabulary: vocabulary)
            }
            if example.tokens.count > limit {
                leftOut.rows.append(index)
                leftOut.longest = max(leftOut.longest, example.tokens.count)
            } else {
                places.append(index)
            }
        }
        if places.isEmpty, !given.isEmpty {
            let shortest = given.map(\.tokens.count).min() ?? 0
            throw EngineError.tooLong(what: "every \(kind), the shortest,", tokens: shortest, limit: limit)
        }
        self.places = places
        self.leftOut = leftOut
        examples = places.map { given[$0] }
    }

    /// Tokens of all rows.
    var tokens: Int { examples.reduce(0) { $0 + $1.tokens.count } }

    /// Tokens that are learnt.
    var targets: Int { examples.reduce(0) { $0 + PackedRows.targetCount($1) } }
}

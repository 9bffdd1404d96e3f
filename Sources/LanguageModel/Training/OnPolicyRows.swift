internal import Distillation

/// Rows whose replies are, with probability λ a batch, the student's own at the moment; the teacher scores them live.
///
/// In a row with several assistant turns the last one is sampled, and is then the only one that counts.
struct OnPolicyRows: BatchSource {
    let examples: [TrainingExample]
    let validation: [TrainingExample]
    let teacher: TrainingTeacher
    let scorer: TeacherScorer
    let options: OnPolicyOptions
    let seed: UInt64
    let task: TrainingTask
    let isCancelled: () -> Bool
    let activity: EngineActivity

    func batch(_ rows: [Int], stream: String, values: [Float]) throws -> TrainingBatch {
        let key = "on_policy \(stream)"
        var random = RandomStream(seed: Int(bitPattern: UInt(seed)), key: key)
        guard Double(random.unit()) < options.lambda else {
            return batch(rows.map { (examples[$0], teacher.examples[$0]) })
        }
        let replies = try sample(rows, key: key, values: values)
        var batch = batch(
            zip(rows, replies).map { row, reply in
                (examples[row].answered(with: reply), teacher.examples[row].answered(with: reply))
            })
        batch.isOnPolicy = true
        return batch
    }

    func validation(_ rows: Range<Int>) -> TrainingBatch {
        batch(rows.map { (validation[$0], teacher.validation[$0]) })
    }

    private func batch(_ rows: [(student: TrainingExample, teacher: TrainingExample)]) -> TrainingBatch {
        TrainingBatch(
            examples: rows.map(\.student),
            objective: .divergence(
                scorer.batch(rows.map(\.teacher)), beta: Float(options.beta), temperature: Float(options.temperature)))
    }

    /// The student's replies to some rows, each with the token that ended it, where one did.
    private func sample(_ rows: [Int], key: String, values: [Float]) throws -> [[Int32]] {
        let student = try task.transformer(values)
        // What ends the rows' own replies; the template decides that, not the vocabulary.
        let end =
            rows.lazy.compactMap { examples[$0].targets.last }.first(where: teacher.tokenizer.stopTokens.contains)
            ?? teacher.tokenizer.endToken
        let generator = try Generator(
            model: student, tokenizer: teacher.tokenizer, batchSize: min(max(1, rows.count), 1024), stopTokens: [end],
            activity: activity)
        let requests = try rows.map { row in
            let prompt = examples[row].prompt
            let longest = max(
                prompt.count - student.configuration.contextLength,
                teacher.examples[row].prompt.count - teacher.transformer.configuration.contextLength)
            // One token of the reply, and one that ends it.
            guard longest <= -2 else {
                throw EngineError.tooLong(
                    what: "the prompt of training row \(row + 1)", tokens: prompt.count,
                    limit: student.configuration.contextLength - 2)
            }
            var random = RandomStream(seed: Int(bitPattern: UInt(seed)), key: "\(key) \(row)")
            return GenerationRequest(
                promptTokens: prompt, maxTokens: min(options.maxTokens, -longest - 1),
                temperature: Float(options.temperature), seed: random.next())
        }
        var replies = [[Int32]](repeating: [], count: rows.count)
        try generator.generate(requests, isCancelled: isCancelled) { index, result in
            replies[index] = result.tokens + (result.finishReason == .stop ? [end] : [])
        }
        return replies
    }
}

extension TrainingExample {
    /// Where the last reply begins: the last run of trained tokens.
    private var replyStart: Int {
        let end = trained.lastIndex(of: true) ?? 0
        return (trained[..<end].lastIndex(of: false) ?? -1) + 1
    }

    /// All tokens before the last reply.
    var prompt: [Int32] { Array(tokens[..<replyStart]) }

    /// The row with another last reply, which alone is trained on.
    func answered(with reply: [Int32]) -> TrainingExample {
        let prompt = prompt
        return TrainingExample(
            tokens: prompt + reply,
            trained: [Bool](repeating: false, count: prompt.count) + [Bool](repeating: true, count: reply.count))
    }
}

/// Runs a teacher over rows, whose common beginning it reads once, and gives its logits before their targets.
///
/// Holds the teacher's working memory; used by one thread at a time.
final class TeacherScorer {
    /// Tokens in a pass at most, which bounds the memory; one row more where a row is longer.
    private static let tokensAPass = 1024
    /// A common beginning shorter than this is not worth a pass of its own.
    private static let shortestPrefix = 8

    let model: Transformer
    private let pass: InferencePass
    /// What all rows begin with.
    private let beginning: [Int32]
    /// The beginning, once it was read.
    private var prefix: KeyValueCache?
    private let copies = FloatBuffer()
    /// The part of a batch that was run last.
    private var current: (batch: Int, part: Int)?
    private var batches = 0

    /// - Parameters:
    ///   - rows: all rows that will be asked for, or whose beginnings those have.
    ///   - activity: counts the passes.
    init(_ model: Transformer, rows: [TrainingExample], activity: EngineActivity = EngineActivity()) {
        self.model = model
        pass = InferencePass(model, activity: activity)
        let common = Self.commonBeginning(rows)
        beginning = rows.count > 1 && common.count >= Self.shortestPrefix ? Array(common) : []
    }

    /// How many tokens all rows begin with, which are read once.
    var sharedTokens: Int { beginning.count }

    /// The keys and values of the common beginning; nil where there is none.
    private func readBeginning() -> KeyValueCache? {
        if let prefix { return prefix }
        guard !beginning.isEmpty else { return nil }
        let cache = KeyValueCache(model.configuration, capacity: beginning.count)
        var unread = beginning[...]
        while !unread.isEmpty {
            pass.run([InferencePass.Span(cache: cache, tokens: Array(unread.prefix(Self.tokensAPass)))], prefix: nil)
            unread = unread.dropFirst(Self.tokensAPass)
        }
        prefix = cache
        return cache
    }

    /// What all rows begin with, short of the first token that predicts a target.
    private static func commonBeginning(_ rows: [TrainingExample]) -> ArraySlice<Int32> {
        guard let first = rows.first else { return [] }
        var length = Int.max
        for row in rows {
            let predicting = (row.trained.dropFirst().firstIndex(of: true) ?? 1) - 1
            length = min(length, predicting)
            length = zip(first.tokens.prefix(length), row.tokens).prefix { $0 == $1 }.count
        }
        return first.tokens.prefix(length)
    }

    /// Rows to be scored.
    func batch(_ rows: [TrainingExample]) -> Batch {
        batches += 1
        return Batch(self, number: batches, rows, prefix: beginning.count)
    }

    /// Some rows, whose targets are counted one after another.
    final class Batch: TeacherLogits {
        /// Rows that are run together.
        fileprivate struct Part {
            /// The tokens of each row behind the common beginning, up to the one before its last target.
            var rows: [[Int32]] = []
            /// The token before each target, counted over the part's rows.
            var predicting: [Int] = []
            /// The number of its first target.
            let first: Int
            var tokens = 0

            var targets: Range<Int> { first..<first + predicting.count }
        }

        private let scorer: TeacherScorer
        fileprivate let number: Int
        fileprivate let parts: [Part]

        fileprivate init(_ scorer: TeacherScorer, number: Int, _ rows: [TrainingExample], prefix: Int) {
            self.scorer = scorer
            self.number = number
            var parts: [Part] = []
            for row in rows {
                let read = row.trained.lastIndex(of: true) ?? 0
                guard read > prefix else { continue }
                let own = read - prefix
                if parts.isEmpty || parts[parts.count - 1].tokens + own > TeacherScorer.tokensAPass {
                    parts.append(Part(first: parts.last?.targets.upperBound ?? 0))
                }
                parts[parts.count - 1].rows.append(Array(row.tokens[prefix..<read]))
                let start = parts[parts.count - 1].tokens
                for index in prefix..<read where row.trained[index + 1] {
                    parts[parts.count - 1].predicting.append(start + index - prefix)
                }
                parts[parts.count - 1].tokens += own
            }
            self.parts = parts
        }

        /// How many targets the rows have.
        var targetCount: Int { parts.last?.targets.upperBound ?? 0 }

        func logits(_ targets: Range<Int>) -> UnsafeMutablePointer<Float> { scorer.logits(targets, of: self) }
    }

    private func logits(_ targets: Range<Int>, of batch: Batch) -> UnsafeMutablePointer<Float> {
        let vocabulary = model.configuration.vocabulary
        let wanted = batch.parts.indices.filter { batch.parts[$0].targets.overlaps(targets) }
        if wanted.count == 1, let part = wanted.first { return run(part, of: batch, targets) }
        let out = copies.reserve(targets.count * vocabulary)
        for part in wanted {
            let own = batch.parts[part].targets.clamped(to: targets)
            (out + (own.lowerBound - targets.lowerBound) * vocabulary)
                .update(from: run(part, of: batch, own), count: own.count * vocabulary)
        }
        return out
    }

    /// The logits of some of a part's targets; runs the part unless it was the last.
    private func run(_ index: Int, of batch: Batch, _ targets: Range<Int>) -> UnsafeMutablePointer<Float> {
        let part = batch.parts[index]
        let prefix = readBeginning()
        if current?.batch != batch.number || current?.part != index {
            pass.run(
                part.rows.map { tokens in
                    InferencePass.Span(
                        cache: KeyValueCache(model.configuration, capacity: tokens.count), tokens: tokens)
                }, prefix: prefix)
            current = (batch.number, index)
        }
        return pass.logits(rows: targets.map { part.predicting[$0 - part.first] })
    }
}

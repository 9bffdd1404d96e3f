/// Several training rows laid one after another, without padding; what all begin with is laid once, before them.
///
/// Of a row only what its targets need is read: the tokens before the last target. A common beginning (system prompt
/// and template) is read once for all rows of a pass and gets the sum of their gradients, which is the same thing.
struct PackedRows {
    /// A run of tokens that attend to each other, and to the common beginning.
    struct Segment {
        let tokens: Range<Int>
        /// How many tokens of the common beginning come before it: all of them, or none for that beginning itself.
        let prefix: Int
    }

    /// A common beginning shorter than this is not worth its own attention products.
    private static let shortestPrefix = 4

    /// The tokens read, of all rows.
    private(set) var tokens: [Int32] = []
    /// Each token's place in its own row.
    private(set) var positions: [Int32] = []
    /// Where each row's tokens lie; the common beginning, where there is one, is the first segment.
    private(set) var segments: [Segment] = []
    /// The tokens after which a target is predicted, and the targets.
    private(set) var targets: [(row: Int, token: Int32)] = []

    init(_ examples: [TrainingExample]) {
        let prefix = Self.commonPrefix(examples)
        if prefix > 0, let first = examples.first {
            tokens += first.tokens[..<prefix]
            positions += 0..<Int32(prefix)
            segments.append(Segment(tokens: 0..<prefix, prefix: 0))
        }
        for example in examples {
            let read = Self.read(example)
            let start = tokens.count
            tokens += example.tokens[prefix..<read]
            positions += Int32(prefix)..<Int32(read)
            segments.append(Segment(tokens: start..<start + read - prefix, prefix: prefix))
            for index in prefix..<read where example.trained[index + 1] {
                targets.append((start + index - prefix, example.tokens[index + 1]))
            }
        }
    }

    /// How many tokens all rows begin with, short of the first that predicts a target.
    private static func commonPrefix(_ examples: [TrainingExample]) -> Int {
        guard examples.count > 1, let first = examples.first else { return 0 }
        var length = Int.max
        for example in examples {
            let predicting = (example.trained.dropFirst().firstIndex(of: true) ?? 1) - 1
            length = min(length, predicting, zip(first.tokens, example.tokens).prefix { $0 == $1 }.count)
        }
        return length < shortestPrefix ? 0 : length
    }

    /// How many tokens of a row are read.
    private static func read(_ example: TrainingExample) -> Int { example.trained.lastIndex(of: true) ?? 0 }

    /// Target tokens of a row.
    static func targetCount(_ example: TrainingExample) -> Int { example.trained.dropFirst().count { $0 } }

    /// Cuts a batch into parts of at most `tokens` tokens (or one row) and of about equal length, which bounds the memory
    /// of a pass. Gradients of the parts add up to the batch's.
    static func parts(_ batch: [TrainingExample], tokens limit: Int) -> [PackedRows] {
        let prefix = commonPrefix(batch)
        let lengths = batch.map { read($0) - prefix }
        let room = max(1, limit - prefix)
        let total = lengths.reduce(0, +)
        let count = max(1, (total + room - 1) / room)
        var parts: [[TrainingExample]] = []
        var (tokens, before) = (0, 0)
        for (example, own) in zip(batch, lengths) {
            // A row goes where the greater part of it would fall.
            if parts.isEmpty || tokens + own > room || (before + own / 2) * count >= total * parts.count {
                parts.append([])
                tokens = 0
            }
            parts[parts.count - 1].append(example)
            tokens += own
            before += own
        }
        return parts.map { PackedRows($0) }
    }
}

/// Several training rows laid one after another, without padding.
///
/// Of a row only what its targets need is read: the tokens before the last target.
struct PackedRows {
    /// The tokens read, of all rows.
    private(set) var tokens: [Int32] = []
    /// Each token's place in its own row.
    private(set) var positions: [Int32] = []
    /// Where each row's tokens lie.
    private(set) var rows: [Range<Int>] = []
    /// The tokens after which a target is predicted, and the targets.
    private(set) var targets: [(row: Int, token: Int32)] = []

    init(_ examples: some Sequence<TrainingExample>) {
        for example in examples {
            let read = Self.read(example)
            let start = tokens.count
            tokens += example.tokens[..<read]
            positions += (0..<Int32(read))
            rows.append(start..<start + read)
            for index in 0..<read where example.trained[index + 1] {
                targets.append((start + index, example.tokens[index + 1]))
            }
        }
    }

    /// How many tokens of a row are read.
    private static func read(_ example: TrainingExample) -> Int { example.trained.lastIndex(of: true) ?? 0 }

    /// Target tokens of a row.
    static func targetCount(_ example: TrainingExample) -> Int { example.trained.dropFirst().count { $0 } }

    /// Cuts a batch into parts of at most `tokens` tokens (or one row), which bounds the memory of a pass. Gradients of
    /// the parts add up to the batch's.
    static func parts(_ batch: [TrainingExample], tokens limit: Int) -> [PackedRows] {
        var parts: [[TrainingExample]] = []
        var tokens = 0
        for example in batch {
            let read = read(example)
            if parts.isEmpty || tokens + read > limit {
                parts.append([])
                tokens = 0
            }
            parts[parts.count - 1].append(example)
            tokens += read
        }
        return parts.map(PackedRows.init)
    }
}

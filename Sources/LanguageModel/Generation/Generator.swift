/// Generates answers to many requests at once.
///
/// Continuous batching (Yu et al. 2022): every step runs one token of each sequence that decodes and the prompts of
/// those that have just got a place, in one pass; a sequence that ends gives its place to the next request at once.
/// What all prompts have in common at their beginning is read once. What a request answers does not depend on the
/// others, but for the rounding of sums.
public struct Generator: Sendable {
    private let model: Transformer
    private let tokenizer: Tokenizer
    private let batchSize: Int
    private let stopTokens: Set<Int32>
    private let activity: EngineActivity
    private let now: @Sendable () -> Double

    /// Prompt tokens read in one step at most: enough for matrix products to be efficient, and little enough that
    /// cancelling is prompt.
    private static let promptTokensAStep = 512
    /// A common beginning shorter than this is not worth a pass of its own.
    private static let shortestPrefix = 8

    /// - Parameters:
    ///   - batchSize: sequences that decode together. More are faster in all and slower for each.
    ///   - activity: counts the passes.
    ///   - now: a clock in seconds, for the results' times.
    public init(
        model: Transformer, tokenizer: Tokenizer, batchSize: Int = 32, activity: EngineActivity = EngineActivity(),
        now: @escaping @Sendable () -> Double = MonotonicClock.seconds
    ) throws {
        try self.init(
            model: model, tokenizer: tokenizer, batchSize: batchSize, stopTokens: tokenizer.stopTokens,
            activity: activity, now: now)
    }

    init(
        model: Transformer, tokenizer: Tokenizer, batchSize: Int, stopTokens: Set<Int32>,
        activity: EngineActivity = EngineActivity(),
        now: @escaping @Sendable () -> Double = MonotonicClock.seconds
    ) throws {
        guard (1...1024).contains(batchSize) else {
            throw EngineError.invalidOption(name: "batch size", expected: "1 to 1024", found: "\(batchSize)")
        }
        self.model = model
        self.tokenizer = tokenizer
        self.batchSize = batchSize
        self.stopTokens = stopTokens
        self.activity = activity
        self.now = now
    }

    /// - Throws: `EngineError` for a request that cannot be run: no prompt, one longer than the context, or an option
    ///   out of range.
    public func check(_ request: GenerationRequest) throws {
        try model.check(request.promptTokens, what: "the prompt")
        guard request.maxTokens >= 1 else {
            throw EngineError.invalidOption(name: "max_tokens", expected: "at least 1", found: "\(request.maxTokens)")
        }
        guard request.temperature >= 0, request.temperature.isFinite else {
            throw EngineError.invalidOption(name: "temperature", expected: "0 or more", found: "\(request.temperature)")
        }
        guard request.topP > 0, request.topP <= 1 else {
            throw EngineError.invalidOption(name: "top_p", expected: "above 0, up to 1", found: "\(request.topP)")
        }
    }

    /// Generates an answer to each request, on the caller's thread, which it blocks.
    ///
    /// - Parameters:
    ///   - isCancelled: asked before every step.
    ///   - onFinish: called with the request's index the moment it is finished, in the order of finishing. What it
    ///     throws ends the generation and is thrown on.
    /// - Throws: `EngineError` if any request cannot be run (`check`), before anything is; `CancellationError`.
    public func generate(
        _ requests: [GenerationRequest], isCancelled: () -> Bool = { false },
        onFinish: (Int, GenerationResult) throws -> Void
    ) throws {
        for request in requests { try check(request) }
        guard !requests.isEmpty else { return }
        let pass = InferencePass(model, activity: activity)
        let prefix = try readPrefix(requests, pass, isCancelled: isCancelled)

        var waiting = requests.indices.makeIterator()
        var active: [ActiveSequence] = []
        while true {
            while active.count < batchSize, let index = waiting.next() {
                active.append(admit(index, requests[index], prefix: prefix))
            }
            if active.isEmpty { return }
            if isCancelled() { throw CancellationError() }
            try step(&active, pass, prefix: prefix, onFinish: onFinish)
        }
    }

    private func admit(_ index: Int, _ request: GenerationRequest, prefix: KeyValueCache?) -> ActiveSequence {
        let skipping = prefix?.count ?? 0
        let prompt = request.promptTokens.count
        // A prompt that fills the context still has one answer token: it is predicted, not read.
        let limit = min(request.maxTokens, model.configuration.contextLength - prompt + 1)
        return ActiveSequence(
            index: index, request: request, skipping: skipping, limit: limit,
            cache: KeyValueCache(model.configuration, capacity: prompt - skipping + limit - 1), now: now())
    }

    /// One pass over all active sequences; the finished ones are delivered and removed.
    private func step(
        _ active: inout [ActiveSequence], _ pass: InferencePass, prefix: KeyValueCache?,
        onFinish: (Int, GenerationResult) throws -> Void
    ) throws {
        var spans: [InferencePass.Span] = []
        // Which sequences have read all they had, and the last row of each.
        var ready: [(sequence: Int, row: Int)] = []
        var (row, budget) = (0, Self.promptTokensAStep)
        for index in active.indices {
            let count = min(active[index].unread.count, max(budget, 1))
            budget -= count
            row += count
            spans.append(InferencePass.Span(cache: active[index].cache, tokens: active[index].take(count)))
            if active[index].unread.isEmpty { ready.append((index, row - 1)) }
        }
        pass.run(spans, prefix: prefix)

        let vocabulary = model.configuration.vocabulary
        let logits = pass.logits(rows: ready.map(\.row))
        var finished: [(sequence: Int, reason: GenerationResult.FinishReason)] = []
        for (place, (sequence, _)) in ready.enumerated() {
            let row = UnsafeMutableBufferPointer(start: logits + place * vocabulary, count: vocabulary)
            if let reason = try active[sequence].advance(row, tokenizer: tokenizer, stopTokens: stopTokens) {
                finished.append((sequence, reason))
            }
        }
        for (sequence, reason) in finished {
            try onFinish(active[sequence].index, active[sequence].result(reason, now: now()))
        }
        for (sequence, _) in finished.reversed() { active.remove(at: sequence) }
    }

    /// Reads what all prompts begin with; nil when that is next to nothing.
    private func readPrefix(
        _ requests: [GenerationRequest], _ pass: InferencePass, isCancelled: () -> Bool
    ) throws -> KeyValueCache? {
        let common = Self.commonPrefix(requests.map(\.promptTokens))
        guard requests.count > 1, common.count >= Self.shortestPrefix else { return nil }
        let cache = KeyValueCache(model.configuration, capacity: common.count)
        var unread = common[...]
        while !unread.isEmpty {
            if isCancelled() { throw CancellationError() }
            pass.run(
                [InferencePass.Span(cache: cache, tokens: Array(unread.prefix(Self.promptTokensAStep)))], prefix: nil)
            unread = unread.dropFirst(Self.promptTokensAStep)
        }
        return cache
    }

    /// The longest common beginning that leaves each prompt at least one token of its own to predict from.
    static func commonPrefix(_ prompts: [[Int32]]) -> ArraySlice<Int32> {
        guard let first = prompts.first else { return [] }
        var length = first.count - 1
        for prompt in prompts.dropFirst() {
            length = min(length, prompt.count - 1)
            length = zip(first.prefix(length), prompt).prefix { $0 == $1 }.count
        }
        return first.prefix(max(0, length))
    }
}

/// A request that has a place in the batch: what it has still to read, and what it has generated.
struct ActiveSequence {
    /// The request's place in the list that was given.
    let index: Int
    let cache: KeyValueCache
    let startedAt: Double

    private let request: GenerationRequest
    private let limit: Int
    private let stops: [[UInt8]]
    private var sampler: Sampler
    private(set) var unread: ArraySlice<Int32>
    private var tokens: [Int32] = []
    private var bytes: [UInt8] = []

    /// - Parameters:
    ///   - skipping: tokens of the prompt that the shared prefix has read already.
    ///   - limit: the most tokens to generate, at least 1.
    init(index: Int, request: GenerationRequest, skipping: Int, limit: Int, cache: KeyValueCache, now: Double) {
        self.index = index
        self.request = request
        self.limit = limit
        self.cache = cache
        startedAt = now
        stops = request.stop.map { Array($0.utf8) }.filter { !$0.isEmpty }
        sampler = Sampler(temperature: request.temperature, topP: request.topP, seed: request.seed)
        unread = request.promptTokens[skipping...]
    }

    /// Takes up to `count` tokens to read next.
    mutating func take(_ count: Int) -> [Int32] {
        defer { unread = unread.dropFirst(count) }
        return Array(unread.prefix(count))
    }

    /// Picks a token from the logits after the last token read.
    /// - Returns: why the answer is finished, or nil when it goes on with the token picked.
    /// - Throws: `EngineError.notFinite`.
    mutating func advance(_ logits: UnsafeMutableBufferPointer<Float>, tokenizer: Tokenizer, stopTokens: Set<Int32>)
        throws
        -> GenerationResult.FinishReason?
    {
        guard let token = sampler.pick(logits) else {
            throw EngineError.notFinite(
                what: "the model's output",
                advice: "The weights or the adapter are damaged, or training diverged (lower the learning rate).")
        }
        if stopTokens.contains(token) {
            ended = true
            return .stop
        }
        tokens.append(token)
        if !tokenizer.special.contains(token) {
            bytes.append(contentsOf: tokenizer.bytes(token, isFirst: tokens.count == 1))
        }
        if cutAtStop(newBytes: tokenizer.bytes(token).count) { return .stop }
        unread = [token]
        return tokens.count >= limit ? .length : nil
    }

    private var ended = false

    /// Cuts the text before a stop text that the last token has completed.
    private mutating func cutAtStop(newBytes: Int) -> Bool {
        var cut = bytes.count + 1
        for stop in stops where stop.count <= bytes.count {
            // A match that ended before the new bytes would have been found before.
            var at = max(0, bytes.count - newBytes - stop.count + 1)
            while at + stop.count <= bytes.count, at < cut {
                if bytes[at..<at + stop.count].elementsEqual(stop) { cut = at }
                at += 1
            }
        }
        guard cut <= bytes.count else { return false }
        bytes.removeLast(bytes.count - cut)
        return true
    }

    func result(_ reason: GenerationResult.FinishReason, now: Double) -> GenerationResult {
        GenerationResult(
            text: String(decoding: bytes, as: UTF8.self), tokens: tokens, promptTokenCount: request.promptTokens.count,
            completionTokenCount: tokens.count + (ended ? 1 : 0), finishReason: reason, seconds: now - startedAt)
    }
}

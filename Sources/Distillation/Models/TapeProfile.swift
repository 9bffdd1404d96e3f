internal import Tables

/// What a kernel replays: answers that were recorded on a tape and cost nothing any more.
public struct TapeProfile: Sendable, Hashable {
    /// The tape's file, without its folder.
    public let file: String
    /// The kernel that was recorded. What is computed with the tape counts as computed with it.
    public let kernel: String
    /// The day of the recording: `2026-11-22`.
    public let day: String
    /// How many answers there are.
    public let count: Int
    /// By alias what answered then: `gpt-4.1 of api.openai.com`.
    public let models: [String: String]
    /// By alias what its tokens cost then; none where the recorded kernel named no price.
    public let prices: [String: TokenPrice]

    public init(
        file: String, kernel: String, day: String, count: Int, models: [String: String],
        prices: [String: TokenPrice] = [:]
    ) {
        self.file = file
        self.kernel = kernel
        self.day = day
        self.count = count
        self.models = models
        self.prices = prices
    }

    /// For people who look at what a notebook would call.
    public var sentence: String {
        let names = models.keys.sorted().map { "\($0) (\(models[$0] ?? ""))" }.joined(separator: ", ")
        return "\(names) \(models.count == 1 ? "is" : "are") replayed from the tape \(file), recorded on \(day): "
            + "\(Number.integer(Int64(count)).grouped) answer\(count == 1 ? "" : "s"), at no cost; nothing is sent."
    }
}

internal import Distillation

/// How long models' replies are, measured on what they said before.
struct ReplyLengths {
    private var known: [String: (count: Int, tokens: Int, text: String)] = [:]
    /// The mean of the notebook's earlier runs, for models of which the store has nothing; nil where none ran.
    let usual: Double?

    /// Completions that are looked at.
    private static let limit = 5_000

    init(_ store: (any CompletionStoring)?, earlier: [CellUsage]) {
        for stored in (try? store?.completions(CompletionFilter(limit: Self.limit))) ?? [] {
            let entry = known[stored.request.model.id] ?? (0, 0, stored.completion.text)
            known[stored.request.model.id] = (
                entry.count + 1, entry.tokens + stored.completion.usage.completionTokens, entry.text
            )
        }
        let requests = earlier.reduce(0) { $0 + $1.requests }
        let tokens = earlier.reduce(0) { $0 + $1.completionTokens }
        usual = requests > 0 ? Double(tokens) / Double(requests) : nil
    }

    /// Mean tokens of a model's replies.
    func mean(of id: String) -> Double? { known[id].map { Double($0.tokens) / Double(max(1, $0.count)) } }

    /// Something that a model said.
    func text(of id: String) -> String? { known[id]?.text }
}

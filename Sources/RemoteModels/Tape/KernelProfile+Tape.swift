public import Distillation

extension KernelProfile {
    /// Which provider a tape's recorded models have.
    public static let tapeProvider = "tape"

    /// How the name of such a kernel begins: `tape:cora.jsonl`.
    public static let tapePrefix = "tape:"

    /// The kernel that replays a tape: the aliases that were recorded answer from it, all others run as in another
    /// kernel, which is the embedded one.
    /// - Parameter base: the kernel of everything else; its models get its provider by name.
    public init(tape: Tape, others base: KernelProfile) {
        let header = tape.header
        var models = base.models.mapValues { $0.run(by: base.provider) }
        for model in header.models {
            // Free, and known to be so: nothing is paid for an answer that was paid for.
            models[model.alias] = ModelSpecification(
                id: model.identity.id, price: TokenPrice(input: 0, output: 0),
                summary: "replayed: \(model.words), recorded on \(header.day)")
        }
        let words = Dictionary(header.models.map { ($0.alias, $0.words) }, uniquingKeysWith: { first, _ in first })
        let prices = Dictionary(
            header.models.compactMap { model in model.price.map { (model.alias, $0) } },
            uniquingKeysWith: { first, _ in first })
        self.init(
            name: Self.tapePrefix + tape.name, displayName: "distnb (replays the tape \(tape.name))",
            provider: Self.tapeProvider, models: models, embedding: base.embedding?.run(by: base.provider),
            folders: base.folders, maxTokens: header.maxTokens, machineHour: base.machineHour,
            leastTrainingRows: base.leastTrainingRows,
            tape: TapeProfile(
                file: tape.name, kernel: header.kernel, day: header.day, count: header.count, models: words,
                prices: prices))
    }
}

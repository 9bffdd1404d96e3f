internal import Distillation
public import Foundation

/// What training made of a model.
public enum TrainingResult: Sendable {
    case adapter(LoRAAdapter)
    case weights(LanguageModelWeights)

    /// The file to keep: an adapter exactly (32 bit), whole weights in 16 bit, which halves 250 MB. What is compared later
    /// is always what was read back.
    public func encode() throws -> Data {
        switch self {
        case .adapter(let adapter): try adapter.encode(.single)
        case .weights(let weights): try weights.encode(.half)
        }
    }
}

/// The values that are trained, by kind of update, and what becomes of them.
struct TrainingTask {
    let model: TrainedModel
    /// The values before the first step; made anew, for nobody should hold on to them.
    let initialValues: () -> [Float]
    /// The greatest magnitude that the result's file can hold.
    let greatest: Float
    private let base: LanguageModelWeights
    private let make: ([Float]) -> TrainingResult

    /// Turns trained values into the result.
    /// - Throws: `EngineError.notFinite` where the last steps diverged.
    func finish(_ values: [Float]) throws -> TrainingResult {
        guard values.allSatisfy({ abs($0) <= greatest }) else {
            throw EngineError.notFinite(
                what: "a trained weight", advice: "Training diverged: lower the learning rate.")
        }
        return make(values)
    }

    /// The model as it is with these values, ready to answer.
    func transformer(_ values: [Float]) throws -> Transformer {
        switch make(values) {
        case .adapter(let adapter): try Transformer(base, adapter: adapter)
        case .weights(let weights): try Transformer(weights)
        }
    }

    /// - Throws: `EngineError.invalidOption` for a rank or α out of range.
    init(_ base: LanguageModelWeights, _ options: FineTuneOptions) throws {
        self.base = base
        switch options.update {
        case .lora:
            let adapter = try LoRAAdapter.fresh(
                base.configuration, rank: options.rank, alpha: Float(options.alpha), seed: options.seed)
            model = TrainedModel(base, layout: adapter.layout, scale: adapter.scale)
            initialValues = { adapter.values }
            greatest = .greatestFiniteMagnitude
            make = { .adapter(LoRAAdapter(layout: adapter.layout, alpha: adapter.alpha, values: $0)) }
        case .full:
            let layout = WeightsLayout(base.configuration)
            model = TrainedModel(layout)
            initialValues = {
                defer { base.letGo() }
                return base.flattened(layout)
            }
            greatest = Float(Float16.greatestFiniteMagnitude)
            make = { .weights(base.replacing(values: $0, layout)) }
        }
    }
}

public import Distillation

extension EmbeddedProvider {
    public func prune(
        _ job: PruningJob, cancellation: Cancellation, progress: (Int, Int) -> Void
    ) throws -> PruningResult {
        try translating {
            let model = job.model
            guard model.trainedWeights == nil, model.specification.adapter == nil else {
                throw ProviderError(
                    "`\(model.displayName)` was fine-tuned; only an untrained model's layers can be chosen.",
                    hint: "prune the model it was made from, then fine-tune")
            }
            let language = try language(of: model.specification)
            let weights = try language.weights(model.specification)
            // By their numbers in the file, whatever was taken away before.
            let numbers = model.specification.layers ?? Array(0..<weights.configuration.layers)
            guard (1...numbers.count).contains(job.count) else {
                throw ProviderError(
                    "`\(model.displayName)` has \(numbers.count) layers; `to:` says \(job.count).",
                    hint: "choose from 1 to \(numbers.count)")
            }
            let rows = try job.conversations.map(language.template.example)
            for (index, row) in rows.enumerated() where row.tokens.count > weights.configuration.contextLength {
                throw EngineError.tooLong(
                    what: "row \(index + 1)", tokens: row.tokens.count, limit: weights.configuration.contextLength)
            }
            let pruning = LayerPruning(weights, isCancelled: cancellation.isRequested)
            switch job.criterion {
            case .influence:
                let influences = try pruning.influences(rows.map(\.tokens), progress: progress)
                // The least first; of equals the later.
                let order = influences.indices.sorted { (influences[$0], $1) < (influences[$1], $0) }
                return PruningResult(
                    numbers, removed: Array(order.prefix(numbers.count - job.count)), measures: influences, loss: nil)
            case .loss:
                let (removed, loss) = try pruning.removals(rows, keeping: job.count, progress: progress)
                var measures = [Double?](repeating: nil, count: numbers.count)
                for (layer, loss) in removed { measures[layer] = loss }
                return PruningResult(numbers, removed: removed.map(\.layer), measures: measures, loss: loss)
            }
        }
    }
}

extension PruningResult {
    /// - Parameters:
    ///   - numbers: the layers' numbers in the file.
    ///   - removed: those that go, by their places, the first to go first.
    ///   - measures: by place.
    fileprivate init(_ numbers: [Int], removed: [Int], measures: [Double?], loss: Double?) {
        self.init(
            layers: numbers.indices.filter { !removed.contains($0) }.map { numbers[$0] },
            measures: numbers.indices.map { place in
                LayerMeasure(
                    layer: numbers[place], measure: measures[place],
                    removed: removed.firstIndex(of: place).map { $0 + 1 })
            }, loss: loss)
    }
}

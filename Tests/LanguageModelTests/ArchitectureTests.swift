import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// Tiny models of every architecture against PyTorch (Tests/References/architecture_reference.py), and against themselves
/// where the engine takes another way.
@Suite struct ArchitectureTests {
    @Test func everyArchitectureHasAReference() throws {
        #expect(try Set(ReferenceModel.all.map { try $0.configuration.architecture }) == Set(Architecture.allCases))
    }

    @Test(arguments: ReferenceModel.all) func logitsAgreeWithTransformers(_ reference: ReferenceModel) throws {
        let model = try Transformer(reference.weights)
        let alone = try reference.sequences.map { try model.logits($0.ids) }
        let together = try model.logits(batch: reference.sequences.map(\.ids))
        let vocabulary = model.configuration.vocabulary
        for (index, sequence) in reference.sequences.enumerated() {
            for (position, wanted) in zip(sequence.positions, sequence.logits) {
                for logits in [alone[index], together[index]] {
                    let row = logits[position * vocabulary..<(position + 1) * vocabulary]
                    let worst = zip(row, wanted).map { abs($0 - $1) }.max() ?? .infinity
                    #expect(worst < 1e-4, "position \(position)")
                }
            }
        }
    }

    /// The loss, the gradient of every tensor, and ten steps.
    private func check(
        _ model: TrainedModel, _ start: [Float], _ wanted: ReferenceModel.Training,
        _ range: (String) throws -> Range<Int>
    ) throws {
        let rows = try ReferenceModel.rows
        let gradient = BatchGradient(model)
        var (values, gradients) = (start, [Float](repeating: 0, count: model.count))
        #expect(abs(gradient.run(rows, parameters: values, gradients: &gradients) - wanted.loss) < 1e-5)
        let tolerance = Products.gradientTolerance
        #expect(abs(Double(AdamW.norm(gradients)) - wanted.gradient_norm) < tolerance * wanted.gradient_norm)
        var measured = 0
        for tensor in wanted.gradients {
            let range = try range(tensor.name)
            let own = gradients[range]
            let norm = own.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(norm - tensor.norm) < tolerance * tensor.norm, "\(tensor.name)")
            // The sampled entries as one vector, which may be smaller than its tensor's others.
            var (difference, size) = (0.0, tensor.norm * tensor.norm / Double(own.count))
            for (index, value) in zip(tensor.indices, tensor.values) {
                let own = Double(own[range.lowerBound + index])
                difference += (own - value) * (own - value)
                size += value * value
            }
            #expect(difference.squareRoot() < tolerance * size.squareRoot(), "\(tensor.name)")
            measured += range.count
        }
        #expect(measured == model.count)

        var optimizer = AdamW(count: model.count, weightDecay: 0.01)
        for (step, loss) in wanted.losses.dropLast().enumerated() {
            let own = gradient.run(rows, parameters: values, gradients: &gradients)
            #expect(abs(own - loss) < 1e-3, "step \(step)")
            optimizer.step(
                &values, gradients, learningRate: wanted.learning_rate,
                gradientScale: AdamW.clip(norm: AdamW.norm(gradients), to: 1))
        }
        #expect(abs(gradient.loss(rows, parameters: values) - (wanted.losses.last ?? .infinity)) < 1e-3)
    }

    @Test(arguments: ReferenceModel.all) func loraIsPyTorchs(_ reference: ReferenceModel) throws {
        let weights = try reference.weights
        let adapter = try reference.adapter(weights.configuration)
        let modules = ["q", "k", "v", "o", "gate", "up", "down"]
        try check(
            TrainedModel(weights, layout: adapter.layout, scale: adapter.scale), adapter.values, reference.lora
        ) { name in
            let parts = name.split(separator: ".")
            let layer = try #require(Int(parts[1]))
            let projection = Projection.allCases[try #require(modules.firstIndex(of: String(parts[2])))]
            return parts[3] == "A" ? adapter.layout.a(layer, projection) : adapter.layout.b(layer, projection)
        }
    }

    @Test(arguments: ReferenceModel.all) func fullFineTuningIsPyTorchs(_ reference: ReferenceModel) throws {
        let weights = try reference.weights
        let layout = WeightsLayout(weights.configuration)
        try check(TrainedModel(layout), weights.flattened(layout), reference.full) { name in
            layout.range(try #require(weights.configuration.tensors.first { $0.name == name }))
        }
    }

    /// Central differences along the gradient, with noise, one matrix at a time. The loss is computed in single
    /// precision: with ε = 2⁻⁸ its rounding and the third derivative stay near 1 % of these gradients.
    @Test(arguments: ReferenceModel.all) func gradientsAgreeWithFiniteDifferences(_ reference: ReferenceModel) throws {
        let weights = try reference.weights
        let shape = weights.configuration
        let layout = WeightsLayout(shape)
        let adapter = try reference.adapter(shape)
        let rows = try ReferenceModel.rows
        let full = shape.parts.map { ("\($0)", layout.range($0)) }
        let low = (0..<shape.layers).flatMap { layer in
            Projection.allCases.flatMap { projection in
                [
                    ("A of \(projection), layer \(layer)", adapter.layout.a(layer, projection)),
                    ("B of \(projection), layer \(layer)", adapter.layout.b(layer, projection)),
                ]
            }
        }
        for (model, values, parts) in [
            (TrainedModel(layout), weights.flattened(layout), full),
            (TrainedModel(weights, layout: adapter.layout, scale: adapter.scale), adapter.values, low),
        ] {
            let gradient = BatchGradient(model)
            var gradients = [Float](repeating: 0, count: values.count)
            _ = gradient.run(rows, parameters: values, gradients: &gradients)
            var random = RandomStream(seed: 23)
            for (name, range) in parts {
                let direction = range.map { gradients[$0] * (0.5 + random.unit()) }
                let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
                let step: Float = 0x1p-8
                func loss(_ sign: Float) -> Double {
                    var moved = values
                    for (index, d) in zip(range, direction) { moved[index] += sign * step * d / length }
                    return gradient.loss(rows, parameters: moved)
                }
                let measured = (loss(1) - loss(-1)) / Double(2 * step)
                let wanted = zip(range, direction).reduce(0.0) { $0 + Double(gradients[$1.0] * $1.1 / length) }
                #expect(abs(measured - wanted) < 0.02 * abs(wanted) + 1e-4, "\(name)")
            }
        }
    }

    /// What rows begin with is read once, and long rows in tiles: the sum of the rows' gradients all the same.
    @Test(arguments: ReferenceModel.all, FineTuneOptions.Update.allCases)
    func gradientsOfABatchAreTheSumOfItsRows(_ reference: ReferenceModel, _ update: FineTuneOptions.Update) throws {
        let weights = try reference.weights
        let layout = WeightsLayout(weights.configuration)
        let adapter = try reference.adapter(weights.configuration)
        let parameters = update == .full ? weights.flattened(layout) : adapter.values
        let model =
            update == .full
            ? TrainedModel(layout) : TrainedModel(weights, layout: adapter.layout, scale: adapter.scale)
        let rows = (0..<3).map { row in
            TrainingExample(
                tokens: (0..<20).map { 3 * $0 % 50 } + (0..<140).map { Int32(($0 * (row + 3) + row) % 60) },
                trained: (0..<160).map { $0 > 25 && $0 % 3 == 0 })
        }
        let gradient = BatchGradient(model)
        var together = [Float](repeating: 0, count: parameters.count)
        let loss = gradient.run(rows, parameters: parameters, gradients: &together)
        var (apart, sum) = ([Float](repeating: 0, count: together.count), 0.0)
        for row in rows {
            var own = apart
            sum += gradient.run([row], parameters: parameters, gradients: &own) / Double(rows.count)
            for index in own.indices { apart[index] += own[index] / Float(rows.count) }
        }
        #expect(abs(loss - sum) < 1e-5)
        let largest = apart.map { abs($0) }.max() ?? 0
        #expect((zip(together, apart).map { abs($0 - $1) }.max() ?? .infinity) < 1e-5 * max(1, largest))
    }

    /// The answers as tokens, each request alone and in batches; they have a long beginning in common.
    @Test(arguments: ReferenceModel.all) func anAnswerDependsOnItsRequestOnly(_ reference: ReferenceModel) throws {
        let weights = try reference.weights
        let model = try Transformer(weights)
        let tokenizer = try Tokenizer(TinyModel.gguf)
        let requests = (0..<7).map { index in
            GenerationRequest(
                promptTokens: (0..<19).map { 5 * $0 % 31 } + (0...index).map { Int32(($0 * $0 + index) % 60) },
                maxTokens: 4 + index * 3 % 11)
        }
        func run(_ requests: [GenerationRequest], batchSize: Int) throws -> [[Int32]] {
            var tokens = [[Int32]](repeating: [], count: requests.count)
            let generator = try Generator(
                model: model, tokenizer: tokenizer, batchSize: batchSize, stopTokens: [], now: { 0 })
            try generator.generate(requests) { index, result in tokens[index] = result.tokens }
            return tokens
        }
        let alone = try requests.map { try run([$0], batchSize: 1)[0] }
        for batchSize in [1, 3, 16] { #expect(try run(requests, batchSize: batchSize) == alone) }
        // And without any cache, each token from all before it.
        let last = try #require(requests.last), answer = try #require(alone.last)
        var tokens = last.promptTokens
        for token in answer {
            let logits = try model.logits(tokens).suffix(weights.configuration.vocabulary)
            #expect(logits.max().flatMap { logits.firstIndex(of: $0) }.map { $0 - logits.startIndex } == Int(token))
            tokens.append(token)
        }
    }

    /// Logits with a prefix that others share, and in pieces, are those of the whole.
    @Test(arguments: ReferenceModel.all) func aSharedPrefixAndPiecesChangeNothing(_ reference: ReferenceModel) throws {
        let model = try Transformer(reference.weights)
        let shape = model.configuration
        let tokens = (0..<100).map { Int32($0 * $0 % 59) }
        let wanted = try model.logits(tokens).suffix(shape.vocabulary)
        for (prefixLength, piece) in [(0, 7), (30, 70), (30, 9), (90, 3), (99, 1)] {
            let pass = InferencePass(model)
            let prefix = KeyValueCache(shape, capacity: prefixLength)
            if prefixLength > 0 {
                pass.run([InferencePass.Span(cache: prefix, tokens: Array(tokens[..<prefixLength]))], prefix: nil)
            }
            let (cache, other) = (KeyValueCache(shape, capacity: 100), KeyValueCache(shape, capacity: 100))
            var last = 0
            for start in stride(from: prefixLength, to: tokens.count, by: piece) {
                let own = Array(tokens[start..<min(tokens.count, start + piece)])
                // Another sequence of another length beside it, so that tiles hold both.
                let beside = InferencePass.Span(cache: other, tokens: [Int32(start % 50)])
                pass.run(
                    [beside, InferencePass.Span(cache: cache, tokens: own)], prefix: prefixLength > 0 ? prefix : nil)
                last = own.count
            }
            let logits = UnsafeBufferPointer(start: pass.logits(rows: [last]), count: shape.vocabulary)
            let worst = zip(logits, wanted).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 1e-4, "prefix \(prefixLength), pieces of \(piece)")
        }
    }

    @Test(arguments: ReferenceModel.all) func aStudentOfSomeLayersKeepsTheirKind(_ reference: ReferenceModel) throws {
        let weights = try reference.weights
        let chosen = Array((0..<weights.configuration.layers).reversed())
        let student = try weights.selecting(layers: chosen)
        for (layer, source) in chosen.enumerated() {
            #expect(student.configuration.isSliding(layer) == weights.configuration.isSliding(source))
        }
        #expect(
            try Transformer(student.selecting(layers: chosen)).logits([1, 2, 3])
                == Transformer(weights).logits([1, 2, 3]))
    }

    @Test(arguments: ReferenceModel.all) func weightsComeBackFromTheirFile(_ reference: ReferenceModel) throws {
        let weights = try reference.weights
        let layout = WeightsLayout(weights.configuration)
        let bytes = try weights.encode(.single)
        let file = try Safetensors(bytes, name: "weights")
        #expect(Set(file.tensors.keys) == Set(reference.tensors))
        let back = try weights.replacing(decoding: bytes, name: "weights")
        #expect(back.flattened(layout) == weights.flattened(layout))
    }

    @Test(arguments: ReferenceModel.all) func aMergedAdapterIsTheUnmergedOne(_ reference: ReferenceModel) throws {
        let weights = try reference.weights
        let adapter = try reference.adapter(weights.configuration)
        let rows = try ReferenceModel.rows
        let unmerged = BatchGradient(TrainedModel(weights, layout: adapter.layout, scale: adapter.scale))
        let merged = BatchGradient(
            TrainedModel(try weights.merging(adapter), layout: adapter.layout, scale: adapter.scale))
        let zero = [Float](repeating: 0, count: adapter.values.count)
        #expect(
            abs(unmerged.loss(rows, parameters: adapter.values) - merged.loss(rows, parameters: zero)) < 1e-5)
    }
}

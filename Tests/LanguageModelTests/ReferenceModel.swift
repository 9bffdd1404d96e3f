import Foundation
import Testing

@testable import LanguageModel

/// A tiny random model of Tests/References/architecture_reference.py, and what PyTorch computes with it.
struct ReferenceModel: Decodable, Sendable, CustomTestStringConvertible {
    struct Sequence: Decodable { let ids: [Int32]; let positions: [Int]; let logits: [[Float]] }

    /// A gradient's name, norm, some indices into it, and the entries there.
    struct Gradient: Decodable {
        let name: String
        let norm: Double
        let indices: [Int]
        let values: [Double]

        init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            name = try fields.decode(String.self)
            norm = try fields.decode(Double.self)
            indices = try fields.decode([Int].self)
            values = try fields.decode([Double].self)
        }
    }

    struct Training: Decodable {
        let loss: Double
        let gradient_norm: Double
        let learning_rate: Float
        let gradients: [Gradient]
        let losses: [Double]
    }

    let name: String
    let tensors: [String]
    let sequences: [Sequence]
    let full: Training
    let lora: Training

    var testDescription: String { name }

    private struct File: Decodable {
        struct Row: Decodable { let ids: [Int32]; let target_start: Int }
        let rank: Int
        let alpha: Float
        let rows: [Row]
        let models: [ReferenceModel]
    }

    private static let file = Result { try fixture("architectures", as: File.self) }
    static let all: [ReferenceModel] = (try? file.get().models) ?? []
    static var rank: Int { get throws { try file.get().rank } }
    static var alpha: Float { get throws { try file.get().alpha } }
    static var rows: [TrainingExample] {
        get throws {
            try file.get().rows.map { row in
                TrainingExample(tokens: row.ids, trained: row.ids.indices.map { $0 >= row.target_start })
            }
        }
    }

    static func named(_ name: String) throws -> ReferenceModel { try #require(all.first { $0.name == name }) }

    /// The bytes of the model's `config.json`; in the words of older files nil where there are none.
    func config(inOldWords: Bool = false) throws -> [UInt8]? {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/architectures", withExtension: "json"))
        let file = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: any Sendable])
        let models = try #require(file["models"] as? [[String: any Sendable]])
        let model = try #require(models.first { $0["name"] as? String == name })
        guard let config = model[inOldWords ? "old_config" : "config"] else { return nil }
        return Array(try JSONSerialization.data(withJSONObject: config))
    }

    var configuration: ModelConfiguration {
        get throws { try ModelConfiguration(huggingFace: #require(try config()), file: "config.json") }
    }

    /// The weights, made by the script's formula.
    var weights: LanguageModelWeights {
        get throws {
            let shape = try configuration
            let layout = WeightsLayout(shape)
            var values = [Float](repeating: .nan, count: layout.count)
            for tensor in shape.tensors {
                let index = try #require(tensors.firstIndex(of: tensor.name), "\(tensor.name)")
                let (scale, base) = Self.scale(of: tensor, isGemma: shape.architecture == .gemma3)
                for (n, place) in layout.range(tensor).enumerated() {
                    let stored = Self.number(UInt64(index) << 32 + UInt64(n)) * scale + base
                    values[place] = stored + tensor.storedOffset
                }
            }
            #expect(shape.tensors.count == tensors.count)
            let empty = LanguageModelWeights(
                configuration: shape, sourceLayers: Array(0..<shape.layers), name: name,
                digest: FileDigest(MappedFile(name: name, data: Data()))
            ) { Matrix(rows: $0.rows(shape), columns: $0.columns(shape)) { _ in } }
            return empty.replacing(values: values, layout)
        }
    }

    private static func scale(of tensor: ModelTensor, isGemma: Bool) -> (scale: Float, base: Float) {
        if tensor.name.contains("norm") { return (0.4, isGemma ? 0 : 1) }
        if tensor.name.hasSuffix("bias") { return (0.5, 0) }
        return (Float(1.5 / Double(tensor.columns).squareRoot()), 0)
    }

    private static func number(_ index: UInt64) -> Float {
        var z = index &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return Float(z >> 40) / Float(1 << 23) - 1
    }

    /// The reference's A and B: sines and cosines of the indices.
    func adapter(_ shape: ModelConfiguration) throws -> LoRAAdapter {
        var adapter = try LoRAAdapter.fresh(shape, rank: Self.rank, alpha: Self.alpha, seed: 0)
        for layer in 0..<shape.layers {
            for (module, projection) in Projection.allCases.enumerated() {
                for (range, columns, isA) in [
                    (adapter.layout.a(layer, projection), projection.inputs(shape), true),
                    (adapter.layout.b(layer, projection), adapter.rank, false),
                ] {
                    for (offset, index) in range.enumerated() {
                        let (i, j) = (offset / columns, offset % columns)
                        let angle = 0.37 * Double(i) + 0.11 * Double(j) + Double(layer + module)
                        adapter.values[index] = Float(isA ? 0.2 * sin(angle) : 0.1 * cos(angle))
                    }
                }
            }
        }
        return adapter
    }
}

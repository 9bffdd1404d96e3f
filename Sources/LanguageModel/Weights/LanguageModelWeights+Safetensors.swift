public import Foundation

extension LanguageModelWeights {
    private static let embeddingName = "model.embed_tokens.weight"
    private static let normName = "model.norm.weight"
    private static let headName = "lm_head.weight"

    /// The matrices by the names that Hugging Face's Llama gives them, with their shapes and where they lie.
    private static func tensors(_ layout: WeightsLayout) -> [(name: String, shape: [Int], range: Range<Int>)] {
        let shape = layout.shape
        var all = [(embeddingName, [shape.vocabulary, shape.width], layout.embedding)]
        for layer in 0..<shape.layers {
            let prefix = "model.layers.\(layer)."
            func add(_ part: WeightsLayout.Part, _ projections: [Projection]) {
                var start = layout.part(layer, part).lowerBound
                for projection in projections {
                    let size = [projection.outputs(shape), projection.inputs(shape)]
                    let range = start..<start + size[0] * size[1]
                    all.append((prefix + projection.rawValue + ".weight", size, range))
                    start = range.upperBound
                }
            }
            all.append((prefix + "input_layernorm.weight", [shape.width], layout.part(layer, .attentionNorm)))
            add(.qkv, [.query, .key, .value])
            add(.output, [.output])
            all.append(
                (prefix + "post_attention_layernorm.weight", [shape.width], layout.part(layer, .feedForwardNorm)))
            add(.gateUp, [.gate, .up])
            add(.down, [.down])
        }
        all.append((normName, [shape.width], layout.finalNorm))
        if !shape.tiedEmbeddings { all.append((headName, [shape.vocabulary, shape.width], layout.head)) }
        return all
    }

    /// All weights as a safetensors file in the layout of Hugging Face's `LlamaForCausalLM`, deterministic to the byte.
    public func encode(_ precision: LoRAAdapter.Precision, metadata: [String: String] = [:]) throws -> Data {
        let layout = WeightsLayout(configuration)
        return try Self.encode(flattened(layout), layout, precision, metadata: metadata)
    }

    static func encode(
        _ values: [Float], _ layout: WeightsLayout, _ precision: LoRAAdapter.Precision, metadata: [String: String] = [:]
    ) throws -> Data {
        var metadata = metadata
        metadata["format"] = "pt"
        var file = Safetensors(metadata: metadata)
        for (name, shape, range) in tensors(layout) {
            file.append(name, shape: shape, values[range], as: precision == .half ? .half : .single)
        }
        return try file.encode()
    }

    /// This model with the weights of a file that `encode` wrote.
    /// - Throws: `WeightsError` for a damaged file, `EngineError.adapterMismatch` for another model's.
    func replacing(decoding bytes: Data, name: String) throws -> LanguageModelWeights {
        let file = try Safetensors(bytes, name: name)
        let layout = WeightsLayout(configuration)
        var values = [Float](repeating: 0, count: layout.count)
        for (key, shape, range) in Self.tensors(layout) {
            guard let found = try file.values(key, shape: shape, file: name) else {
                throw WeightsError.missing(file: name, name: key)
            }
            values.replaceSubrange(range, with: found)
        }
        return replacing(values: values, layout)
    }
}

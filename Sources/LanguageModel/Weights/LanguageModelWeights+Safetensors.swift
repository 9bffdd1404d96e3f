public import Foundation

extension LanguageModelWeights {
    /// All weights as a safetensors file in Hugging Face's layout of the architecture, deterministic to the byte.
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
        for tensor in layout.shape.tensors {
            var stored = values[layout.range(tensor)]
            if tensor.storedOffset != 0 { stored = ArraySlice(stored.map { $0 - tensor.storedOffset }) }
            file.append(tensor.name, shape: tensor.shape, stored, as: precision)
        }
        return try file.encode()
    }

    /// This model with the weights of a file that `encode` wrote.
    /// - Throws: `WeightsError` for a damaged file, `EngineError.adapterMismatch` for another model's.
    func replacing(decoding bytes: Data, name: String) throws -> LanguageModelWeights {
        let file = try Safetensors(bytes, name: name)
        let layout = WeightsLayout(configuration)
        var values = [Float](repeating: 0, count: layout.count)
        for tensor in configuration.tensors {
            guard let found = try file.values(tensor.name, shape: tensor.shape, file: name) else {
                throw WeightsError.missing(file: name, name: tensor.name)
            }
            let offset = tensor.storedOffset
            values.replaceSubrange(layout.range(tensor), with: offset == 0 ? found : found.map { $0 + offset })
        }
        return replacing(values: values, layout)
    }
}

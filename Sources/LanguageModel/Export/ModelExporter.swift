internal import Distillation
internal import OrderedCollections
internal import Tables

/// Writes a model, whole, as files that other programs read.
struct ModelExporter {
    /// What the model was read from: its tokenizer and all that it says of itself are taken over.
    let source: WeightsSource
    /// Layers selected, adapters merged, as it is to be written.
    let weights: LanguageModelWeights
    let tokenizer: Tokenizer
    /// Hashes of the rows that it was trained on; empty where it was not.
    let trainedOn: String
    let encoding: TensorEncoding

    var shape: ModelConfiguration { weights.configuration }

    /// The files of a format.
    /// - Throws: `WeightsError`, `EngineError`.
    func files(_ format: ModelExport.Format) throws -> [ExportedFile] {
        switch format {
        case .gguf: [try ggufFile()]
        case .folder: try folderFiles()
        case .safetensors: [try weightsFile("")]
        }
    }

    /// The tensors, checked.
    func tensors(_ layout: OutgoingTensor.Layout) throws -> [OutgoingTensor] {
        try shape.tensors.map { tensor in
            let outgoing = try OutgoingTensor(tensor, of: weights, layout: layout, encoding: encoding)
            try outgoing.check()
            return outgoing
        }
    }

    /// All weights as safetensors in Hugging Face's layout.
    func weightsFile(_ name: String) throws -> ExportedFile {
        guard encoding != .q8_0 else {
            throw EngineError.invalidOption(
                name: "precision", expected: "\"f16\" or \"f32\" where it is no GGUF file (these have \"q8_0\")",
                found: "\"q8_0\"")
        }
        var metadata: [String: String] = ["format": "pt"]
        if !trainedOn.isEmpty { metadata[Lineage.metadataKey] = trainedOn }
        let tensors = try tensors(.huggingFace)
        let header = try Safetensors.header(
            of: tensors.map { ($0.name, $0.encoding == .single ? .single : .half, $0.shape) }, metadata: metadata)
        return ExportedFile(name) { put throws(FileError) in
            try put(Array(header))
            for tensor in tensors { try tensor.write(put) }
        }
    }
}

internal import Distillation

extension ModelExporter {
    /// The model as one GGUF file.
    func ggufFile() throws -> ExportedFile {
        var encoder = GGUFEncoder()
        switch source {
        case .gguf(let file): try takeOver(file, into: &encoder)
        case .folder(let folder):
            describe(folder, in: &encoder)
            try GGUFTokenizer(folder).write(to: &encoder)
        }
        encoder.set("general.file_type", encoding.ggufFileType)
        encoder.set("general.quantization_version", UInt32(2))
        if !trainedOn.isEmpty { encoder.set(Lineage.metadataKey, trainedOn) }
        try describeWindows(in: &encoder)
        var tensors = try tensors(.gguf)
        switch shape.rotary.scaling {
        case .none, .linear: break
        // Frequencies that are not all divided by one number stand in a tensor.
        case .llama3, .divisors:
            let divisors = shape.rotary.divisors(headWidth: shape.headWidth) ?? []
            tensors.append(OutgoingTensor("rope_freqs.weight", divisors))
        }
        return encoder.file(tensors)
    }

    /// Says which layers see a window only, where they are not those that readers take for granted.
    /// - Throws: `WeightsError.unsupported` for architectures whose windows GGUF has no words for.
    private func describeWindows(in encoder: inout GGUFEncoder) throws {
        guard let sliding = shape.sliding else { return }
        guard shape.architecture == .gemma3 else {
            throw WeightsError.unsupported(
                file: source.name, what: "a window in some layers", found: "there",
                supported: "exports of such models to folders")
        }
        guard sliding.layers != ModelConfiguration.usualSlidingLayers(shape.layers) else { return }
        encoder.set("gemma3.attention.sliding_window_pattern", sliding.layers)
    }

    /// All that the source says, but for what selecting layers and dequantising changed.
    private func takeOver(_ file: GGUFFile, into encoder: inout GGUFEncoder) throws {
        try encoder.copyEntries(of: file)
        for (key, _) in file.entries where key.hasPrefix("split.") || key.hasPrefix("quantize.") { encoder.remove(key) }
        let prefix = try file.string("general.architecture") + "."
        let before = try file.integer(prefix + "block_count", in: ModelConfiguration.Limits.layers)
        guard weights.sourceLayers != Array(0..<before) else { return }
        encoder.set(prefix + "block_count", UInt32(shape.layers))
        encoder.remove("general.size_label")
        // A list with a value for each layer.
        for (key, value) in file.metadata where key.hasPrefix(prefix) {
            switch value {
            case .integers(let values) where values.count == before:
                encoder.set(key, weights.sourceLayers.map { Int32(clamping: values[$0]) })
            case .floats(let values) where values.count == before:
                encoder.set(key, weights.sourceLayers.map { Float(values[$0]) })
            case .bools(let values) where values.count == before:
                encoder.set(key, weights.sourceLayers.map { values[$0] })
            default: break
            }
        }
    }

    /// What a folder's `config.json` says, in GGUF's words.
    private func describe(_ folder: SafetensorsFolder, in encoder: inout GGUFEncoder) {
        let prefix = shape.architecture.rawValue + "."
        encoder.set("general.architecture", shape.architecture.rawValue)
        encoder.set("general.type", "model")
        encoder.set("general.name", folder.displayName)
        let sizes = [
            ("block_count", shape.layers), ("context_length", shape.contextLength), ("embedding_length", shape.width),
            ("feed_forward_length", shape.ffnWidth), ("attention.head_count", shape.heads),
            ("attention.head_count_kv", shape.kvHeads), ("attention.key_length", shape.headWidth),
            ("attention.value_length", shape.headWidth), ("rope.dimension_count", shape.headWidth),
            ("vocab_size", shape.vocabulary),
        ]
        for (key, size) in sizes { encoder.set(prefix + key, UInt32(size)) }
        encoder.set(prefix + "attention.layer_norm_rms_epsilon", shape.normEpsilon)
        encoder.set(prefix + "rope.freq_base", shape.rotary.base)
        if case .linear(let factor) = shape.rotary.scaling {
            encoder.set(prefix + "rope.scaling.type", "linear")
            encoder.set(prefix + "rope.scaling.factor", factor)
        }
        if shape.architecture == .gemma3 {
            encoder.set(prefix + "attention.scale", shape.queryScale)
            if let softcap = shape.logitSoftcap { encoder.set(prefix + "final_logit_softcapping", softcap) }
        }
        if let sliding = shape.sliding {
            encoder.set(prefix + "attention.sliding_window", UInt32(clamping: sliding.window))
            encoder.set(prefix + "rope.freq_base_swa", sliding.rotary.base)
        }
    }
}

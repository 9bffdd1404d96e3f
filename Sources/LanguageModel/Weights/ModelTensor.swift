/// A matrix of a model as the engine keeps it.
enum ModelPart: Sendable, Hashable {
    /// [vocabulary, width]
    case embedding
    case layer(Int, LayerPart)
    /// [width]
    case finalNorm
    /// The output projection [vocabulary, width], where it is not the embedding.
    case head

    func rows(_ shape: ModelConfiguration) -> Int {
        switch self {
        case .embedding, .head: shape.vocabulary
        case .layer(_, let part): part.rows(shape)
        case .finalNorm: 1
        }
    }

    func columns(_ shape: ModelConfiguration) -> Int {
        switch self {
        case .embedding, .head, .finalNorm: shape.width
        case .layer(_, let part): part.columns(shape)
        }
    }
}

/// A tensor of a model as files name and store it, and the place of its values in a part of the model.
///
/// The one table of what an architecture's files hold: reading, export and layouts follow it.
struct ModelTensor: Sendable, Hashable {
    let part: ModelPart
    /// Where the tensor begins in its part, in values.
    let offset: Int
    /// [outputs, inputs] of a matrix, [length] of a vector.
    let shape: [Int]
    /// The name in Hugging Face's files.
    let name: String
    /// The name in GGUF files.
    let ggufName: String
    /// What has to be added to the values of Hugging Face's files; GGUF's have it.
    var storedOffset: Float = 0
    /// The number of heads whose rows GGUF interleaves; 0 where it keeps their order.
    var interleavedHeads = 0

    var count: Int { shape.reduce(1, *) }
    /// Rows of the matrix; 1 for a vector.
    var rows: Int { shape.count == 2 ? shape[0] : 1 }
    var columns: Int { shape.last ?? 1 }
}

extension ModelConfiguration {
    /// The parts that the model has, in the order in which a forward pass meets them.
    var parts: [ModelPart] {
        let layers = (0..<layers).flatMap { layer in layerParts.map { ModelPart.layer(layer, $0) } }
        return [.embedding] + layers + [.finalNorm] + (tiedEmbeddings ? [] : [.head])
    }

    /// The parts of each layer.
    var layerParts: [LayerPart] { LayerPart.allCases.filter(architecture.has) }

    /// All tensors of the model's files, in the order of the parts.
    var tensors: [ModelTensor] { parts.flatMap(tensors) }

    /// The tensors whose values make a part, in order.
    func tensors(_ part: ModelPart) -> [ModelTensor] {
        switch part {
        case .embedding: [matrix(part, "model.embed_tokens.weight", "token_embd.weight")]
        case .head: [matrix(part, "lm_head.weight", "output.weight")]
        case .finalNorm: [norm(part, "model.norm.weight", "output_norm.weight")]
        case .layer(let index, let layerPart): tensors(layerPart, part, "model.layers.\(index).", "blk.\(index).")
        }
    }

    private func tensors(_ part: LayerPart, _ place: ModelPart, _ prefix: String, _ ggufPrefix: String)
        -> [ModelTensor]
    {
        func norm(_ name: String, _ ggufName: String) -> [ModelTensor] {
            [self.norm(place, "\(prefix)\(name).weight", "\(ggufPrefix)\(ggufName).weight")]
        }
        switch part {
        case .attentionNorm: return norm("input_layernorm", "attn_norm")
        case .queryNorm: return norm("self_attn.q_norm", "attn_q_norm")
        case .keyNorm: return norm("self_attn.k_norm", "attn_k_norm")
        case .postAttentionNorm: return norm("post_attention_layernorm", "post_attention_norm")
        // Without a norm after attention, Hugging Face names the one that comes next after it.
        case .feedForwardNorm:
            let isFirst = !architecture.has(.postAttentionNorm)
            return norm(isFirst ? "post_attention_layernorm" : "pre_feedforward_layernorm", "ffn_norm")
        case .postFeedForwardNorm: return norm("post_feedforward_layernorm", "post_ffw_norm")
        case .qkv, .qkvBias, .output, .gateUp, .down:
            let isBias = part == .qkvBias
            var offset = 0
            return part.projections.map { projection in
                let shape = isBias ? [projection.outputs(self)] : [projection.outputs(self), projection.inputs(self)]
                let suffix = isBias ? "bias" : "weight"
                var tensor = ModelTensor(
                    part: place, offset: offset, shape: shape, name: "\(prefix)\(projection.rawValue).\(suffix)",
                    ggufName: "\(ggufPrefix)\(projection.ggufName).\(suffix)")
                offset += tensor.count
                if architecture.interleavesHeadsInGGUF { tensor.interleavedHeads = projection.rotatedHeads(self) }
                return tensor
            }
        }
    }

    private func matrix(_ part: ModelPart, _ name: String, _ ggufName: String) -> ModelTensor {
        ModelTensor(
            part: part, offset: 0, shape: [part.rows(self), part.columns(self)], name: name, ggufName: ggufName)
    }

    private func norm(_ part: ModelPart, _ name: String, _ ggufName: String) -> ModelTensor {
        ModelTensor(
            part: part, offset: 0, shape: [part.columns(self)], name: name, ggufName: ggufName,
            storedOffset: architecture.normOffset)
    }
}

import Distillation
import Foundation
import Testing

@testable import LanguageModel

/// What is read of `config.json` and of GGUF metadata.
@Suite struct ConfigurationTests {
    private static let all = ReferenceModel.all

    private func parse(_ fields: [String: any Sendable]) throws -> ModelConfiguration {
        try ModelConfiguration(
            huggingFace: Array(try JSONSerialization.data(withJSONObject: fields)), file: "tiny/config.json")
    }

    private func fields(_ name: String) throws -> [String: any Sendable] {
        let bytes = try #require(try ReferenceModel.named(name).config())
        return try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: any Sendable])
    }

    @Test(arguments: all) func oldWordsSayTheSame(_ reference: ReferenceModel) throws {
        guard let old = try reference.config(inOldWords: true) else { return }
        #expect(try ModelConfiguration(huggingFace: old, file: "config.json") == reference.configuration)
    }

    @Test func publishedConfigurationsAreRead() throws {
        let qwen = try parse([
            "model_type": "qwen2", "hidden_act": "silu", "hidden_size": 896, "intermediate_size": 4864,
            "max_position_embeddings": 32768, "max_window_layers": 21, "num_attention_heads": 14,
            "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1_000_000.0,
            "sliding_window": 32768, "tie_word_embeddings": true, "use_sliding_window": false, "vocab_size": 151936,
        ])
        #expect(qwen.headWidth == 64 && qwen.tiedEmbeddings && qwen.sliding == nil && qwen.rotary.base == 1e6)
        #expect(WeightsLayout(qwen).count == 494_032_768)

        // The 4-billion model's: most of its text model's numbers are the class's defaults.
        let gemma = try parse([
            "model_type": "gemma3", "vision_config": ["hidden_size": 1152],
            "text_config": [
                "hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text", "num_hidden_layers": 34,
                "rope_scaling": ["factor": 8.0, "rope_type": "linear"] as [String: any Sendable],
                "sliding_window": 1024,
            ] as [String: any Sendable],
        ])
        #expect(gemma.heads == 8 && gemma.kvHeads == 4 && gemma.headWidth == 256 && gemma.vocabulary == 262_208)
        #expect(gemma.rotary == RotaryEmbedding(base: 1e6, scaling: .linear(factor: 8)))
        #expect(gemma.sliding?.rotary == RotaryEmbedding(base: 1e4) && gemma.sliding?.window == 1024)
        #expect(gemma.sliding?.layers.indices.filter { !gemma.isSliding($0) } == [5, 11, 17, 23, 29])
        #expect(gemma.tiedEmbeddings && gemma.queryScale == 0.0625)
    }

    @Test func otherArchitecturesAreRefusedByName() throws {
        var fields = try fields("llama")
        fields["model_type"] = "mamba"
        let error = try #require(throws: WeightsError.self) { try parse(fields) }
        #expect(
            error.description
                == "tiny/config.json: the architecture is `mamba`; the embedded engine runs `llama`, `qwen2`, `qwen3`, `gemma3`."
        )
        var writer = GGUFWriter()
        writer.header(tensors: 0, metadata: 1)
        writer.entry("general.architecture", "falcon")
        let other = try #require(throws: WeightsError.self) { try ModelConfiguration(TinyModel.open(writer.bytes)) }
        #expect(other.description.contains("`falcon`") && other.description.contains("`gemma3`"))
    }

    @Test func optionsThatTheEngineDoesNotRunAreRefused() throws {
        let changes: [(String, String, any Sendable)] = [
            ("llama", "attention_bias", true), ("llama", "mlp_bias", true), ("llama", "hidden_act", "gelu"),
            ("qwen3", "attention_bias", true), ("gemma3", "attn_logit_softcapping", 50.0),
            ("gemma3", "use_bidirectional_attention", true), ("gemma3", "hidden_activation", "silu"),
            ("qwen2", "partial_rotary_factor", 0.5),
            ("qwen2", "rope_parameters", ["rope_type": "yarn", "factor": 4.0] as [String: any Sendable]),
        ]
        for (name, key, value) in changes {
            var fields = try fields(name)
            fields[key] = value
            let error = try #require(throws: WeightsError.self, "\(key)") { try parse(fields) }
            guard case .unsupported = error else { Issue.record("\(key): \(error)"); continue }
        }
    }

    /// Whatever a number becomes, reading ends in a shape whose sizes can be counted with, or in an error.
    @Test(arguments: all) func noHostileNumberTraps(_ reference: ReferenceModel) throws {
        let fields = try fields(reference.name)
        let odd: [any Sendable] = [
            -1, 0, 1, 3, 1 << 40, Int.max, Int.min, 1e300, -1e-300, 0.5, "7", true, [1, 2], [String: Int](), NSNull(),
        ]
        for key in fields.keys.sorted() {
            for value in odd {
                var changed = fields
                changed[key] = value
                do {
                    let shape = try parse(changed)
                    #expect(WeightsLayout(shape).count > 0 && !shape.tensors.isEmpty)
                    _ = shape.rotary.frequencies(headWidth: shape.headWidth)
                } catch is WeightsError {}
            }
            var without = fields
            without[key] = nil
            do { _ = try parse(without) } catch is WeightsError {}
        }
        for text in ["", "[]", "null", "{", "{}", "\"llama\"", "{\"model_type\": 3}"] {
            #expect(throws: WeightsError.self) { try ModelConfiguration(huggingFace: Array(text.utf8), file: "c") }
        }
    }

    @Test func aListOfLayersMustFitTheirNumber() throws {
        var fields = try fields("gemma3")
        fields["layer_types"] = ["full_attention"]
        #expect(throws: WeightsError.self) { try parse(fields) }
        fields["layer_types"] = ["full_attention", "odd", "full_attention"]
        #expect(throws: WeightsError.self) { try parse(fields) }
    }
}

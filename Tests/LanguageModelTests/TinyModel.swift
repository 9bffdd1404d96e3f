import Distillation
import Foundation

@testable import LanguageModel

/// Writes GGUF files for tests: any header, valid or not.
struct GGUFWriter {
    private(set) var bytes = Data()

    mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func string(_ text: String) {
        integer(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func header(version: UInt32 = 3, tensors: UInt64, metadata: UInt64) {
        bytes.append(contentsOf: "GGUF".utf8)
        integer(version)
        integer(tensors)
        integer(metadata)
    }

    mutating func entry(_ key: String, _ value: UInt32) { string(key); integer(UInt32(4)); integer(value) }

    mutating func entry(_ key: String, _ value: Float) { string(key); integer(UInt32(6)); integer(value.bitPattern) }

    mutating func entry(_ key: String, _ value: String) { string(key); integer(UInt32(8)); string(value) }

    mutating func entry(_ key: String, _ value: Bool) { string(key); integer(UInt32(7)); integer(UInt8(value ? 1 : 0)) }

    mutating func entry(_ key: String, floats values: [Float]) {
        string(key)
        integer(UInt32(9))
        integer(UInt32(6))
        integer(UInt64(values.count))
        for value in values { integer(value.bitPattern) }
    }

    mutating func entry(_ key: String, _ values: [String]) {
        string(key)
        integer(UInt32(9))
        integer(UInt32(8))
        integer(UInt64(values.count))
        for value in values { string(value) }
    }

    mutating func entry(_ key: String, _ values: [Int32]) {
        string(key)
        integer(UInt32(9))
        integer(UInt32(5))
        integer(UInt64(values.count))
        for value in values { integer(value) }
    }

    mutating func append(_ data: Data) { bytes.append(data) }

    mutating func pad(to alignment: Int) {
        bytes.append(Data(count: (alignment - bytes.count % alignment) % alignment))
    }
}

/// A Llama of two layers with random weights and a vocabulary of the 256 bytes and a few more tokens: what the engine
/// does, it can be shown on it, without the real weights and in milliseconds.
enum TinyModel {
    static let width = 24, heads = 4, kvHeads = 2, headWidth = 6, inner = 40, layers = 2
    static let special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    static let merges = [("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("Ġ", "w"), ("a", "a"), ("aa", "aa")]
    static let template = """
        {% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe kind<|im_end|>\n' }}{% endif %}\
        {% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n'}}\
        {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """

    /// The byte alphabet, in the order of the bytes.
    static let alphabet: [String] = {
        var next: UInt32 = 0x100
        return (0..<256).map { (byte: UInt32) in
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE {
                return Unicode.Scalar(byte).map { String($0) } ?? ""
            }
            defer { next += 1 }
            return Unicode.Scalar(next).map { String($0) } ?? ""
        }
    }()

    static var tokens: [String] { special + alphabet + merges.map { $0.0 + $0.1 } }

    /// Name, dimensions (fastest first) of each tensor.
    static var tensors: [(name: String, dimensions: [Int])] {
        var tensors = [("token_embd.weight", [width, tokens.count]), ("output_norm.weight", [width])]
        for layer in 0..<layers {
            let prefix = "blk.\(layer)."
            tensors += [
                (prefix + "attn_norm.weight", [width]), (prefix + "attn_q.weight", [width, heads * headWidth]),
                (prefix + "attn_k.weight", [width, kvHeads * headWidth]),
                (prefix + "attn_v.weight", [width, kvHeads * headWidth]),
                (prefix + "attn_output.weight", [heads * headWidth, width]), (prefix + "ffn_norm.weight", [width]),
                (prefix + "ffn_gate.weight", [width, inner]), (prefix + "ffn_up.weight", [width, inner]),
                (prefix + "ffn_down.weight", [inner, width]),
            ]
        }
        return tensors
    }

    static let file: Data = {
        var writer = GGUFWriter()
        writer.header(tensors: UInt64(tensors.count), metadata: 16)
        writer.entry("general.architecture", "llama")
        writer.entry("llama.block_count", UInt32(layers))
        writer.entry("llama.embedding_length", UInt32(width))
        writer.entry("llama.attention.head_count", UInt32(heads))
        writer.entry("llama.attention.head_count_kv", UInt32(kvHeads))
        writer.entry("llama.feed_forward_length", UInt32(inner))
        writer.entry("llama.context_length", UInt32(256))
        writer.entry("llama.rope.freq_base", Float(10000))
        writer.entry("llama.attention.layer_norm_rms_epsilon", Float(1e-5))
        writer.entry("tokenizer.ggml.model", "gpt2")
        writer.entry("tokenizer.ggml.pre", "smollm")
        writer.entry("tokenizer.ggml.tokens", tokens)
        writer.entry("tokenizer.ggml.token_type", tokens.indices.map { $0 < special.count ? 3 : 1 })
        writer.entry("tokenizer.ggml.merges", merges.map { "\($0.0) \($0.1)" })
        writer.entry("tokenizer.ggml.eos_token_id", UInt32(2))
        writer.entry("tokenizer.chat_template", template)
        var offset = 0
        for (name, dimensions) in tensors {
            writer.string(name)
            writer.integer(UInt32(dimensions.count))
            for dimension in dimensions { writer.integer(UInt64(dimension)) }
            writer.integer(UInt32(0))
            writer.integer(UInt64(offset))
            offset += (dimensions.reduce(4, *) + 31) / 32 * 32
        }
        writer.pad(to: 32)
        var random = RandomStream(seed: 7)
        for (name, dimensions) in tensors {
            let scale: Float = dimensions.count == 1 ? 0.2 : 1 / Float(dimensions[0]).squareRoot()
            for _ in 0..<dimensions.reduce(1, *) {
                let value = (2 * random.unit() - 1) * scale * 1.7 + (name.contains("norm") ? 1 : 0)
                writer.integer(value.bitPattern)
            }
            writer.pad(to: 32)
        }
        return writer.bytes
    }()

    static var gguf: GGUFFile { get throws { try open(file) } }

    static func open(_ bytes: Data) throws -> GGUFFile { try GGUFFile(MappedFile(name: "tiny.gguf", data: bytes)) }

    static var weights: LanguageModelWeights { get throws { try LanguageModelWeights.load(gguf) } }
}

internal import Foundation
internal import LanguageModel

extension ModelDescription {
    /// Reads a GGUF file's header.
    init(gguf path: String) throws {
        self.init()
        bytes = FileSize.of(path)
        let file: GGUFFile
        do {
            file = try GGUFFile(URL(fileURLWithPath: path).resolvingSymlinksInPath())
        } catch let error as WeightsError {
            switch error {
            // A whole file that this engine cannot read yet is a model all the same.
            case .unsupported:
                problem = error.description
                return
            default: throw ModelLibraryError.noModel(path: path, reason: Self.sentence(error.description, of: path))
            }
        }
        func text(_ key: String) -> String? { if case .string(let text) = file.metadata[key] { text } else { nil } }
        func number(_ key: String) -> Int? {
            switch file.metadata[key] {
            case .unsigned(let value): Int(exactly: value)
            case .signed(let value): Int(exactly: value)
            default: nil
            }
        }
        let architecture = text("general.architecture")
        func own(_ key: String) -> Int? { architecture.flatMap { number("\($0).\(key)") } }
        facts = ModelFacts(
            architecture: architecture, parameters: file.tensors.values.reduce(0) { Self.sum($0, $1.count) },
            quantisation: number("general.file_type").flatMap { Self.fileTypes[$0] } ?? Self.mostUsed(file))
        title = text("general.name")
        layers = own("block_count")
        width = own("embedding_length")
        heads = own("attention.head_count")
        keyValueHeads = own("attention.head_count_kv") ?? heads
        headWidth = own("attention.key_length") ?? Self.quotient(width, heads)
        inner = own("feed_forward_length")
        vocabulary = file.tensors["token_embd.weight"]?.dimensions.last
        context = own("context_length")
        licence = text("general.license")
        if let model = text("tokenizer.ggml.model") {
            let kind = model == "gpt2" ? "byte-level BPE" : model == "llama" ? "SentencePiece" : model
            tokenizer = kind + (text("tokenizer.ggml.pre").map { " (\($0))" } ?? "")
        }
        template = text("tokenizer.chat_template").map(Self.templateKind)
    }

    /// The message about a file that is being described anyway, without its name before it and the stop after.
    private static func sentence(_ text: String, of path: String) -> String {
        var text = text
        for prefix in ["\(path) is ", "\(path): ", "\(path) "] where text.hasPrefix(prefix) {
            text = (prefix.hasSuffix("is ") ? "it is " : "") + text.dropFirst(prefix.count)
            break
        }
        while text.hasSuffix(".") { text.removeLast() }
        return text
    }

    private static func quotient(_ one: Int?, _ other: Int?) -> Int? {
        guard let one, let other, other > 0 else { return nil }
        return one / other
    }

    static func sum(_ one: Int, _ other: Int) -> Int {
        let (sum, overflow) = one.addingReportingOverflow(other)
        return overflow ? Int.max : sum
    }

    private static func mostUsed(_ file: GGUFFile) -> String? {
        var counts: [GGUFTensorType: Int] = [:]
        for tensor in file.tensors.values { counts[tensor.type] = sum(counts[tensor.type] ?? 0, tensor.count) }
        let most = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
        return most.map { "\($0.key)".uppercased() }
    }

    /// llama.cpp's `llama_ftype`: what a whole file is called after.
    private static let fileTypes: [Int: String] = [
        0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
        12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
    ]
}

/// How large files and folders are.
enum FileSize {
    /// Bytes of a file, or of the files of a folder that belong to a model; links are followed.
    static func of(_ path: String) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { return 0 }
        guard status.st_mode & S_IFMT == S_IFDIR else { return Int(status.st_size) }
        return ModelHash.files(in: path).reduce(0) { ModelDescription.sum($0, of("\(path)/\($1)")) }
    }
}

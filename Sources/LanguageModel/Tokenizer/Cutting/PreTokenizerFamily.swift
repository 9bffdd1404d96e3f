/// The pre-tokenizers that GGUF files name (`tokenizer.ggml.pre`), with what belongs to them. The names and what
/// they stand for are llama.cpp's.
struct PreTokenizerFamily: Sendable {
    let names: [String]
    let cutters: @Sendable () -> [PieceCutter]?
    /// Whether a piece that is a token is taken whole, whatever merges lead to.
    var takesWholeWords = false
    /// Whether texts are brought into normal form C first.
    var composes = false

    /// Every family that is known.
    static let all = [
        PreTokenizerFamily(
            names: ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"],
            cutters: { [.gpt2(isolatesNumbers: true)] }),
        PreTokenizerFamily(
            names: ["gpt-2", "phi-2", "mpt", "olmo", "jais", "roberta-bpe", "jina-v2-de", "jina-v2-es"],
            cutters: { [.gpt2(isolatesNumbers: false)] }),
        PreTokenizerFamily(
            names: ["llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral"],
            cutters: { split(KnownExpressions.llama3) },
            takesWholeWords: true),
        PreTokenizerFamily(
            names: ["smaug-bpe", "dbrx", "chatglm-bpe", "glm4"], cutters: { split(KnownExpressions.llama3) }),
        PreTokenizerFamily(
            names: ["qwen2", "deepseek-r1-qwen", "megrez"], cutters: { split(KnownExpressions.qwen2) }, composes: true),
        PreTokenizerFamily(names: ["stablelm2"], cutters: { split(KnownExpressions.qwen2) }),
        PreTokenizerFamily(names: ["tekken"], cutters: { split(KnownExpressions.tekken) }, takesWholeWords: true),
        PreTokenizerFamily(names: ["gpt-4o", "llama4"], cutters: { split(KnownExpressions.gpt4o) }),
        PreTokenizerFamily(names: ["deepseek-v3"], cutters: { splits(KnownExpressions.deepseek3) }),
        PreTokenizerFamily(names: ["default"], cutters: { splits(KnownExpressions.unnamed) }),
    ]

    static func named(_ name: String) -> PreTokenizerFamily? { all.first { $0.names.contains(name) } }

    private static func split(_ expression: String) -> [PieceCutter]? { splits([expression]) }

    private static func splits(_ expressions: [String]) -> [PieceCutter]? {
        var cutters: [PieceCutter] = []
        for text in expressions {
            guard let expression = PieceExpression(text) else { return nil }
            cutters.append(.split(expression, .isolated, isInverted: false))
        }
        return cutters
    }
}

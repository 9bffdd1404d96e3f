internal import Tables

/// How text is cut into pieces before merging, as `tokenizer.json` says it, by the names that llama.cpp gives.
struct PreTokenizerFields: Sendable {
    var normalizer: Value = .null
    let preTokenizer: Value
    var ignoresMerges = false

    private static let bytes: Value = [
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
    ]
    private static let gpt2: Value = [
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
    ]

    private static func split(_ pattern: String) -> Value {
        [
            "type": "Sequence",
            "pretokenizers": [
                ["type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false],
                bytes,
            ],
        ]
    }

    /// The pattern that Llama 3 and Qwen 2 share but for how many digits stand together.
    private static func wordsAndNumbers(_ numbers: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    /// All names, for messages.
    static var list: String { all.keys.sorted().map { "`\($0)`" }.joined(separator: ", ") }

    /// The name of a `pre_tokenizer` that does the same; nil where it is another.
    static func name(of fields: Value) -> String? {
        let wanted = essence(fields)
        return all.keys.sorted().first { all[$0].map { essence($0.preTokenizer) } == wanted }
    }

    /// The steps with what decides where they cut; how offsets are told does not matter.
    private static func essence(_ fields: Value) -> [String] {
        if let steps = fields[field: "pretokenizers"].list { return steps.flatMap(essence) }
        let keys = ["type", "pattern", "behavior", "invert", "individual_digits", "add_prefix_space", "use_regex"]
        return [keys.map { JSON.text(fields[field: $0], .canonical) }.joined(separator: " ")]
    }

    static let all: [String: PreTokenizerFields] = [
        "smollm": PreTokenizerFields(
            preTokenizer: [
                "type": "Sequence", "pretokenizers": [["type": "Digits", "individual_digits": true], gpt2],
            ]),
        "gpt-2": PreTokenizerFields(preTokenizer: gpt2),
        "qwen2": PreTokenizerFields(normalizer: ["type": "NFC"], preTokenizer: split(wordsAndNumbers(#"\p{N}"#))),
        "llama-bpe": PreTokenizerFields(
            preTokenizer: split(wordsAndNumbers(#"\p{N}{1,3}"#)), ignoresMerges: true),
    ]
}

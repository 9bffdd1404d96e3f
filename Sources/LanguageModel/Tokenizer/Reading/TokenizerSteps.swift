internal import Tables

/// The steps of a tokenizer.json around its model: normalizers, pre-tokenizers, decoders.
struct TokenizerSteps {
    private let file: TokenizerFile
    private(set) var normalizers: [Normalizer] = []
    private(set) var blank: [UInt8]?
    private(set) var prefix: TextPipeline.Prefix?
    private(set) var cutters: [PieceCutter] = []
    /// Whether pieces become the byte alphabet's letters.
    private(set) var isByteLevel = false
    private(set) var dropsLeadingBlank = false

    init(_ file: TokenizerFile) throws {
        self.file = file
        try addNormalizer(file.fields["normalizer"] ?? .null)
        try addPreTokenizer(file.fields["pre_tokenizer"] ?? .null)
        try readDecoder(file.fields["decoder"] ?? .null)
    }

    /// The steps of a `Sequence`, or the one step itself; `null` is none.
    private func steps(_ value: Value, _ key: String, _ list: String) throws -> [Value] {
        if value.isNull { return [] }
        guard value.record != nil else { throw file.malformed("`\(key)`", "an object or null", value.kindName) }
        guard value[field: "type"].text == "Sequence" else { return [value] }
        guard let steps = value[field: list].list else {
            throw file.malformed("`\(key).\(list)`", "a list", value[field: list].kindName)
        }
        return steps
    }

    private func text(_ value: Value, _ place: String) throws -> [UInt8] {
        guard let text = value.text else { throw file.malformed("`\(place)`", "text", value.kindName) }
        return Array(text.utf8)
    }

    /// The expression of a `pattern`, of a text or a regular expression.
    private func expression(_ pattern: Value, _ place: String) throws -> PieceExpression {
        let spelled: String
        if let literal = pattern[field: "String"].text {
            spelled = literal.unicodeScalars.map { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil || !scalar.isASCII
                    ? String(scalar) : "\\x{\(String(scalar.value, radix: 16))}"
            }.joined()
        } else if let regex = pattern[field: "Regex"].text {
            spelled = regex
        } else {
            throw file.malformed("`\(place)`", "a `String` or a `Regex`", pattern.kindName)
        }
        guard !spelled.isEmpty, let expression = PieceExpression(spelled) else {
            throw file.unsupported("`\(place)`", "`\(spelled.prefix(80))`", "regular expressions of PCRE2")
        }
        return expression
    }

    // MARK: Normalizers

    private mutating func addNormalizer(_ value: Value) throws {
        for step in try steps(value, "normalizer", "normalizers") {
            switch step[field: "type"].text ?? "" {
            case "NFC": normalizers.append(.canonical(composed: true))
            case "NFD": normalizers.append(.canonical(composed: false))
            case "NFKC": normalizers.append(.compatible(composed: true))
            case "NFKD": normalizers.append(.compatible(composed: false))
            case "Lowercase": normalizers.append(.lowercase)
            case "Prepend": normalizers.append(.prepend(try text(step[field: "prepend"], "normalizer.prepend")))
            case "Strip":
                normalizers.append(
                    .strip(
                        left: step[field: "strip_left"].bool ?? true, right: step[field: "strip_right"].bool ?? true))
            case "BertNormalizer":
                let lowercases = step[field: "lowercase"].bool ?? true
                normalizers.append(
                    .bert(
                        BertText(
                            cleans: step[field: "clean_text"].bool ?? true,
                            partsIdeographs: step[field: "handle_chinese_chars"].bool ?? true,
                            stripsAccents: step[field: "strip_accents"].bool ?? lowercases, lowercases: lowercases)))
            case "Replace":
                let content = try text(step[field: "content"], "normalizer.content")
                if let old = step[field: "pattern"][field: "String"].text, !old.isEmpty {
                    normalizers.append(.replace(Array(old.utf8), by: content))
                } else {
                    let expression = try expression(step[field: "pattern"], "normalizer.pattern")
                    normalizers.append(.replaceMatches(expression, by: content))
                }
            case "Sequence":
                throw file.unsupported("`normalizer`", "a sequence within a sequence", "one sequence")
            case let type:
                throw file.unsupported(
                    "the normalizer", "`\(type)`",
                    "BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace and Strip")
            }
        }
    }

    // MARK: Pre-tokenizers

    private mutating func addPreTokenizer(_ value: Value) throws {
        let steps = try steps(value, "pre_tokenizer", "pretokenizers")
        for (index, step) in steps.enumerated() {
            switch step[field: "type"].text ?? "" {
            case "ByteLevel":
                isByteLevel = true
                if step[field: "add_prefix_space"].bool ?? true {
                    guard index == 0 else {
                        throw file.unsupported(
                            "`pre_tokenizer.add_prefix_space`", "true in a later step", "true in the first step only")
                    }
                    prefix = TextPipeline.Prefix(text: [0x20], firstOnly: false)
                }
                if step[field: "use_regex"].bool ?? true { cutters.append(.gpt2(isolatesNumbers: false)) }
            case "BertPreTokenizer": cutters.append(.bert)
            case "Digits":
                cutters.append(.digits(individually: step[field: "individual_digits"].bool ?? false))
            case "Split":
                let name = step[field: "behavior"].text ?? "Isolated"
                guard let behavior = PieceCutter.Behavior(rawValue: name) else {
                    throw file.malformed("`pre_tokenizer.behavior`", "a way to split", name)
                }
                cutters.append(
                    .split(
                        try expression(step[field: "pattern"], "pre_tokenizer.pattern"), behavior,
                        isInverted: step[field: "invert"].bool ?? false))
            case "Metaspace": try addMetaspace(step, isFirst: index == 0)
            case let type:
                throw file.unsupported(
                    "the pre-tokenizer", "`\(type)`", "BertPreTokenizer, ByteLevel, Digits, Metaspace and Split")
            }
        }
        // The two together are what SmolLM writes: one pass instead of two.
        if cutters.count == 2, case .digits(individually: true) = cutters[0],
            case .gpt2(isolatesNumbers: false) = cutters[1]
        {
            cutters = [.gpt2(isolatesNumbers: true)]
        }
    }

    private mutating func addMetaspace(_ step: Value, isFirst: Bool) throws {
        guard isFirst else {
            throw file.unsupported("`pre_tokenizer`", "Metaspace in a later step", "Metaspace in the first step only")
        }
        let replacement = step[field: "replacement"].text ?? "\u{2581}"
        let bytes = Array(replacement.utf8)
        blank = bytes
        // Older files say `add_prefix_space` instead.
        let scheme =
            step[field: "prepend_scheme"].text ?? (step[field: "add_prefix_space"].bool ?? true ? "always" : "never")
        switch scheme {
        case "always": prefix = TextPipeline.Prefix(text: bytes, firstOnly: false)
        case "first": prefix = TextPipeline.Prefix(text: bytes, firstOnly: true)
        case "never": break
        default: throw file.malformed("`pre_tokenizer.prepend_scheme`", "always, first or never", scheme)
        }
        if step[field: "split"].bool ?? true {
            let pattern: Value = ["String": .string(replacement)]
            cutters.append(
                .split(try expression(pattern, "pre_tokenizer.replacement"), .mergedWithNext, isInverted: false))
        }
    }

    // MARK: Decoders

    private mutating func readDecoder(_ value: Value) throws {
        for step in try steps(value, "decoder", "decoders") {
            switch step[field: "type"].text ?? "" {
            case "ByteLevel", "ByteFallback", "Fuse", "Replace", "WordPiece": break
            case "Strip":
                guard step[field: "content"].text == " ", (step[field: "stop"].integer ?? 0) == 0,
                    let start = step[field: "start"].integer, (0...1).contains(start)
                else { throw file.unsupported("`decoder`", "this Strip", "a Strip of one leading blank") }
                dropsLeadingBlank = start == 1
            case "Metaspace":
                let scheme = step[field: "prepend_scheme"].text
                dropsLeadingBlank = scheme.map { $0 != "never" } ?? step[field: "add_prefix_space"].bool ?? true
            case let type:
                throw file.unsupported(
                    "the decoder", "`\(type)`",
                    "ByteLevel, ByteFallback, Fuse, Metaspace, Replace, Strip and WordPiece")
            }
        }
    }
}

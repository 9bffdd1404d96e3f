public import Foundation
internal import Tables

extension Tokenizer {
    /// Reads a tokenizer as Hugging Face's `tokenizers` writes it.
    /// - Parameters:
    ///   - json: a tokenizer.json with a BPE model: byte-level, or over characters as SentencePiece's are written.
    ///   - configuration: the tokenizer_config.json beside it, which names the tokens that chat templates write.
    ///   - endTokens: ids that end answers, from config.json or generation_config.json (`eos_token_id`).
    ///   - name: the file's name, for messages.
    /// - Throws: `WeightsError` when it is damaged or of a kind that is not run, or no token ends answers.
    public init(json: Data, configuration: Data? = nil, endTokens: [Int] = [], name: String = "tokenizer.json") throws {
        let file = try TokenizerFile(json, name: name)
        try Self.checkModel(file)
        let steps = try TokenizerSteps(file)
        let added = try AddedTokenList(file)
        let spellings = try Self.spellings(file, added)

        var found = TokenTable(capacity: spellings.count)
        var said = TokenTable(capacity: spellings.count)
        let hasBytes = file.model["byte_fallback"]?.bool ?? false
        var byteTokens = [Int32](repeating: -1, count: 256)
        for (id, entry) in spellings.enumerated() {
            if steps.isByteLevel {
                let bytes = entry.isAdded ? nil : ByteAlphabet.bytes(String(decoding: entry.spelling, as: UTF8.self))
                found.append(bytes ?? entry.spelling, findable: bytes != nil)
            } else if hasBytes, !entry.isAdded, let byte = SentencePiece.byte(entry.spelling) {
                byteTokens[Int(byte)] = Int32(id)
                found.append(entry.spelling, findable: false)
                said.append(CollectionOfOne(byte), findable: false)
            } else {
                // Added tokens that are text, such as several line breaks, can come out of merges as well.
                found.append(entry.spelling, findable: !entry.spelling.isEmpty && !entry.isSpecial)
                said.append(SentencePiece.said(entry.spelling), findable: false)
            }
        }
        let merged = try Self.merges(file, added)
        let takesWholeWords = file.model["ignore_merges"]?.bool ?? false
        let model: TokenModel
        if steps.isByteLevel {
            let byteTokens = (UInt8.min...UInt8.max).map { found.find(CollectionOfOne($0)) ?? -1 }
            model = .bytes(merged, byteTokens: byteTokens, words: takesWholeWords ? found : nil)
        } else {
            let unknown = file.model["unk_token"]?.text.flatMap { text in
                file.vocabulary.first { $0.spelling.elementsEqual(text.utf8) }.map { Int32($0.id) }
            }
            let fallback = ByteFallback(
                byteTokens: byteTokens, unknown: unknown, fusesUnknown: file.model["fuse_unk"]?.bool ?? false)
            model = .characters(merged, spellings: found, fallback, takesWholeWords: takesWholeWords)
        }
        var pipeline = TextPipeline(model: model)
        pipeline.normalizers = steps.normalizers
        pipeline.blank = steps.blank
        pipeline.prefix = steps.prefix
        pipeline.cutters = steps.cutters
        pipeline.added = AddedTokens(added.normalized(by: steps.normalizers))

        let named = try TokenizerConfiguration(configuration).namedTokens
        let ids = AddedTokens(added.tokens)
        let ends = endTokens.filter { $0 >= 0 && $0 < spellings.count }.map(Int32.init)
        let namedEnd = named["eos_token"].flatMap { ids.id($0) ?? found.find(Array($0.utf8)) }
        guard let end = namedEnd ?? ends.first else { throw WeightsError.missing(file: name, name: "eos_token") }
        self.init(
            table: steps.isByteLevel ? found : said, added: added.tokens.filter { !added.isNormalized($0.id) },
            pipeline: pipeline, end: end, otherEnds: ends, namedTokens: named,
            dropsLeadingBlank: steps.dropsLeadingBlank)
    }

    private static func checkModel(_ file: TokenizerFile) throws {
        // Old files do not name the model; it is BPE where there are merges.
        let type = file.model["type"]?.text ?? (file.merges.isEmpty ? "" : "BPE")
        guard type == "BPE" else {
            throw file.unsupported("the tokenizer's model", type.isEmpty ? "unnamed" : "`\(type)`", "`BPE`")
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = file.model[key]?.text, !text.isEmpty {
                throw file.unsupported("`model.\(key)`", "\"\(text.prefix(20))\"", "models without one")
            }
        }
        if let dropout = file.model["dropout"]?.double, dropout > 0 {
            throw file.unsupported("`model.dropout`", "\(dropout)", "models without dropout")
        }
    }

    /// All tokens by their ids; ids that no token has are empty.
    static func spellings(_ file: TokenizerFile, _ added: AddedTokenList) throws -> [(
        spelling: [UInt8], isAdded: Bool, isSpecial: Bool
    )] {
        var count = 0
        for entry in file.vocabulary { count = max(count, entry.id + 1) }
        for token in added.tokens { count = max(count, Int(token.id) + 1) }
        guard count > 0 else { throw file.malformed("`model.vocab`", "at least one token", "empty") }
        var spellings = [(spelling: [UInt8], isAdded: Bool, isSpecial: Bool)](
            repeating: ([], false, false), count: count)
        for entry in file.vocabulary { spellings[entry.id] = (entry.spelling, false, false) }
        for token in added.tokens { spellings[Int(token.id)] = (token.spelling, true, token.isSpecial) }
        return spellings
    }

    private static func merges(_ file: TokenizerFile, _ added: AddedTokenList) throws -> BytePairMerges {
        let special = AddedTokens(added.tokens)
        // Merges name tokens of the vocabulary, also those that are added tokens besides.
        var places = TokenTable(capacity: file.vocabulary.count)
        for entry in file.vocabulary { places.append(entry.spelling, findable: true) }
        func id(_ spelling: [UInt8]) -> Int32? {
            places.find(spelling).map { Int32(file.vocabulary[Int($0)].id) }
        }
        var merges = BytePairMerges(capacity: file.merges.count)
        for (rank, merge) in file.merges.enumerated() {
            guard let left = id(merge.left), let right = id(merge.right), let result = id(merge.left + merge.right)
            else {
                throw file.malformed(
                    "merge \(rank) of `model.merges`", "two tokens that make a third",
                    "\"\(String(decoding: merge.left + [0x20] + merge.right, as: UTF8.self).prefix(40))\"")
            }
            // Text must not become a special token by merges either.
            if special.contains(result) { continue }
            merges.add(left, right, rank: rank, result: result)
        }
        return merges
    }
}

/// `added_tokens` of a tokenizer.json.
struct AddedTokenList {
    private(set) var tokens: [AddedToken] = []
    private var normalizedIDs: Set<Int32> = []

    init(_ file: TokenizerFile) throws {
        guard let value = file.fields["added_tokens"], !value.isNull else { return }
        guard let list = value.list, list.count < TokenizerFile.mostTokens else {
            throw file.malformed("`added_tokens`", "a list of tokens", value.kindName)
        }
        for (index, entry) in list.enumerated() {
            guard let content = entry[field: "content"].text, let id = entry[field: "id"].integer, id >= 0,
                id < TokenizerFile.mostTokens
            else {
                throw file.malformed("`added_tokens[\(index)]`", "a token with `id` and `content`", entry.kindName)
            }
            let isSpecial = entry[field: "special"].bool ?? false
            tokens.append(
                AddedToken(
                    spelling: Array(content.utf8), id: Int32(id), isSpecial: isSpecial,
                    stripsLeft: entry[field: "lstrip"].bool ?? false,
                    stripsRight: entry[field: "rstrip"].bool ?? false,
                    isWord: entry[field: "single_word"].bool ?? false))
            // Special tokens never are: what a template writes is looked for before anything changes it.
            if !isSpecial, entry[field: "normalized"].bool ?? true { normalizedIDs.insert(Int32(id)) }
        }
    }

    /// Whether a token is looked for in normalized text.
    func isNormalized(_ id: Int32) -> Bool { normalizedIDs.contains(id) }

    /// The tokens that are looked for in normalized text, spelled as that text spells them.
    func normalized(by normalizers: [Normalizer]) -> [AddedToken] {
        tokens.filter { isNormalized($0.id) }.map { token in
            var spelling = token.spelling
            for normalizer in normalizers { normalizer.apply(&spelling, goesOn: false) }
            return AddedToken(
                spelling: spelling, id: token.id, isSpecial: false, stripsLeft: token.stripsLeft,
                stripsRight: token.stripsRight, isWord: token.isWord)
        }
    }
}

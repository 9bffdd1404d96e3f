internal import Foundation
internal import Tables

/// A BERT tokenizer: WordPiece over words without case and accents, as its `tokenizer.json` says.
struct WordPieceTokenizer: Sendable {
    /// Number of tokens.
    let vocabulary: Int
    /// What stands before and behind every text: `[CLS]` and `[SEP]`.
    let prefix: [Int32]
    let suffix: [Int32]

    private let special: AddedTokens
    private let pipeline: TextPipeline

    /// - Parameter name: what messages call the file.
    /// - Throws: `WeightsError` when it is damaged or of a kind that is not run.
    init(json: Data, name: String) throws {
        let file = try TokenizerFile(json, name: name)
        let type = file.model["type"]?.text ?? "unnamed"
        guard type == "WordPiece" else {
            throw file.unsupported("the tokenizer's model", "`\(type)`", "`WordPiece` for embeddings")
        }
        let steps = try TokenizerSteps(file)
        let added = try AddedTokenList(file)
        let entries = try Tokenizer.spellings(file, added)
        var spellings = TokenTable(capacity: entries.count)
        for entry in entries { spellings.append(entry.spelling, findable: !entry.spelling.isEmpty) }

        let unknown = file.model["unk_token"]?.text ?? "[UNK]"
        guard let unknownID = spellings.find(Array(unknown.utf8)) else {
            throw WeightsError.missing(file: name, name: unknown)
        }
        let longest = file.model["max_input_chars_per_word"] ?? 100
        guard let longestWord = longest.integer, longestWord >= 0 else {
            throw file.malformed("`model.max_input_chars_per_word`", "a whole number", JSON.text(longest))
        }
        let pieces = WordPieces(
            spellings: spellings,
            continuation: Array((file.model["continuing_subword_prefix"]?.text ?? "##").utf8), unknown: unknownID,
            longestWord: longestWord)
        var pipeline = TextPipeline(model: .wordPieces(pieces))
        pipeline.normalizers = steps.normalizers
        pipeline.blank = steps.blank
        pipeline.prefix = steps.prefix
        pipeline.cutters = steps.cutters
        pipeline.added = AddedTokens(added.normalized(by: steps.normalizers))
        self.pipeline = pipeline
        special = AddedTokens(added.tokens.filter { !added.isNormalized($0.id) })
        vocabulary = entries.count
        (prefix, suffix) = try Self.surroundings(file, vocabulary: entries.count)
    }

    /// The token ids of a text, with those that stand around it.
    /// - Parameters:
    ///   - treatment: what becomes of text that spells a special token, such as `[SEP]`.
    ///   - longest: how many tokens there are at most; the text's last ones are left out.
    /// - Returns: the ids, and whether some were left out.
    func encode(
        _ text: String, special treatment: Tokenizer.SpecialTokens, longest: Int = .max
    ) -> (tokens: [Int32], isCut: Bool) {
        let bytes = Array(text.utf8)
        let foreign = treatment == .plain ? ForeignRanges(ranges: [0..<bytes.count]) : .none
        let room = max(0, longest - prefix.count - suffix.count)
        var tokens: [Int32] = []
        for part in special.parts(of: bytes[...], foreign: foreign) {
            if let token = part.token {
                tokens.append(token)
            } else {
                let place: TextPipeline.Place = part.range.lowerBound == 0 ? .first : .inside
                pipeline.encode(bytes[part.range], at: place, into: &tokens)
            }
            if tokens.count > room { break }
        }
        return (prefix + tokens.prefix(room) + suffix, tokens.count > room)
    }

    /// What the post-processor puts around a text.
    private static func surroundings(
        _ file: TokenizerFile, vocabulary: Int
    ) throws -> (prefix: [Int32], suffix: [Int32]) {
        let processor = file.fields["post_processor"] ?? .null
        func id(_ value: Value) throws -> Int32 {
            guard let id = value.integer, (0..<vocabulary).contains(id) else {
                throw file.malformed("`post_processor`", "ids of the vocabulary", JSON.text(value))
            }
            return Int32(id)
        }
        switch processor[field: "type"].text {
        case nil where processor.isNull: return ([], [])
        case "BertProcessing":
            guard let start = processor[field: "cls"].list, let end = processor[field: "sep"].list, start.count == 2,
                end.count == 2
            else { throw file.malformed("`post_processor`", "`cls` and `sep` with their ids", "something else") }
            return ([try id(start[1])], [try id(end[1])])
        case "TemplateProcessing":
            var (prefix, suffix): ([Int32], [Int32]) = ([], [])
            var isBehind = false
            for step in processor[field: "single"].list ?? [] {
                if step[field: "Sequence"].record != nil {
                    guard !isBehind else {
                        throw file.unsupported("`post_processor.single`", "the text twice", "templates with it once")
                    }
                    isBehind = true
                } else if let name = step[field: "SpecialToken"][field: "id"].text,
                    let ids = processor[field: "special_tokens"][field: name][field: "ids"].list
                {
                    let ids = try ids.map(id)
                    if isBehind { suffix += ids } else { prefix += ids }
                } else {
                    throw file.malformed("`post_processor.single`", "special tokens and a sequence", JSON.text(step))
                }
            }
            guard isBehind else {
                throw file.malformed("`post_processor.single`", "a template with the text", "none")
            }
            return (prefix, suffix)
        default:
            throw file.unsupported(
                "the post-processor", "`\(processor[field: "type"].text ?? processor.kindName)`",
                "BertProcessing and TemplateProcessing")
        }
    }
}

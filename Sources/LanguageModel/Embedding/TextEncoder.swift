internal import Distillation
internal import Foundation
internal import Synchronization

/// A model that turns texts into unit vectors, of which a large product means that the texts mean the same.
struct TextEncoder: Sendable {
    let shape: EncoderConfiguration
    let weights: EncoderWeights
    let tokenizer: WordPieceTokenizer

    /// Whether a folder holds such a model, by its `config.json`.
    static func isOne(_ folder: String) -> Bool {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(SafetensorsFolder.configurationName)"),
            let file = try? HuggingFaceConfiguration([UInt8](bytes), file: folder)
        else { return false }
        return (try? file.text("model_type", default: "")) == EncoderConfiguration.modelType
    }

    /// Opens a folder as Hugging Face has it: `config.json`, `tokenizer.json`, `model.safetensors`, and, where they are
    /// there, what sentence-transformers says beside them.
    /// - Throws: `WeightsError`.
    init(folder: String) throws {
        func contents(_ name: String) throws -> [UInt8]? {
            // `modules.json` must not lead out of its folder.
            let isInside = !name.split(separator: "/").contains("..") && !name.hasPrefix("/") && !name.contains("\0")
            guard isInside, FileManager.default.fileExists(atPath: "\(folder)/\(name)") else { return nil }
            return try MappedFile(URL(fileURLWithPath: "\(folder)/\(name)")).contents
        }
        shape = try EncoderConfiguration(folder: folder, contents: contents)
        guard let json = try contents("tokenizer.json") else {
            throw WeightsError.missing(file: folder, name: "tokenizer.json")
        }
        tokenizer = try WordPieceTokenizer(json: Data(json), name: "\(folder)/tokenizer.json")
        guard tokenizer.vocabulary <= shape.vocabulary else {
            throw WeightsError.malformed(
                file: "\(folder)/tokenizer.json", place: "the vocabulary",
                expected: "at most \(shape.vocabulary) tokens",
                found: "\(tokenizer.vocabulary)")
        }
        guard tokenizer.prefix.count + tokenizer.suffix.count < shape.longestText else {
            throw WeightsError.malformed(
                file: "\(folder)/tokenizer.json", place: "`post_processor`",
                expected: "fewer tokens than the \(shape.longestText) of a text",
                found: "\(tokenizer.prefix.count + tokenizer.suffix.count)")
        }
        let file = "\(folder)/model.safetensors"
        guard FileManager.default.fileExists(atPath: file) else {
            throw WeightsError.missing(file: folder, name: "model.safetensors")
        }
        weights = try EncoderWeights(Safetensors(MappedFile(URL(fileURLWithPath: file))), shape, name: file)
    }

    /// The texts' vectors. Text that spells a special token is one, as sentence-transformers has it.
    /// - Parameter progress: told how many texts are done, of how many.
    /// - Throws: `EngineError`, `CancellationError`.
    func embeddings(
        of texts: [String], isCancelled: @Sendable () -> Bool, progress: (Int, Int) -> Void
    ) throws -> TextEmbeddings {
        // What is the same to the model is computed once.
        var places: [[Int32]: Int] = [:]
        var distinct: [[Int32]] = []
        var cut: [Int] = []
        var wanted: [Int] = []
        for (index, text) in texts.enumerated() {
            if index % 256 == 0, isCancelled() { throw CancellationError() }
            let (tokens, isCut) = tokenizer.encode(text, special: .parsed, longest: shape.longestText)
            guard !tokens.isEmpty else { throw EngineError.empty(what: "text \(index + 1)") }
            if isCut { cut.append(index) }
            if let place = places[tokens] {
                wanted.append(place)
            } else {
                places[tokens] = distinct.count
                wanted.append(distinct.count)
                distinct.append(tokens)
            }
        }
        let vectors = try vectors(distinct, of: texts.count, isCancelled: isCancelled, progress: progress)
        return TextEmbeddings(vectors: wanted.map { vectors[$0] }, cut: cut)
    }

    /// Passes that are begun together, for each core: after them the caller hears how far it is.
    private static let passesAtOnce = 4

    private func vectors(
        _ texts: [[Int32]], of count: Int, isCancelled: @Sendable () -> Bool, progress: (Int, Int) -> Void
    ) throws -> [[Float]] {
        let passes = passes(texts)
        let workers = (0..<Parallel.width).map { _ in EncoderPass(shape, weights) }
        var vectors = [[Float]](repeating: [], count: texts.count)
        var done = 0
        let step = Self.passesAtOnce * Parallel.width
        for start in stride(from: 0, to: passes.count, by: step) {
            if isCancelled() { throw CancellationError() }
            let group = passes[start..<min(passes.count, start + step)]
            let found = Mutex<[Int: Result<[[Float]], any Error>]>([:])
            Parallel.items(group.count) { item, worker in
                let pass = group[group.startIndex + item]
                let result = Result { try workers[worker].vectors(pass.map { texts[$0] }) }
                found.withLock { $0[item] = result }
            }
            for (item, result) in found.withLock({ $0 }) {
                let pass = group[group.startIndex + item]
                for (place, vector) in zip(pass, try result.get()) { vectors[place] = vector }
                done += pass.count
            }
            progress(done * count / max(1, texts.count), count)
        }
        return vectors
    }

    /// Passes in which room is looked for.
    private static let openPasses = 64

    /// Which texts go through together: the longest first, each into the first pass that has room.
    ///
    /// Passes are as many as there are cores at least, so that a few texts keep all of them busy.
    private func passes(_ texts: [[Int32]]) -> [[Int]] {
        let total = texts.reduce(0) { $0 + $1.count }
        let room = min(EncoderPass.mostTokens, max(32, (total + Parallel.width - 1) / Parallel.width))
        let order = texts.indices.sorted { (texts[$1].count, $0) < (texts[$0].count, $1) }
        var passes: [[Int]] = []
        var left: [Int] = []
        for index in order {
            let count = texts[index].count
            let open = max(0, passes.count - Self.openPasses)..<passes.count
            if let place = open.first(where: { left[$0] >= count }) {
                passes[place].append(index)
                left[place] -= count
            } else {
                passes.append([index])
                left.append(max(0, room - count))
            }
        }
        return passes
    }
}

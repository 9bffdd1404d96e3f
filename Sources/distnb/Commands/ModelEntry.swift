internal import Distillation
internal import Foundation
internal import LanguageModel
internal import ModelLibrary
internal import OrderedCollections
internal import Rendering
internal import Tables

/// A model as the commands show it.
struct ModelEntry {
    let model: ModelFolder.Model
    /// What its files tell; read only where the record does not tell enough.
    private let description: ModelDescription?

    init(_ model: ModelFolder.Model) {
        self.init(model, model.record == nil ? try? ModelDescription(path: model.path) : nil)
    }

    init(_ model: ModelFolder.Model, _ description: ModelDescription?) {
        self.model = model
        self.description = description
    }

    private var facts: ModelFacts { description?.facts ?? model.record?.facts ?? ModelFacts() }

    private var licence: String? { model.record?.licence ?? description?.licence ?? known?.licence }

    private var known: KnownModels.Entry? {
        (try? ModelShelf.known())?.entry(named: model.name).flatMap { $0.bytes == model.bytes ? $0 : nil }
    }

    private var origin: String {
        model.record.map { ModelShelf.shown($0.origin) } ?? known?.origin ?? "put there by hand"
    }

    /// The list of some models: a line each under headings, and below it where it is from and who uses it. Names are
    /// never cut, as they are what is typed.
    static func list(_ entries: [ModelEntry]) -> [String] {
        let headings = ["name", "size", "architecture", "parameters", "quantisation"]
        let rows = entries.map(\.cells)
        let widths = headings.indices.map { column in
            ([headings] + rows).map { TextWidth.of($0[column]) }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            var line = zip(cells, widths).map { TextWidth.fill($0, to: $1, right: false) }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
        return [line(headings)] + zip(entries, rows).flatMap { [line($1), "  \($0.use)"] }
    }

    private var cells: [String] {
        [
            model.name, ByteText.of(model.bytes), facts.architecture ?? "?", facts.parameters.map(Self.millions) ?? "?",
            facts.quantisation ?? "?",
        ]
    }

    private var use: String {
        let users = ModelShelf.users(of: model.name)
        return "from \(origin)" + (users.isEmpty ? "" : "; used by \(users.joined(separator: "; "))")
    }

    /// "llama, 135M parameters, Q4_1, 98 MB, apache-2.0"
    var summary: String {
        [
            facts.architecture, facts.parameters.map { "\(Self.millions($0)) parameters" }, facts.quantisation,
            ByteText.of(model.bytes), licence,
        ].compactMap { $0 }.joined(separator: ", ")
    }

    var json: Value {
        var record: Record = [
            "name": .string(model.name), "path": .string(model.path), "bytes": .integer(model.bytes),
            "from": .string(origin),
        ]
        func put(_ name: String, _ text: String?) { record[name] = text.map { .string($0) } ?? .null }
        func put(_ name: String, _ number: Int?) { record[name] = number.map { .integer($0) } ?? .null }
        put("source", model.record?.source)
        put("revision", model.record?.revision)
        put("sha256", model.record?.sha256)
        put("licence", licence)
        put("architecture", facts.architecture)
        put("parameters", facts.parameters)
        put("quantisation", facts.quantisation)
        record["used_by"] = .list(ModelShelf.users(of: model.name).map { .string($0) })
        if let description, model.record == nil || description.layers != nil {
            put("layers", description.layers)
            put("width", description.width)
            put("heads", description.heads)
            put("key_value_heads", description.keyValueHeads)
            put("vocabulary", description.vocabulary)
            put("context", description.context)
            put("tokenizer", description.tokenizer)
            put("chat_template", description.template)
            put("problem", description.problem)
            if let memory = ModelMemory(description) {
                record["memory"] = [
                    "stored": .integer(memory.stored), "unpacked": .integer(memory.unpacked),
                    "per_token": .integer(memory.perToken), "train_lora_rank_8": .integer(memory.lowRank),
                    "train_full": .integer(memory.full),
                ]
            }
        }
        return .record(record)
    }

    /// All that is known, a line a fact.
    var lines: [String] {
        var facts: [(String, String)] = []
        func add(_ name: String, _ text: String?) { if let text { facts.append((name, text)) } }
        func add(_ name: String, _ number: Int?) { add(name, number.map { Number.integer(Int64($0)).grouped }) }
        add("name", model.name)
        add("title", description?.title)
        add("size", ByteText.of(model.bytes))
        add("from", origin)
        add("revision", model.record?.revision)
        add("SHA-256", model.record?.sha256)
        add("licence", licence)
        add("architecture", self.facts.architecture)
        add("parameters", self.facts.parameters)
        add("quantisation", self.facts.quantisation)
        add("layers", description?.layers)
        add("width", description?.width)
        if let description, let heads = description.heads, let own = description.keyValueHeads {
            add("heads", "\(heads), \(own) for keys and values")
        }
        add("vocabulary", description?.vocabulary)
        add("context", description?.context.map { "\(Number.integer(Int64($0)).grouped) tokens" })
        add("tokenizer", description?.tokenizer)
        add("chat template", description?.template)
        if EmbeddedProvider.isEncoder(model.path) {
            add("for", "texts as vectors; it neither answers nor learns")
        } else if let memory = description.flatMap(ModelMemory.init) {
            add(
                "to run",
                "\(ByteText.of(memory.stored)), at most \(ByteText.of(memory.unpacked)); \(ByteText.of(memory.perToken)) for each token in work"
            )
            add("to train LoRA", "\(ByteText.of(memory.lowRank)) more at rank 8, and what a batch needs")
            add("to train whole", "\(ByteText.of(memory.full)) more, and what a batch needs")
        }
        let users = ModelShelf.users(of: model.name)
        add("used by", users.isEmpty ? "no kernel; --format kernel prints one" : users.joined(separator: "; "))
        add("not run here", description?.problem)
        let width = facts.map(\.0.count).max() ?? 0
        return facts.map { TextWidth.fill($0.0, to: width + 2, right: false) + $0.1 }
    }

    /// A kernel.json that is the shipped one but for this model.
    /// - Throws: `Refusal` where the engine does not run the model.
    func kernel(alias: String) throws -> Value {
        if let problem = description?.problem {
            throw Refusal("The embedded engine does not run \(model.name), so no kernel can use it: \(problem)")
        }
        var entry: Record = ["id": .string(model.name)]
        if let sha256 = model.record?.sha256 ?? known?.sha256 { entry["sha256"] = .string(sha256) }
        if let source = model.record?.source { entry["source"] = .string(source) }
        entry["summary"] = .string(summary)
        if EmbeddedProvider.isEncoder(model.path) {
            return [
                "display_name": .string("distnb (embedding \(model.name))"), "language": "distnb",
                "metadata": ["distnb": ["extends": "embedded", "embedding": .record(entry)]],
            ]
        }
        entry["price"] = ["input": 0, "output": 0]
        return [
            "display_name": .string("distnb (\(alias) \(model.name))"), "language": "distnb",
            "metadata": ["distnb": ["extends": "embedded", "models": .record([alias: .record(entry)])]],
        ]
    }

    /// "135M", "1.2B".
    private static func millions(_ count: Int) -> String {
        let value = Double(count)
        if value < 999_500 { return Number.integer(Int64(count)).grouped }
        return value < 999.5e6
            ? "\(Int((value / 1e6).rounded()))M" : "\(Number.fixed(value / 1e9, decimals: 1))B"
    }
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let embed = Builtin(
        "embed", .steps,
        "Adds a column of vectors, by a small model made for it: texts that mean nearly the same have vectors of nearly one direction, as `cosine` tells.",
        [
            .rows, Parameter("text", .anything, evaluation: .row, "the text: `.prompt`"),
            .option("name", .text, "the new column; \"embedding\" unless given"),
        ], example: "questions.test | embed .prompt", reachesModel: true,
        result: { call throws(Diagnostic) in
            switch call.type("text") {
            case .text, .any, .null: break
            case let other:
                throw call.mistake(
                    .wrongType, at: "text", "Expected a text for each row, found \(other.kindName).",
                    hint: "rows | embed text(\(call.code("text")))")
            }
            guard var columns = call.columns(), !call.has("name") || call.literalText("name") != nil else {
                return .rows(nil)
            }
            let name = call.literalText("name") ?? Embedding.column
            guard columns[name] == nil else {
                throw call.mistake(
                    .columnExists, "Expected a new column's name; the rows already have `.\(name)`.",
                    hint: Embedding.hint(call.code("text"), besides: name))
            }
            columns[name] = .list(.number)
            return .rows(columns)
        },
        run: { call in try Embedding(call).run() })

    static let cosine = Builtin.function(
        "cosine", .maths,
        "The cosine of the angle between two vectors: 1 for the same direction, 0 for a right angle, -1 for opposite ones.",
        [
            Parameter("vector", .list, isSubject: true, "numbers: a column of `embed`, for example"),
            Parameter("other", .list, "as many numbers"),
        ], example: "cosine([1, 0], [3, 4])", result: .number,
        compute: { values in
            let lists = values.map { $0.list ?? [] }
            let vectors = lists.map { $0.compactMap(\.double) }
            guard zip(lists, vectors).allSatisfy({ $0.count == $1.count }) else {
                throw RowError("cosine takes lists of numbers")
            }
            guard vectors[0].count == vectors[1].count else {
                throw RowError(
                    "cosine takes vectors of one length; these have \(vectors[0].count) and \(vectors[1].count) numbers"
                )
            }
            guard let cosine = TextEmbeddings.cosine(vectors[0], vectors[1]) else {
                throw RowError("a vector of zeros, or of numbers too large, has no direction")
            }
            return .double(cosine)
        })
}

/// One run of `embed`.
private struct Embedding {
    static let column = "embedding"

    private let call: Invocation
    private let name: String

    init(_ call: Invocation) {
        self.call = call
        name = call.value("name").text ?? Self.column
    }

    /// How to mend a name that is taken.
    static func hint(_ text: String, besides name: String) -> String {
        "rows | embed \(text), name: \"\(name)_2\", or drop .\(name) first"
    }

    func run() throws -> Value {
        let rows = call.rows()
        guard let function = call.function("text") else { return .domain(rows) }
        guard rows[column: name] == nil else {
            throw call.failure(
                .columnExists, "Expected a new column's name; the rows already have `.\(name)`.",
                hint: Self.hint(call.code("text"), besides: name))
        }
        var values = [Value](repeating: .null, count: rows.count)
        var texts: [String] = []
        var places: [Int] = []
        for row in rows.indices {
            if row % 256 == 0 { try call.checkInterrupt() }
            switch try function(rows, row) {
            case .string(let text):
                texts.append(text)
                places.append(row)
            case .null: break
            case .error(let error): values[row] = .error(error)
            case let other:
                throw call.failure(
                    .wrongType, at: "text", "Expected a text for each row, found \(other.kindName) in row \(row).",
                    hint: "rows | embed text(\(call.code("text")))")
            }
        }
        let lab = try call.lab
        let embeddings = try call.withProviderFailures {
            try lab.provider.embeddings(of: texts, cancellation: lab.cancellation) { done, total in
                lab.progress.report(Progress("embed", done: done, total: total, unit: "texts"))
            }
        }
        for (place, vector) in zip(places, embeddings.vectors) { values[place] = Self.value(vector) }
        if places.count < rows.count {
            call.note("embed: \(rows.count - places.count) of \(rows.count) rows have no text.")
        }
        if !embeddings.cut.isEmpty {
            call.note(
                "embed: \(embeddings.cut.count) of \(texts.count) texts are longer than the model reads; their beginnings count."
            )
        }
        return .domain(rows.setting(name, Column(values)))
    }

    /// A vector as a list. The shortest decimals that tell a number of 32 bits apart: fewer digits in saved notebooks.
    private static func value(_ vector: [Float]) -> Value {
        .list(vector.map { .double(Double("\($0)") ?? Double($0)) })
    }
}

internal import Distillation
internal import OpenAIWire
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Rows with a wish of how many to show.
struct Shown: DomainValue {
    static let tag = "shown"
    let rows: DataSet
    let limit: Int
    let wraps: Bool

    var kindName: String { "rows to show" }
    var summary: String { rows.summary }
    var asRows: DataSet? { rows }
    var memberNames: [String] { rows.memberNames }
    func member(_ name: String) -> Value? { rows.member(name) }
    var presentation: [PresentationBlock] { [.table(TablePresentation(rows, limit: limit, wraps: wraps))] }

    func encoded(with encoder: inout ValueEncoder) throws -> Value {
        ["rows": try encoder.encode(.domain(rows)), "limit": .integer(limit), "wraps": .bool(wraps)]
    }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let rows = try codec.decode(state[field: "rows"], blobs: blobs).rows else {
            throw StateError("a table without rows")
        }
        return .domain(
            Shown(rows: rows, limit: state[field: "limit"].integer ?? 10, wraps: state[field: "wraps"].bool ?? false))
    }
}

extension Builtin {
    static let show = Builtin(
        "show", .data, "Shows so many rows, or any value.",
        [
            Parameter("value", .anything, isSubject: true, "rows, or any value"),
            Parameter("n", .whole(0...10_000), isRequired: false, "how many rows; 10 unless given"),
        ],
        example: "rows | show 20", seesNull: true, result: { $0.type("value") },
        run: { call in
            guard let rows = call.value("value").rows else { return call.value("value") }
            return .domain(Shown(rows: rows, limit: call.value("n").integer ?? 10, wraps: false))
        })

    static let save = Builtin(
        "save", .data, "Writes rows to a file under out/.",
        [
            .rows, Parameter("path", .text, file: .writes, "a file under out/"),
            .option(
                "format", .oneOf(["jsonl", "csv", "tsv", "json", "openai"]),
                "\"openai\" writes chat rows for fine-tuning"),
        ], example: "rows | save \"out/rows.jsonl\"", result: { $0.type("rows") },
        run: { call in
            let rows = call.rows()
            let path = call.value("path").text ?? ""
            guard let format = call.value("format").text ?? DataFormat(path: path)?.rawValue else {
                throw call.failure(
                    .unknownFormat, at: "path",
                    "Expected a file that ends in .jsonl, .json, .csv or .tsv, found \(path).",
                    hint: "save \"out/rows.jsonl\"")
            }
            let text: String
            switch format {
            case "csv": text = CSV.write(rows)
            case "tsv": text = CSV.write(rows, separator: "\t")
            case "json": text = JSON.text(.list(rows.rows.map { .record($0) }), .readable) + "\n"
            case "openai": text = try chatRows(rows, call)
            default: text = JSONLines.write(rows)
            }
            do {
                try call.lab.files.write(path, Array(text.utf8))
            } catch let error as FileError {
                throw call.fileFailure(error, at: "path")
            }
            call.note("\(Number.integer(Int64(rows.count)).grouped) rows written to \(path).")
            return .domain(rows)
        })

    private static func chatRows(_ rows: DataSet, _ call: Invocation) throws -> String {
        var text = ""
        var skipped = 0
        for index in rows.indices {
            guard let reply = rows.value(index, "output").text,
                let messages = rows.value(index, "sample")[field: "messages"].list
            else {
                skipped += 1
                continue
            }
            text += JSON.text(ChatRow(messages: messages, reply: reply).json) + "\n"
        }
        if skipped == rows.count, skipped > 0 {
            throw call.failure(
                .wrongType, at: "rows",
                "Expected generated rows for the format \"openai\": they have .output and .sample.",
                hint: "rows | generate teacher | save \"out/lessons.jsonl\", format: \"openai\"")
        }
        if skipped > 0 { call.note("save: \(skipped) rows without an output were left out.") }
        return text
    }
}

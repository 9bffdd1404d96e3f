internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let save = Builtin(
        "save", .data, "Writes rows to a file under out/; a name that ends in .gz is gzipped.",
        [
            .rows, Parameter("path", .text, file: .writes, "a file under out/"),
            .option(
                "format", .oneOf(TableFormat.allCases.map(\.rawValue)),
                "\"openai\", \"sharegpt\" and \"alpaca\" write rows for fine-tuning; by the file's name unless given"),
        ], example: "rows | save \"out/rows.jsonl\"", result: { $0.type("rows") },
        run: { call in
            let rows = call.rows()
            let path = call.value("path").text ?? ""
            let format = call.value("format").text.flatMap(TableFormat.init(rawValue:))
            guard let format = format ?? TableFormat.named(by: path) else {
                throw call.failure(
                    .unknownFormat, at: "path",
                    "Expected a file that ends in .jsonl, .json, .csv or .tsv, found \(path).",
                    hint: "save \"out/rows.jsonl\"")
            }
            let written = ConversationRows.written(rows, as: format)
            if written.rows.count == 0, written.skipped > 0 {
                throw call.failure(
                    .wrongType, at: "rows",
                    "Expected rows for the format \"\(format.rawValue)\": a .prompt or .messages, and the .output.",
                    hint: "rows | generate teacher | save \"out/lessons.jsonl\", format: \"\(format.rawValue)\"")
            }
            let bytes: [UInt8]
            do throws(ContentError) {
                bytes = try format.bytes(of: written.rows, path: path)
            } catch {
                throw call.failure(.cannotWrite, at: "path", "\(path): \(error).")
            }
            do {
                try call.lab.files.write(path, bytes)
            } catch let error as FileError {
                throw call.fileFailure(error, at: "path")
            }
            call.note("\(Number.integer(Int64(written.rows.count)).grouped) rows written to \(path).")
            if written.skipped > 0 { call.note("save: \(written.skipped) rows without an output were left out.") }
            if !written.leftOut.isEmpty {
                call.note("save: \(format.title) hold no \(written.leftOut.map { ".\($0)" }.joined(separator: ", ")).")
            }
            let errors = rows.columns.values.reduce(0) { $0 + $1.gaps.errors }
            if errors > 0, !format.isForTraining {
                call.note("save: \(errors) error values were written as records with their message.")
            }
            return .domain(rows)
        })
}

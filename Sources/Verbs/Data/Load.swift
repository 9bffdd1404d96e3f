public import Distillation
public import OrderedCollections
public import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let load = Builtin(
        "load", .data,
        "Reads rows from a file: JSON Lines, JSON, CSV, TSV, or chat rows of OpenAI, ShareGPT or Alpaca; also gzipped.",
        [
            Parameter("path", .text, file: .reads, "the file, relative to the notebook's folder"),
            .option(
                "format", .oneOf(TableFormat.allCases.map(\.rawValue)),
                "the format; found from the file's name and content unless given"),
            .option(
                "encoding", .oneOf(TextEncoding.allCases.map(\.rawValue)),
                "how bytes stand for text; UTF-8, or what a byte order mark says, unless given"),
            .option(
                "bad_rows", .oneOf(BadRows.allCases.map(\.rawValue)),
                "\"skip\" leaves bad rows out and counts them; \"error\" unless given"),
        ], example: "load \"data/questions.jsonl\"",
        result: { call in
            var options: [String: String] = [:]
            for name in ["format", "encoding"] where call.has(name) {
                guard let word = call.literalText(name) else { return .rows(nil) }
                options[name] = word
            }
            return .rows(call.literalText("path").flatMap { call.schema(ofFile: $0, options: options) })
        },
        run: { call in
            let path = call.value("path").text ?? ""
            var options = TableFile.Options(
                format: call.value("format").text, encoding: call.value("encoding").text)
            options.badRows = call.value("bad_rows").text.flatMap(BadRows.init(rawValue:)) ?? .fail
            let source = try call.open(path, at: "path")
            let cancellation = try call.lab.cancellation
            do {
                let streamed = try TableFile(
                    streaming: source, path: path, options: options, columns: call.demand?.names,
                    isCancelled: { cancellation.isRequested() })
                try call.checkInterrupt()
                let file = try streamed ?? TableFile(try source.bytes(), path: path, options: options)
                LoadRemarks.tell(file, path, call)
                if streamed != nil, file.rows.count > 0 { try requireColumns(of: file, call) }
                return .domain(file.rows)
            } catch let error as FormatError {
                throw call.failure(
                    .badData, at: "path", "\(path), \(error).",
                    hint: error.hint ?? "mend the line, or add bad_rows: \"skip\" (counted).")
            } catch let error as ContentError {
                throw call.failure(.badData, at: "path", "\(path): \(error).", hint: error.hint)
            } catch is TableFile.UnknownFormat {
                throw call.failure(
                    .unknownFormat, at: "path",
                    "Expected a file that ends in .jsonl, .json, .csv or .tsv, found \(path).",
                    hint: "load \"\(path)\", format: \"jsonl\"")
            }
        })
}

extension Builtin {
    /// Tells of a column that no row of a large file has: its columns were not known before it was read.
    private static func requireColumns(of file: TableFile, _ call: Invocation) throws {
        let known = file.rows.columnNames + file.leftOut
        let unknown = (call.demand?.required ?? [:]).filter { !known.contains($0.key) }
        guard let (name, span) = unknown.min(by: { $0.value.start < $1.value.start }) else { return }
        throw call.failure(
            .unknownColumn, at: span, "Expected a column of the file: \(known.sorted().joined(separator: ", ")).",
            hint: Suggestion.closest(to: name, among: known).map { "did you mean `.\($0)`?" })
    }
}

extension TableFile.Options {
    /// Options in the words of the verb's arguments.
    init(format: String?, encoding: String?) {
        self.init(
            format: format.flatMap(TableFormat.init(rawValue:)),
            encoding: encoding.flatMap(TextEncoding.init(rawValue:)))
    }
}

/// What `load` says that it understood.
private enum LoadRemarks {
    /// So many columns are named in the note.
    private static let shown = 12

    static func tell(_ file: TableFile, _ path: String, _ call: Invocation) {
        let rows = file.rows
        if rows.count == 0 {
            call.note("\(path) holds no rows.")
        } else {
            var columns = rows.columns.prefix(shown).map { name, column in
                let gaps = column.gaps.nulls
                return ".\(name) \(column.typeName)\(gaps > 0 ? " (\(gaps) null)" : "")"
            }
            if !file.leftOut.isEmpty { columns.append("\(file.leftOut.count) more, left in the file") }
            if rows.columns.count > shown { columns.append("\(rows.columns.count - shown) more") }
            let count = Number.integer(Int64(rows.count)).grouped
            call.note(
                "\(path): \(count) row\(rows.count == 1 ? "" : "s") of \(file.format.title); "
                    + (columns.isEmpty ? "no columns." : "\(columns.joined(separator: ", "))."))
        }
        if !file.remarks.isEmpty { call.note("\(path): \(file.remarks.joined(separator: " "))") }
        if let first = file.skipped.first {
            call.note("\(path): \(file.skipped.count) bad rows skipped; the first: \(first).")
        }
    }
}

/// Tells the columns of data files to the checker, from their first bytes.
public struct FileSchemas: SchemaSource {
    private let files: any ProjectFiles
    /// Larger files are not read to their end before they are loaded.
    private static let limit = 8 << 20

    public init(files: any ProjectFiles) { self.files = files }

    public func columns(ofFile path: String, options: [String: String]) -> Columns? {
        guard let beginning = try? files.readBeginning(path, count: Self.limit),
            let (file, isWhole) = TableFile.beginning(
                beginning.bytes, isWhole: beginning.isWhole, path: path,
                options: TableFile.Options(format: options["format"], encoding: options["encoding"]),
                limit: Self.limit)
        else { return nil }
        // Nothing is known of rows that are not there; the steps that need some say so.
        guard file.rows.count > 0 else { return nil }
        if isWhole { return Schema.columns(of: file.rows) }
        // A header names all columns, but not what stands further down in them; lines of JSON may bring new names.
        switch file.format {
        case .csv, .tsv: return Schema.columns(of: file.rows).mapValues { _ in .any }
        default: return nil
        }
    }
}

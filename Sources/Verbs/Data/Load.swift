public import Distillation
public import OrderedCollections
public import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// The formats that `load` reads and `save` writes.
enum DataFormat: String, CaseIterable {
    case jsonl, json, csv, tsv

    /// The format that a path's ending names.
    init?(path: String) {
        let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        switch ending {
        case "jsonl", "ndjson": self = .jsonl
        default: self.init(rawValue: ending)
        }
    }

    static let names = allCases.map(\.rawValue)

    /// The rows in a file.
    /// - Parameter columns: the columns that are needed; all where nil.
    func read(_ file: any ByteSource, columns: Set<String>?, badRows: BadRows) throws -> LoadedRows {
        if self == .jsonl { return try JSONLines.read(file, columns: columns, badRows: badRows) }
        return try read(try file.bytes(), badRows: badRows)
    }

    /// The rows in a file's bytes.
    func read(_ bytes: [UInt8], badRows: BadRows = .fail) throws(FormatError) -> LoadedRows {
        switch self {
        case .jsonl: return try JSONLines.read(bytes, badRows: badRows)
        case .csv: return try CSV.read(bytes, badRows: badRows)
        case .tsv: return try CSV.read(bytes, separator: UInt8(ascii: "\t"), badRows: badRows)
        case .json:
            let value: Value
            do {
                value = try JSON.parse(bytes)
            } catch {
                throw FormatError(line: error.line, column: error.column, expected: error.expected, found: error.found)
            }
            let rows = value.list?.compactMap(\.record)
            guard let rows, rows.count == value.list?.count else {
                throw FormatError(
                    line: 1, column: 1, expected: "a list of objects", found: value.kindName,
                    hint: "read it as one value: json(read(\"…\"))")
            }
            return LoadedRows(rows: DataSet(rows: rows), skipped: [])
        }
    }
}

extension Builtin {
    static let load = Builtin(
        "load", .data, "Reads rows from a file: JSON Lines, JSON, CSV or TSV.",
        [
            Parameter("path", .text, file: .reads, "the file, relative to the notebook's folder"),
            .option("format", .oneOf(DataFormat.names), "the format, where the file's ending does not say it"),
            .option(
                "bad_rows", .oneOf(BadRows.allCases.map(\.rawValue)), "\"skip\" leaves bad rows out and counts them"),
        ], example: "load \"data/questions.jsonl\"",
        result: { call in .rows(call.literalText("path").flatMap { call.schema(ofFile: $0) }) },
        run: { call in
            let path = call.value("path").text ?? ""
            guard let format = call.value("format").text.flatMap(DataFormat.init(rawValue:)) ?? DataFormat(path: path)
            else {
                throw call.failure(
                    .unknownFormat, at: "path",
                    "Expected a file that ends in .jsonl, .json, .csv or .tsv, found \(path).",
                    hint: "load \"\(path)\", format: \"jsonl\"")
            }
            let file = try call.open(path, at: "path")
            let badRows = call.value("bad_rows").text.flatMap(BadRows.init(rawValue:)) ?? .fail
            do {
                let loaded = try format.read(file, columns: call.demandedColumns, badRows: badRows)
                if let first = loaded.skipped.first {
                    call.note("\(path): \(loaded.skipped.count) bad rows skipped; the first: \(first).")
                }
                if loaded.rows.count == 0 { call.note("\(path) holds no rows.") }
                return .domain(loaded.rows)
            } catch let error as FormatError {
                throw call.failure(
                    .badData, at: "path", "\(path), \(error).",
                    hint: error.hint ?? "mend the line, or add bad_rows: \"skip\" (counted).")
            }
        })
}

/// Tells the columns of data files to the checker, from the project's files.
public struct FileSchemas: SchemaSource {
    private let files: any ProjectFiles
    /// Larger files are not read before they are loaded.
    private static let limit = 16 << 20

    public init(files: any ProjectFiles) { self.files = files }

    public func columns(ofFile path: String) -> Columns? {
        guard let format = DataFormat(path: path), let bytes = try? files.read(path), bytes.count <= Self.limit,
            let loaded = try? format.read(bytes)
        else { return nil }
        return Schema.columns(of: loaded.rows)
    }
}

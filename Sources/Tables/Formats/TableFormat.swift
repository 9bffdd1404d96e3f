/// The formats that rows are read from and written to. Each may be gzipped.
public enum TableFormat: String, Sendable, CaseIterable {
    /// One JSON object a line.
    case jsonl
    /// One JSON text: a list of objects, an object of columns, or an object with one list of objects.
    case json
    case csv
    case tsv
    /// OpenAI's chat rows, `{"messages": [{"role", "content"}, …]}`, as JSON or JSON Lines.
    case openai
    /// ShareGPT's chat rows, `{"conversations": [{"from", "value"}, …]}`, as JSON or JSON Lines.
    case sharegpt
    /// Alpaca's rows, `{"instruction", "input", "output"}`, as JSON or JSON Lines.
    case alpaca

    /// What people call it.
    public var title: String {
        switch self {
        case .jsonl: "JSON Lines"
        case .json: "JSON"
        case .csv: "CSV"
        case .tsv: "TSV"
        case .openai: "OpenAI chat rows"
        case .sharegpt: "ShareGPT conversations"
        case .alpaca: "Alpaca instructions"
        }
    }

    /// The format that a file's name says, by its ending before `.gz`.
    public static func named(by path: String) -> TableFormat? {
        var parts = path.split(separator: "/").last?.split(separator: ".").dropFirst() ?? []
        if parts.last?.lowercased() == "gz" { parts.removeLast() }
        return switch parts.last?.lowercased() {
        case "jsonl", "ndjson": .jsonl
        case "json": .json
        case "csv": .csv
        case "tsv", "tab": .tsv
        default: nil
        }
    }

    /// Whether its rows are conversations or instructions, in any layout.
    public var isForTraining: Bool { layout == nil }

    /// The bytes of rows, in the layout of the format; rows for training go into one JSON text where the file's name
    /// ends in `.json`, else into lines.
    /// - Throws: `ContentError` where they cannot be compressed.
    public func bytes(of rows: DataSet, path: String) throws(ContentError) -> [UInt8] {
        let bytes: [UInt8] =
            switch layout ?? (TableFormat.named(by: path) == .json ? .document : .lines) {
            case .lines: JSONLines.bytes(of: rows)
            case .document: JSON.bytes(.list(rows.rows.map { .record($0) }), .readable) + [0x0A]
            case .separated(let separator): CSV.write(rows, separator: separator)
            }
        return path.lowercased().hasSuffix(".gz") ? try Gzip.compress(bytes) : bytes
    }

    /// How rows are laid out in the text of a file, whatever they mean.
    enum Layout: Equatable {
        case lines
        case document
        case separated(UInt8)
    }

    /// The layout that the format asks for; nil where it may stand in either kind of JSON.
    var layout: Layout? {
        switch self {
        case .jsonl: .lines
        case .json: .document
        case .csv: .separated(UInt8(ascii: ","))
        case .tsv: .separated(UInt8(ascii: "\t"))
        case .openai, .sharegpt, .alpaca: nil
        }
    }
}

extension TableFormat.Layout {
    /// What the first bytes of a text show of its layout; nil where they fit none.
    ///
    /// JSON is told by its brackets, else the header line's separators tell.
    /// - Parameter named: what the file's name says, which wins where both are possible.
    static func shown(by bytes: ArraySlice<UInt8>, named: TableFormat.Layout?) -> TableFormat.Layout? {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        guard let start = bytes.firstIndex(where: { !blanks.contains($0) }) else { return named }
        let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.endIndex
        switch (bytes[start], named) {
        case (UInt8(ascii: "["), .lines), (UInt8(ascii: "["), .document), (UInt8(ascii: "["), nil): return .document
        case (UInt8(ascii: "{"), .lines): return .lines
        case (UInt8(ascii: "{"), .document), (UInt8(ascii: "{"), nil):
            // Lines hold an object each; a document is one object, on one line or many.
            let hasMore = bytes[end...].contains { !blanks.contains($0) }
            return hasMore && (try? JSON.parse(Array(bytes[start..<end]))) != nil ? .lines : .document
        case (_, .lines), (_, .document): return named
        case (_, .separated(let separator)):
            return .separated(Self.separator(in: bytes[start..<end], preferring: separator) ?? separator)
        case (_, nil): return separator(in: bytes[start..<end], preferring: nil).map { .separated($0) }
        }
    }

    /// What separates the fields of a header line: the one preferred where it is there, else the most frequent of tab,
    /// comma and semicolon outside quotes.
    private static func separator(in header: ArraySlice<UInt8>, preferring preferred: UInt8?) -> UInt8? {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in header {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted { counts[byte, default: 0] += 1 }
        }
        if let preferred, counts[preferred] != nil { return preferred }
        let candidates = "\t,;|".utf8.filter { counts[$0] != nil }
        return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] }
    }
}

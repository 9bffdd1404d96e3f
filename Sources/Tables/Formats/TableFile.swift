/// A data file that was read: its rows, and what was understood of it besides.
public struct TableFile: Sendable {
    public let rows: DataSet

    /// What the file turned out to be.
    public let format: TableFormat

    /// Rows that were left out, each with its place and why.
    public let skipped: [String]

    /// What was guessed or converted, whole sentences.
    public let remarks: [String]

    /// The names of columns that the file has but nobody asked for.
    public let leftOut: [String]

    /// How a file is to be read where its name and content do not say.
    public struct Options: Sendable {
        /// The format, or nil to find it from the name and the content.
        public var format: TableFormat?
        /// The encoding, or nil to go by the byte order mark and take UTF-8 without one.
        public var encoding: TextEncoding?
        public var badRows: BadRows

        public init(format: TableFormat? = nil, encoding: TextEncoding? = nil, badRows: BadRows = .fail) {
            self.format = format
            self.encoding = encoding
            self.badRows = badRows
        }
    }

    /// Reads a file's bytes.
    /// - Parameter path: its name, whose ending may tell the format.
    /// - Throws: `FormatError` with the place of what cannot be read, `ContentError` where the file as a whole cannot be
    ///   understood, `UnknownFormat` where neither name nor content tell the format.
    public init(_ bytes: [UInt8], path: String, options: Options = Options()) throws {
        leftOut = []
        var remarks: [String] = []
        let unpacked = Gzip.isCompressed(bytes) ? try Gzip.decompress(bytes) : bytes
        let text = try Self.decoded(unpacked, options.encoding, &remarks)
        let layout = try Self.layout(of: text, path: path, format: options.format, &remarks)
        let loaded: (rows: DataSet, skipped: [String])
        do throws(FormatError) {
            loaded = try Self.rows(in: text, layout, badRows: options.badRows, &remarks)
        } catch {
            throw Self.blamingEncoding(error, text, options.encoding)
        }
        if !loaded.skipped.isEmpty, options.encoding == nil, !Self.isUTF8(text) {
            let guess = TextEncoding.guess(text).rawValue
            remarks.append("The file is no UTF-8; encoding: \"\(guess)\" may read more of its rows.")
        }
        let meaning = options.format.flatMap { $0.isForTraining ? $0 : nil }
        let found = options.format == nil ? ConversationRows.format(of: loaded.rows) : meaning
        guard let found else {
            let shape: TableFormat =
                switch layout {
                case .lines: .jsonl
                case .document: .json
                case .separated(UInt8(ascii: "\t")): .tsv
                case .separated: .csv
                }
            (rows, format, skipped) = (loaded.rows, shape, loaded.skipped)
            self.remarks = remarks
            return
        }
        let understood = try ConversationRows.understand(loaded.rows, as: found, badRows: options.badRows)
        if options.format == nil {
            let name = layout == .lines ? "jsonl" : "json"
            remarks.append("\(Self.reading(found)); format: \"\(name)\" takes the columns as they are.")
        }
        if understood.withoutReply > 0 {
            remarks.append(
                "In \(understood.withoutReply) of the conversations the last turn is no plain reply: .output is null there."
            )
        }
        (rows, format, skipped) = (understood.rows, found, loaded.skipped + understood.skipped)
        self.remarks = remarks
    }

    /// The rows at the beginning of a file, for telling its columns, and whether these are all; nil where they cannot be
    /// told.
    /// - Parameters:
    ///   - isWhole: whether these are all bytes of the file.
    ///   - limit: how many unpacked bytes are looked at.
    public static func beginning(
        _ bytes: [UInt8], isWhole: Bool, path: String, options: Options = Options(), limit: Int
    ) -> (file: TableFile, isWhole: Bool)? {
        var options = options
        options.badRows = .skip
        var text = bytes
        var isWhole = isWhole
        if Gzip.isCompressed(bytes) {
            guard let unpacked = try? Gzip.decompressedPrefix(bytes, count: limit) else { return nil }
            isWhole = isWhole && unpacked.count < limit
            text = unpacked
        }
        if !isWhole { text = Array(text.prefix(limit)) }
        var remarks: [String] = []
        if !isWhole, (options.encoding ?? TextEncoding.marked(text)?.encoding) != .utf8, text.count % 2 == 1 {
            text.removeLast()
        }
        // The cut may have gone through a character of two units.
        let readable =
            (try? decoded(text, options.encoding, &remarks))
            ?? (try? decoded(Array(text.dropLast(2)), options.encoding, &remarks))
        guard let readable else { return nil }
        text = readable
        options.encoding = .utf8
        if !isWhole {
            guard let layout = try? layout(of: text, path: path, format: options.format, &remarks) else { return nil }
            if layout == .document {
                guard let closed = JSONTable.closed(prefix: text) else { return nil }
                text = closed
            } else if let end = text.lastIndex(of: 0x0A) {
                text = Array(text[...end])
            }
        }
        return (try? TableFile(text, path: path, options: options)).map { ($0, isWhole) }
    }

    /// Reads a large file of JSON Lines part by part; nil where it is something else, or only the whole file can tell.
    /// - Parameter columns: the columns that are needed; all where nil.
    /// - Throws: `FormatError` with the place of what cannot be read, and what the source throws.
    public init?(
        streaming source: any ByteSource, path: String, options: Options, columns: Set<String>?,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws {
        guard options.format ?? TableFormat.named(by: path) == .jsonl, options.encoding ?? .utf8 == .utf8,
            let beginning = try Self.plainLines(at: source, path: path, options: options)
        else { return nil }
        let loaded: LoadedRows
        do {
            loaded = try JSONLines.read(
                source, columns: columns, badRows: options.badRows, isCancelled: isCancelled)
        } catch {
            guard let error = error as? FormatError else { throw error }
            throw Self.blamingEncoding(error, try source.bytes(), options.encoding)
        }
        rows = loaded.rows
        format = beginning.format
        skipped = loaded.skipped.map(\.description)
        remarks = beginning.remarks
        leftOut = loaded.leftOut
    }

    /// What the first lines of a file are read as, where that is plain JSON Lines.
    private static func plainLines(at source: any ByteSource, path: String, options: Options) throws -> TableFile? {
        let bytes = try source.beginning(256 << 10)
        guard !Gzip.isCompressed(bytes), TextEncoding.marked(bytes)?.encoding ?? .utf8 == .utf8,
            let file = beginning(
                bytes, isWhole: source.count <= bytes.count, path: path, options: options, limit: bytes.count)?.file,
            file.format == .jsonl
        else { return nil }
        return file
    }

    /// Neither a file's name nor its content tell its format.
    public struct UnknownFormat: Error, Sendable {}
}

extension TableFile {
    private static func decoded(
        _ bytes: [UInt8], _ encoding: TextEncoding?, _ remarks: inout [String]
    ) throws(ContentError) -> [UInt8] {
        if let encoding { return try encoding.decoded(bytes) }
        guard let (encoding, _) = TextEncoding.marked(bytes) else { return bytes }
        if encoding != .utf8 { remarks.append("The text was decoded from UTF-16.") }
        return try encoding.decoded(bytes)
    }

    /// The layout: what the format asks for, else what the content shows, else what the name says.
    private static func layout(
        of text: [UInt8], path: String, format: TableFormat?, _ remarks: inout [String]
    ) throws -> TableFormat.Layout {
        let named = format.map(\.layout) ?? TableFormat.named(by: path)?.layout ?? nil
        let shown = TableFormat.Layout.shown(
            by: text.prefix(1 << 20), named: named ?? TableFormat.named(by: path)?.layout)
        guard let shown else { throw UnknownFormat() }
        switch (named, shown) {
        case (.lines, .document), (.document, .lines):
            // Who names the format means it: what does not fit is a mistake in the data.
            if format?.layout != nil { return named ?? shown }
            remarks.append("Read as \(title(shown)), which it holds despite its name.")
        case (.separated, .separated) where named != shown:
            remarks.append("Its fields are separated by \(separatorName(shown)).")
        case (nil, _) where format == nil: remarks.append("Read as \(title(shown)), by its content.")
        default: break
        }
        return shown
    }

    private static func title(_ layout: TableFormat.Layout) -> String {
        switch layout {
        case .lines: TableFormat.jsonl.title
        case .document: TableFormat.json.title
        case .separated(UInt8(ascii: "\t")): TableFormat.tsv.title
        case .separated: TableFormat.csv.title
        }
    }

    private static func separatorName(_ layout: TableFormat.Layout) -> String {
        switch layout {
        case .separated(UInt8(ascii: "\t")): "tabs"
        case .separated(UInt8(ascii: ";")): "`;`"
        default: "commas"
        }
    }

    private static func rows(
        in text: [UInt8], _ layout: TableFormat.Layout, badRows: BadRows, _ remarks: inout [String]
    ) throws(FormatError) -> (rows: DataSet, skipped: [String]) {
        switch layout {
        case .lines:
            let loaded = try JSONLines.read(text, badRows: badRows)
            return (loaded.rows, loaded.skipped.map(\.description))
        case .separated(let separator):
            let loaded = try CSV.read(text, separator: separator, badRows: badRows)
            return (loaded.rows, loaded.skipped.map(\.description))
        case .document:
            let understood = try JSONTable.read(text, badRows: badRows)
            if let remark = understood.remark { remarks.append(remark) }
            return (understood.rows, understood.skipped)
        }
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Whatever was found in a file that is no UTF-8, that is the trouble.
    private static func blamingEncoding(_ error: FormatError, _ text: [UInt8], _ encoding: TextEncoding?) -> FormatError
    {
        guard encoding == nil, !isUTF8(text) || text.prefix(4_096).contains(0) else { return error }
        let guess = TextEncoding.guess(text).rawValue
        return FormatError(
            line: error.line, column: error.column, expected: "UTF-8 text",
            found: "bytes that look like \(guess)", hint: "add encoding: \"\(guess)\"")
    }

    private static func reading(_ format: TableFormat) -> String {
        switch format {
        case .alpaca: "Read as Alpaca instructions: .prompt is .instruction with its .input"
        case .sharegpt:
            "Read as ShareGPT conversations: .messages is what comes before the last reply, .output that reply"
        default: "Read as OpenAI chat rows: .messages is what comes before the last reply, .output that reply"
        }
    }
}

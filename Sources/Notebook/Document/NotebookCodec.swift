internal import Dispatch
internal import Foundation
internal import OrderedCollections
internal import Synchronization
internal import Tables

/// The one codec for notebook files: nbformat 4.5, canonical bytes (what `nbformat.writes` gives, and a newline).
///
/// Source: the nbformat 4.5 JSON schema, and nbformat's `v4/nbjson.py` and `rwbase.py` for the layout.
public enum NotebookCodec {
    /// The file's bytes.
    public static func encode(_ document: inout NotebookDocument) -> [UInt8] { Array(pieces(of: &document).joined()) }

    /// The file's bytes in pieces. Cells that are unchanged since they were read or written last are given as they stand.
    static func pieces(of document: inout NotebookDocument) -> [ArraySlice<UInt8>] {
        for index in document.cells.indices where document.cells[index].written == nil {
            document.cells[index].written = bytes(of: document.cells[index])[...]
        }
        var metadata = document.metadata
        for name in transientNotebookFields { metadata[name] = nil }
        // The frame is written with an empty list, and the cells put into it.
        let frame = JSON.bytes(
            ["metadata": .record(metadata), "nbformat": 4, "nbformat_minor": 5], .notebook)
        let (first, further) = (Array("\n  ".utf8)[...], Array(",\n  ".utf8)[...])
        var pieces = [Array((document.cells.isEmpty ? "{\n \"cells\": []" : "{\n \"cells\": [").utf8)[...]]
        pieces.reserveCapacity(2 * document.cells.count + 3)
        for (index, cell) in document.cells.enumerated() {
            pieces.append(index == 0 ? first : further)
            pieces.append(cell.written ?? [])
        }
        if !document.cells.isEmpty { pieces.append(Array("\n ]".utf8)[...]) }
        pieces.append([UInt8(ascii: ",")] + frame.dropFirst() + [0x0A])
        return pieces
    }

    /// The file's text.
    public static func encode(_ document: NotebookDocument) -> String {
        var document = document
        return String(decoding: encode(&document), as: UTF8.self)
    }

    /// Reads a file's bytes.
    /// - Throws: `NotebookError` that says where and what.
    public static func decode(_ bytes: [UInt8]) throws(NotebookError) -> NotebookDocument {
        let json: Value
        let places: [Range<Int>]
        do {
            (json, places) = try JSON.parse(bytes, locatingElementsOf: "cells")
        } catch {
            let isEmpty = bytes.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
            throw NotebookError(isEmpty ? "the file is empty" : "it is no JSON: \(error)")
        }
        let format = json[field: "nbformat"].integer
        // First, because older formats keep their cells elsewhere.
        if let format, format != 4 {
            throw NotebookError(
                "it has nbformat \(format); only version 4 is read (convert it: jupyter nbconvert --to notebook)")
        }
        guard format != nil, let cells = json[field: "cells"].list else {
            throw NotebookError("it is JSON, but has no `nbformat` and `cells`")
        }
        var metadata = json[field: "metadata"].record ?? [:]
        for name in transientNotebookFields { metadata[name] = nil }
        if let version = metadata["distnb"]?[field: "format"].integer, version > NotebookDocument.formatVersion {
            throw NotebookError(
                "it was written by a newer distnb (format \(version)); this one reads up to \(NotebookDocument.formatVersion)"
            )
        }
        var document = NotebookDocument(metadata: metadata)
        document.cells.reserveCapacity(cells.count)
        var ids: Set<String> = []
        for (index, json) in cells.enumerated() {
            document.cells.append(try decode(json, number: index + 1, ids: &ids))
        }
        keepCanonicalBytes(bytes, places, in: &document)
        FormatUpgrades.apply(to: &document)
        return document
    }

    private static let transientNotebookFields = ["orig_nbformat", "orig_nbformat_minor", "signature"]
    /// What nbformat itself strips, and the times and widgets' views that front ends leave behind.
    private static let transientCellFields = ["trusted", "collapsed_state", "execution", "ExecuteTime"]

    // MARK: Cells

    /// Notes for each cell the bytes that it was read from, where they are just what would be written; another tool's
    /// layout is made canonical with the next save.
    private static func keepCanonicalBytes(
        _ bytes: [UInt8], _ places: [Range<Int>], in document: inout NotebookDocument
    ) {
        guard places.count == document.cells.count else { return }
        let cells = document.cells
        let isCanonical = Mutex(Array(repeating: false, count: cells.count))
        // A large notebook is worth a second core.
        DispatchQueue.concurrentPerform(iterations: cells.count) { index in
            let canonical = Self.bytes(of: cells[index])
            let isSame = bytes.withUnsafeBytes { file in
                canonical.withUnsafeBytes { cell in
                    cell.count == places[index].count
                        && cell.elementsEqual(UnsafeRawBufferPointer(rebasing: file[places[index]]))
                }
            }
            if isSame { isCanonical.withLock { $0[index] = true } }
        }
        for (index, isSame) in isCanonical.withLock({ $0 }).enumerated() where isSame {
            document.cells[index].written = bytes[places[index]]
        }
    }

    private static func bytes(of cell: NotebookCell) -> [UInt8] { JSON.bytes(encode(cell), .notebook, level: 2) }

    private static func encode(_ cell: NotebookCell) -> Value {
        var fields = cell.other
        fields["id"] = .string(cell.id)
        fields["cell_type"] = .string(cell.kind.rawValue)
        var metadata = cell.metadata
        for name in transientCellFields { metadata[name] = nil }
        fields["metadata"] = .record(metadata)
        fields["source"] = lines(cell.source)
        if cell.kind == .code {
            fields["outputs"] = .list(cell.outputs.map(splitLines))
            fields["execution_count"] = cell.executionCount.map { .integer($0) } ?? .null
        }
        if let attachments = fields["attachments"]?.record {
            fields["attachments"] = .record(attachments.mapValues { .record(splitBundle($0.record ?? [:])) })
        }
        return .record(fields)
    }

    private static func decode(_ json: Value, number: Int, ids: inout Set<String>) throws(NotebookError) -> NotebookCell
    {
        guard var fields = json.record else {
            throw NotebookError("its cell \(number) is \(json.kindName), not an object")
        }
        guard let kind = fields["cell_type"]?.text.flatMap(NotebookCell.Kind.init(rawValue:)) else {
            throw NotebookError("its cell \(number) has a cell_type that is not code, markdown or raw")
        }
        guard let source = fields["source"].flatMap(joined) else {
            throw NotebookError("its cell \(number) has no source text")
        }
        var metadata = fields["metadata"]?.record ?? [:]
        for name in transientCellFields { metadata[name] = nil }
        let outputs = (fields["outputs"]?.list ?? []).map(joinLines)
        let count = fields["execution_count"]?.integer
        var id = fields["id"]?.text ?? ""
        // Files older than 4.5 have no ids; a merge may leave two alike. Both are given new ones.
        if !isValid(id) || ids.contains(id) { id = CellID.make(from: "\(number)\u{0}\(source)", avoiding: ids) }
        ids.insert(id)
        for name in ["cell_type", "source", "metadata", "outputs", "execution_count", "id"] { fields[name] = nil }
        if let attachments = fields["attachments"]?.record {
            fields["attachments"] = .record(attachments.mapValues { .record(joinBundle($0.record ?? [:])) })
        }
        return NotebookCell(
            id: id, kind: kind, source: source, metadata: metadata, outputs: outputs, executionCount: count,
            other: fields)
    }

    private static func isValid(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2D
                    || byte == 0x5F
            }
    }

    // MARK: Lines

    /// Outputs as files have them: texts as lists of lines.
    private static func splitLines(_ output: Value) -> Value {
        guard var fields = output.record else { return output }
        switch fields["output_type"]?.text {
        case "execute_result", "display_data":
            if let data = fields["data"]?.record { fields["data"] = .record(splitBundle(data)) }
        case "stream":
            if let text = fields["text"]?.text { fields["text"] = lines(text) }
        default: break
        }
        return .record(fields)
    }

    private static func joinLines(_ output: Value) -> Value {
        guard var fields = output.record else { return output }
        switch fields["output_type"]?.text {
        case "execute_result", "display_data":
            if let data = fields["data"]?.record { fields["data"] = .record(joinBundle(data)) }
        default:
            if let text = fields["text"].flatMap(joined) { fields["text"] = .string(text) }
        }
        return .record(fields)
    }

    private static func splitBundle(_ bundle: Record) -> Record {
        var result = bundle
        for (type, value) in bundle {
            guard let text = value.text,
                type.hasPrefix("text/") || type == "application/javascript" || type == "image/svg+xml"
            else { continue }
            result[type] = lines(text)
        }
        return result
    }

    private static func joinBundle(_ bundle: Record) -> Record {
        var result = bundle
        for (type, value) in bundle {
            let isJSON = type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
            if !isJSON, value.list != nil, let text = joined(value) { result[type] = .string(text) }
        }
        return result
    }

    private static func joined(_ value: Value) -> String? {
        if let text = value.text { return text }
        guard let parts = value.list else { return nil }
        let texts = parts.compactMap(\.text)
        return texts.count == parts.count ? texts.joined() : nil
    }

    /// The text's lines with their ends, split where Python's `splitlines` splits.
    static func lines(_ text: String) -> Value {
        var text = text
        return .list(
            text.withUTF8 { bytes in
                var lines: [Value] = []
                var start = 0
                var at = 0
                while at < bytes.count {
                    let length = lineBreak(bytes, at)
                    at += max(1, length)
                    guard length > 0 else { continue }
                    lines.append(.string(String(decoding: bytes[start..<at], as: UTF8.self)))
                    start = at
                }
                if start < bytes.count { lines.append(.string(String(decoding: bytes[start...], as: UTF8.self))) }
                return lines
            })
    }

    /// How many bytes a line break takes that begins at a place; 0 where none does.
    private static func lineBreak(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        switch bytes[at] {
        case 0x0D: return at + 1 < bytes.count && bytes[at + 1] == 0x0A ? 2 : 1
        case 0x0A, 0x0B, 0x0C, 0x1C...0x1E: return 1
        // U+0085 and U+2028, U+2029 in UTF-8.
        case 0xC2: return at + 1 < bytes.count && bytes[at + 1] == 0x85 ? 2 : 0
        case 0xE2:
            guard at + 2 < bytes.count, bytes[at + 1] == 0x80 else { return 0 }
            return bytes[at + 2] == 0xA8 || bytes[at + 2] == 0xA9 ? 3 : 0
        default: return 0
        }
    }
}

/// A file that is not a notebook, in words for people, to follow "… is not a notebook: ".
public struct NotebookError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Names for cells: 8 hexadecimal digits, as Jupyter makes them.
public enum CellID {
    /// An id derived from a text, so that the same file gets the same ids, different from those in use.
    public static func make(from text: String, avoiding taken: some Collection<String>) -> String {
        var attempt = 0
        while true {
            let id = String(SHA256Name.of("\(text)\u{0}\(attempt)").prefix(8))
            if !taken.contains(id) { return id }
            attempt += 1
        }
    }
}

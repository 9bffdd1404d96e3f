internal import OrderedCollections
internal import Tables

/// The one codec for notebook files: nbformat 4.5, canonical bytes (what `nbformat.writes` gives, and a newline).
///
/// Source: the nbformat 4.5 JSON schema, and nbformat's `v4/nbjson.py` and `rwbase.py` for the layout.
public enum NotebookCodec {
    /// The file's text.
    public static func encode(_ document: NotebookDocument) -> String {
        var metadata = document.metadata
        for name in transientNotebookFields { metadata[name] = nil }
        let notebook: Value = [
            "cells": .list(document.cells.map(encode)), "metadata": .record(metadata), "nbformat": 4,
            "nbformat_minor": 5,
        ]
        return JSON.text(notebook, .notebook) + "\n"
    }

    /// Reads a file's text.
    /// - Throws: `NotebookError` that says where and what.
    public static func decode(_ bytes: [UInt8]) throws(NotebookError) -> NotebookDocument {
        let json: Value
        do {
            json = try JSON.parse(bytes)
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
        var ids: Set<String> = []
        for (index, cell) in cells.enumerated() {
            document.cells.append(try decode(cell, number: index + 1, ids: &ids))
        }
        return document
    }

    private static let transientNotebookFields = ["orig_nbformat", "orig_nbformat_minor", "signature"]

    // MARK: Cells

    private static func encode(_ cell: NotebookCell) -> Value {
        var fields = cell.other
        fields["id"] = .string(cell.id)
        fields["cell_type"] = .string(cell.kind.rawValue)
        var metadata = cell.metadata
        metadata["trusted"] = nil
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
        metadata["trusted"] = nil
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
        var lines: [Value] = []
        var line = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            line.append(scalar)
            switch scalar.value {
            case 0x0D where next == "\n": continue
            case 0x0A, 0x0B, 0x0C, 0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
                lines.append(.string(String(line)))
                line = String.UnicodeScalarView()
            default: continue
            }
        }
        if !line.isEmpty { lines.append(.string(String(line))) }
        return .list(lines)
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

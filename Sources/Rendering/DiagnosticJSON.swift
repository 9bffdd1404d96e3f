public import OrderedCollections
public import PipelineSyntax
public import Tables

/// Diagnostics as JSON for editors and scripts; the fields are listed in docs/errors.md.
///
/// Lines and columns count from 1, columns in characters; an end is the place after the last character.
public struct DiagnosticJSON: Sendable {
    /// The number of this form; another one means that a field went or changed its meaning.
    public static let version = 1

    private let file: String?
    private let cells: [String: Int]

    /// - Parameters:
    ///   - file: the file that was checked.
    ///   - cells: the numbers of its code cells by the names of their source texts.
    public init(file: String? = nil, cells: [String: Int] = [:]) {
        self.file = file
        self.cells = cells
    }

    /// The record of one diagnostic.
    public func record(of diagnostic: Diagnostic) -> Record {
        var record: Record = [
            "file": file.map { .string($0) } ?? .null, "code": .string(diagnostic.shownCode),
            "severity": .string(diagnostic.severity.rawValue), "message": .string(diagnostic.message),
            "expectation": diagnostic.expectation.map { .string($0) } ?? .null,
            "hint": diagnostic.hint.map { .string($0) } ?? .null,
        ]
        let nowhere: Record = ["cell": .null, "start": .null, "end": .null]
        for (name, value) in diagnostic.place.map(range) ?? nowhere { record[name] = value }
        record["labels"] = .list(
            diagnostic.labels.map { label in
                var fields = range(label.place)
                fields["text"] = .string(label.text)
                return .record(fields)
            })
        record["replacement"] =
            diagnostic.replacement.map { replacement in
                var fields = range(replacement.place)
                fields["text"] = .string(replacement.text)
                return .record(fields)
            } ?? .null
        record["trace"] = .list(diagnostic.trace.map { .string($0) })
        return record
    }

    private func range(_ place: Diagnostic.Place) -> Record {
        [
            "cell": cells[place.source.name].map { .integer($0) } ?? .null,
            "start": position(place.span.start, place), "end": position(place.span.end, place),
        ]
    }

    private func position(_ offset: Int, _ place: Diagnostic.Place) -> Value {
        let (line, column) = place.source.position(of: offset)
        return ["line": .integer(line), "column": .integer(column)]
    }
}

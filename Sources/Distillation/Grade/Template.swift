public import OrderedCollections
public import Tables

/// A grader's text with `{{item.x}}` and `{{sample.output_text}}` in it.
///
/// Filled text is never looked at again, so an answer that contains braces or instructions stays plain text.
public struct Template: Sendable, Hashable {
    public enum Part: Sendable, Hashable {
        case literal(String)
        /// `{{path.to.value}}`, its names.
        case reference([String])
    }

    /// The text as it was written.
    public let text: String
    public let parts: [Part]

    /// Reads a template.
    /// - Throws: `TemplateError` for an unclosed `{{` or a root other than `item` and `sample`.
    public init(_ text: String) throws(TemplateError) {
        self.text = text
        var parts: [Part] = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            if open.lowerBound > rest.startIndex { parts.append(.literal(String(rest[..<open.lowerBound]))) }
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw TemplateError("a closing `}}`")
            }
            let names = rest[open.upperBound..<close.lowerBound].split(separator: ".", omittingEmptySubsequences: false)
                .map { String($0).trimmingBlanks }
            guard names.count >= 2, names[0] == "item" || names[0] == "sample", names.allSatisfy({ !$0.isEmpty }) else {
                throw TemplateError(
                    "{{item.column}} or {{sample.output_text}}, found {{\(names.joined(separator: "."))}}")
            }
            parts.append(.reference(names))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.parts = parts
    }

    /// The columns that `item` references need.
    public var itemColumns: [String] {
        parts.compactMap { if case .reference(let names) = $0, names[0] == "item" { names[1] } else { nil } }
    }

    /// Whether it reads what a model answered.
    public var readsSample: Bool {
        parts.contains { if case .reference(let names) = $0 { names[0] == "sample" } else { false } }
    }

    /// The text for a row. `item` is the row without what the steps added, `sample` is its sample.
    /// - Parameter quote: what becomes of a text that the graded model wrote, before it is put in.
    /// - Throws: `RowError` where a value is missing or an error.
    public func filled(
        with row: Record, quotingSample quote: (String) -> String = { $0 }
    ) throws(RowError) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .literal(let text): result += text
            case .reference(let names):
                let text = try Self.text(of: names, in: row)
                result += names[0] == "sample" ? quote(text) : text
            }
        }
        return result
    }

    private static func text(of names: [String], in row: Record) throws(RowError) -> String {
        var value: Value
        var path = names.dropFirst()
        if names[0] == "item" {
            value = row[path.removeFirst()] ?? .null
        } else {
            switch path.removeFirst() {
            case "output_text": value = row["output"] ?? .null
            case "output_json": value = row["output_json"] ?? .null
            case let other: value = row["sample"]?[field: other] ?? .null
            }
        }
        for name in path { value = value[field: name] }
        switch value {
        case .null: throw RowError("{{\(names.joined(separator: "."))}} is null in this row")
        case .error(let error): throw error
        case .string(let text): return text
        default: return JSON.text(value)
        }
    }
}

/// A grader's template that cannot be read.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was expected, and found where that helps.
    public let expected: String

    public init(_ expected: String) { self.expected = expected }

    public var description: String { "Expected \(expected)." }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

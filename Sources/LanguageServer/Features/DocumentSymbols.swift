internal import Notebook
internal import OrderedCollections
internal import PipelineSyntax
internal import Tables

/// What a document binds, for outlines: under their cells where there are several.
struct DocumentSymbols {
    private struct Symbol {
        let name: String
        let detail: String
        let kind: Kind
        let place: Range<Int>
        let namePlace: Range<Int>
        var children: [Symbol] = []
    }

    /// The numbers of `SymbolKind`.
    private enum Kind: Int { case module = 2, function = 12, variable = 13, constant = 14 }

    private let symbols: [Symbol]
    private let range: (Range<Int>) -> TextRange

    /// - Parameter range: where a part of the document stands.
    init(_ notebook: OpenNotebook, _ document: DocumentURI, range: @escaping (Range<Int>) -> TextRange) {
        self.range = range
        let cells = zip(notebook.code, notebook.checked.cells).enumerated().filter { $0.element.0.document == document }
        let bySymbols = cells.map { number, pair in
            let (cell, checked) = pair
            return Symbol(
                name: cell.title.isEmpty ? "Cell \(number + 1)" : cell.title,
                detail: cell.title.isEmpty ? "" : "cell \(number + 1)", kind: .module, place: cell.place,
                namePlace: cell.place.lowerBound..<cell.place.lowerBound,
                children: checked.analysis.program.statements.compactMap { Self.symbol($0, in: cell) })
        }
        symbols = bySymbols.count == 1 ? bySymbols[0].children : bySymbols
    }

    /// As `DocumentSymbol`s.
    var tree: [Value] { symbols.map(value) }

    /// As `SymbolInformation`, for clients that know no trees.
    func list(in document: DocumentURI) -> [Value] {
        func flat(_ symbol: Symbol, in container: String?) -> [Value] {
            var fields: Record = [
                "name": .string(symbol.name), "kind": .integer(symbol.kind.rawValue),
                "location": ["uri": .string(document.text), "range": range(symbol.place).value],
            ]
            if let container { fields["containerName"] = .string(container) }
            return [.record(fields)] + symbol.children.flatMap { flat($0, in: symbol.name) }
        }
        return symbols.flatMap { flat($0, in: nil) }
    }

    private func value(_ symbol: Symbol) -> Value {
        var fields: Record = [
            "name": .string(symbol.name), "kind": .integer(symbol.kind.rawValue), "range": range(symbol.place).value,
            "selectionRange": range(symbol.namePlace).value,
        ]
        if !symbol.detail.isEmpty { fields["detail"] = .string(symbol.detail) }
        if !symbol.children.isEmpty { fields["children"] = .list(symbol.children.map(value)) }
        return .record(fields)
    }

    private static func symbol(_ statement: Statement, in cell: CodeCell) -> Symbol? {
        func symbol(_ name: String, _ detail: String, _ kind: Kind, _ span: Span, _ nameSpan: Span) -> Symbol {
            let namePlace = cell.map.place(of: nameSpan.range)
            let place = cell.map.place(of: span.range)
            // The protocol wants the name inside.
            let whole = min(place.lowerBound, namePlace.lowerBound)..<max(place.upperBound, namePlace.upperBound)
            return Symbol(name: name, detail: detail, kind: kind, place: whole, namePlace: namePlace)
        }
        switch statement {
        case .binding(let binding):
            return symbol(
                binding.name, binding.isParameter ? "param" : "let", binding.isParameter ? .constant : .variable,
                binding.span, binding.nameSpan)
        case .function(let function):
            let parameters = function.parameters.map(\.name).joined(separator: ", ")
            return symbol(function.name, "fn(\(parameters))", .function, function.span, function.nameSpan)
        case .expression: return nil
        }
    }
}

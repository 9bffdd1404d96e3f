internal import Notebook
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What the editor asks about a place or a document. Where nothing is known the answer is null or empty, as the
/// protocol has it; only a request that is none is an error.
extension LanguageServer {
    /// A place in a code cell.
    private struct Target {
        let notebook: OpenNotebook
        let index: Int
        let offset: Int
        let scope: CellScope

        var cell: CodeCell { notebook.code[index] }
    }

    mutating func completion(_ parameters: Value) throws(ResponseError) -> Value {
        let encoding = client.encoding
        guard let target = try target(parameters), let text = target.notebook.documents[target.cell.document] else {
            return .list([])
        }
        return .list(
            Completions.items(
                at: target.offset, in: target.scope, map: target.cell.map,
                isMarkdown: client.takesMarkdownDocumentation
            ) { text.range(of: target.cell.map.place(of: $0), encoding) })
    }

    mutating func hover(_ parameters: Value) throws(ResponseError) -> Value {
        guard let target = try target(parameters), let hover = Hover(at: target.offset, in: target.scope) else {
            return .null
        }
        return [
            "contents": MarkupContent.value(hover.text, isMarkdown: client.takesMarkdownHover),
            "range": range(of: hover.span, in: target.cell, of: target.notebook),
        ]
    }

    mutating func definition(_ parameters: Value) throws(ResponseError) -> Value {
        guard let target = try target(parameters), let place = target.scope.place(at: target.offset) else {
            return .null
        }
        let name: String
        var parameter: String?
        switch place.kind {
        case .name(let found), .callee(let found): name = found
        case .label(let label, let callee): (name, parameter) = (callee, label)
        case .declaration, .parameterDeclaration:
            return location(of: place.span, in: target.cell, of: target.notebook)
        case .column, .member, .text: return .null
        }
        guard let (cell, span) = definition(of: name, at: place, target) else { return .null }
        guard let parameter else { return location(of: span, in: target.notebook.code[cell], of: target.notebook) }
        // The label of an argument means a parameter of the `fn`.
        for case .function(let function) in target.notebook.checked.cells[cell].analysis.program.statements
        where function.nameSpan == span {
            guard let found = function.parameters.first(where: { $0.name == parameter }) else { break }
            return location(of: found.span, in: target.notebook.code[cell], of: target.notebook)
        }
        return .null
    }

    mutating func symbols(_ parameters: Value) throws(ResponseError) -> Value {
        guard let (notebook, document) = try notebook(parameters), let text = notebook.documents[document] else {
            return .list([])
        }
        let encoding = client.encoding
        let symbols = DocumentSymbols(notebook, document) { text.range(of: $0, encoding) }
        return .list(client.takesSymbolTrees ? symbols.tree : symbols.list(in: document))
    }

    mutating func formatting(_ parameters: Value) throws(ResponseError) -> Value {
        guard let (notebook, document) = try notebook(parameters), let text = notebook.documents[document],
            let edits = Formatting.edits(of: notebook, document, text)
        else { return .null }
        return .list(
            edits.map { edit in
                ["range": text.range(of: edit.place, client.encoding).value, "newText": .string(edit.text)]
            })
    }

    mutating func codeActions(_ parameters: Value) throws(ResponseError) -> Value {
        guard let (notebook, document) = try notebook(parameters), let text = notebook.documents[document] else {
            return .list([])
        }
        guard let range = TextRange(parameters[field: "range"]) else {
            throw ResponseError(.invalidParameters, "Expected a `range`.")
        }
        if let only = parameters[field: "context"][field: "only"].list,
            !only.contains(where: { $0.text == "quickfix" || $0.text == "" })
        {
            return .list([])
        }
        let start = text.offset(of: range.start, client.encoding)
        let end = max(start, text.offset(of: range.end, client.encoding))
        let check = CellCheck(
            builtins: surroundings.builtins, schemas: notebook.folder.schemas,
            kernel: surroundings.kernel(notebook.kernel))
        var actions: [Value] = []
        for (index, cell) in notebook.code.enumerated() where cell.document == document && !cell.expectsFailure {
            guard notebook.checked.cells.indices.contains(index) else { break }
            let checked = notebook.checked.cells[index]
            for diagnostic in checked.diagnostics {
                let place = Self.place(of: diagnostic, in: cell)
                guard place.lowerBound <= end, start <= place.upperBound else { continue }
                let value = DiagnosticValues.value(diagnostic, at: text.range(of: place, client.encoding))
                let fixes = QuickFix.fixes(
                    for: diagnostic, in: checked, names: notebook.checked.names(above: index), check: check,
                    builtins: surroundings.builtins)
                for fix in fixes {
                    let edit: Value = [
                        "range": self.range(of: fix.span, in: cell, of: notebook),
                        "newText": .string(cell.map.written(fix.replacement)),
                    ]
                    actions.append([
                        "title": .string(fix.title), "kind": "quickfix", "diagnostics": [value],
                        "isPreferred": .bool(fixes.count == 1),
                        "edit": ["changes": .record([document.text: [edit]])],
                    ])
                }
            }
        }
        return .list(actions)
    }

    // MARK: Where

    /// The notebook that a request is about, checked, and the document of it; nil where it is not open.
    private mutating func notebook(_ parameters: Value) throws(ResponseError) -> (OpenNotebook, DocumentURI)? {
        guard let name = parameters[field: "textDocument"][field: "uri"].text else {
            throw ResponseError(.invalidParameters, "Expected a `textDocument` with its `uri`.")
        }
        let document = DocumentURI(name)
        guard let owner = owners[document] else { return nil }
        notebooks[owner]?.update(in: surroundings)
        return notebooks[owner].map { ($0, document) }
    }

    /// The place that a request is about; nil where it is in no code cell.
    private mutating func target(_ parameters: Value) throws(ResponseError) -> Target? {
        guard let position = TextPosition(parameters[field: "position"]) else {
            throw ResponseError(.invalidParameters, "Expected a `position`.")
        }
        guard let (notebook, document) = try notebook(parameters), let text = notebook.documents[document],
            let (index, offset) = notebook.cell(at: text.offset(of: position, client.encoding), of: document),
            let scope = CellScope(notebook, cell: index, in: surroundings)
        else { return nil }
        return Target(notebook: notebook, index: index, offset: offset, scope: scope)
    }

    /// The cell and place where a name is bound: in the cell itself, else in the nearest above.
    private func definition(of name: String, at place: SourcePlace, _ target: Target) -> (cell: Int, span: Span)? {
        if let span = target.scope.definition(of: name, at: place.span.start, statement: place.statement) {
            return (target.index, span)
        }
        for index in (0..<target.index).reversed() {
            let statements = target.notebook.checked.cells[index].analysis.program.statements
            if let span = statements.reversed().lazy.compactMap({ $0.declaration(of: name) }).first {
                return (index, span)
            }
        }
        return nil
    }

    private func range(of span: Span, in cell: CodeCell, of notebook: OpenNotebook) -> Value {
        let text = notebook.documents[cell.document] ?? DocumentText("")
        return text.range(of: cell.map.place(of: span.range), client.encoding).value
    }

    private func location(of span: Span, in cell: CodeCell, of notebook: OpenNotebook) -> Value {
        ["uri": .string(cell.document.text), "range": range(of: span, in: cell, of: notebook)]
    }
}

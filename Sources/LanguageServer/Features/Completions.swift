internal import Notebook
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What may be typed at a place, as the protocol has it.
enum Completions {
    /// - Parameters:
    ///   - offset: in the cell.
    ///   - range: where in the document a part of the cell stands.
    static func items(
        at offset: Int, in scope: CellScope, map: CellMap, isMarkdown: Bool, range: (Range<Int>) -> TextRange
    ) -> [Value] {
        let text = scope.program.source.text(of: Span(0..<max(0, offset)))
        let completion = Completion(text, in: scope.environment(before: nil, at: offset))
        let place = range(max(0, offset - completion.replaced)..<offset).value
        return completion.items.enumerated().map { index, item in
            var fields: Record = [
                "label": .string(item.text), "kind": .integer(kind(item.kind)),
                // The order is ours: columns as they stand in the rows, not as the alphabet has them.
                "sortText": .string(String(String(100_000 + index).dropFirst())),
                "filterText": .string(map.written(item.text)),
                "textEdit": ["range": place, "newText": .string(map.written(item.insertion))],
            ]
            if !item.detail.isEmpty { fields["detail"] = .string(item.detail) }
            if item.kind == .verb || item.kind == .function, let builtin = scope.builtins[item.text] {
                fields["documentation"] = MarkupContent.value(
                    BuiltinReference.markdown(builtin), isMarkdown: isMarkdown)
            }
            return .record(fields)
        }
    }

    /// The numbers of `CompletionItemKind`.
    private static func kind(_ kind: Completion.Item.Kind) -> Int {
        switch kind {
        case .verb: 2
        case .function: 3
        case .column: 5
        case .name: 6
        case .member, .argument: 10
        case .word: 14
        case .file: 17
        case .model: 20
        }
    }
}

/// Text with its format.
enum MarkupContent {
    static func value(_ markdown: String, isMarkdown: Bool) -> Value {
        ["kind": isMarkdown ? "markdown" : "plaintext", "value": .string(isMarkdown ? markdown : plain(markdown))]
    }

    /// Without fences and back quotes.
    private static func plain(_ markdown: String) -> String {
        markdown.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("```") }
            .joined(separator: "\n").replacing("`", with: "")
    }
}

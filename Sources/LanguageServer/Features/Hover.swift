internal import Notebook
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax

/// What an editor shows of the word under the pointer.
struct Hover {
    /// Markdown.
    let text: String
    let span: Span

    /// Nil where nothing is known of what stands there.
    init?(at offset: Int, in scope: CellScope) {
        guard let place = scope.place(at: offset) else { return nil }
        let environment = scope.environment(before: place.statement, at: place.span.start)
        guard let text = Self.text(place, scope, environment), !text.isEmpty else { return nil }
        self.text = text
        span = place.span
    }

    private static func text(_ place: SourcePlace, _ scope: CellScope, _ environment: CompletionEnvironment) -> String?
    {
        switch place.kind {
        case .callee(let name):
            if let type = environment.names[name] { return TypeMarkdown.text(name, type) }
            return scope.builtins[name].map { BuiltinReference.markdown($0) }
        case .name(let name):
            if let function = scope.function(at: place.statement),
                function.parameters.contains(where: { $0.name == name })
            {
                return "`\(name)`: a parameter of `\(function.name)`"
            }
            return environment.names[name].map { TypeMarkdown.text(name, $0) }
                ?? scope.builtins[name].map { BuiltinReference.markdown($0) }
        case .declaration(let name):
            guard let statement = place.statement else { return nil }
            return scope.environment(after: statement).names[name].map { TypeMarkdown.text(name, $0) }
        case .parameterDeclaration(let name, let function): return "`\(name)`: a parameter of `\(function)`"
        case .label(let label, let name):
            if case .function(let function)? = environment.names[name] {
                return function.parameters.contains(label) ? "`\(label):` – a parameter of `\(name)`" : nil
            }
            guard let builtin = scope.builtins[name] else { return nil }
            if let parameter = builtin.parameters.first(where: { $0.name == label }) {
                return "\(BuiltinReference.markdown(parameter))\n\nAn argument of `\(name)`."
            }
            switch builtin.inventions {
            case .none: return nil
            case .columns, .aggregates, .renames: return "`.\(label)`: a new column, made by `\(name)`"
            }
        case .column(let name, let rows):
            return element(of: rows, environment)?[name].map { TypeMarkdown.text(".\(name)", $0) }
        case .member(let name, let code, let rows):
            return members(of: type(of: code, rows, environment))?[name].map { TypeMarkdown.text(".\(name)", $0) }
        case .text(let text, let parameter):
            if parameter?.file == .reads, let columns = environment.columns(ofFile: text) {
                return TypeMarkdown.text(text, .rows(columns))
            }
            if parameter?.name == "alias" || parameter?.name == "model" {
                return environment.summary(ofModel: text).map { "`\(text)`: \($0)" }
            }
            return parameter.map { BuiltinReference.markdown($0) }
        }
    }

    /// What a dot means among rows that some code gives.
    private static func element(of rows: String?, _ environment: CompletionEnvironment) -> Columns? {
        guard let rows, case .record(let columns) = environment.type(of: rows).element else { return nil }
        return columns
    }

    /// The type of code in which dots may mean rows.
    private static func type(of code: String, _ rows: String?, _ environment: CompletionEnvironment) -> StaticType {
        let type = environment.type(of: code)
        guard type == .any, let rows, code.hasPrefix(".") else { return type }
        // Seen as a column that a step adds, it is checked with its row.
        return environment.type(of: "\(rows) | each \(code)").element
    }

    private static func members(of type: StaticType) -> Columns? {
        switch type {
        case .record(let fields): fields
        case .rows(let columns): columns
        case .domain(let domain): domain.members
        default: nil
        }
    }
}

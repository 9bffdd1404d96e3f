public import PipelineSyntax
public import Tables

/// What verbs may ask of the program that embeds the language; its own protocol extends this.
public protocol LanguageHost: AnyObject {
    /// Whether the user wants the work to stop.
    var isInterrupted: Bool { get }
}

/// Everything that evaluating a cell needs besides its tree.
public struct EvaluationContext {
    public let source: SourceText
    public let builtins: BuiltinTable
    public let host: any LanguageHost
    /// What verbs have to say besides their result: nulls dropped, rows skipped.
    public let notes: Notes

    public init(source: SourceText, builtins: BuiltinTable, host: any LanguageHost, notes: Notes) {
        self.source = source
        self.builtins = builtins
        self.host = host
        self.notes = notes
    }

    /// The same for code of another source, such as an `fn` bound in another cell.
    func within(_ source: SourceText) -> EvaluationContext {
        EvaluationContext(source: source, builtins: builtins, host: host, notes: notes)
    }
}

/// Collects remarks in the order in which they come.
public final class Notes {
    public private(set) var list: [String] = []

    public init() {}

    /// Adds a remark, a whole sentence.
    public func add(_ note: String) { list.append(note) }
}

/// Names and their values.
public typealias Bindings = [String: Value]

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

    private let added: (String) -> Void

    /// - Parameter added: told of each remark as it comes.
    public init(added: @escaping (String) -> Void = { _ in }) { self.added = added }

    /// Nulls and errors that a verb skipped, by what it was doing; told in one line each when the cell ends.
    private var skipped: [(what: String, nulls: Int, errors: Int)] = []

    /// Counts nulls and errors that were skipped.
    public func tally(_ what: String, nulls: Int, errors: Int) {
        guard nulls + errors > 0 else { return }
        if let index = skipped.firstIndex(where: { $0.what == what }) {
            skipped[index].nulls += nulls
            skipped[index].errors += errors
        } else {
            skipped.append((what, nulls, errors))
        }
    }

    /// Turns what was counted into remarks.
    public func finish() {
        for (what, nulls, errors) in skipped {
            var counts: [String] = []
            if nulls > 0 { counts.append("\(nulls) null\(nulls == 1 ? "" : "s")") }
            if errors > 0 { counts.append("\(errors) error\(errors == 1 ? "" : "s")") }
            add("\(what): \(counts.joined(separator: " and ")) \(nulls + errors == 1 ? "was" : "were") skipped.")
        }
        skipped = []
    }

    /// Adds a remark, a whole sentence.
    public func add(_ note: String) {
        list.append(note)
        added(note)
    }
}

/// Names and their values.
public typealias Bindings = [String: Value]

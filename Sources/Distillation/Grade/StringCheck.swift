public import OrderedCollections
public import Tables

/// OpenAI's `string_check` grader: 1 where the operation holds between two filled templates, else 0.
public struct StringCheck: Sendable, Hashable {
    public enum Operation: String, Sendable, CaseIterable {
        /// Equal.
        case eq
        /// Not equal.
        case ne
        /// The input contains the reference.
        case like
        /// The same without regard to case.
        case ilike
    }

    public let name: String
    public let input: Template
    public let reference: Template
    public let operation: Operation

    public init(name: String, input: Template, reference: Template, operation: Operation) {
        self.name = name
        self.input = input
        self.reference = reference
        self.operation = operation
    }

    /// The score of a row: 0, 1, or an error where a template's value is missing.
    public func score(_ row: Record) -> Value {
        do {
            let found = try input.filled(with: row)
            let wanted = try reference.filled(with: row)
            let holds =
                switch operation {
                // By code points, as everywhere in the language (decision 0016) and in OpenAI's grader.
                case .eq: found.utf8.elementsEqual(wanted.utf8)
                case .ne: !found.utf8.elementsEqual(wanted.utf8)
                case .like: wanted.isEmpty || found.unicodeScalars.contains(wanted.unicodeScalars)
                case .ilike:
                    wanted.isEmpty || found.lowercased().unicodeScalars.contains(wanted.lowercased().unicodeScalars)
                }
            return .integer(holds ? 1 : 0)
        } catch {
            return .error(error)
        }
    }
}

/// A data file that is not what its format says: where, what was expected, what was found.
public struct FormatError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Line in the file, from 1.
    public let line: Int

    /// Column in characters, from 1.
    public let column: Int

    /// What should stand there.
    public let expected: String

    /// What stands there.
    public let found: String

    /// How to mend it, where there is a better hint than the general one.
    public let hint: String?

    public init(line: Int, column: Int, expected: String, found: String, hint: String? = nil) {
        self.line = line
        self.column = column
        self.expected = expected
        self.found = found
        self.hint = hint
    }

    /// The same mistake so many lines further down.
    func moved(by lines: Int) -> FormatError {
        FormatError(line: line + lines, column: column, expected: expected, found: found, hint: hint)
    }

    public var description: String { "line \(line), column \(column): expected \(expected), found \(found)" }
}

/// Rows that were read, and the bad ones that were skipped where that was asked for.
public struct LoadedRows: Sendable {
    public let rows: DataSet

    /// One for each bad row, in the order of the file.
    public let skipped: [FormatError]

    /// The names of columns that the file has but nobody asked for.
    public let leftOut: [String]

    public init(rows: DataSet, skipped: [FormatError], leftOut: [String] = []) {
        self.rows = rows
        self.skipped = skipped
        self.leftOut = leftOut
    }
}

/// What to do with a row that cannot be read.
public enum BadRows: String, Sendable, CaseIterable {
    /// Stop with an error.
    case fail = "error"
    /// Leave it out and count it.
    case skip = "skip"
}

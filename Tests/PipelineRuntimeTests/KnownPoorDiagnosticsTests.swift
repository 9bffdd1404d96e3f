import Foundation
import Testing

/// Messages that do not help enough yet, with words that they should have. At most ten; one that got better fails here
/// and goes.
@Suite struct KnownPoorDiagnosticsTests {
    struct Poor: Sendable, CustomTestStringConvertible {
        let path: String
        let title: String
        /// What should be said.
        let wanted: String
        var testDescription: String { title }
    }

    static let all = [
        // `|` binds looser than the argument: what is meant is (.question.choices | len).
        Poor(path: "shell/commands.txt", title: "jq: length as a filter", wanted: "(.question.choices | len)"),
        Poor(
            path: "columns/columns.txt", title: "a nested field inside each",
            wanted: "(.question.choices | each .label)"),
        // The rows were there; their target was not.
        Poor(path: "models/models.txt", title: "training on null", wanted: "`.gold` is null"),
        // The hint should be to fetch the file first.
        Poor(path: "files/files.txt", title: "an address", wanted: "no network"),
        Poor(path: "beginner/syntax.txt", title: "a decimal comma", wanted: "8.5"),
        Poor(path: "pandas/frames.txt", title: "pandas: rename with a dictionary", wanted: "rename prompt: .text"),
        // A module is no value: the verb alone is what is meant.
        Poor(path: "pandas/frames.txt", title: "pandas: read_csv of a module", wanted: "Hint: load \"bank.csv\""),
        // `//` is a comment elsewhere, but not after a value.
        Poor(path: "pandas/frames.txt", title: "Python: floor division", wanted: "floor(7 / 2)"),
        Poor(path: "shell/commands.txt", title: "jq: alternative operator", wanted: ".answerKey ?? \"none\""),
        Poor(path: "beginner/syntax.txt", title: "a name with a dash", wanted: "my_rows"),
    ]

    @Test(arguments: all) func thisMessageShouldSayMore(_ poor: Poor) throws {
        let file = try MistakeFile(path: poor.path)
        let program = try #require(file.programs.first { $0.title == poor.title })
        withKnownIssue { #expect(program.message.contains(poor.wanted)) }
    }

    @Test func atMostTenArePoor() { #expect(Self.all.count <= 10) }
}

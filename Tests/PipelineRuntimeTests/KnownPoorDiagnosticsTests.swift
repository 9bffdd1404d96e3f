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
        // The condition and the rows in one: there is no verb of two steps to name.
        Poor(path: "shell/commands.txt", title: "jq: map and select", wanted: "| where .answerKey == \"A\""),
        // A command of the shell is typed at the shell's prompt.
        Poor(path: "shell/commands.txt", title: "shell: calling the program itself", wanted: "terminal"),
        // The nearest bound is a better hint than the verb's example.
        Poor(path: "arguments/arguments.txt", title: "too many epochs", wanted: "Hint: epochs: 50"),
        Poor(path: "columns/columns.txt", title: "sort with the direction as a word", wanted: "desc(.total)"),
    ]

    @Test(arguments: all) func thisMessageShouldSayMore(_ poor: Poor) throws {
        let file = try MistakeFile(path: poor.path)
        let program = try #require(file.programs.first { $0.title == poor.title })
        withKnownIssue { #expect(program.message.contains(poor.wanted)) }
    }

    @Test func atMostTenArePoor() { #expect(Self.all.count <= 10) }
}

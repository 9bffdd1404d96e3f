public import PipelineSyntax

/// Explanations of codes, for a terminal and as the page docs/errors.md.
public enum ExplanationText {
    /// One code's page.
    public static func render(_ explanation: Explanation, style: TextStyle = TextStyle()) -> String {
        let code = explanation.code
        var lines = ["\(style.bold(code.rawValue))  \(code.summary)", ""]
        func paragraph(_ text: String) { lines += TextWidth.wrap(text, to: min(style.width, 80)) }
        func program(_ title: String, _ cells: [String]) {
            guard !cells.isEmpty else { return }
            lines += ["", style.bold(title)]
            lines += indented(cells.joined(separator: "\n"))
        }
        paragraph(explanation.meaning)
        program("Wrong", explanation.wrong)
        if !explanation.message.isEmpty { lines += [""] + indented(explanation.message) }
        program("Right", explanation.right)
        lines += ["", style.bold("Why")]
        paragraph(explanation.why)
        return lines.joined(separator: "\n")
    }

    /// All codes, a line each.
    public static func list() -> String {
        DiagnosticCode.allCases.map { "\($0.rawValue)  \($0.summary)" }.joined(separator: "\n")
    }

    private static func indented(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  " + $0 }
    }

    /// The page of all codes, docs/errors.md. Its first part is about the form of messages.
    public static func page() -> String {
        var text = """
            # Mistakes

            <!-- Written by `distnb explain --markdown > docs/errors.md`; a test compares. -->

            A message has a code, a place, the line with carets, what was expected, and one hint: code where code mends it. Then follow further places, perhaps in other cells.

            `distnb explain E0204` shows a page of this list, `distnb check F…` finds mistakes without running anything. Warnings (`W` for `E`) stop nothing. Codes stay: a code that is no longer needed is not given to another mistake.

            ## For tools

            `distnb check --format json F…` prints one object. Lines and columns count from 1, columns in characters; an end is the place after the last character.

            | Field | What it is |
            |---|---|
            | `version` | \(DiagnosticJSON.version); another number means that a field went or changed its meaning |
            | `files` | each file with `file` and `cells`, the number of its code cells |
            | `diagnostics` | the mistakes and warnings, by file and place |
            | `summary` | `cells`, `errors`, `warnings` |

            A diagnostic:

            | Field | What it is |
            |---|---|
            | `file`, `cell` | the file as it was named; the code cell's number, null in a script |
            | `code`, `severity` | `"E0204"`; `"error"` or `"warning"` |
            | `start`, `end` | `{"line", "column"}`; null where it has no place |
            | `message`, `expectation`, `hint` | the sentences; what was expected alone, or null; or null |
            | `labels` | further places: `cell`, `start`, `end`, `text` |
            | `replacement` | `cell`, `start`, `end` and the `text` that mends exactly this mistake when it stands there; or null |
            | `trace` | the calls that led to the place, innermost first |

            Exit codes: 0 no mistakes (with `--strict`, no warnings either), 1 mistakes, 2 a wrong command line.

            ## Codes

            The programs stand below a first cell that loads `bank` (text, category), `quiz`, `orders` and `questions` (a split), and binds the models `student` and `cora`, the grader `correct` and the rows `lessons`.


            """
        for explanation in Explanation.all { text += markdown(explanation) + "\n" }
        return text
    }

    private static func markdown(_ explanation: Explanation) -> String {
        func block(_ language: String, _ text: String) -> String { "```\(language)\n\(text)\n```\n" }
        var text = "### \(explanation.code.rawValue)\n\n**\(explanation.code.summary)** \(explanation.meaning)\n\n"
        if !explanation.wrong.isEmpty {
            text +=
                "Wrong:\n\n" + block("", explanation.wrong.joined(separator: "\n") + "\n\n" + explanation.message)
                + "\n"
        }
        if !explanation.right.isEmpty {
            text += "Right:\n\n" + block("", explanation.right.joined(separator: "\n")) + "\n"
        }
        return text + explanation.why + "\n"
    }
}

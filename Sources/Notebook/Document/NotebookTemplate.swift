internal import Tables

/// What a new notebook begins with.
public enum NotebookTemplate {
    /// - Parameters:
    ///   - title: the heading.
    ///   - isLab: whether it has the five steps of a distillation lab to fill in.
    public static func document(title: String, kernel: String, isLab: Bool) -> NotebookDocument {
        var document = NotebookDocument.empty(kernel: kernel)
        let cells: [(NotebookCell.Kind, String)] = [(.markdown, "# \(title)")] + (isLab ? lab : [])
        for (kind, source) in cells {
            let id = CellID.make(from: "\(document.cells.count)\u{0}\(source)", avoiding: document.cells.map(\.id))
            document.cells.append(NotebookCell(id: id, kind: kind, source: source))
        }
        return document
    }

    private static let lab: [(NotebookCell.Kind, String)] = [
        (
            .markdown,
            "## 1 · Load\n\nRows with a `.prompt`, split so that the test rows are never trained on. Replace each `___`."
        ),
        (
            .code,
            """
            param data = "data/questions.csv"
            let questions = load data
              | rename prompt: ___
              | split {train: 0.6, validation: 0.1, test: 0.3}, seed: 7
            """
        ),
        (.markdown, "## 2 · The models and what counts as right"),
        (
            .code,
            """
            let cora = model "teacher", system: ___
            let student = model "student", system: ___
            let correct = grader .output == ___
            """
        ),
        (.markdown, "## 3 · The teacher writes the lessons; the right ones are kept"),
        (
            .code,
            """
            let lessons = questions.train
              | generate cora
              | grade correct
              | where .correct == 1
            """
        ),
        (.markdown, "## 4 · Fine-tune the student"),
        (.code, "let tuned = lessons | finetune student, epochs: 3, validation: questions.validation"),
        (.markdown, "## 5 · Compare"),
        (.code, "compare [student, tuned, cora], on: questions.test, with: correct"),
    ]
}

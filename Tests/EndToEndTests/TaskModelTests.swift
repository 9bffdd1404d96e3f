import Foundation
import Testing

/// Tasks on the embedded engine, whose model is too small for them: what fails is counted, and said.
@Suite(.serialized) struct TaskModelTests {
    private static let page = (try? String(contentsOfFile: Binary.root + "/docs/tasks.md", encoding: .utf8)) ?? ""

    private static let files: [String: String] = {
        var files: [String: String] = [:]
        for block in page.components(separatedBy: "```jsonl ").dropFirst() {
            let lines = block.components(separatedBy: "```").first?.split(separator: "\n", maxSplits: 1) ?? []
            if let name = lines.first, let text = lines.last { files[String(name)] = String(text) }
        }
        return files
    }()

    private func hasWeights() -> Bool {
        if !Binary.hasWeights { print("SKIPPED: no weights in \(Binary.home)/weights; make weights fetches them") }
        return Binary.hasWeights
    }

    private static let questions = """
        let quiz = task "nlu_qa"
        let cora = model "base", system: quiz.system
        let rows = load "choices.jsonl" | derive prompt: "${.question}\\n${join_text(.choices, "\\n")}"
        """

    @Test func everyProgramOfTheTasksPageIsRightByTheShippedKernel() throws {
        let programs = Self.page.components(separatedBy: "```distnb files\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(programs.count == 5)
        let folder = try Folder(Self.files)
        for (number, program) in programs.enumerated() {
            try folder.notebook("\(number).distnb", [program])
            let result = try Binary.run(["check", "\(number).distnb"], in: folder.path)
            #expect(result.code == 0, "\(program)\n\(result.output)")
        }
    }

    @Test func repliesThatAreCutAreCountedAndStopTheRun() throws {
        guard hasWeights() else { return }
        let folder = try Folder(Self.files)
        // No chain of thought fits into eight tokens.
        let program = Self.questions + "\nrows | generate cora, task: quiz, least: 4, max_tokens: 8\n"
        let result = try Binary.run([], in: folder.path, input: program)
        let told = result.output + result.errors
        #expect(told.contains("Expected answers for at least 70 % of the rows; 0 of 4 (0 %) have one."), "\(told)")
        #expect(
            told.contains("There were 4 replies cut off before the end; the first: the reply was cut off"), "\(told)")
        #expect(told.contains("Hint: more room for replies: max_tokens: 400"), "\(told)")
    }

    @Test func aTrialGoesOnWithWhatThereIs() throws {
        guard hasWeights() else { return }
        let folder = try Folder(Self.files)
        let program =
            Self.questions + """

                let answered = rows | generate cora, task: quiz, least: 4, max_tokens: 80, success_ratio: 0
                answered | each (.output is error) == (.sample.error is not null)
                answered | each .output in quiz.labels or .output is error
                answered | each len(.sample.raw) > 0

                """
        let result = try Binary.run([], in: folder.path, input: program)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.components(separatedBy: "[true, true, true, true]").count == 4, "\(result.output)")
    }

    /// What is trained of a row does not depend on whether its teacher was asked to reason.
    @Test func rowsWithAndWithoutReasoningAreRenderedAlike() throws {
        guard hasWeights() else { return }
        let folder = try Folder(Self.files)
        let program =
            Self.questions + """

                let student = model "student", system: "Reply with a letter."
                let asked = rows | generate cora, task: quiz, least: 4, max_tokens: 8, success_ratio: 0
                let plain = rows | finetune student, target: .answer, epochs: 1
                let reasoned = asked | finetune student, target: .answer, epochs: 1
                plain.rows.tokens == reasoned.rows.tokens and plain.rows.first_loss == reasoned.rows.first_loss

                """
        let result = try Binary.run([], in: folder.path, input: program)
        #expect(result.output.hasSuffix("true\n"), "\(result.output) \(result.errors)")
    }
}

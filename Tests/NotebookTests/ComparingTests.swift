import Distillation
import OrderedCollections
import PipelineSyntax
import Rendering
import Tables
import Testing

@testable import Notebook

/// `compare`, `flips` and `disagree` on a scripted kernel.
@Suite struct ComparingTests {
    private static let rows = EvenQuestions.rows(12)

    /// The teacher knows all, the untrained student says yes, the trained one errs on q3 (if it is asked that).
    private static func provider() -> ScriptedProvider {
        ScriptedProvider { request in
            let question = request.messages.last?.content ?? ""
            let right = EvenQuestions.answer(to: question)
            return switch request.model.id {
            case "big": right
            case "small": "yes"
            default: question == "q3" ? "maybe" : right
            }
        }
    }

    private static let cells = [
        "let parts = load \"rows.jsonl\" | take 8\nlet test = load \"rows.jsonl\" | skip 8\nlet t = model \"teacher\"\nlet s = model \"student\"",
        "let right = grader .output == .answer\nlet tuned = parts | generate t | finetune s",
    ]

    private func run(_ last: String) throws -> (Listener, ScriptedProvider) {
        let scratch = try Scratch(cells: Self.cells + [last], files: ["rows.jsonl": Self.rows])
        let provider = Self.provider()
        let listener = Listener()
        _ = try scratch.session(provider: provider).run(observer: listener)
        #expect(listener.messages == [])
        return (listener, provider)
    }

    @Test func theTableSaysWhatThereIsToSay() throws {
        let (listener, _) = try run("compare [s, tuned, t], on: test, with: right, latency: 3")
        let text = ValueText.render(try #require(listener.shown.last), style: TextStyle(width: 80))
        #expect(
            text == """
                By right: cannot tell whether tuned is as good as t: about 92 more rows are
                needed; cannot tell whether s is as good as t: about 16 more rows are needed.

                model  n  failures  mean   95 % interval  gap to t recovered
                ─────  ─  ────────  ─────  ─────────────  ───────────────────
                s      4         0  0.500  0.150 – 0.850
                tuned  4         0  1.000  0.510 – 1.000  100 % (no interval)
                t      4         0  1.000  0.510 – 1.000

                minus t  points  95 % interval  p (Holm)  win/tie/loss  rows needed
                ───────  ──────  ─────────────  ────────  ────────────  ───────────
                s        -50     -85 to +23     1.000     0/2/2         20
                tuned    0       -49 to +49     1.000     0/4/0         –
                p: exact McNemar test, corrected for 2; rows needed: to see such a difference in
                4 of 5 trials.

                s      ███████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓─────────────────┤·······  0.500
                tuned  █████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓┤  1.000
                t      █████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓┤  1.000

                model  parameters  memory  tokens  1,000 calls  p50     p95     speed
                ─────  ──────────  ──────  ──────  ───────────  ──────  ──────  ─────────
                s      1000        –       3 + 2   –            500 ms  500 ms  4.0 tok/s
                tuned  1000        –       3 + 2   –            500 ms  500 ms  4.0 tok/s
                t      1000        –       3 + 2   –            500 ms  500 ms  4.0 tok/s
                tokens: of a prompt + of its reply, on average.
                p50, p95, speed: of 3 fresh requests a model, one at a time; never of stored
                ones.
                No cost: an hour of this machine has no price. --machine-hour 0.40, or
                DISTNB_MACHINE_HOUR=0.40, gives it one.

                made   lessons  their cost  training  its cost  break-even
                ─────  ───────  ──────────  ────────  ────────  ──────────
                tuned  8 of t   –           0.0 s     $0.00     never
                tuned never pays for itself: a call of it costs no less than one of t.
                """, "\n\(text)")
    }

    @Test func timedRequestsAreFreshAndTheOthersAreStored() throws {
        let scratch = try Scratch(
            cells: Self.cells + ["compare [s, t], on: test, with: right, latency: 3"], files: ["rows.jsonl": Self.rows])
        let provider = Self.provider()
        _ = try scratch.session(provider: provider).run()
        // 8 lessons, 4 test rows for each of two models, and 3 timed requests for each.
        #expect(provider.requests == 8 + 8 + 6)
        _ = try scratch.session(provider: provider).run(.all)
        #expect(provider.requests == 8 + 8 + 6 + 6)
    }

    @Test func aComparisonComesBackFromTheFile() throws {
        let scratch = try Scratch(
            cells: Self.cells + ["let c = compare [s, tuned, t], on: test, with: right, latency: 2", "c.table"],
            files: ["rows.jsonl": Self.rows])
        let listener = Listener()
        _ = try scratch.session(provider: Self.provider()).run(observer: listener)
        let before = try #require(listener.shown.last)
        try scratch.edit { $0.cells[3].source = "c.table | take 9" }
        _ = try scratch.session(provider: Self.provider()).run(observer: listener)
        #expect(try #require(listener.shown.last?.rows).rows == before.rows?.rows)
    }

    @Test func flipsShowWhatChangedWithBothTexts() throws {
        let (listener, _) = try run(
            "let before = parts | generate s | grade right\nlet after = parts | generate tuned | grade right\nflips before, after"
        )
        let rows = try #require(listener.shown.last?.rows)
        #expect(rows.rows.map { $0["prompt"]?.text } == ["q1", "q5", "q7"])
        #expect(rows.rows.allSatisfy { $0["flip"]?.text == "better" && $0["after"]?.text == "no" })
        #expect(listener.log.contains("flips: of 8 rows 3 got better and 0 worse by right."))
    }

    @Test func disagreementsAreByTextOrByAnExpression() throws {
        let (listener, _) = try run(
            "let a = parts | generate t\nlet b = parts | generate tuned\ndisagree a, b")
        #expect(listener.shown.last?.rows?.rows.map { $0["b"]?.text } == ["maybe"])
        let (other, _) = try run(
            "let a = parts | generate t\nlet b = parts | generate tuned | skip 1\ndisagree a, b, by: len(.output) > 2")
        #expect(other.shown.last?.rows?.rows.map { $0["prompt"]?.text } == ["q3"])
        #expect(
            other.log.contains("disagree: 1 row is in one of the two sets only and left out.")
                && other.log.contains("disagree: 1 of 7 rows."))
    }

    @Test func rowsWithoutGradesOrAnswersAreToldWhatToDo() throws {
        for (code, hint) in [
            ("flips parts, parts", "rows | generate student | grade correct"),
            ("flips (parts | generate s), (parts | generate t)", "before | grade correct"),
            ("disagree (parts | generate s), (test | generate t)", "generate both from the same rows"),
        ] {
            let scratch = try Scratch(cells: Self.cells + [code], files: ["rows.jsonl": Self.rows])
            let listener = Listener()
            _ = try scratch.session(provider: Self.provider()).run(observer: listener)
            #expect(listener.messages.last?.contains("Hint: \(hint)") == true, "\(listener.messages)")
        }
    }
}

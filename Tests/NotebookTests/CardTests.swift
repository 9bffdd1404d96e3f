import Distillation
import Foundation
import OrderedCollections
import PipelineSyntax
import Rendering
import Tables
import Testing

@testable import Notebook

/// The card of a saved notebook, made without running anything.
@Suite struct CardTests {
    private static func rows(_ padding: String = "") -> String {
        EvenQuestions.rows(20, padding: padding)
    }

    /// The teacher errs on q20, the untrained student says yes, the trained one errs on q11 and q20.
    private static func provider() -> ScriptedProvider {
        ScriptedProvider { request in
            let question = request.messages.last?.content.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? ""
            let right = EvenQuestions.answer(to: question)
            if request.model.id == "small" { return "yes" }
            if question == "q20" { return "<b>no</b> | $x$" }
            return request.model.id != "big" && question == "q11" ? "maybe\nlater" : right
        }
    }

    private static let cells = [
        "param size = 8\nlet all = load \"rows.jsonl\"\nlet parts = all | take size\nlet test = all | skip 8",
        "let t = model \"teacher\", system: \"Be right.\"\nlet s = model \"student\"\nlet right = grader .output == .answer",
        "let tuned = parts | generate t | grade right | where .right == 1 | finetune s, epochs: 2",
        "compare [s, tuned, t], on: test, with: right, latency: 2",
    ]

    private func run(_ cells: [String] = CardTests.cells, rows: String = CardTests.rows()) throws -> Scratch {
        let scratch = try Scratch(cells: cells, files: ["rows.jsonl": rows])
        let listener = Listener()
        _ = try scratch.session(provider: Self.provider()).run(observer: listener)
        #expect(listener.messages == [])
        return scratch
    }

    private func card(_ scratch: Scratch, cell: Int? = nil, model: String? = nil) throws -> Card {
        let provider = Self.provider()
        let card = try scratch.session(provider: provider).card(cell: cell, model: model, sha256: "5ha")
        #expect(provider.requests == 0 && provider.trainings == 0, "nothing runs")
        return card
    }

    private func refusal(_ scratch: Scratch, cell: Int? = nil, model: String? = nil) throws -> CardError? {
        #expect(throws: CardError.self) { try card(scratch, cell: cell, model: model) }
    }

    @Test func thePageSaysWhatTheNotebookKnows() throws {
        let scratch = try run()
        let text = try card(scratch).text(as: .text, style: TextStyle(width: 80))
        let hash = SHA256Name.of(Array(Self.rows().utf8))
        let weights = SHA256Name.of(Array("adapter of 8 rows".utf8))
        #expect(
            text == """
                lab.distnb

                By right: cannot tell whether tuned is as good as t: about 130 more rows are
                needed; cannot tell whether s is as good as t: about 22 more rows are needed.

                tuned scores 0.833 (n = 12, 0.552 to 0.953) by right; s, before, 0.500 (n = 12,
                0.254 to 0.746); its teacher t 0.917 (n = 12, 0.646 to 0.985).

                ── Before and after ──

                model  role     grader   n  failures  mean   95 % interval
                ─────  ───────  ──────  ──  ────────  ─────  ─────────────
                s      before   right   12         0  0.500  0.254 – 0.746
                tuned  after    right   12         0  0.833  0.552 – 0.953
                t      teacher  right   12         0  0.917  0.646 – 0.985

                tuned recovered 80 % of the gap to t by right (no interval).

                s      ████████████▓▓▓▓▓▓▓▓▓▓▓▓▓────────────┤············  0.500
                tuned  ███████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓──────┤·  0.833
                t      ███████████████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓───┤  0.917

                Every model answered the same 12 held-out rows. Intervals are of 95 %; failures
                have no score and do not count.

                ── What it takes ──

                model  parameters  memory  tokens  1,000 calls  p50     p95     speed
                ─────  ──────────  ──────  ──────  ───────────  ──────  ──────  ─────────
                s      1000        –       3 + 2   –            500 ms  500 ms  4.0 tok/s
                tuned  1000        –       3 + 2   –            500 ms  500 ms  4.0 tok/s
                t      1000        –       3 + 2   –            500 ms  500 ms  4.0 tok/s

                tokens: of a prompt + of its reply, on average.
                p50, p95, speed: of 2 fresh requests a model, one at a time; never of stored
                ones.
                No cost: an hour of this machine has no price. --machine-hour 0.40, or
                DISTNB_MACHINE_HOUR=0.40, gives it one.

                made   lessons  their cost  training  its cost  break-even
                ─────  ───────  ──────────  ────────  ────────  ──────────
                tuned  8 of t   –           0.0 s     $0.00     never

                tuned never pays for itself: a call of it costs no less than one of t.

                ── Five worst answers ──

                t did better than tuned on 1 of 12 rows.

                row  of        text
                ───  ────────  ───────────────
                3    asked     q11
                     answer    no
                     tuned: 0  maybe ⏎ later
                     t: 1      no
                12   asked     q20
                     answer    yes
                     tuned: 0  <b>no</b> | $x$
                     t: 0      <b>no</b> | $x$

                ── Where this comes from ──

                fact      value
                ────────  ──────────────────────────────────────────────────────────────────────
                run       1970-01-01T00:16:40Z, 0 ms for 4 cells
                kernel    scripted
                notebook  lab.distnb
                SHA-256   5ha
                data      rows.jsonl
                SHA-256   \(hash)
                model     s: small
                model     tuned: small+…
                weights   \(weights)
                trained   on 8 rows, 8 rows seen, its teachers' included, in cell 3
                options   accumulate 1, alpha 32.0, batch_size 8, epochs 2, learning_rate 0.001,
                          max_gradient_norm 1.0, method sft, rank 16, schedule linear, seed 0,
                          update lora, warmup 0, weight_decay 0.0
                model     t: big

                ── See for yourself ──

                The first runs all of it in a scratch copy and holds it against these figures;
                the second runs it here.

                    distnb verify lab.distnb --kernel scripted
                    distnb run lab.distnb --all --kernel scripted
                """, "\n\(text)")
    }

    @Test func noLineIsWiderThanEightyColumns() throws {
        let text = try card(try run()).text(as: .text, style: TextStyle(width: 80))
        let wide = text.split(separator: "\n").filter { TextWidth.of($0) > 80 }
        #expect(wide.isEmpty, "\(wide)")
    }

    @Test func theMachinesHourCanBeSaidLater() throws {
        let scratch = try run()
        let session = try scratch.session(provider: Self.provider())
        #expect(try session.card(sha256: "").text(as: .text).contains("an hour of this machine has no price"))
        let comparison = try session.comparedCell(nil).comparison.priced(machineHour: 3.6)
        #expect(comparison.expenses.map(\.dollarsPerCall) == [0.0005, 0.0005, 0.0005])
    }

    @Test func withoutAComparisonItSaysWhatToAdd() throws {
        let none = try refusal(try run(Array(Self.cells.dropLast())))
        #expect(none?.description == "A card is made from a comparison; no cell compares.")
        #expect(none?.hint?.contains("compare [student, tuned, teacher]") == true)
        let other = try refusal(try run(), cell: 2)
        #expect(other?.description == "Cell 2 compares nothing.")
        let unknown = try refusal(try run(), model: "tund")
        #expect(unknown?.description == "tund is no trained model of this comparison; there is tuned.")
        let untrained = try refusal(try run(Array(Self.cells.dropLast(2)) + ["compare [s, t], on: test, with: right"]))
        #expect(untrained?.description == "A card is about a trained model; none of s, t was fine-tuned.")
    }

    @Test func aComparisonThatDidNotRunOrWasNotKeptSaysWhatToRun() throws {
        let fresh = try Scratch(cells: Self.cells, files: ["rows.jsonl": Self.rows()])
        #expect(
            try refusal(fresh)
                == CardError("Cell 4 compares but has not run.", hint: "distnb run lab.distnb --cell 4"))
        let old = try run()
        try old.edit { $0.cells[3].state?.report = nil }
        #expect(try refusal(old)?.description == "Cell 4 was run by a version that did not keep its comparison.")
    }

    @Test func aComparisonWithANameServesAsWell() throws {
        let named = try run(
            Self.cells.dropLast() + ["let c = compare [s, tuned, t], on: test, with: right", "c.table"])
        #expect(try card(named).text(as: .text).contains("tuned scores 0.833"))
    }

    @Test func whatChangedSinceIsMarked() throws {
        let scratch = try run()
        try scratch.edit { $0.cells[2].source += ", learning_rate: 0.5" }
        let text = try card(scratch).text(as: .text, style: TextStyle(width: 400))
        #expect(text.contains("⚠ STALE: the notebook has changed since these figures were made"), "\(text)")
        #expect(text.contains("Cell 3 is stale: its code changed. Cell 4 is stale: `tuned` changed."), "\(text)")
        #expect(try card(try run()).text(as: .text).contains("STALE") == false)
    }

    @Test func withoutItsFolderItStillSaysTheFigures() throws {
        let scratch = try run(rows: Self.rows(" " + String(repeating: "long ", count: 2_000)))
        #expect(try card(scratch).text(as: .text).contains("characters)"))
        try scratch.remove(".distnb/blobs")
        let text = try card(scratch).text(as: .text, style: TextStyle(width: 400))
        #expect(text.contains("tuned scores 0.833 (n = 12, "), "\(text)")
        #expect(text.contains("The rows are not beside the notebook"), "\(text)")
        // Nothing is computed from a report: that it is gone makes its cell no less current.
        #expect(try scratch.session().statuses().last?.status == .current)
    }

    @Test func aPackedNotebookTakesItsComparisonAlong() throws {
        let scratch = try run(rows: Self.rows(" " + String(repeating: "long ", count: 2_000)))
        _ = try scratch.session().pack()
        try scratch.remove(".distnb/blobs")
        #expect(try card(scratch).text(as: .text).contains("did better than tuned"))
    }

    /// A packed notebook's frame is a large piece behind small ones.
    @Test(arguments: [
        [10, 600_000, 10], [600_000, 10], [1_000_000, 100_000, 700_000], [300_000, 300_000, 500_000, 1],
    ])
    func theFilesPiecesStayInOrder(_ sizes: [Int]) throws {
        let scratch = try Scratch(cells: [])
        let pieces = sizes.enumerated().map { Array(repeating: UInt8($0 + 1), count: $1)[...] }
        try AtomicFile.replace(scratch.folder + "/pieces", withPieces: pieces)
        #expect(try scratch.read("pieces") == Array(pieces.joined()))
    }

    @Test func whatModelsSayIsNoMarkup() throws {
        let card = try card(try run())
        let html = card.text(as: .html)
        #expect(!html.contains("<b>no") && html.contains("&lt;b&gt;no&lt;/b&gt;"))
        #expect(html.contains("<img src=\"data:image/png;base64,") && !html.contains("<script"))
        #expect(html.contains("default-src 'none'"))
        let markdown = card.text(as: .markdown)
        #expect(markdown.contains("&lt;b&gt;no&lt;/b&gt; \\| <span>&#36;</span>x"), "\(markdown)")
        #expect(markdown.contains("```sh\ndistnb verify lab.distnb --kernel scripted\n```"), "\(markdown)")
    }

    @Test func parametersStandInTheCommand() throws {
        let scratch = try Scratch(cells: Self.cells, files: ["rows.jsonl": Self.rows()])
        _ = try scratch.session(provider: Self.provider(), parameters: ["size": 6]).run()
        let session = try scratch.session(provider: Self.provider(), parameters: ["size": 6])
        let text = try session.card(sha256: "").text(as: .text)
        #expect(text.contains("    distnb run lab.distnb --all --kernel scripted -p size=6"), "\(text)")
        #expect(!text.contains("STALE"))
    }
}

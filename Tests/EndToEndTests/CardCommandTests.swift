import Foundation
import Testing

/// `distnb card` on the built program.
@Suite struct CardCommandTests {
    @Test func itSaysWhatIsMissing() throws {
        let folder = try Folder(["x.csv": "label,n\nred,1\n"])
        try folder.notebook("a.distnb", ["load \"x.csv\""])
        let none = try Binary.run(["card", "a.distnb"], in: folder.path)
        #expect(none.code == 1 && none.errors.contains("no cell compares.\n  Hint: add a cell: compare ["), "\(none)")
        for wrong in [["--to", "pdf"], ["--cell", "9"], ["--cell", "0"], ["--machine-hour", "cheap"]] {
            let result = try Binary.run(["card", "a.distnb"] + wrong, in: folder.path)
            #expect(result.code == 2, "\(wrong): \(result.errors)")
        }
        let environment = ["DISTNB_MACHINE_HOUR": "cheap"]
        let result = try Binary.run(["card", "a.distnb"], in: folder.path, environment: environment)
        #expect(result.code == 2 && result.errors.contains("DISTNB_MACHINE_HOUR takes dollars"), "\(result)")
    }

    /// A notebook of before comparisons were kept: the shipped ones were run by that version.
    @Test func anOlderNotebookIsToldToRunAgain() throws {
        let folder = try Folder()
        let old = try String(contentsOfFile: Binary.root + "/benchmarks/quality/zava.distnb", encoding: .utf8)
        try folder.write("zava.distnb", old)
        let result = try Binary.run(["card", "zava.distnb"], in: folder.path)
        if result.code == 1 {
            #expect(result.errors.contains("run it again: distnb run zava.distnb --cell "), "\(result)")
        } else {
            #expect(result.output.contains("Where this comes from"), "\(result)")
        }
    }

    @Test func aRealStudentsCardIsOnePageInThreeFormats() throws {
        guard Binary.hasWeights else { return print("SKIPPED: no weights in \(Binary.home)/weights") }
        let questions =
            (1...24).map { "{\"prompt\":\"Say the number \($0).\",\"answer\":\"\($0)\"}" }.joined(separator: "\n")
        let folder = try Folder(["q.jsonl": questions + "\n"])
        try folder.notebook(
            "lab.distnb",
            [
                "let q = load \"q.jsonl\" | split {train: 0.75, test: 0.25}, seed: 1",
                "let s = model \"student\", system: \"Be brief.\"\nlet b = model \"base\", system: \"Answer: OK\"",
                "let lessons = q.train | generate b, max_tokens: 4\nlet tuned = lessons | finetune s, epochs: 2",
                "let ok = grader contains(.output, \"OK\")",
                "compare [s, tuned, b], on: q.test, with: ok, latency: 3",
            ])
        let ran = try Binary.run(["run", "lab.distnb"], in: folder.path)
        #expect(ran.code == 0, "\(ran.errors)\(ran.output)")
        let before = try folder.read("lab.distnb")
        let text = try Binary.run(["card", "lab.distnb", "--machine-hour", "0.40"], in: folder.path)
        #expect(text.code == 0, "\(text.errors)")
        #expect(text.output.contains("≈: time of this machine, at $0.40 an hour."), "\(text.output)")
        #expect(text.output.contains("18 of b"), "all lessons are told: \(text.output)")
        #expect(text.output.contains("distnb verify lab.distnb --kernel embedded"))
        let html = try Binary.run(["card", "lab.distnb", "--to", "html"], in: folder.path)
        #expect(html.output == "lab.card.html is written.\n", "\(html.errors)")
        #expect(try folder.read("lab.card.html").contains("Where this comes from"))
        let again = try Binary.run(["card", "lab.distnb", "--to", "html"], in: folder.path)
        #expect(again.code == 1 && again.errors.contains("--force overwrites it"))
        let markdown = try Binary.run(["card", "lab.distnb", "--to", "md", "-o", "-"], in: folder.path)
        #expect(markdown.output.hasPrefix("# ") && markdown.output.contains("\n## Before and after\n"))
        #expect(try folder.read("lab.distnb") == before, "a card changes nothing")
        // A price makes nothing stale.
        let current = try Binary.run(
            ["run", "lab.distnb"], in: folder.path, environment: ["DISTNB_MACHINE_HOUR": "7"])
        #expect(current.output == "Nothing to run: all 5 cells are current.\n")
    }
}

import Foundation
import Testing

/// The commands that look at a notebook or compare it: plan, inspect, diff, verify.
@Suite struct ReviewTests {
    private let data = ["x.csv": "label,n\nred,1\nblue,2\nred,4\n"]
    private let cells = [
        "let rows = load \"x.csv\"", "let reds = rows | where .label == \"red\"", "mean(reds.n)",
        "rows | save \"out/copy.jsonl\"",
    ]

    @Test func planSaysWhatWouldRunAndWhy() throws {
        let folder = try Folder(data)
        try folder.notebook("a.distnb", cells)
        let new = try Binary.run(["plan", "a.distnb"], in: folder.path)
        #expect(new.output.contains("never ran"))
        #expect(new.output.contains("4 of 4 cells would run; about "))
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(
            try Binary.run(["plan", "a.distnb"], in: folder.path).output == "Nothing to run: all 4 cells are current.\n"
        )
        try folder.write("x.csv", "label,n\nred,9\n")
        let changed = try Binary.run(["plan", "a.distnb"], in: folder.path).output
        #expect(changed.contains("the file x.csv changed"), "\(changed)")
        #expect(changed.contains("`rows` changed"), "\(changed)")
        #expect(
            try Binary.run(["plan", "a.distnb", "--cell", "3"], in: folder.path).output.contains(
                "3 of 4 cells would run"))
    }

    @Test func inspectTellsFilesModelsAndWhatWouldBeRefused() throws {
        let folder = try Folder(data)
        try folder.notebook(
            "a.distnb",
            cells + [
                "let m = model \"student\", system: read(\"../secret.txt\")",
                "let y = load \"/etc/passwd\", format: \"csv\"",
                "rows | save \"home.csv\"", "ask m, \"hi\"",
            ])
        let result = try Binary.run(["inspect", "a.distnb"], in: folder.path, environment: ["COLUMNS": "200"])
        #expect(result.code == 0)
        #expect(result.output.contains("out/copy.jsonl"))
        #expect(result.output.contains("student (SmolLM2"))
        #expect(result.output.contains("this machine; no host is called"))
        #expect(result.output.contains("cell 5: ../secret.txt is outside the notebook's folder"))
        #expect(result.output.contains("cell 6: /etc/passwd is outside"))
        #expect(result.output.contains("cell 7: home.csv is not under out/"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/.distnb"), "nothing ran, nothing was made")
    }

    @Test func diffTellsCellByCell() throws {
        let folder = try Folder(data)
        try folder.notebook("a.distnb", cells)
        try folder.write("b.distnb", try folder.read("a.distnb"))
        #expect(try Binary.run(["diff", "a.distnb", "b.distnb"], in: folder.path).output == "No difference.\n")
        _ = try Binary.run(["cell", "edit", "b.distnb", "3", "-s", "median(reds.n)"], in: folder.path)
        _ = try Binary.run(["cell", "delete", "b.distnb", "4"], in: folder.path)
        _ = try Binary.run(
            ["cell", "add", "b.distnb", "--markdown", "--before", "1", "-s", "# Hello"], in: folder.path)
        let result = try Binary.run(["diff", "a.distnb", "b.distnb"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.output.contains("- cell 4 (c3) is gone\n  - rows | save \"out/copy.jsonl\"\n"))
        #expect(result.output.contains("~ cell 3 (c2) has other text\n  - mean(reds.n)\n  + median(reds.n)\n"))
        #expect(result.output.contains("+ markdown cell ("))
        #expect(!result.output.contains("stood elsewhere"), "a new cell above moves nothing: \(result.output)")
    }

    @Test func verifyRunsAnewInAScratchCopyAndComparesWithTolerance() throws {
        let folder = try Folder(data)
        let chart = "rows | group .label, n: sum(.n) | plot x: .label, y: .n"
        try folder.notebook("a.distnb", cells.dropLast() + [chart, "rows | save \"out/copy.jsonl\""])
        #expect(try Binary.run(["verify", "a.distnb"], in: folder.path).errors.contains("no saved outputs"))
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        try FileManager.default.removeItem(atPath: folder.path + "/out")
        let saved = try folder.read("a.distnb")
        let same = try Binary.run(["verify", "a.distnb", "--report", "r.json"], in: folder.path)
        #expect(same.code == 0, "\(same.output)\(same.errors)")
        #expect(same.output.hasSuffix("All 5 cells of a.distnb say the same again.\n"))
        #expect(try folder.read("r.json").contains("\"holds\": true"))
        #expect(try folder.read("a.distnb") == saved)
        _ = try Binary.run(["clear", "--state", "a.distnb"], in: folder.path)
        let passedOn = try Binary.run(["verify", "a.distnb"], in: folder.path)
        #expect(passedOn.code == 0, "outputs alone can be held against a run: \(passedOn.output)\(passedOn.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"), "what it writes, it writes in the copy")
        try folder.write("x.csv", "label,n\nred,1.5\nblue,2\nred,3.5\n")
        try folder.notebook("a.distnb", cells)
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        try folder.write("x.csv", "label,n\nred,1.5\nblue,2\nred,3.5000001\n")
        #expect(try Binary.run(["verify", "a.distnb", "--tolerance", "1e-3"], in: folder.path).code == 0)
        try folder.write("x.csv", "label,n\nred,1.5\nblue,2\nred,5.5\n")
        let different = try Binary.run(["verify", "a.distnb", "--report", "-"], in: folder.path)
        #expect(different.code == 1)
        #expect(different.output.contains("\"verdict\": \"different\""))
        let readable = try Binary.run(["verify", "a.distnb"], in: folder.path).output
        #expect(readable.contains("✗ cell 3  different\n  - 2.5\n  + 3.5\n"), "\(readable)")
    }

    @Test func runTakesCellsAndRanges() throws {
        let folder = try Folder(data)
        try folder.notebook("a.distnb", cells)
        let one = try Binary.run(["run", "a.distnb", "--cell", "3"], in: folder.path)
        #expect(one.code == 0)
        #expect(one.output.contains("[1]") && one.output.contains("[2]") && one.output.contains("[3]"))
        #expect(!one.output.contains("[4]"))
        let again = try Binary.run(["run", "a.distnb", "--cell", "3"], in: folder.path)
        #expect(again.output.contains("[3]") && !again.output.contains("[2]"))
        #expect(try Binary.run(["run", "a.distnb", "--to", "3"], in: folder.path).output.hasPrefix("Nothing to run"))
        let from = try Binary.run(["run", "a.distnb", "--from", "2", "--to", "3"], in: folder.path).output
        #expect(from.contains("[2]") && from.contains("[3]") && !from.contains("[4]") && !from.contains("[1]"))
        for wrong in [["--cell", "9"], ["--cell", "0"], ["--from", "3", "--to", "2"], ["--cell", "1", "--all"]] {
            let result = try Binary.run(["run", "a.distnb"] + wrong, in: folder.path)
            #expect(result.code == 2, "\(wrong): \(result.errors)")
        }
    }

    @Test func aCellThatTakesTooLongIsStopped() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["1 + 1", "1..3000 | each (1..10000 | each . * 2 | sum) | sum"])
        let result = try Binary.run(["run", "a.distnb", "--timeout", "0.2"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.errors.contains("E0511"), "\(result.errors)")
        #expect(result.errors.contains("Cell 2 failed"))
    }
}

import Foundation
import Testing

@Suite struct CommandTests {
    @Test func aNotebookRunsOnceAndThenThereIsNothingToRun() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let a = 2", "a * 21"])
        let first = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(first.code == 0, "\(first.errors)")
        #expect(first.output.contains("\n42\n"))
        let saved = try folder.read("a.distnb")
        let second = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(second.output == "Nothing to run: all 2 cells are current.\n")
        #expect(try folder.read("a.distnb") == saved)
    }

    @Test func savedFilesAreCanonicalByNbformat() throws {
        let python = Binary.home + "/clients/bin/python"
        guard FileManager.default.fileExists(atPath: python) else {
            print("SKIPPED: no nbformat in \(python); make clients installs it")
            return
        }
        let folder = try Folder(["d.csv": "a,b\n1,\"x é 😀\"\n2.5,y\n"])
        try folder.notebook("a.distnb", ["let rows = load \"d.csv\"\nrows", "rows | where .zzz == 1"])
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        try folder.write(
            "check.py",
            """
            import nbformat, sys
            text = open("a.distnb", encoding="utf-8", newline="").read()
            notebook = nbformat.reads(text, as_version=4)
            nbformat.validate(notebook)
            assert nbformat.writes(notebook) + "\\n" == text, "not canonical"
            print("canonical")
            """)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["check.py"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(output == "canonical\n")
    }

    @Test func clearingGivesBackTheBytesThatWereHandedOut() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let a = 2\na"])
        _ = try Binary.run(["clear", "a.distnb"], in: folder.path)
        let handedOut = try folder.read("a.distnb")
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(try folder.read("a.distnb") != handedOut)
        #expect(try Binary.run(["clear", "a.distnb"], in: folder.path).code == 0)
        #expect(try folder.read("a.distnb") == handedOut)
    }

    @Test func showPrintsSavedOutputsAndMarksWhatIsStale() throws {
        let folder = try Folder(["x.jsonl": "{\"a\":1}\n"])
        try folder.notebook("a.distnb", ["let x = load \"x.jsonl\"", "x.a", "5"])
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(try Binary.run(["show", "a.distnb"], in: folder.path).output.hasSuffix("All 3 cells are current.\n"))
        try folder.write("x.jsonl", "{\"a\":2}\n")
        let shown = try Binary.run(["show", "a.distnb"], in: folder.path).output
        #expect(shown.contains("[1] let x = load \"x.jsonl\"   ← stale"))
        #expect(shown.contains("[1]\n"))
        #expect(shown.hasSuffix("2 of 3 cells are not current.\n"))
    }

    @Test func checkFindsMistakesWithoutRunning() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let a = 2", "a | tkae 5", "b"])
        let result = try Binary.run(["check", "a.distnb"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.output.contains("E0201 cell 2, 1:5"))
        #expect(result.output.contains("did you mean `take`?"))
        #expect(result.errors == "2 mistakes in 2 of 3 cells.\n")
        try folder.notebook("b.distnb", ["1"])
        #expect(try Binary.run(["check", "b.distnb"], in: folder.path).code == 0)
    }

    @Test(arguments: [
        (["run", "nope.distnb"], 1, "There is no file nope.distnb. That folder has a.distnb."),
        (["run"], 2, "Missing expected argument"),
        (["rnu", "a.distnb"], 2, "There is no command rnu; did you mean run?"),
        (["run", "a.distnb", "--kernel", "embeded"], 1, "Did you mean embedded?"),
        (["run", "a.distnb", "-p", "rows=5"], 2, "The notebook has no parameter rows; it has n."),
        (["run", "a.distnb", "-p", "n"], 2, "Expected -p name=value"),
        (["run", "a.dist"], 1, "A script becomes one by `distnb import a.dist`."),
        (["run", "data.txt"], 1, "data.txt is not a notebook: it is no JSON"),
        (["run", "."], 1, "is a folder, not a notebook"),
        (["run", "a.distnb", "--frsh"], 2, "Unknown option"),
    ]) func wrongCommandLinesAreToldInWords(_ arguments: [String], _ code: Int32, _ words: String) throws {
        let folder = try Folder(["data.txt": "hello", "a.dist": "let a = 5\n"])
        try folder.notebook("a.distnb", ["param n = 5"])
        let result = try Binary.run(arguments, in: folder.path)
        #expect(result.code == code, "\(result.errors)")
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(!result.errors.contains("Error("))
    }

    @Test func aParamOfAFileGrantsExactlyThatFile() throws {
        let folder = try Folder([
            "lab/in.jsonl": "{\"a\":1}\n", "other.jsonl": "{\"a\":2}\n{\"a\":3}\n", "secret.jsonl": "{\"a\":9}\n",
        ])
        try folder.notebook("lab/a.distnb", ["param data = \"in.jsonl\"\nlen(load(data))"])
        #expect(
            try Binary.run(["run", "lab/a.distnb", "-p", "data=other.jsonl"], in: folder.path).output.contains("\n2\n"))
        try folder.notebook("lab/b.distnb", ["load \"../secret.jsonl\""])
        let refused = try Binary.run(["run", "lab/b.distnb"], in: folder.path)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("E0503 cell 1, 1:6"))
    }

    @Test func startingTheReplOnAPipeRunsEachStatement() throws {
        let folder = try Folder(["x.csv": "a,b\n1,x\n2,y\n3,x\n"])
        let result = try Binary.run(
            [], in: folder.path,
            input:
                "let x = load \"x.csv\"\nx\n  | where .b == \"x\"\n  | select .a\n\n# nothing\nx | tak 1\n[1,\n 2]\n:help take\n:save kept\n:quit\n"
        )
        #expect(result.code == 1)
        #expect(result.output.contains("x: 3 rows × 2 columns: a, b\na\n─\n1\n3\n"))
        #expect(result.output.contains("[1, 2]\n"))
        #expect(result.output.contains("Keeps the first rows or elements."))
        #expect(result.errors.contains("did you mean `take`?"))
        #expect(try folder.read("kept.distnb").contains("\"cell_type\": \"code\""))
        #expect(try Binary.run(["run", "kept.distnb"], in: folder.path).output.hasPrefix("Nothing to run"))
    }

    @Test func missingWeightsAreToldWithHowToGetThem() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["model \"student\""])
        let result = try Binary.run(
            ["run", "a.distnb"], in: folder.path, environment: ["DISTNB_HOME": folder.path + "/home"])
        #expect(result.code == 1)
        #expect(result.errors.contains("E0404 cell 1, 1:1"))
        #expect(result.errors.contains("fetch them: distnb models add SmolLM2-135M-Instruct.Q4_1.gguf"))
    }

    @Test func damagedWeightsAreRefusedByTheirHash() throws {
        let folder = try Folder(["home/weights/SmolLM2-135M-Instruct.Q4_1.gguf": "GGUF, but not really"])
        try folder.notebook("a.distnb", ["model \"student\""])
        let result = try Binary.run(
            ["run", "a.distnb"], in: folder.path, environment: ["DISTNB_HOME": folder.path + "/home"])
        #expect(result.code == 1)
        #expect(result.errors.contains("are damaged or of another model"))
    }

    @Test func aFullDiskLeavesTheFileIntactAndIsTold() throws {
        let folder = try Folder(["disk/keep": ""])
        let disk = folder.path + "/disk"
        guard let mounted = system(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", disk]), mounted.code == 0 else {
            print("SKIPPED: no small disk can be mounted here (not root?)")
            return
        }
        defer { _ = system(["umount", disk]) }
        try folder.notebook("disk/a.distnb", ["let a = 1..20000 | each . * 1.5"])
        let before = try folder.read("disk/a.distnb")
        let result = try Binary.run(["run", "disk/a.distnb"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.errors.contains("No space left on device"), "\(result.errors)")
        #expect(try folder.read("disk/a.distnb") == before)
    }
}

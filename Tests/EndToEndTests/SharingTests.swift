import Foundation
import Testing

/// Handing notebooks on: clear, pack, workshop, secrets, other tools.
@Suite struct SharingTests {
    @Test func newAndCellCommandsMakeANotebook() throws {
        let folder = try Folder()
        #expect(try Binary.run(["new", "lab"], in: folder.path).code == 0)
        #expect(try Binary.run(["new", "lab.distnb"], in: folder.path).code == 1, "nothing is overwritten")
        #expect(try Binary.run(["cell", "add", "lab.distnb", "-s", "let a = 2"], in: folder.path).code == 0)
        #expect(try Binary.run(["cell", "add", "lab.distnb"], in: folder.path, input: "a * 21\n").code == 0)
        #expect(try Binary.run(["cell", "move", "lab.distnb", "2", "--before", "1"], in: folder.path).code == 0)
        #expect(try Binary.run(["run", "lab.distnb"], in: folder.path).code == 1, "a is bound below now")
        #expect(try Binary.run(["cell", "move", "lab.distnb", "2", "--before", "1"], in: folder.path).code == 0)
        #expect(try Binary.run(["run", "lab.distnb"], in: folder.path).output.contains("\n42\n"))
        #expect(try Binary.run(["clear", "lab.distnb", "--outputs"], in: folder.path).code == 0)
        #expect(try Binary.run(["run", "lab.distnb"], in: folder.path).output.hasPrefix("Nothing to run"))
        #expect(try Binary.run(["clear", "lab.distnb", "--cell", "2"], in: folder.path).code == 0)
        #expect(try Binary.run(["plan", "lab.distnb"], in: folder.path).output.contains("1 of 2 cells would run"))
        #expect(try Binary.run(["new", "five", "--lab"], in: folder.path).code == 0)
        #expect(try Binary.run(["check", "five.distnb"], in: folder.path).output.contains("This is a hole"))
        #expect(try Binary.run(["new", "x", "-k", "nope"], in: folder.path).code == 2)
    }

    @Test func aPackedNotebookGoesOnElsewhere() throws {
        let folder = try Folder(["x.csv": "n\n" + (1...9_000).map { "\($0)\n" }.joined()])
        try folder.notebook("a.distnb", ["let rows = load \"x.csv\" | derive twice: .n * 2", "sum(rows.twice)"])
        #expect(try Binary.run(["run", "a.distnb", "--cell", "1"], in: folder.path).code == 0)
        #expect(try Binary.run(["pack", "a.distnb"], in: folder.path).output.contains("1 blob,"))
        // Without the data: the state is in the file.
        let other = try Folder(["a.distnb": try folder.read("a.distnb")])
        let result = try Binary.run(["run", "a.distnb"], in: other.path)
        #expect(result.output.contains("81009000"), "\(result.output)\(result.errors)")
        #expect(!result.output.contains("[1]"))
        #expect(try Binary.run(["unpack", "a.distnb"], in: other.path).code == 0)
        #expect(!(try other.read("a.distnb")).contains("\"blobs\": {"))
        #expect(try Binary.run(["show", "a.distnb"], in: other.path).output.hasSuffix("All 2 cells are current.\n"))
        try FileManager.default.removeItem(atPath: other.path + "/.distnb/blobs")
        #expect(try Binary.run(["show", "a.distnb"], in: other.path).output.contains("← state missing"))
        try other.write("x.csv", try folder.read("x.csv"))
        #expect(try Binary.run(["run", "a.distnb"], in: other.path).code == 0)
    }

    @Test func keysAndHomePathsAreNotSaved() throws {
        let folder = try Folder(["x.csv": "a\n1\n"])
        try folder.notebook(
            "a.distnb",
            [
                "param key = \"none\"\nparam file = \"x.csv\"\nload file\nlet k = \"key is ${key}\"\nk",
                "load \"\(folder.path)/home/no.csv\"",
            ])
        let environment = [
            "HOME": folder.path + "/home", "OPENAI_API_KEY": "correct-horse-battery", "DISTNB_HOME": Binary.home,
        ]
        _ = try Binary.run(
            ["run", "a.distnb", "-p", "key=correct-horse-battery sk-abcdefghijklmnopqrstuvwx1234"], in: folder.path,
            environment: environment)
        let saved = try folder.read("a.distnb")
        #expect(saved.contains("key is [redacted] [redacted]"))
        #expect(!saved.contains("correct-horse-battery") && !saved.contains("sk-abcdef"))
        let json = try JSONSerialization.jsonObject(with: Data(saved.utf8)) as? [String: Any]
        let outputs = (json?["cells"] as? [[String: Any]] ?? []).map { "\($0["outputs"] ?? "")" }.joined()
        #expect(outputs.contains("~/no.csv") && !outputs.contains(folder.path + "/home"), "\(outputs)")
    }

    @Test func aWorkshopGoesFromTheTeachersNotebookToTheSumOfTheClass() throws {
        let folder = try Folder(["x.csv": "label,n\nred,1\nblue,2\n"])
        try folder.notebook(
            "teacher.distnb",
            [
                "let rows = load \"x.csv\"",
                "# Keep the red rows\n# teacher: most forget the quotes\nlet reds = rows | where .label == \"red\"  # solution: .label == \"red\"",
                "check len(reds) == 1, \"only red rows are kept\", hints: [\"look at .label\", \"compare with ==\"]",
                "# solution\nlet total = sum(rows.n)\n# end\ncheck total == 3, \"the total is right\"",
            ])
        let made = try Binary.run(["workshop", "make", "teacher.distnb", "-o", "class/lab.distnb"], in: folder.path)
        #expect(made.code == 1, "no folder yet: \(made.output)")
        try FileManager.default.createDirectory(atPath: folder.path + "/class/ada", withIntermediateDirectories: true)
        #expect(
            try Binary.run(["workshop", "make", "teacher.distnb", "-o", "lab.distnb"], in: folder.path).output
                == "lab.distnb is made, with 3 exercises: cells 2, 3, 4.\n")
        let handout = try folder.read("lab.distnb")
        #expect(handout.contains("where ___") && handout.contains("let total = ___"))
        #expect(!handout.contains("most forget") && !handout.contains("== \\\"red\\\""))
        let hole = try Binary.run(["run", "lab.distnb"], in: folder.path)
        #expect(hole.code == 1)
        #expect(
            hole.errors.contains(
                "This is a hole; for `condition` of `where` fits: a condition on `.column`; columns: .label text, .n a number."
            ), "\(hole.errors)")
        #expect(hole.errors.contains("Three of the rows it works on:\n  label  n\n"), "\(hole.errors)")
        _ = try Binary.run(
            ["cell", "edit", "lab.distnb", "2", "-s", "let reds = rows | where .n > 0"], in: folder.path)
        #expect(
            try Binary.run(["run", "lab.distnb"], in: folder.path).errors.contains("Hint: look at .label (hint 1 of 2)")
        )
        #expect(
            try Binary.run(["run", "lab.distnb"], in: folder.path).errors.contains(
                "Hint: compare with == (hint 2 of 2)"))
        #expect(
            try Binary.run(["workshop", "progress", "lab.distnb"], in: folder.path).output.hasSuffix(
                "0 of 3 exercises are solved; at work on cell 3 (2 attempts).\n"))
        #expect(try Binary.run(["reset", "lab.distnb", "--cell", "2"], in: folder.path).code == 0)
        try folder.write("class/bob.distnb", try folder.read("lab.distnb"))
        _ = try Binary.run(
            ["cell", "edit", "lab.distnb", "2", "-s", "let reds = rows | where .label == \"red\""], in: folder.path)
        _ = try Binary.run(
            [
                "cell", "edit", "lab.distnb", "4", "-s",
                "let total = sum(rows.n)\ncheck total == 3, \"the total is right\"",
            ], in: folder.path)
        #expect(try Binary.run(["run", "lab.distnb"], in: folder.path).output.contains("✓ the total is right"))
        #expect(
            try Binary.run(["workshop", "progress", "lab.distnb"], in: folder.path).output.hasSuffix(
                "All 3 exercises are solved.\n"))
        try folder.write("class/ada/lab.distnb", try folder.read("lab.distnb"))
        try folder.write("class/broken.distnb", "{")
        let collected = try Binary.run(["workshop", "collect", "class"], in: folder.path)
        #expect(collected.code == 1, "one file was not read")
        #expect(collected.errors.contains("1 of 3 files were not read."))
        #expect(collected.output.contains("ada/lab       3   3"), "\(collected.output)")
        #expect(collected.output.contains("95 % interval"))
    }

    /// nbformat, nbconvert and nbdime are the tools that others will open the file with.
    @Test func jupytersToolsReadWhatWeWrite() throws {
        let python = Binary.home + "/clients/bin/python"
        guard FileManager.default.fileExists(atPath: python) else {
            print("SKIPPED: no nbformat in \(python); make clients installs it")
            return
        }
        let folder = try Folder(["x.csv": "label,n\nred,1\nblue,2\n"])
        try folder.notebook(
            "a.distnb",
            [
                "let rows = load \"x.csv\"\nrows", "rows | plot x: .label, y: .n", "rows | where .zzz == 1",
                "check 1 == 2, \"no\"",
            ])
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        _ = try Binary.run(["cell", "add", "a.distnb", "--markdown", "-s", "# Text"], in: folder.path)
        try folder.write("b.distnb", try folder.read("a.distnb"))
        _ = try Binary.run(
            ["cell", "edit", "b.distnb", "1", "-s", "let rows = load \"x.csv\" | take 1\nrows"], in: folder.path)
        _ = try Binary.run(["run", "b.distnb", "--to", "2"], in: folder.path)
        _ = try Binary.run(["pack", "b.distnb"], in: folder.path)
        _ = try Binary.run(["export", "b.distnb", "--to", "ipynb"], in: folder.path)
        try folder.write(
            "check.py",
            """
            import nbformat
            for name in ["a.distnb", "b.distnb", "b.ipynb"]:
                text = open(name, encoding="utf-8", newline="").read()
                notebook = nbformat.reads(text, as_version=4)
                nbformat.validate(notebook)
                assert nbformat.writes(notebook) + "\\n" == text, name + " is not canonical"
            outputs = notebook.cells[1].outputs
            assert any("image/png" in o.data and "application/vnd.vegalite.v5+json" in o.data for o in outputs)
            print("canonical")
            """)
        let checked = system([python, "-c", "import os; os.chdir('\(folder.path)'); exec(open('check.py').read())"])
        #expect(checked?.output == "canonical\n")
        let bin = Binary.home + "/clients/bin"
        let converted = system([
            bin + "/jupyter-nbconvert", "--to", "html", "--output", "a.html", "--output-dir", folder.path,
            folder.path + "/a.distnb",
        ])
        #expect(converted?.code == 0)
        let page = try folder.read("a.html")
        #expect(page.contains("blue") && page.contains("data:image/png;base64"))
        let difference = system([bin + "/nbdiff", "--no-color", folder.path + "/a.distnb", folder.path + "/b.distnb"])
        #expect(difference?.output.contains("take 1") == true, "\(difference?.output ?? "")")
    }

    /// A stranger's notebook may be opened and looked at, and reaches nothing.
    @Test func aStrangersNotebookReachesNothingOutsideItsFolder() throws {
        let outside = try Folder(["secret.txt": "the secret"])
        let folder = try Folder(["data/x.csv": "a\n1\n"])
        for (link, target) in [("link.txt", "/secret.txt"), ("dir", ""), ("data/up", "")] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/" + link, withDestinationPath: outside.path + target)
        }
        try FileManager.default.createDirectory(atPath: folder.path + "/out", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/out/away", withDestinationPath: outside.path)
        let ways = [
            "read(\"\(outside.path)/secret.txt\")", "read(\"link.txt\")", "read(\"dir/secret.txt\")",
            "read(\"data/up/secret.txt\")",
            "read(\"data/../../\(outside.path.split(separator: "/").last ?? "")/secret.txt\")",
            "read(\"../x\")", "read(\"/etc/passwd\")", "load \"/proc/self/environ\", format: \"csv\"",
            "read(\"~/.ssh/id_rsa\")",
            "load \"data/x.csv\" | save \"stolen.csv\"", "load \"data/x.csv\" | save \"out/../stolen.csv\"",
            "load \"data/x.csv\" | save \"out/away/stolen.csv\"",
            "load \"data/x.csv\" | save \"\(outside.path)/stolen.csv\"",
            "load \"data/x.csv\" | save \"a.distnb\"", "load \"data/x.csv\" | save \".distnb/x.csv\"",
        ]
        for way in ways {
            try folder.notebook("a.distnb", [way])
            let result = try Binary.run(["run", "a.distnb"], in: folder.path)
            #expect(result.code == 1, "\(way)")
            #expect(!(try folder.read("a.distnb")).contains("the secret"), "\(way)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path) == ["secret.txt"])
        // What others saved must not steer the terminal.
        try folder.write(
            "b.distnb",
            "{\"cells\":[{\"cell_type\":\"code\",\"execution_count\":1,\"id\":\"a\",\"metadata\":{},\"outputs\":[{\"name\":\"stdout\",\"output_type\":\"stream\",\"text\":\"\\u001b]0;owned\\u0007\\u001b[2Jhello\"}],\"source\":\"1\\u001b[8m\"}],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}"
        )
        for command in [["show"], ["check"], ["plan"], ["inspect"], ["cell", "list"], ["run"]] {
            let result = try Binary.run(command + ["b.distnb"], in: folder.path)
            let shown = result.output + result.errors
            #expect(!shown.contains("\u{1B}") && !shown.contains("\u{07}"), "\(command): \(shown)")
        }
        // What runs must be what is seen: nothing between two control characters is hidden.
        #expect(try Binary.run(["show", "b.distnb"], in: folder.path).output.contains("1␛[8m"))
        try folder.write(
            "c.distnb",
            "{\"cells\":[],\"metadata\":{\"distnb\":{\"format\":2,\"kernel\":\"\\u001b]0;pwn\\u0007\"}},\"nbformat\":4,\"nbformat_minor\":5}"
        )
        let kernel = try Binary.run(["show", "c.distnb"], in: folder.path)
        #expect(kernel.code == 1 && !kernel.errors.contains("\u{1B}"), "\(kernel.errors)")
    }

    /// The folder of a stranger may hold links where the program keeps its own files.
    @Test func linksInAStrangersFolderLeadNowhere() throws {
        let victim = try Folder(["deep/file.txt": "precious", "other.txt": "precious"])
        for link in ["checkpoints/a.distnb", "completions.sqlite", "a.distnb.lock", "blobs"] {
            let folder = try Folder(["x.csv": "a\n1\n"])
            try folder.notebook("a.distnb", ["1 + 1"])
            let path = folder.path + "/.distnb/" + link
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: victim.path)
            let result = try Binary.run(["run", "a.distnb"], in: folder.path)
            #expect(result.code == 1, "\(link)")
            #expect(
                result.errors.contains("is a link; a notebook's state must lie in its own folder"), "\(result.errors)")
        }
        #expect(try victim.read("deep/file.txt") == "precious" && victim.read("other.txt") == "precious")
        // What looks like our own leftovers but is somebody's folder stays.
        let folder = try Folder(["a.distnb.2024.tmp/file.txt": "precious", "a.distnb.77.tmp": "precious"])
        try folder.notebook("a.distnb", ["1 + 1"])
        #expect(try Binary.run(["run", "a.distnb"], in: folder.path).code == 0)
        #expect(
            try folder.read("a.distnb.2024.tmp/file.txt") == "precious" && folder.read("a.distnb.77.tmp") == "precious")
    }

    @Test func secretsInLargeTextsAndOddNamesAreNotSaved() throws {
        let token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
        let folder = try Folder(["big.txt": String(repeating: "words and words ", count: 6_000) + token])
        try folder.notebook(
            "a.distnb", ["let x = read(\"big.txt\")", "let y = {\"image/url\": \"\(token)x\" }\nlen(y)"])
        #expect(try Binary.run(["run", "a.distnb"], in: folder.path).code == 0)
        #expect(try Binary.run(["pack", "a.distnb"], in: folder.path).code == 0)
        let blobs = folder.path + "/.distnb/blobs"
        for name in try FileManager.default.contentsOfDirectory(atPath: blobs) {
            let text = String(
                decoding: FileManager.default.contents(atPath: blobs + "/" + name) ?? Data(), as: UTF8.self)
            #expect(!text.contains(token))
        }
        let state = try folder.read("a.distnb").components(separatedBy: "\"source\"")
        #expect(!state.enumerated().contains { $0.offset != 2 && $0.element.contains(token) })
    }
}

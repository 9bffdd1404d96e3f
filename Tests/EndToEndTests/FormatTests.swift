import Foundation
import Testing

/// `distnb fmt`, on notebooks, scripts and standard input.
@Suite struct FormatTests {
    private let data = ["x.csv": "label,n\nred,1\nblue,2\nred,4\n"]
    private let cells = [
        "let rows=load( \"x.csv\" )  # the rows", "rows|where(.label==\"red\",)|take(2);;", "mean(rows.n)",
    ]
    private let formatted = [
        "let rows = load(\"x.csv\") # the rows", "rows | where .label == \"red\" | take 2", "mean(rows.n)",
    ]

    @Test func cellsAreFormattedAndStayCurrent() throws {
        let folder = try Folder(data)
        try folder.notebook("a.distnb", cells)
        #expect(try Binary.run(["run", "a.distnb"], in: folder.path).code == 0)
        let before = try folder.read("a.distnb")
        let result = try Binary.run(["fmt", "a.distnb"], in: folder.path)
        #expect(result.output == "a.distnb: 2 cells are formatted.\n")
        #expect(result.code == 0 && result.errors.isEmpty)
        #expect(try sources("a.distnb", folder) == formatted)
        #expect(
            try Binary.run(["plan", "a.distnb"], in: folder.path).output == "Nothing to run: all 3 cells are current.\n"
        )
        let (old, new) = (try object(before), try object(try folder.read("a.distnb")))
        #expect(try outputs(old) == outputs(new), "outputs, state and counts stay")
        #expect(
            try Binary.run(["fmt", "a.distnb"], in: folder.path).output == "a.distnb is formatted already.\n")
    }

    @Test func checkingChangesNothingAndShowsWhatWould() throws {
        let folder = try Folder(["b.dist": "a|take(5)\n"])
        try folder.notebook("a.distnb", cells)
        let before = try folder.read("a.distnb")
        let result = try Binary.run(["fmt", "--check", "a.distnb", "b.dist"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.output.contains("a.distnb: cell 1 would change\n  - let rows=load( \"x.csv\" )  # the rows\n"))
        #expect(result.output.contains("  + rows | where .label == \"red\" | take 2\n"))
        #expect(result.output.contains("b.dist: cell 1 would change\n  - a|take(5)\n  + a | take 5\n"))
        #expect(!result.output.contains("cell 3"))
        #expect(try folder.read("a.distnb") == before)
        #expect(try folder.read("b.dist") == "a|take(5)\n")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/.distnb"), "nothing was locked")
        _ = try Binary.run(["fmt", "a.distnb", "b.dist"], in: folder.path)
        #expect(try Binary.run(["fmt", "--check", "a.distnb", "b.dist"], in: folder.path).code == 0)
    }

    @Test func cellsWithMistakesAreNamedAndLeftAlone() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let x=1", "let y = = 2", "x+1"])
        let result = try Binary.run(["fmt", "a.distnb"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.output == "a.distnb: 2 cells are formatted. 1 cell with mistakes is left as it is.\n")
        #expect(result.errors.contains("cell 2, 1:9"), "\(result.errors)")
        #expect(try sources("a.distnb", folder) == ["let x = 1", "let y = = 2", "x + 1"])
    }

    @Test func scriptsAreFormattedCellByCell() throws {
        let script = """
            # kernel: embedded


            # %% [markdown]
            # ##   Load

            # %%
            let  x=1   # one
            # %% Look

            x|take(5)


            # %%
            broken = =
            """
        let folder = try Folder(["a.dist": script])
        let result = try Binary.run(["fmt", "a.dist"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.errors.contains("cell 3"))
        #expect(
            try folder.read("a.dist") == """
                # kernel: embedded

                # %% [markdown]
                # ##   Load

                # %%
                let x = 1 # one

                # %% Look
                x | take 5

                # %%
                broken = =

                """)
    }

    @Test func commentsThatLookLikeMarkersStayComments() throws {
        let folder = try Folder(["a.dist": "# %%\nlet x = [\n  # %% not a cell\n  1]\n  # %% nor this\nx\n"])
        #expect(try Binary.run(["fmt", "a.dist"], in: folder.path).code == 0)
        #expect(try folder.read("a.dist") == "# %%\nlet x = [\n  # %% not a cell\n  1\n]\n## %% nor this\nx\n")
        #expect(try Binary.run(["fmt", "--check", "a.dist"], in: folder.path).code == 0)
    }

    @Test func standardInputGoesToStandardOutput() throws {
        let folder = try Folder()
        let right = try Binary.run(["fmt", "-"], in: folder.path, input: "a|take(5);b")
        #expect(right.output == "a | take 5\nb\n")
        #expect(right.code == 0)
        let wrong = try Binary.run(["fmt", "-"], in: folder.path, input: "a | where .b = 1\n")
        #expect(wrong.output == "a | where .b = 1\n", "an editor must not lose its text")
        #expect(wrong.errors.contains("E0107"))
        #expect(wrong.code == 1)
    }

    @Test func aWrongNameAmongFilesChangesNothing() throws {
        let folder = try Folder(["b.dist": "a|take(5)\n"])
        let missing = try Binary.run(["fmt", "b.dist", "c.dist"], in: folder.path)
        #expect(missing.code == 1 && missing.errors.contains("There is no file c.dist"))
        let other = try Binary.run(["fmt", "b.dist", "c.py"], in: folder.path)
        #expect(other.code == 2 && other.errors.contains("c.py is neither"))
        #expect(try folder.read("b.dist") == "a|take(5)\n")
    }

    @Test func theReplFormatsItsCells() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let x=[1,2]", "x|take(1)"])
        let result = try Binary.run(["repl", "a.distnb"], in: folder.path, input: ":fmt 2\n:fmt\n:fmt\n:undo\n")
        #expect(result.output.contains("cell 2\n  - x|take(1)\n  + x | take 1\n"), "\(result.output)\(result.errors)")
        #expect(result.output.contains("cell 1\n  - let x=[1,2]\n  + let x = [1, 2]\n"))
        #expect(result.output.contains("Nothing was to be done."))
        #expect(try sources("a.distnb", folder) == ["let x=[1,2]", "x | take 1"])
    }

    // MARK: What a notebook holds

    private func object(_ text: String) throws -> [[String: Any]] {
        let notebook = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return notebook?["cells"] as? [[String: Any]] ?? []
    }

    private func sources(_ name: String, _ folder: Folder) throws -> [String] {
        try object(try folder.read(name)).map { cell in
            (cell["source"] as? [String])?.joined() ?? cell["source"] as? String ?? ""
        }
    }

    private func outputs(_ cells: [[String: Any]]) throws -> [String] {
        try cells.map { cell in
            var cell = cell
            cell["source"] = nil
            return String(
                decoding: try JSONSerialization.data(withJSONObject: cell, options: [.sortedKeys]), as: UTF8.self)
        }
    }
}

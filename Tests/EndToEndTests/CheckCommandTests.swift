import Foundation
import Tables
import Testing

/// `distnb check` and `distnb explain` as scripts and editors use them.
@Suite struct CheckCommandTests {
    @Test func severalFilesAreCheckedAndSummedUp() throws {
        let folder = try Folder(["b.dist": "# %% [markdown]\n# Text\n\n# %%\nlet a = 2\n\n# %%\na | tkae 5\n"])
        try folder.notebook("a.distnb", ["let a = [1]", "a | take 5"])
        let result = try Binary.run(["check", "a.distnb", "b.dist"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.output.hasPrefix("b.dist:\nE0201 b.dist, 8:5"), "\(result.output)")
        #expect(result.errors == "1 mistake in 1 of 4 cells in 2 files.\n", "\(result.errors)")
    }

    @Test func aScriptComesFromStandardInput() throws {
        let folder = try Folder()
        let wrong = try Binary.run(["check", "-"], in: folder.path, input: "[1] | tkae 5\n")
        #expect(wrong.code == 1)
        #expect(wrong.output.hasPrefix("E0201 input, 1:7"))
        let right = try Binary.run(["check", "-"], in: folder.path, input: "[1] | take 5\n")
        #expect((right.code, right.output) == (0, "1 cell, no mistakes.\n"))
    }

    @Test func warningsStopOnlyStrictChecks() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let few = [1]\nlet more = [2]", "more"])
        let result = try Binary.run(["check", "a.distnb"], in: folder.path)
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("W0212 cell 1, 1:5"))
        #expect(result.output.hasSuffix("2 cells, no mistakes, 1 warning.\n"))
        #expect(try Binary.run(["check", "a.distnb", "--strict"], in: folder.path).code == 1)
        #expect(try Binary.run(["run", "a.distnb"], in: folder.path).code == 0)
    }

    @Test func jsonTellsPlacesAndReplacements() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let a = [{n: 1}]", "a | sort .m"])
        let result = try Binary.run(["check", "a.distnb", "--format", "json"], in: folder.path)
        #expect(result.code == 1)
        #expect(result.errors == "")
        let value = try JSON.parse(result.output)
        #expect(value[field: "version"] == 1)
        #expect(value[field: "summary"] == ["cells": 2, "errors": 1, "warnings": 0])
        let mistake = try #require(value[field: "diagnostics"].list?.first)
        #expect(mistake[field: "file"] == "a.distnb" && mistake[field: "cell"] == 2)
        #expect(mistake[field: "code"] == "E0204" && mistake[field: "severity"] == "error")
        #expect(mistake[field: "start"] == ["line": 1, "column": 10])
        #expect(mistake[field: "end"] == ["line": 1, "column": 12])
        #expect(mistake[field: "replacement"][field: "text"] == ".n")
        #expect(mistake[field: "labels"].list?.first?[field: "cell"] == 1)
    }

    @Test func codesAreExplained() throws {
        let folder = try Folder()
        let page = try Binary.run(["explain", "e0204"], in: folder.path)
        #expect(page.code == 0)
        #expect(page.output.hasPrefix("E0204  A column that the rows do not have.\n"))
        let all = try Binary.run(["explain"], in: folder.path).output
        #expect(all.contains("\nE0601  "))
        let wrong = try Binary.run(["explain", "E0299"], in: folder.path)
        #expect(wrong.code == 2)
        #expect(wrong.errors.hasPrefix("There is no code E0299; did you mean E02"))
        #expect(try Binary.run([], in: folder.path, input: ":explain E0204\n").output.contains("Right"))
    }
}

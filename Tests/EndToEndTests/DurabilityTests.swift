import Foundation
import Testing

/// Nothing is lost: the real binary is killed, starved of disk, locked out, fed with damaged files.
@Suite struct DurabilityTests {
    /// Kills the binary at random instants (seeded). 25 times here; `make soak` sets DISTNB_KILLS to 200.
    @Test func aRunKilledAtAnyInstantLosesNoFinishedCellAndLeavesAWholeFile() throws {
        let kills = ProcessInfo.processInfo.environment["DISTNB_KILLS"].flatMap { Int($0) } ?? 25
        let cells = (1...30).map { "let x\($0) = 1..3000 | each . * \($0)\n\"cell \($0): ${sum(x\($0))}\"" }
        var random = SplitMix(state: 7)
        var folder = try Folder()
        try folder.notebook("a.distnb", cells)
        var sawFinished = 0
        for _ in 0..<kills {
            let before = finished(folder)
            let process = try Binary.start(["run", "a.distnb"], in: folder.path)
            let end = DispatchTime.now() + .microseconds(Int(random.next() % 120_000))
            while process.isRunning, DispatchTime.now() < end {}
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let told = told(folder)
            let now = finished(folder)
            try #require(now >= 0, "the file is whole")
            #expect(now >= before, "what was finished stays finished")
            #expect(now >= told, "cell \(told) was told finished, the file has \(now)")
            sawFinished = max(sawFinished, now)
            if now == cells.count {
                folder = try Folder()
                try folder.notebook("a.distnb", cells)
            }
        }
        #expect(sawFinished > 0, "some kills hit a run in its middle")
        let result = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        #expect(finished(folder) == cells.count)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".tmp") }
        #expect(left.isEmpty, "the next run takes away what a kill left half written")
    }

    /// How many cells the file says are done; -1 where it cannot be read.
    private func finished(_ folder: Folder) -> Int {
        guard let data = FileManager.default.contents(atPath: folder.path + "/a.distnb"),
            let json = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let cells = json["cells"] as? [[String: Any]]
        else { return -1 }
        return cells.count { cell in
            let own = (cell["metadata"] as? [String: Any])?["distnb"] as? [String: Any]
            return (own?["state"] as? [String: Any])?["status"] as? String == "ok"
        }
    }

    /// The number of the last cell that the killed process had told to be done: the next one's heading was printed.
    private func told(_ folder: Folder) -> Int {
        let output = (try? folder.read(".stdout")) ?? ""
        let headings = output.split(separator: "\n").compactMap { line -> Int? in
            guard line.hasPrefix("["), let end = line.firstIndex(of: "]") else { return nil }
            return Int(line[line.index(after: line.startIndex)..<end])
        }
        return max(0, (headings.max() ?? 1) - 1)
    }

    @Test func aFolderThatMayNotBeWrittenIsToldBeforeAnythingRuns() throws {
        let folder = try Folder(["disk/keep": ""])
        let disk = folder.path + "/disk"
        guard let mounted = system(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]), mounted.code == 0 else {
            print("SKIPPED: no disk can be mounted here (not root?)")
            return
        }
        defer { _ = system(["umount", disk]) }
        try folder.notebook("disk/a.distnb", ["let a = 1", "a"])
        _ = system(["mount", "-o", "remount,ro", disk])
        let run = try Binary.run(["run", "disk/a.distnb"], in: folder.path)
        #expect(run.code == 1)
        #expect(run.errors.contains("cannot be written: Read-only file system."), "\(run.errors)")
        #expect(run.errors.contains("Hint: copy the notebook into a folder of yours"))
        #expect(!run.output.contains("[1]"))
        for look in [["show", "disk/a.distnb"], ["plan", "disk/a.distnb"], ["inspect", "disk/a.distnb"]] {
            let result = try Binary.run(look, in: folder.path)
            #expect(result.code == 0, "\(look): \(result.errors)")
        }
    }

    @Test func aSecondProcessIsToldAndChangesNothing() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let a = 1..300000 | each . % 7\nsum(a)"])
        let first = try Binary.start(
            ["repl", "a.distnb"], in: folder.path,
            input: ":run\n" + String(repeating: "1..400000 | each . % 3 | sum\n", count: 20))
        let lock = folder.path + "/.distnb/a.distnb.lock"
        while first.isRunning, !FileManager.default.fileExists(atPath: lock) {}
        let other = try Folder()
        let second = try Binary.run(["clear", folder.path + "/a.distnb"], in: other.path)
        let wasRunning = first.isRunning
        first.waitUntilExit()
        guard wasRunning else { return }
        #expect(second.code == 1)
        #expect(second.errors.contains("Another distnb has"), "\(second.errors)")
    }

    @Test(arguments: [
        ("", "the file is empty"), ("{\"cells\": [", "it is no JSON: line 1, column 12"),
        ("[1, 2]", "has no `nbformat`"), ("{\"nbformat\": 3, \"worksheets\": []}", "nbformat 3"),
        ("{\"cells\": {}, \"nbformat\": 4}", "`cells`"), ("{\"cells\": [5], \"nbformat\": 4}", "its cell 1 is"),
        ("{\"cells\": [], \"metadata\": {\"distnb\": {\"format\": 99}}, \"nbformat\": 4}", "newer distnb (format 99)"),
        (String(repeating: "[", count: 100_000), "at most 512 levels"), ("\u{0}\u{1}", "it is no JSON"),
    ])
    func aFileThatIsNoNotebookIsToldAndLeftAsItIs(_ text: String, _ reason: String) throws {
        let folder = try Folder(["a.distnb": text])
        for command in [
            ["run"], ["show"], ["check"], ["clear"], ["plan"], ["inspect"], ["pack"], ["repl"], ["cell", "list"],
        ] {
            let result = try Binary.run(command + ["a.distnb"], in: folder.path)
            #expect(result.code == 1, "\(command)")
            #expect(result.errors.contains(reason), "\(command): \(result.errors.prefix(300))")
            #expect(try folder.read("a.distnb") == text)
        }
    }

    @Test func aNotebookThatAnotherProgramChangedMeanwhileIsNotOverwritten() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let a = 1"])
        // The REPL reads the file when it starts; the change comes from a pipeline that runs in between.
        let process = try Binary.start(
            ["repl", "a.distnb"], in: folder.path,
            input: "1..600000 | each . % 7 | sum\n1..600000 | each . % 5 | sum\n")
        while process.isRunning, !FileManager.default.fileExists(atPath: folder.path + "/.distnb/a.distnb.lock") {}
        try folder.notebook("a.distnb", ["let changed = 2"])
        let changed = try folder.read("a.distnb")
        let result = Binary.finish(process, in: folder.path)
        #expect(try folder.read("a.distnb") == changed)
        #expect(result.errors.contains("Another program changed"), "\(result.errors)")
        #expect(try folder.read("a.distnb.unsaved").contains("each . % 7"))
    }

    @Test func whatWasRescuedOnceIsNotOverwritten() throws {
        let folder = try Folder(["a.distnb.unsaved": "from an earlier session"])
        try folder.notebook("a.distnb", ["let a = 1"])
        let process = try Binary.start(
            ["repl", "a.distnb"], in: folder.path, input: "1..600000 | each . % 7 | sum\n")
        while process.isRunning, !FileManager.default.fileExists(atPath: folder.path + "/.distnb/a.distnb.lock") {}
        try folder.notebook("a.distnb", ["let changed = 2"])
        let result = Binary.finish(process, in: folder.path)
        #expect(result.errors.contains("There is a.distnb.unsaved"), "\(result.errors)")
        #expect(try folder.read("a.distnb.unsaved") == "from an earlier session")
        #expect(try folder.read("a.distnb.unsaved-2").contains("each . % 7"))
    }

    /// Commands that write a file beside the notebook leave what is there alone.
    @Test func nothingOfTheUsersIsOverwrittenByAccident() throws {
        let folder = try Folder(["x.csv": "a\n1\n"])
        try folder.notebook("a.distnb", ["let x = load \"x.csv\"  # solution: load \"x.csv\"", "x"])
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        let (notebook, data) = (try folder.read("a.distnb"), try folder.read("x.csv"))
        for wrong in [
            ["workshop", "make", "a.distnb", "-o", "a.distnb", "--force"],
            ["workshop", "make", "a.distnb", "-o", "x.csv"],
            ["verify", "a.distnb", "--report", "a.distnb"], ["verify", "a.distnb", "--report", "x.csv"],
            ["verify", "a.distnb", "--report", "a.distnb", "--force"],
            ["verify", "a.distnb", "--report", "no/where.json"],
            ["export", "a.distnb", "--to", "dist", "-o", "x.csv"], ["cell", "edit", "a.distnb", "1"],
            ["run", "a.distnb", "--root", "nowhere"], ["new", ""], ["new", "a"],
        ] {
            let result = try Binary.run(wrong, in: folder.path)
            #expect(result.code == 1 || result.code == 2, "\(wrong): \(result.output)")
            #expect(try folder.read("a.distnb") == notebook && folder.read("x.csv") == data, "\(wrong)")
        }
    }

    @Test func aHostileRegularExpressionEnds() throws {
        let folder = try Folder()
        try folder.notebook(
            "a.distnb",
            [
                "replace(\"\(String(repeating: "a", count: 40))!\", \"(a+)+$\", \"b\")",
                "matches(\"é 日本\", '^\\w \\w+$')",
                "[extract(\"bc\", '(a)?b(c)') is null, extract(\"b\", '(a)?b') is null, extract(\"abc\", 'b')]",
            ])
        let result = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("the regular expression takes too long on this text"))
        #expect(result.output.contains("true"))
        #expect(result.output.contains("[true, true, \"b\"]"), "\(result.output)")
    }

    @Test func stateThatLiesAboutItsSizeIsToldAndMadeAnew() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", ["let q = [{a: 1}] | where .a > 0\nlet r = q", "1 + 1"])
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        let saved = try folder.read("a.distnb")
        let lying = saved.replacingOccurrences(
            of: "\"a\": 1",
            with: "\"$type\": \"rows\", \"value\": {\"names\": [], \"columns\": [], \"count\": 9223372036854775807}")
        #expect(lying != saved)
        try folder.write("a.distnb", lying)
        _ = try Binary.run(["cell", "add", "a.distnb", "-s", "r | show 3"], in: folder.path)
        let told = try Binary.run(["run", "a.distnb"], in: folder.path)
        #expect([0, 1].contains(told.code), "no crash: \(told.errors)")
        #expect(try Binary.run(["run", "a.distnb"], in: folder.path).code == 0)
    }
}

/// A small generator of random numbers with a seed (Steele, Lea, Flood: SplitMix64).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

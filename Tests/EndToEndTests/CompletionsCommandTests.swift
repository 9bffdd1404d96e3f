import Foundation
import Testing

/// `distnb completions` on the built program.
@Suite struct CompletionsCommandTests {
    /// A batch with its results, as OpenAI gives them; the answers to `n` questions.
    private static func batch(_ n: Int) -> [String: String] {
        let requests = (1...n).map { number in
            #"{"custom_id":"r\#(number)","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4.1","#
                + #""messages":[{"role":"user","content":"Question \#(number)?"}],"temperature":0,"max_tokens":16}}"#
        }
        let results = (1...n).map { number in
            #"{"id":"b\#(number)","custom_id":"r\#(number)","response":{"status_code":200,"body":{"id":"chatcmpl-\#(number)","#
                + #""object":"chat.completion","created":1760000000,"model":"gpt-4.1-2025-04-14","choices":[{"index":0,"#
                + #""message":{"role":"assistant","content":"Answer \#(number)."},"finish_reason":"stop"}],"#
                + #""usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}}},"error":null}"#
        }
        return [
            "requests.jsonl": requests.joined(separator: "\n") + "\n",
            "results.jsonl": results.joined(separator: "\n") + "\n",
        ]
    }

    private static func run(_ arguments: String..., in folder: Folder, environment: [String: String] = [:]) throws
        -> Binary.Result
    {
        try Binary.run(["completions"] + arguments, in: folder.path, environment: environment)
    }

    private static func ids(in folder: Folder) throws -> [String] {
        let json = try run("list", "--format", "json", in: folder).output
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let completions = object?["completions"] as? [[String: Any]] ?? []
        return completions.compactMap { ($0["distnb"] as? [String: Any])?["key"] as? String }
    }

    @Test func anEmptyPlaceIsToldAndNothingIsMade() throws {
        let folder = try Folder()
        let list = try Self.run("list", in: folder)
        #expect(list.code == 0 && list.output.hasPrefix("There are no completions here yet"), "\(list)")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/.distnb"))
        let show = try Self.run("show", "abc", in: folder)
        #expect(show.code == 1 && show.errors.contains("There is no completion abc"), "\(show)")
        let nowhere = try Self.run("list", "nowhere.distnb", in: folder)
        #expect(nowhere.code == 2 && nowhere.errors.contains("There is no notebook or folder nowhere.distnb"))
        for wrong in [
            ["list", "--since", "yesterday"], ["list", "--limit", "0"], ["list", "--tag", "lab"], ["tag", "abc"],
            ["tag", "a=b"], ["tag", "abc", "distnb_x=1"], ["delete"], ["delete", "abc", "--expired"], ["show", "xyz"],
            ["export", "x", "--as", "pdf"], ["record", "x"],
        ] {
            let result = try Binary.run(["completions"] + wrong, in: folder.path)
            #expect(result.code == 2, "\(wrong): \(result.output)\(result.errors)")
        }
        let retention = try Self.run("list", in: folder, environment: ["DISTNB_RETENTION": "a week"])
        #expect(retention.code == 2 && retention.errors.contains("DISTNB_RETENTION takes days"), "\(retention)")
    }

    @Test func aBatchIsImportedListedShownTaggedExportedAndDeleted() throws {
        let folder = try Folder(Self.batch(25))
        let imported = try Self.run(
            "import", "requests.jsonl", "results.jsonl", "--kernel", "openai", "--add-tag", "lab=3.3", in: folder)
        #expect(
            imported.output == "25 completions are in the store.\n25 answer equal requests of cells.\n", "\(imported)")
        let again = try Self.run("import", "requests.jsonl", "results.jsonl", "--kernel", "openai", in: folder)
        #expect(again.output.hasPrefix("25 completions are in the store; 25 of them were there already.\n"))

        let list = try Self.run("list", in: folder)
        #expect(list.output.contains("The newest 20 of 25; --limit shows more."), "\(list.output)")
        #expect(list.output.contains("lab=3.3") && list.output.contains("gpt-4.1"))
        let some = try Self.run(
            "list", "--contains", "question 7", "--tag", "lab=3.3", "--since", "2025-01-01", in: folder)
        #expect(some.output.contains("Answer 7.") && !some.output.contains("Answer 8."), "\(some.output)")
        let none = try Self.run("list", "--model", "other", in: folder)
        #expect(none.output == "No completion fits. There are some of gpt-4.1 (25).\n")

        let id = try #require(try Self.ids(in: folder).first)
        let show = try Self.run("show", String(id.prefix(10)), in: folder)
        #expect(show.output.contains("id       \(id)") && show.output.contains("temperature 0.0"), "\(show.output)")
        #expect(show.output.contains("\nuser\n  Question ") && show.output.contains("\nanswer\n  Answer "))
        let many = try Self.run("show", "", in: folder)
        #expect(many.code == 2)

        let tagged = try Self.run("tag", id, "keep=yes", "--remove", "lab", in: folder)
        #expect(tagged.output == "1 completion has other tags now.\n", "\(tagged)")
        #expect(try Self.run("show", id, in: folder).output.contains("tags     keep=yes\n"))
        let all = try Self.run("tag", "course=a", "--contains", "question", in: folder)
        #expect(all.output == "25 completions have other tags now.\n")

        let exported = try Self.run("export", "out.jsonl", "--tag", "keep=yes", in: folder)
        #expect(exported.output == "out.jsonl is written: 1 completion.\n", "\(exported)")
        #expect(try folder.read("out.jsonl").contains("\"object\":\"chat.completion\""))
        #expect(try Self.run("export", "out.jsonl", in: folder).code == 1, "a file that is there stays")
        let training = try Self.run("export", "-", "--as", "training", "--limit", "1", in: folder)
        #expect(training.output.hasPrefix("{\"messages\":[{\"role\":\"user\",\"content\":\"Question "), "\(training)")

        let asked = try Self.run("delete", id, in: folder)
        #expect(asked.code == 2 && asked.errors.contains("Nobody is here to ask"), "\(asked)")
        let deleted = try Self.run("delete", id, "--yes", in: folder)
        #expect(deleted.output == "1 completion is deleted.\n", "\(deleted)")
        #expect(try Self.ids(in: folder).count == 24)
        let back = try Self.run("import", "out.jsonl", in: folder)
        #expect(back.output == "1 completion is in the store.\n1 answers equal requests of cells.\n", "\(back)")
        #expect(try Self.ids(in: folder).count == 25)
        #expect(try Self.run("delete", "--all-untagged", "--yes", in: folder).output == "There is nothing to delete.\n")
    }

    @Test func whatCannotBeUsedIsToldByReason() throws {
        let folder = try Folder(Self.batch(2))
        try folder.write("rows.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}\n")
        let result = try Self.run("import", "results.jsonl", "rows.jsonl", in: folder)
        #expect(result.code == 1)
        #expect(result.output.hasPrefix("Nothing was imported.\nSkipped: "), "\(result.output)")
        #expect(
            result.output.contains(
                "Skipped: 2 of a batch whose requests are in none of the files; the first: results.jsonl, line 1."))
        let none = try Self.run("import", "missing.jsonl", in: folder)
        #expect(none.code == 1 && none.errors.contains("There is no file missing.jsonl"))
    }

    /// Killed at any moment, and run again: every completion is there once.
    @Test func twoImportsAtOnceSurviveKills() throws {
        let folder = try Folder(Self.batch(3_000))
        let other = try Folder()
        let arguments = ["completions", "import", "requests.jsonl", "results.jsonl", "--kernel", "openai"]
        let inputs = ["requests.jsonl", "results.jsonl"].map { folder.path + "/" + $0 }
        let second = ["completions", "import"] + inputs + ["--kernel", "openai", "--in", folder.path]
        for round in 1...4 {
            let one = try Binary.start(arguments, in: folder.path)
            let two = try Binary.start(second, in: other.path)
            // The kill comes when so many are there, not after a time.
            while one.isRunning, ((try? Self.ids(in: folder).count) ?? 0) < round * 500 {}
            kill(one.processIdentifier, SIGKILL)
            kill(two.processIdentifier, SIGKILL)
            one.waitUntilExit()
            two.waitUntilExit()
        }
        let last = try Binary.run(arguments, in: folder.path)
        #expect(last.code == 0 && last.output.hasPrefix("3000 completions are in the store"), "\(last)")
        #expect(try Set(Self.ids(in: folder)).count == 3_000)
    }

    @Test func aTapeOfARealModelReplaysAndIsToldWhereItWasChanged() throws {
        guard Binary.hasWeights else { return print("SKIPPED: no weights in \(Binary.home)/weights") }
        let rows = (1...3).map { "{\"prompt\":\"Say the number \($0).\"}" }.joined(separator: "\n")
        let folder = try Folder(["q.jsonl": rows + "\n"])
        let cells = [
            "let asked = load \"q.jsonl\" | generate (model \"teacher\", name: \"cora\"), max_tokens: 4",
            "asked | each .output",
        ]
        try folder.notebook("lab.distnb", cells)
        #expect(try Binary.run(["run", "lab.distnb"], in: folder.path).code == 0)
        let refused = try Self.run("record", "cora.jsonl", "--in", "lab.distnb", in: folder)
        #expect(refused.code == 2 && refused.errors.contains("--model ALIAS records one all the same"), "\(refused)")
        let recorded = try Self.run("record", "cora.jsonl", "--in", "lab.distnb", "--model", "teacher", in: folder)
        #expect(recorded.code == 0 && recorded.output.hasPrefix("cora.jsonl is written: 3 answers of teacher ("))

        // Another machine: the tape and the notebook, no store.
        let learner = try Folder(["q.jsonl": rows + "\n", "cora.jsonl": try folder.read("cora.jsonl")])
        try learner.notebook("lab.distnb", cells)
        let plan = try Binary.run(["plan", "lab.distnb", "--kernel", "tape:cora.jsonl"], in: learner.path)
        #expect(plan.output.contains("is replayed from the tape cora.jsonl"), "\(plan.output)\(plan.errors)")
        let run = try Binary.run(["run", "lab.distnb", "--kernel", "tape:cora.jsonl"], in: learner.path)
        #expect(run.code == 0, "\(run.errors)")
        #expect((run.output + run.errors).contains("3 answers replayed from the tape cora.jsonl"), "\(run)")
        // The saved name is found beside the notebook, from any folder.
        let elsewhere = try Folder()
        let show = try Binary.run(["show", learner.path + "/lab.distnb"], in: elsewhere.path)
        #expect(show.output.contains("All 2 cells are current."), "\(show)")
        #expect(show.output.contains("is replayed from the tape cora.jsonl"))
        let wanted = try Binary.run(
            ["run", "lab.distnb", "--all", "--fresh", "--kernel", "tape:cora.jsonl"], in: learner.path)
        #expect(wanted.code == 0, "\(wanted.errors)")

        try learner.notebook(
            "other.distnb", ["load \"q.jsonl\" | generate (model \"teacher\"), max_tokens: 4, temperature: 0.5"])
        let missing = try Binary.run(["run", "other.distnb", "--kernel", "tape:cora.jsonl"], in: learner.path)
        #expect(missing.code == 1)
        #expect(
            (missing.output + missing.errors).contains("the same messages with temperature 0.0 instead of 0.5"),
            "\(missing)")
        try learner.write(
            "cora.jsonl", try learner.read("cora.jsonl").replacingOccurrences(of: "number 2", with: "number 9"))
        let changed = try Binary.run(["run", "other.distnb", "--kernel", "tape:cora.jsonl"], in: learner.path)
        #expect(changed.code == 1 && changed.errors.contains("digest does not fit"), "\(changed)")
        let gone = try Binary.run(["run", "other.distnb", "--kernel", "tape:gone.jsonl"], in: learner.path)
        #expect(gone.code == 1 && gone.errors.contains("There is no tape gone.jsonl"), "\(gone)")
    }
}

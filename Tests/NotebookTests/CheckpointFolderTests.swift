import Distillation
import Foundation
import Testing

@testable import Notebook

@Suite struct CheckpointFolderTests {
    private static let rows = (1...3).map { "{\"prompt\":\"q\($0)\"}\n" }.joined()
    private static let cells = ["let q = load \"q.jsonl\"", "let s = model \"student\""]

    @Test func aCheckpointComesBackWhole() throws {
        let scratch = try Scratch(cells: [])
        let folder = CheckpointFolder(folder: scratch.folder + "/c")
        #expect(folder.read("k") == nil)
        try folder.write("k", [Data("one".utf8), Data(" two".utf8)])
        #expect(folder.read("k") == Data("one two".utf8))
        try folder.write("k", [Data("three".utf8)])
        #expect(folder.read("k") == Data("three".utf8))
        folder.remove("k")
        #expect(folder.read("k") == nil)
    }

    @Test func onlyFinishedJobsThatAreKeptLoseTheirCheckpoint() throws {
        let scratch = try Scratch(cells: [])
        let folder = CheckpointFolder(folder: scratch.folder + "/c")
        for key in ["a", "b"] { try folder.write(key, [Data(key.utf8)]) }
        folder.finish("a")
        folder.settleFinished(areKept: false)
        folder.settleFinished(areKept: true)
        #expect(folder.read("a") != nil)
        folder.finish("a")
        folder.settleFinished(areKept: true)
        #expect(folder.read("a") == nil && folder.read("b") != nil)
    }

    @Test func whatOlderProcessesLeftGoesWhenNothingIsLeftToDo() throws {
        let scratch = try Scratch(
            cells: [], files: ["c/old.safetensors": "x", "c/k.safetensors.01234567890123456789.tmp": "half"])
        let folder = CheckpointFolder(folder: scratch.folder + "/c")
        try folder.write("mine", [Data("unfinished".utf8)])
        folder.removeOthers()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.folder + "/c") == ["mine.safetensors"])
    }

    /// The cell fails after its training was done: the next run has the training for nothing.
    @Test func aTrainingOutlivesTheFailureOfItsCell() throws {
        let train = "let t = q | finetune s, target: \"OK\"\n"
        let scratch = try Scratch(
            cells: Self.cells + [train + "q | where .prompt == \"z\" | generate s"], files: ["q.jsonl": Self.rows])
        let provider = ScriptedProvider { _ in "yes" }
        let listener = Listener()
        #expect(try scratch.session(provider: provider).run(observer: listener).failed == 3, "\(listener.messages)")
        #expect(provider.trainings == 1 && scratch.checkpoints.count == 1)
        try scratch.edit { $0.cells[2].source = train }
        #expect(try scratch.session(provider: provider).run().failed == nil)
        #expect(provider.trainings == 1 && scratch.checkpoints.isEmpty)
    }

    @Test func ofTwoTrainingsInACellNoneIsDoneTwice() throws {
        let both = "let ts = [1, 2] | each (q | finetune s, target: \"OK\", seed: .)\n"
        let scratch = try Scratch(
            cells: Self.cells + [both + "q | where .prompt == \"z\" | generate s"], files: ["q.jsonl": Self.rows])
        let provider = ScriptedProvider { _ in "yes" }
        _ = try scratch.session(provider: provider).run()
        #expect(provider.trainings == 2 && scratch.checkpoints.count == 2)
        try scratch.edit { $0.cells[2].source = both }
        #expect(try scratch.session(provider: provider).run().failed == nil)
        #expect(provider.trainings == 2 && scratch.checkpoints.isEmpty)
    }
}

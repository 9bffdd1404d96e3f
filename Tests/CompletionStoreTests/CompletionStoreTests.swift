import Distillation
import Foundation
import Tables
import Testing

@testable import CompletionStore

/// A store in a folder of its own.
private struct Scratch: ~Copyable {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-store-\(UUID().uuidString)").path
    var path: String { folder + "/.distnb/completions.sqlite" }
    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

private func stored(_ text: String, _ prompt: String, tags: [String: String] = [:], at time: Double = 0)
    -> StoredCompletion
{
    StoredCompletion(
        request: CompletionRequest(
            model: ModelIdentity(endpoint: "e", id: "m"), messages: [ChatMessage(role: "user", content: prompt)],
            sampling: Sampling(temperature: 0.3, maxTokens: 9, seed: 4, stop: ["x"])),
        completion: Completion(
            text: text, finishReason: "stop", usage: Usage(promptTokens: 3, completionTokens: 5), seconds: 0.25),
        modelName: "cora", metadata: tags, createdAt: time)
}

@Suite struct CompletionStoreTests {
    @Test func whatIsKeptIsFoundByItsKeyInAnotherProcessToo() throws {
        let scratch = Scratch()
        let completion = stored("hello 日本", "hi")
        try SQLiteCompletionStore(path: scratch.path).keep(completion)
        let found = try #require(try SQLiteCompletionStore(path: scratch.path).completion(for: completion.request.key))
        #expect(found.text == "hello 日本")
        #expect(found.usage == completion.completion.usage)
        #expect(found.isStored)
    }

    @Test func lookingIntoAStoreThatIsNotThereMakesNothing() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        #expect(try store.completion(for: CompletionKey("0")) == nil)
        #expect(try store.completions(CompletionFilter()).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: scratch.folder))
    }

    @Test func keepingTwiceKeepsTheFirstAndJoinsTags() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        try store.keep(stored("first", "hi", tags: ["lab": "1"]))
        try store.keep(stored("second", "hi", tags: ["run": "2"]))
        let all = try store.completions(CompletionFilter())
        #expect(all.map(\.completion.text) == ["first"])
        #expect(all.first?.metadata == ["lab": "1", "run": "2"])
    }

    @Test func filtersAskForAllTagsAndTheTime() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        try store.keep(stored("a", "1", tags: ["lab": "3.3", "x": "1"], at: 10))
        try store.keep(stored("b", "2", tags: ["lab": "3.3"], at: 20))
        try store.keep(stored("c", "3", at: 30))
        #expect(try store.completions(CompletionFilter(metadata: ["lab": "3.3"])).map(\.completion.text) == ["a", "b"])
        #expect(
            try store.completions(CompletionFilter(metadata: ["lab": "3.3", "x": "1"])).map(\.completion.text) == ["a"])
        #expect(try store.completions(CompletionFilter(since: 20)).map(\.completion.text) == ["b", "c"])
        #expect(try store.completions(CompletionFilter(limit: 1)).map(\.completion.text) == ["a"])
    }

    @Test func theRequestComesBackWithTheSameKey() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        let completion = stored("a", "1")
        try store.keep(completion)
        #expect(try store.completions(CompletionFilter()).first?.request.key == completion.request.key)
    }

    @Test func aFileThatIsNoStoreIsToldInWords() throws {
        let scratch = Scratch()
        try FileManager.default.createDirectory(atPath: scratch.folder + "/.distnb", withIntermediateDirectories: true)
        try Data("this is no database, only text that is long enough to be looked at".utf8).write(
            to: URL(fileURLWithPath: scratch.path))
        let error = #expect(throws: ProviderError.self) {
            try SQLiteCompletionStore(path: scratch.path).completion(for: CompletionKey("0"))
        }
        #expect(error?.description.contains("damaged") == true)
    }

    @Test func whereWALCannotBeTheRollbackJournalServes() throws {
        let scratch = Scratch()
        // A folder in the place of WAL's shared memory: opening it fails as on a network drive.
        try FileManager.default.createDirectory(atPath: scratch.path + "-shm", withIntermediateDirectories: true)
        let completion = stored("kept", "hi")
        try SQLiteCompletionStore(path: scratch.path).keep(completion)
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "-wal"))
        let again = SQLiteCompletionStore(path: scratch.path)
        #expect(try again.completion(for: completion.request.key)?.text == "kept")
        try again.keep(stored("more", "there"))
        #expect(try again.completions(CompletionFilter()).count == 2)
    }
}

import Distillation
import Foundation
import Tables
import Testing

@testable import CompletionStore

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

    @Test func nameAndProbabilitiesOfAServicesAnswerComeBack() throws {
        let scratch = Scratch()
        let logprobs: Value = [["token": "hi", "logprob": -0.25, "top_logprobs": []]]
        let completion = stored("hi", "1", topLogprobs: 3, id: "chatcmpl-1", logprobs: logprobs)
        try SQLiteCompletionStore(path: scratch.path).keep(completion)
        let store = SQLiteCompletionStore(path: scratch.path)
        let found = try #require(try store.completion(for: completion.request.key))
        #expect(found.id == "chatcmpl-1")
        #expect(found.logprobs == logprobs)
        let request = try #require(try store.completions(CompletionFilter()).first?.request)
        #expect(request.sampling.topLogprobs == 3)
        #expect(request.key == completion.request.key)
    }

    @Test func severalAreKeptAllOrNone() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        try store.keep([stored("a", "1"), stored("b", "2", tags: ["lab": "1"])], replacing: false)
        #expect(try store.completions(CompletionFilter()).map(\.completion.text) == ["a", "b"])
        // NaN is no number to SQLite: the last row cannot be written.
        let wrong = stored("d", "4", at: .nan)
        #expect(throws: ProviderError.self) { try store.keep([stored("c", "3"), wrong], replacing: false) }
        #expect(try store.completions(CompletionFilter()).map(\.completion.text) == ["a", "b"])
    }

    @Test func aReplacedAnswerTakesTheNameOfTheNewOne() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        try store.keep(stored("old", "1", id: "chatcmpl-1"))
        try store.keep(stored("new", "1", id: "chatcmpl-2"), replacing: true)
        let all = try store.completions(CompletionFilter())
        #expect(all.map(\.completion.text) == ["new"])
        #expect(all.map(\.completion.id) == ["chatcmpl-2"])
    }

    @Test func whatWasSentStaysUnsettledUntilItIsKeptOrSettled() throws {
        let scratch = Scratch()
        let (a, b, c) = (stored("a", "1"), stored("b", "2"), stored("c", "3"))
        let keys = [a, b, c].map(\.key)
        #expect(try SQLiteCompletionStore(path: scratch.path).unsettled(among: keys).isEmpty)
        try SQLiteCompletionStore(path: scratch.path).willSend(keys, at: 10)
        // As another process finds it after a kill.
        let store = SQLiteCompletionStore(path: scratch.path)
        #expect(try store.unsettled(among: keys) == Set(keys))
        #expect(try store.unsettled(among: [b.key, CompletionKey("f")]) == [b.key])
        try store.keep([a], replacing: false)
        try store.settle([b.key])
        #expect(try store.unsettled(among: keys) == [c.key])
    }

    @Test func anAnswerThatCannotBeKeptStaysUnsettled() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        let wrong = stored("a", "1", at: .nan)
        try store.willSend([wrong.key], at: 1)
        #expect(throws: ProviderError.self) { try store.keep([wrong], replacing: false) }
        #expect(try store.unsettled(among: [wrong.key]) == [wrong.key])
    }

    @Test func twoUsersOfOneStoreLoseNothing() async throws {
        let scratch = Scratch()
        let path = scratch.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in 0..<2 {
                group.addTask {
                    let store = SQLiteCompletionStore(path: path)
                    for part in 0..<20 {
                        let batch = (0..<10).map { stored("\(user)", "\(user) \(part) \($0)", tags: ["u": "\(user)"]) }
                        try store.willSend(batch.map(\.key), at: 1)
                        try store.keep(batch, replacing: false)
                    }
                }
            }
            try await group.waitForAll()
        }
        let store = SQLiteCompletionStore(path: path)
        #expect(try store.count(CompletionFilter()) == 400)
        #expect(try store.count(CompletionFilter(metadata: ["u": "1"])) == 200)
        let all = try store.completions(CompletionFilter())
        #expect(try store.unsettled(among: all.map(\.key)).isEmpty)
    }

    @Test func filtersAskForModelWordsAndTheEnd() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        try store.keep(stored("It is on its way.", "Where is my \"order\"?", at: 10))
        try store.keep(stored("b", "REFUND, straße", at: 20, model: "gpt", name: "judge"))
        try store.keep(stored("Refunds take a week.", "3", tags: ["x": "1"], at: 30))
        func texts(_ filter: CompletionFilter) throws -> [String] {
            try store.completions(filter).map(\.completion.text)
        }
        #expect(try texts(CompletionFilter(until: 20)) == ["It is on its way."])
        #expect(try texts(CompletionFilter(model: "gpt")) == ["b"])
        #expect(try texts(CompletionFilter(model: "judge")) == ["b"])
        #expect(try texts(CompletionFilter(identity: ModelIdentity(endpoint: "e", id: "gpt"))) == ["b"])
        #expect(try texts(CompletionFilter(words: "\"ORDER\"")) == ["It is on its way."])
        #expect(try texts(CompletionFilter(words: "refund")) == ["b", "Refunds take a week."])
        #expect(try texts(CompletionFilter(words: "refund", limit: 1, takesNewest: true)) == ["Refunds take a week."])
        #expect(try texts(CompletionFilter(limit: 2, takesNewest: true)) == ["b", "Refunds take a week."])
        #expect(try texts(CompletionFilter(isTagged: true)) == ["Refunds take a week."])
        #expect(try store.count(CompletionFilter(isTagged: false)) == 2)
        #expect(try store.count(CompletionFilter(words: "refund", limit: 1)) == 2)
        #expect(try store.modelNames().map(\.name) == ["cora", "judge"])
    }

    @Test func keysAreFoundByTheirBeginning() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        #expect(try store.shortKeyLength() == 7)
        let all = (0..<40).map { stored("\($0)", "\($0)") }
        try store.keep(all, replacing: false)
        let length = try store.shortKeyLength()
        for completion in all {
            let prefix = String(completion.key.description.prefix(length))
            #expect(
                try store.completions(beginning: prefix, limit: 2).map(\.completion.text) == [
                    completion.completion.text
                ])
        }
        #expect(try store.completions(beginning: "", limit: 3).count == 3)
        #expect(try store.completions(beginning: "z", limit: 3).isEmpty)
    }

    @Test func tagsAreAddedReplacedAndTakenAway() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        let completion = stored("a", "1", tags: ["lab": "1", "old": "x"])
        try store.keep(completion)
        let before = try store.revision()
        try store.tag([completion.key], adding: ["lab": "2"], removing: ["old", "never"])
        #expect(try store.completions(CompletionFilter()).first?.metadata == ["lab": "2"])
        #expect(try store.revision() != before)
    }

    @Test func whatIsDeletedIsGoneFromTheFilesToo() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        let secret = "the customer's number is 555-0199"
        let completion = stored(secret, "1", tags: ["lab": "1"])
        try store.keep([completion, stored("b", "2")], replacing: false)
        let before = try store.revision()
        #expect(try store.delete([completion.key, CompletionKey("0")]) == 1)
        #expect(try store.completions(CompletionFilter()).map(\.completion.text) == ["b"])
        #expect(try store.revision() != before)
        for ending in ["", "-wal"] {
            let bytes = FileManager.default.contents(atPath: scratch.path + ending) ?? Data()
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(ending)")
        }
    }

    @Test func anImportedCompletionWhoseRequestIsNotKnownAnswersNone() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        let known = stored("a", "1")
        let key = CompletionKey(String(repeating: "a", count: 64))
        try store.keep(
            StoredCompletion(
                request: known.request, completion: known.completion, modelName: "m", metadata: [:], createdAt: 1,
                key: key))
        #expect(try store.completion(for: known.request.key) == nil)
        #expect(try store.completions(CompletionFilter()).map(\.key) == [key])
    }
}

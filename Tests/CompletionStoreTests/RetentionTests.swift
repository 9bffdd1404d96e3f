import Distillation
import Foundation
import GRDB
import Tables
import Testing

@testable import CompletionStore

/// When completions go: decision 0040.
@Suite struct RetentionTests {
    private func texts(_ store: SQLiteCompletionStore) throws -> [String] {
        try store.completions(CompletionFilter()).map(\.completion.text).sorted()
    }

    @Test func thirtyDaysUnlessTheUserSaysOtherwise() {
        #expect(Retention.standard == .days(30))
        #expect(Retention("7") == .days(7))
        #expect(Retention("Forever") == .forever)
        for wrong in ["", "0", "-1", "week", "1.5", "99999999"] { #expect(Retention(wrong) == nil, "\(wrong)") }
    }

    @Test func taggedCompletionsStay() throws {
        let scratch = Scratch()
        let clock = SetClock(0)
        let store = SQLiteCompletionStore(path: scratch.path, now: clock.now)
        try store.keep([stored("plain", "1"), stored("tagged", "2", tags: ["lab": "1"])], replacing: false)
        clock.pass(days: 29.9)
        #expect(try store.expiredCount() == 0)
        #expect(try store.removeExpired() == 0)
        clock.pass(days: 1.2)
        #expect(try store.expiredCount() == 1)
        #expect(try store.removeExpired() == 1)
        #expect(try texts(store) == ["tagged"])
    }

    @Test func whatARunLookedUpIsYoungAgain() throws {
        let scratch = Scratch()
        let clock = SetClock(0)
        let used = stored("used", "1")
        try SQLiteCompletionStore(path: scratch.path, now: clock.now).keep(
            [used, stored("idle", "2")], replacing: false)
        clock.pass(days: 40)
        // A notebook opened after 40 days: what is still there answers, and stays.
        let store = SQLiteCompletionStore(path: scratch.path, now: clock.now)
        #expect(try store.completion(for: used.key)?.text == "used")
        #expect(try store.removeExpired() == 1)
        #expect(try texts(store) == ["used"])
        clock.pass(days: 29)
        #expect(try store.removeExpired() == 0)
        clock.pass(days: 2)
        #expect(try store.removeExpired() == 1)
        #expect(try store.completion(for: used.key) == nil)
    }

    @Test func anImportOfOldCompletionsIsKeptFromTheDayOfTheImport() throws {
        let scratch = Scratch()
        let clock = SetClock(100 * 86_400)
        let store = SQLiteCompletionStore(path: scratch.path, now: clock.now)
        try store.keep(stored("old", "1", at: 86_400))
        #expect(try store.expiredCount() == 0)
        clock.pass(days: 31)
        #expect(try store.expiredCount() == 1)
    }

    @Test func foreverMeansForever() throws {
        let scratch = Scratch()
        let clock = SetClock(0)
        let store = SQLiteCompletionStore(path: scratch.path, retention: .forever, now: clock.now)
        try store.keep(stored("a", "1"))
        clock.pass(days: 4_000)
        #expect(try store.removeExpired() == nil)
        #expect(try store.expiredCount() == 0)
        #expect(try texts(store) == ["a"])
    }

    @Test func onceADayIsEnoughUnlessItIsAskedFor() throws {
        let scratch = Scratch()
        let clock = SetClock(0)
        let store = SQLiteCompletionStore(path: scratch.path, retention: .days(1), now: clock.now)
        try store.keep(stored("a", "1"))
        clock.pass(days: 0.9)
        #expect(try store.removeExpired() == 0)
        clock.pass(days: 0.5)
        #expect(try store.removeExpired() == nil)
        #expect(try store.removeExpired(isAsked: true) == 1)
    }

    @Test func nothingGoesWhileAnotherUsesTheStore() throws {
        let scratch = Scratch()
        let clock = SetClock(0)
        let store = SQLiteCompletionStore(path: scratch.path, now: clock.now)
        try store.keep(stored("a", "1"))
        clock.pass(days: 40)
        do {
            let other = SQLiteCompletionStore(path: scratch.path, now: clock.now)
            #expect(try other.completion(for: CompletionKey("0")) == nil)
            #expect(try store.removeExpired(isAsked: true) == nil)
            #expect(try texts(store) == ["a"])
        }
        #expect(try store.removeExpired(isAsked: true) == 1)
    }

    @Test func requestsThatWereSentLongAgoAreForgotten() throws {
        let scratch = Scratch()
        let clock = SetClock(0)
        let store = SQLiteCompletionStore(path: scratch.path, now: clock.now)
        let (old, new) = (stored("a", "1").key, stored("b", "2").key)
        try store.willSend([old], at: clock.now())
        clock.pass(days: 31)
        try store.willSend([new], at: clock.now())
        #expect(try store.removeExpired() == 0)
        #expect(try store.unsettled(among: [old, new]) == [new])
    }

    @Test func lookingDoesNotMakeAStore() throws {
        let scratch = Scratch()
        let store = SQLiteCompletionStore(path: scratch.path)
        #expect(try store.removeExpired(isAsked: true) == nil)
        #expect(try store.delete([CompletionKey("0")]) == 0)
        try store.tag([CompletionKey("0")], adding: ["a": "b"])
        #expect(try store.unsettled(among: [CompletionKey("0")]).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: scratch.folder))
    }
}

/// Files that other versions wrote.
@Suite struct StoreVersionTests {
    /// As version 0.1 made it, with one completion.
    private func older(_ path: String) throws {
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES ('1 completions and tags');
                    CREATE TABLE completions (
                        key TEXT NOT NULL PRIMARY KEY, endpoint TEXT NOT NULL, model TEXT NOT NULL, model_name TEXT NOT NULL,
                        messages TEXT NOT NULL, sampling TEXT NOT NULL, ordinal INTEGER NOT NULL, text TEXT NOT NULL,
                        finish_reason TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
                        seconds REAL NOT NULL, created_at REAL NOT NULL);
                    CREATE TABLE tags (
                        key TEXT NOT NULL REFERENCES completions (key) ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
                        PRIMARY KEY (key, name));
                    CREATE INDEX tags_by_value ON tags (name, value);
                    """)
            let known = stored("from 0.1", "1")
            try database.execute(
                sql:
                    "INSERT INTO completions VALUES (?, 'e', 'm', 'cora', ?, ?, 0, 'from 0.1', 'stop', 3, 5, 0.25, 1000)",
                arguments: [
                    known.key.description, #"[{"role":"user","content":"1"}]"#,
                    #"{"temperature":0.3,"top_p":1.0,"max_tokens":9,"seed":4,"stop":["x"]}"#,
                ])
        }
        try queue.close()
    }

    @Test func anOlderStoreOpensWithAllThatItHas() throws {
        let scratch = Scratch()
        try older(scratch.path)
        let clock = SetClock(1_000)
        let store = SQLiteCompletionStore(path: scratch.path, now: clock.now)
        let known = stored("from 0.1", "1")
        #expect(try store.revision() == "1 1000.0 0", "what notebooks remember of it still fits")
        #expect(try store.completion(for: known.key)?.text == "from 0.1")
        #expect(try store.completions(CompletionFilter()).map(\.request.key) == [known.key])
        try store.keep(stored("new", "2", id: "chatcmpl-9"))
        clock.pass(days: 31)
        #expect(try store.removeExpired() == 2, "its completions expire by when they were made")
    }

    @Test func twoProcessesBringAnOlderStoreUpToDateAtOnce() async throws {
        let scratch = Scratch()
        try older(scratch.path)
        let path = scratch.path
        let found = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try SQLiteCompletionStore(path: path).completions(CompletionFilter()).count }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(found == [1, 1, 1, 1])
    }

    @Test func aStoreOfANewerProgramIsRefusedInWords() throws {
        let scratch = Scratch()
        try SQLiteCompletionStore(path: scratch.path).keep(stored("a", "1"))
        let queue = try DatabaseQueue(path: scratch.path)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 things to come')") }
        try queue.close()
        let error = #expect(throws: ProviderError.self) {
            try SQLiteCompletionStore(path: scratch.path).completions(CompletionFilter())
        }
        #expect(error?.description.contains("was made by a newer distnb") == true)
    }
}

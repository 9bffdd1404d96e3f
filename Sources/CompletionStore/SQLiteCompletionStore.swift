public import Distillation
internal import Foundation
internal import GRDB
internal import OrderedCollections
internal import Synchronization
internal import Tables

/// Completions in one SQLite file, written the moment each arrives.
///
/// The file is made with the first completion; looking into a store that is not there finds nothing and makes nothing.
public final class SQLiteCompletionStore: CompletionStoring {
    private let path: String
    private let queue = Mutex<DatabaseQueue?>(nil)

    /// A store at a path; nothing is opened yet.
    public init(path: String) { self.path = path }

    public func completion(for key: CompletionKey) throws -> Completion? {
        guard let queue = try open(creating: false) else { return nil }
        return try translating {
            try queue.read { database in
                try Row.fetchOne(database, sql: "SELECT * FROM completions WHERE key = ?", arguments: [key.description])
                    .map(Self.completion)
            }
        }
    }

    public func keep(_ stored: StoredCompletion, replacing: Bool = false) throws {
        guard let queue = try open(creating: true) else { return }
        let request = stored.request
        let messages = JSON.text(.list(request.messages.map(\.value)))
        let sampling = JSON.text([
            "temperature": .double(request.sampling.temperature), "top_p": .double(request.sampling.topP),
            "max_tokens": .integer(request.sampling.maxTokens), "seed": .integer(request.sampling.seed),
            "stop": .list(request.sampling.stop.map { .string($0) }),
        ])
        let conflict =
            replacing
            ? "UPDATE SET text = excluded.text, finish_reason = excluded.finish_reason, seconds = excluded.seconds, "
                + "prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens, created_at = excluded.created_at"
            : "NOTHING"
        try translating {
            try queue.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO completions
                        (key, endpoint, model, model_name, messages, sampling, ordinal, text, finish_reason, prompt_tokens,
                         completion_tokens, seconds, created_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (key) DO \(conflict)
                        """,
                    arguments: [
                        request.key.description, request.model.endpoint, request.model.id, stored.modelName, messages,
                        sampling,
                        request.ordinal, stored.completion.text, stored.completion.finishReason,
                        stored.completion.usage.promptTokens, stored.completion.usage.completionTokens,
                        stored.completion.seconds,
                        stored.createdAt,
                    ])
                for (name, value) in stored.metadata {
                    try database.execute(
                        sql: "INSERT OR REPLACE INTO tags (key, name, value) VALUES (?, ?, ?)",
                        arguments: [request.key.description, name, value])
                }
            }
        }
    }

    public func completions(_ filter: CompletionFilter) throws -> [StoredCompletion] {
        guard let queue = try open(creating: false) else { return [] }
        var conditions: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        for (name, value) in filter.metadata {
            conditions.append("EXISTS (SELECT 1 FROM tags WHERE tags.key = completions.key AND name = ? AND value = ?)")
            arguments += [name, value]
        }
        if let since = filter.since {
            conditions.append("created_at >= ?")
            arguments.append(since)
        }
        var sql = "SELECT * FROM completions"
        if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
        sql += " ORDER BY created_at, rowid"
        if let limit = filter.limit {
            sql += " LIMIT ?"
            arguments.append(limit)
        }
        return try translating {
            try queue.read { database in
                try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments)).map { row in
                    let tags = try Row.fetchAll(
                        database, sql: "SELECT name, value FROM tags WHERE key = ?", arguments: [row["key"] as String])
                    return try Self.stored(row, tags: tags)
                }
            }
        }
    }

    public func revision() throws -> String {
        guard let queue = try open(creating: false) else { return "0" }
        return try translating {
            try queue.read { database in
                let counts = try Row.fetchOne(
                    database,
                    sql:
                        "SELECT (SELECT COUNT(*) FROM completions) AS kept, (SELECT MAX(created_at) FROM completions) AS last, (SELECT COUNT(*) FROM tags) AS tags"
                )
                return
                    "\(counts?["kept"] as Int? ?? 0) \(counts?["last"] as Double? ?? 0) \(counts?["tags"] as Int? ?? 0)"
            }
        }
    }

    // MARK: Rows

    private static func completion(_ row: Row) -> Completion {
        Completion(
            text: row["text"], finishReason: row["finish_reason"],
            usage: Usage(promptTokens: row["prompt_tokens"], completionTokens: row["completion_tokens"]),
            seconds: row["seconds"],
            isStored: true)
    }

    private static func stored(_ row: Row, tags: [Row]) throws -> StoredCompletion {
        let messages = try JSON.parse(row["messages"] as String).list ?? []
        let sampling = try JSON.parse(row["sampling"] as String)
        let request = CompletionRequest(
            model: ModelIdentity(endpoint: row["endpoint"], id: row["model"]),
            messages: messages.compactMap(ChatMessage.init),
            sampling: Sampling(
                temperature: sampling[field: "temperature"].double ?? 0, topP: sampling[field: "top_p"].double ?? 1,
                maxTokens: sampling[field: "max_tokens"].integer ?? 0, seed: sampling[field: "seed"].integer ?? 0,
                stop: (sampling[field: "stop"].list ?? []).compactMap(\.text)), ordinal: row["ordinal"])
        let metadata = Dictionary(
            tags.map { ($0["name"] as String, $0["value"] as String) }, uniquingKeysWith: { first, _ in first })
        return StoredCompletion(
            request: request, completion: completion(row), modelName: row["model_name"], metadata: metadata,
            createdAt: row["created_at"])
    }

    // MARK: The file

    private func open(creating: Bool) throws -> DatabaseQueue? {
        try queue.withLock { queue in
            if let queue { return queue }
            if !creating, !FileManager.default.fileExists(atPath: path) { return nil }
            return try translating {
                try FileManager.default.createDirectory(
                    at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
                let opened = try Self.connect(path)
                try Self.migrator.migrate(opened)
                queue = opened
                return opened
            }
        }
    }

    /// In WAL, which writes fastest and lets others read meanwhile; where the file system cannot carry its shared memory
    /// (network drives, some containers), with the rollback journal, which every one can.
    private static func connect(_ path: String) throws -> DatabaseQueue {
        do {
            let queue = try connect(path) { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL")
            }
            // The mode says what was asked for; only writing tells whether it works.
            try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE; ROLLBACK") }
            return queue
        } catch let error as DatabaseError
            where [.SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_PROTOCOL, .SQLITE_READONLY].contains(error.resultCode)
        {
            // A file that is in WAL already can be opened without shared memory by one process alone, and then changed
            // (sqlite.org/wal.html, "Use of WAL without shared memory").
            return try connect(path) { database in
                try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
                try database.execute(sql: "PRAGMA journal_mode = DELETE")
                try database.execute(sql: "PRAGMA locking_mode = NORMAL")
            }
        }
    }

    private static func connect(
        _ path: String, journal: @escaping @Sendable (Database) throws -> Void
    ) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try journal(database)
            // A completion that was paid for must survive a power cut: FULL syncs the log at each commit.
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 completions and tags") { database in
            try database.execute(
                sql: """
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
        }
        return migrator
    }

    private func translating<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_FULL:
                throw ProviderError(
                    "The disk is full; the completions so far are in \(path).", hint: "free some space and run again")
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                throw ProviderError(
                    "The completion store \(path) is damaged.",
                    hint: "move it away and run again; completions will be asked for anew")
            default:
                throw ProviderError(
                    "The completion store \(path) cannot be used: \(error.message ?? "unknown reason").")
            }
        } catch let error as CocoaError {
            throw ProviderError("The completion store \(path) cannot be made: \(error.localizedDescription)")
        }
    }
}

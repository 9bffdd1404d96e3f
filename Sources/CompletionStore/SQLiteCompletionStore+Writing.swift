public import Distillation
internal import GRDB
internal import Synchronization

extension SQLiteCompletionStore {
    public func keep(_ stored: StoredCompletion, replacing: Bool = false) throws {
        try keep([stored], replacing: replacing)
    }

    public func keep(_ completions: [StoredCompletion], replacing: Bool) throws {
        guard !completions.isEmpty else { return }
        let usedAt = now()
        let columns = CompletionRow.columns
        let changed = (replacing ? CompletionRow.replaced : []) + ["used_at"]
        let sql = """
            INSERT INTO completions (\(columns.joined(separator: ", ")))
            VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
            ON CONFLICT (key) DO UPDATE SET \(changed.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            """
        _ = try writing { database in
            try renew(database, at: usedAt)
            let insert = try database.cachedStatement(sql: sql)
            let settle = try database.cachedStatement(sql: "DELETE FROM sent WHERE key = ?")
            for stored in completions {
                try insert.execute(arguments: CompletionRow.arguments(stored, usedAt: usedAt))
                try Self.tag(stored.key, stored.metadata, database)
                try settle.execute(arguments: [stored.key.description])
            }
        }
    }

    public func willSend(_ keys: [CompletionKey], at seconds: Double) throws {
        guard !keys.isEmpty else { return }
        _ = try writing { database in
            let insert = try database.cachedStatement(sql: "INSERT OR REPLACE INTO sent (key, sent_at) VALUES (?, ?)")
            for key in keys { try insert.execute(arguments: [key.description, seconds]) }
        }
    }

    public func settle(_ keys: [CompletionKey]) throws {
        guard !keys.isEmpty else { return }
        _ = try writing { database in
            let delete = try database.cachedStatement(sql: "DELETE FROM sent WHERE key = ?")
            for key in keys { try delete.execute(arguments: [key.description]) }
        }
    }

    /// Changes the tags of completions.
    /// - Parameters:
    ///   - tags: pairs to add; one of the same name is replaced.
    ///   - removed: names to take away.
    public func tag(_ keys: [CompletionKey], adding tags: [String: String], removing removed: [String] = []) throws {
        guard try open(creating: false) != nil, !keys.isEmpty else { return }
        _ = try writing { database in
            for key in keys {
                for name in removed {
                    try database.execute(
                        sql: "DELETE FROM tags WHERE key = ? AND name = ?", arguments: [key.description, name])
                }
                try Self.tag(key, tags, database)
            }
            try countChange(database)
        }
    }

    /// Takes completions away, with their tags.
    /// - Returns: how many there were.
    public func delete(_ keys: [CompletionKey]) throws -> Int {
        guard try open(creating: false) != nil, !keys.isEmpty else { return 0 }
        return try deleting { database in
            let delete = try database.cachedStatement(sql: "DELETE FROM completions WHERE key = ?")
            return try keys.reduce(0) { count, key in
                try delete.execute(arguments: [key.description])
                return count + database.changesCount
            }
        }
    }

    public func removeExpired() throws -> Int? { try removeExpired(isAsked: false) }

    /// Takes away the completions without tags that were not used for longer than the store keeps them, and forgets
    /// requests as old.
    ///
    /// Never while another process uses the store: what is about to be looked up there must not vanish. What this
    /// process looked up counts as used. Decision 0040.
    /// - Parameter isAsked: whether the user asked for it; else it is done once a day at most.
    /// - Returns: how many; nil where it was not the time, or others use the store.
    public func removeExpired(isAsked: Bool) throws -> Int? {
        guard let cutoff = retention.cutoff(at: now()), let opened = try open(creating: false) else { return nil }
        if !isAsked, let last = try reading(StoreFact.expiredAt.read) ?? nil, abs(now() - last) < Retention.day {
            return nil
        }
        return try opened.use.alone {
            try deleting { database in
                try renew(database, at: now())
                try database.execute(sql: "DELETE FROM completions WHERE \(Self.isExpired)", arguments: [cutoff])
                let count = database.changesCount
                try database.execute(sql: "DELETE FROM sent WHERE sent_at < ?", arguments: [cutoff])
                try StoreFact.expiredAt.write(now(), database)
                return count
            }
        }
    }

    /// Deletes in one transaction, over which the texts are overwritten: what people delete is to be gone.
    private func deleting(_ work: (Database) throws -> Int) throws -> Int {
        guard let opened = try open(creating: false) else { return 0 }
        return try translating {
            try opened.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = ON") }
            let count = try opened.queue.write { database in
                let count = try work(database)
                if count > 0 { try countChange(database) }
                return count
            }
            // The log would keep them until it is written over; where others read meanwhile, that has to do.
            if count > 0 {
                try? opened.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            }
            return count
        }
    }

    private static func tag(_ key: CompletionKey, _ tags: [String: String], _ database: Database) throws {
        guard !tags.isEmpty else { return }
        let insert = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO tags (key, name, value) VALUES (?, ?, ?)")
        for (name, value) in tags { try insert.execute(arguments: [key.description, name, value]) }
    }

    private func countChange(_ database: Database) throws {
        try StoreFact.changes.write((try StoreFact.changes.read(database) ?? 0) + 1, database)
    }

    /// Writes that old completions were looked up.
    private func renew(_ database: Database, at seconds: Double) throws {
        let keys = renewed.withLock { keys in
            defer { keys = [] }
            return keys
        }
        guard !keys.isEmpty else { return }
        let update = try database.cachedStatement(sql: "UPDATE completions SET used_at = ? WHERE key = ?")
        for key in keys { try update.execute(arguments: [seconds, key.description]) }
    }
}

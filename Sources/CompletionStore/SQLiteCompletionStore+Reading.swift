public import Distillation
internal import GRDB
internal import Synchronization

extension SQLiteCompletionStore {
    public func completion(for key: CompletionKey) throws -> Completion? {
        let row = try reading { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT * FROM completions WHERE key = ?"), arguments: [key.description])
        }
        guard let row = row ?? nil else { return nil }
        // Once a day is enough to know that it is in use.
        if now() - (row["used_at"] ?? row["created_at"] as Double) > Retention.day {
            renewed.withLock { _ = $0.insert(key) }
        }
        return CompletionRow.completion(row)
    }

    /// Whether a completion is there; does not count as using it.
    public func contains(_ key: CompletionKey) throws -> Bool {
        try reading { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT 1 FROM completions WHERE key = ?"), arguments: [key.description])
                != nil
        } ?? false
    }

    public func unsettled(among keys: [CompletionKey]) throws -> Set<CompletionKey> {
        let all = try reading { database in try Set(String.fetchAll(database, sql: "SELECT key FROM sent")) } ?? []
        return all.isEmpty ? [] : Set(keys.filter { all.contains($0.description) })
    }

    public func revision() throws -> String {
        try reading { database in
            let counts = try Row.fetchOne(
                database,
                sql: """
                    SELECT (SELECT COUNT(*) FROM completions) AS kept, (SELECT MAX(created_at) FROM completions) AS last,
                           (SELECT COUNT(*) FROM tags) AS tags
                    """)
            let text =
                "\(counts?["kept"] as Int? ?? 0) \(counts?["last"] as Double? ?? 0) \(counts?["tags"] as Int? ?? 0)"
            // Only where there was a change, so that what older notebooks remember still fits.
            return try StoreFact.changes.read(database).map { "\(text) \(Int($0))" } ?? text
        } ?? "0"
    }

    public func completions(_ filter: CompletionFilter) throws -> [StoredCompletion] {
        if filter.limit == 0 { return [] }
        let (conditions, arguments) = Self.conditions(filter)
        let order = filter.takesNewest ? "DESC" : "ASC"
        var sql = "SELECT * FROM completions\(conditions) ORDER BY created_at \(order), rowid \(order)"
        // Words are looked for below: in the table stands JSON, where they may be written otherwise.
        if filter.words == nil, let limit = filter.limit { sql += " LIMIT \(limit)" }
        let found = try reading { database in
            var found: [StoredCompletion] = []
            let tags = try database.cachedStatement(sql: "SELECT name, value FROM tags WHERE key = ?")
            let rows = try Row.fetchCursor(database, sql: sql, arguments: arguments)
            while let row = try rows.next() {
                let key: String = row["key"]
                let stored = try CompletionRow.stored(row, tags: try Row.fetchAll(tags, arguments: [key]))
                guard filter.words(standIn: stored) else { continue }
                found.append(stored)
                if let limit = filter.limit, found.count >= limit { break }
            }
            return found
        }
        return filter.takesNewest ? (found ?? []).reversed() : found ?? []
    }

    /// How many fit, whatever the filter's limit.
    public func count(_ filter: CompletionFilter) throws -> Int {
        guard filter.words == nil else {
            var all = filter
            all.limit = nil
            return try completions(all).count
        }
        let (conditions, arguments) = Self.conditions(filter)
        return try reading { database in
            try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM completions\(conditions)", arguments: arguments)
        }.flatMap(\.self) ?? 0
    }

    /// The completions whose keys begin so.
    /// - Parameter limit: no more than so many.
    public func completions(beginning prefix: String, limit: Int) throws -> [StoredCompletion] {
        // Keys are hexadecimal; what comes after the last digit ends the range.
        try reading { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM completions WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
                arguments: [prefix, prefix + "g", limit]
            ).map { row in
                let tags = try Row.fetchAll(
                    database, sql: "SELECT name, value FROM tags WHERE key = ?", arguments: [row["key"] as String])
                return try CompletionRow.stored(row, tags: tags)
            }
        } ?? []
    }

    /// How many digits of a key tell every completion from the others, at least 7.
    public func shortKeyLength() throws -> Int {
        try reading { database in
            var length = 7
            var before: [UInt8] = []
            let keys = try String.fetchCursor(database, sql: "SELECT key FROM completions ORDER BY key")
            while let key = try keys.next().map({ Array($0.utf8) }) {
                length = max(length, zip(before, key).prefix { $0 == $1 }.count + 1)
                before = key
            }
            return length
        } ?? 7
    }

    /// What the models were called, each with how many completions it has, most first.
    public func modelNames() throws -> [(name: String, count: Int)] {
        try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT model_name, COUNT(*) AS number FROM completions GROUP BY model_name
                    ORDER BY number DESC, model_name
                    """
            ).map { (name: $0["model_name"], count: $0["number"]) }
        } ?? []
    }

    /// Completions without tags whose time is over, which `removeExpired` would take away now.
    public func expiredCount() throws -> Int {
        guard let cutoff = retention.cutoff(at: now()) else { return 0 }
        return try reading { database in
            try Int.fetchOne(
                database, sql: "SELECT COUNT(*) FROM completions WHERE \(Self.isExpired)", arguments: [cutoff])
        }.flatMap(\.self) ?? 0
    }

    /// Of the table's rows: those whose time is over.
    static let isExpired = """
        COALESCE(used_at, created_at) < ? AND NOT EXISTS (SELECT 1 FROM tags WHERE tags.key = completions.key)
        """

    private static func conditions(_ filter: CompletionFilter) -> (sql: String, arguments: StatementArguments) {
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
        if let until = filter.until {
            conditions.append("created_at < ?")
            arguments.append(until)
        }
        if let model = filter.model {
            conditions.append("(model_name = ? OR model = ?)")
            arguments += [model, model]
        }
        if let identity = filter.identity {
            conditions.append("(endpoint = ? AND model = ?)")
            arguments += [identity.endpoint, identity.id]
        }
        if let isTagged = filter.isTagged {
            let tagged = "EXISTS (SELECT 1 FROM tags WHERE tags.key = completions.key)"
            conditions.append(isTagged ? tagged : "NOT \(tagged)")
        }
        let sql = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return (sql, StatementArguments(arguments))
    }
}

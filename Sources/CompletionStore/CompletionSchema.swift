internal import Distillation
internal import GRDB

/// The tables of a store, and how older files become newer ones.
enum CompletionSchema {
    /// Brings a file up to date.
    /// - Throws: `ProviderError` for a file that a newer program made, and what SQLite says.
    static func prepare(_ queue: DatabaseQueue, path: String) throws {
        guard try !queue.read(migrator.hasBeenSuperseded) else {
            throw ProviderError(
                "The completion store \(path) was made by a newer distnb.",
                hint: "update distnb, or move the file away: completions will be asked for anew")
        }
        do {
            try migrator.migrate(queue)
        } catch let error as DatabaseError {
            // Another process may have done it at the same moment.
            guard (try? queue.read(migrator.hasCompletedMigrations)) == true else { throw error }
        }
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
        // The service's name of an answer, its probabilities (JSON), and when it was last kept or looked up; requests
        // that were sent and not answered yet; the store's own facts: how often something was changed or taken away,
        // when expired completions were last looked for.
        migrator.registerMigration("2 services and retention") { database in
            try database.execute(
                sql: """
                    ALTER TABLE completions ADD COLUMN id TEXT;
                    ALTER TABLE completions ADD COLUMN logprobs TEXT;
                    ALTER TABLE completions ADD COLUMN used_at REAL;
                    CREATE INDEX completions_by_time ON completions (created_at);
                    CREATE TABLE sent (key TEXT NOT NULL PRIMARY KEY, sent_at REAL NOT NULL) WITHOUT ROWID;
                    CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
                    """)
        }
        return migrator
    }
}

/// What a store knows of itself.
enum StoreFact: String {
    /// How often completions or tags were changed or taken away; adding is seen by their number.
    case changes
    /// When expired completions were last looked for, seconds since 1970.
    case expiredAt = "expired_at"

    func read(_ database: Database) throws -> Double? {
        try Double.fetchOne(database, sql: "SELECT value FROM facts WHERE name = ?", arguments: [rawValue])
    }

    func write(_ value: Double, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", arguments: [rawValue, value])
    }
}

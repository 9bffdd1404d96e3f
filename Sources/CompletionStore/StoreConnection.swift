internal import Distillation
internal import Foundation
internal import GRDB

/// Opens a store's file, and says in people's words what SQLite makes of it.
enum StoreConnection {
    /// In WAL, which writes fastest and lets others read meanwhile; where the file system cannot carry its shared memory
    /// (network drives, some containers), with the rollback journal, which every one can.
    static func open(_ path: String) throws -> DatabaseQueue {
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
        // Another process may be writing what arrived for it; each of its transactions is short.
        configuration.busyMode = .timeout(20)
        configuration.prepareDatabase { database in
            try journal(database)
            // A completion that was paid for must survive a power cut: FULL syncs the log at each commit.
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    static func translating<Result>(_ path: String, _ work: () throws -> Result) throws -> Result {
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
            case .SQLITE_BUSY:
                throw ProviderError(
                    "The completion store \(path) is being written by another program, for 20 s already.",
                    hint: "wait for it, or end it, and run again")
            default:
                throw ProviderError(
                    "The completion store \(path) cannot be used: \(error.message ?? "unknown reason").")
            }
        } catch let error as CocoaError {
            throw ProviderError("The completion store \(path) cannot be made: \(error.localizedDescription)")
        }
    }
}

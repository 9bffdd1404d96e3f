public import Distillation
internal import Foundation
internal import GRDB
internal import Synchronization

/// Completions in one SQLite file, written the moment each arrives.
///
/// The file is made with the first completion; looking into a store that is not there finds nothing and makes nothing.
/// Several processes may use one store.
public final class SQLiteCompletionStore: CompletionStoring {
    /// The file that is open.
    struct Opened {
        let queue: DatabaseQueue
        let use: StoreUse
    }

    let path: String
    let retention: Retention
    /// Seconds since 1970.
    let now: @Sendable () -> Double
    private let opened = Mutex<Opened?>(nil)
    /// Old completions that were looked up and must count as used; written with what is written next, so that looking
    /// up stays free of writing.
    let renewed = Mutex<Set<CompletionKey>>([])

    /// A store at a path; nothing is opened yet.
    /// - Parameters:
    ///   - retention: for how long completions without tags stay; see `removeExpired`.
    ///   - now: seconds since 1970; the machine's clock unless given.
    public init(
        path: String, retention: Retention = .standard,
        now: (@Sendable () -> Double)? = nil
    ) {
        self.path = path
        self.retention = retention
        self.now = now ?? { Date().timeIntervalSince1970 }
    }

    /// Reads the file; nil where it is not there.
    func reading<Result>(_ work: (Database) throws -> Result) throws -> Result? {
        guard let opened = try open(creating: false) else { return nil }
        return try translating { try opened.queue.read(work) }
    }

    /// Changes the file in one transaction, and makes it where it is not there.
    func writing<Result>(_ work: (Database) throws -> Result) throws -> Result? {
        guard let opened = try open(creating: true) else { return nil }
        return try translating { try opened.queue.write(work) }
    }

    func open(creating: Bool) throws -> Opened? {
        try opened.withLock { opened in
            if let opened { return opened }
            if !creating, !FileManager.default.fileExists(atPath: path) { return nil }
            return try translating {
                try FileManager.default.createDirectory(
                    at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
                let queue = try StoreConnection.open(path)
                try CompletionSchema.prepare(queue, path: path)
                let new = Opened(queue: queue, use: StoreUse(database: path))
                opened = new
                return new
            }
        }
    }

    func translating<Result>(_ work: () throws -> Result) throws -> Result {
        try StoreConnection.translating(path, work)
    }
}

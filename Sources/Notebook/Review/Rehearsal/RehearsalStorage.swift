internal import Distillation
internal import Synchronization
internal import Tables

/// The completion store of a rehearsal: it answers with what there is, and keeps what it is given in memory.
final class RehearsalStore: CompletionStoring {
    private let store: (any CompletionStoring)?
    private let own = Mutex<[CompletionKey: Distillation.Completion]>([:])

    init(_ store: (any CompletionStoring)?) { self.store = store }

    func completion(for key: CompletionKey) throws -> Distillation.Completion? {
        // A store that cannot be opened has nothing: a folder that may not be written can be planned for all the same.
        (try? store?.completion(for: key)) ?? own.withLock { $0[key] }
    }

    func keep(_ completion: StoredCompletion, replacing: Bool) throws {
        own.withLock { $0[completion.request.key] = completion.completion }
    }

    func revision() throws -> String { (try? store?.revision()) ?? "" }

    func completions(_ filter: CompletionFilter) throws -> [StoredCompletion] {
        (try? store?.completions(filter)) ?? []
    }
}

/// Blobs that are kept in memory; those that are there can be read.
final class RehearsalBlobs: BlobStoring {
    private let blobs: any BlobStoring
    private let own = Mutex<[String: [UInt8]]>([:])

    init(_ blobs: any BlobStoring) { self.blobs = blobs }

    func put(_ bytes: [UInt8]) throws -> String {
        let name = SHA256Name.of(bytes)
        own.withLock { $0[name] = bytes }
        return name
    }

    func get(_ name: String) throws -> [UInt8] { try own.withLock { $0[name] } ?? blobs.get(name) }

    func contains(_ name: String) -> Bool { own.withLock { $0[name] != nil } || blobs.contains(name) }
}

/// A project's files, of which none is written.
struct RehearsalFiles: ProjectFiles {
    let files: any ProjectFiles

    func read(_ path: String) throws(FileError) -> [UInt8] { try files.read(path) }
    func open(_ path: String) throws(FileError) -> any ByteSource { try files.open(path) }
    func readBeginning(_ path: String, count: Int) throws(FileError) -> (bytes: [UInt8], isWhole: Bool) {
        try files.readBeginning(path, count: count)
    }
    func write(_ path: String, _ bytes: [UInt8]) throws(FileError) {}
    func write(_ path: String, _ file: ExportedFile) throws(FileError) -> Int { 0 }
    func exists(_ path: String) -> Bool { files.exists(path) }
}

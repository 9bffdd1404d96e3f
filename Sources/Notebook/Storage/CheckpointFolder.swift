public import Distillation
public import Foundation
internal import Synchronization

/// Checkpoints of trainings in a folder, a file a job.
public final class CheckpointFolder: CheckpointStoring {
    private let folder: String
    private let finished = Mutex<Set<String>>([])

    public init(folder: String) { self.folder = folder }

    private func path(_ key: String) -> String { "\(folder)/\(key).safetensors" }

    public func read(_ key: String) -> Data? {
        try? Data(contentsOf: URL(fileURLWithPath: path(key)), options: .alwaysMapped)
    }

    /// - Throws: `FileError` where the disk is full or may not be written.
    public func write(_ key: String, _ pieces: [Data]) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw FileError(.cannotWrite, path: folder, detail: "\(folder) cannot be made.")
        }
        try AtomicFile.replace(path(key), withPieces: pieces)
    }

    public func remove(_ key: String) { try? FileManager.default.removeItem(atPath: path(key)) }

    public func finish(_ key: String) { finished.withLock { _ = $0.insert(key) } }

    public func removeFinished() {
        let keys = finished.withLock { keys in
            defer { keys = [] }
            return keys
        }
        for key in keys { remove(key) }
    }
}

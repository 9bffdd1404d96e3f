public import Distillation
public import Foundation
internal import Synchronization

/// Checkpoints of a notebook's trainings in a folder, a file a job.
public final class CheckpointFolder: CheckpointStoring {
    private struct State {
        /// Jobs whose result is not yet kept.
        var finished: Set<String> = []
        /// Files that this process wrote and that are still there.
        var own: Set<String> = []
    }

    private let folder: String
    private let state = Mutex(State())

    public init(folder: String) { self.folder = folder }

    private func name(_ key: String) -> String { "\(key).safetensors" }

    public func read(_ key: String) -> Data? {
        try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name(key))"), options: .alwaysMapped)
    }

    /// - Throws: `FileError` where the disk is full or may not be written.
    public func write(_ key: String, _ pieces: [Data]) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw FileError(.cannotWrite, path: folder, detail: "\(folder) cannot be made.")
        }
        try AtomicFile.replace("\(folder)/\(name(key))", withPieces: pieces)
        state.withLock { _ = $0.own.insert(name(key)) }
    }

    public func remove(_ key: String) {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name(key))")
        state.withLock { _ = $0.own.remove(name(key)) }
    }

    public func finish(_ key: String) { state.withLock { _ = $0.finished.insert(key) } }

    public func settleFinished(areKept: Bool) {
        let keys = state.withLock { state in
            defer { state.finished = [] }
            return state.finished
        }
        if areKept { keys.forEach(remove) }
    }

    /// Files that a kill left half written go as well.
    public func removeOthers() {
        let own = state.withLock(\.own)
        for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where !own.contains(file) && StateFolder.isRegularFile("\(folder)/\(file)")
            && (file.hasSuffix(".safetensors") || AtomicFile.isTemporary(file))
        {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(file)")
        }
    }
}

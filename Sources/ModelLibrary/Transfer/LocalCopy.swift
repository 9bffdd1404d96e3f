internal import Distillation
internal import Foundation

/// Copies files on this machine, showing how far it is.
struct LocalCopy {
    let surroundings: TransferSurroundings
    let label: String
    let total: Int

    /// - Throws: `ModelLibraryError`, `Interrupted`.
    func run(_ files: [(from: String, to: String)]) throws {
        let progress = TransferProgress(surroundings.progress, label: label, total: total)
        var done = 0
        for file in files {
            unlink(file.to)
            guard let source = FileHandle(forReadingAtPath: file.from) else {
                throw ModelLibraryError.noSuchPath(path: file.from)
            }
            defer { try? source.close() }
            guard FileManager.default.createFile(atPath: file.to, contents: nil),
                let target = FileHandle(forWritingAtPath: file.to)
            else { throw ModelLibraryError.cannotWrite(path: file.to, reason: String(cString: strerror(errno))) }
            defer { try? target.close() }
            do {
                while let part = try source.read(upToCount: 1 << 22), !part.isEmpty {
                    try surroundings.cancellation.check()
                    try target.write(contentsOf: part)
                    done += part.count
                    progress.show(done)
                }
                try target.synchronize()
            } catch let error as CocoaError {
                throw ModelLibraryError.cannotWrite(path: file.to, reason: error.localizedDescription)
            }
        }
    }
}

/// Bytes that came, told in megabytes.
struct TransferProgress {
    private let sink: ProgressSink
    private let label: String
    private let total: Int

    init(_ sink: ProgressSink, label: String, total: Int) {
        self.sink = sink
        self.label = label
        self.total = total
    }

    func show(_ bytes: Int) {
        sink.report(
            Progress(label, done: bytes / 1_000_000, total: max(total, bytes) / 1_000_000, unit: "MB"))
    }
}

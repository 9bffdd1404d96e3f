import Foundation

/// The bytes of a file, mapped into memory and read with bounds checks.
///
/// Every read states what it reads, so that a truncated file can be described.
struct MappedFile: Sendable {
    /// The path as people know it, for messages.
    let name: String
    private let data: Data

    /// - Throws: `WeightsError.unreadable`.
    init(_ url: URL) throws {
        name = url.path
        do {
            data = try Data(contentsOf: url, options: .alwaysMapped)
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw WeightsError.unreadable(file: url.path, reason: "there is no such file")
        } catch {
            throw WeightsError.unreadable(file: url.path, reason: error.localizedDescription)
        }
    }

    /// A file already in memory; `name` is what messages call it.
    init(name: String, data: Data) {
        self.name = name
        self.data = data
    }

    var count: UInt64 { UInt64(data.count) }

    /// All bytes, for hashing.
    var bytes: Data { data }

    /// Lends `length` bytes from `offset` on.
    /// - Throws: `WeightsError.truncated` when they reach beyond the end.
    func withBytes<Result>(
        at offset: UInt64, length: UInt64, reading what: @autoclosure () -> String,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let (end, overflow) = offset.addingReportingOverflow(length)
        guard !overflow, end <= count else {
            throw WeightsError.truncated(
                file: name, reading: what(), needs: length, has: count - min(count, offset))
        }
        return try data.withUnsafeBytes { all in
            try body(UnsafeRawBufferPointer(rebasing: all[Int(offset)..<Int(end)]))
        }
    }
}

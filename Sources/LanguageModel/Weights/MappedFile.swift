import Foundation

/// The bytes of a file, mapped into memory and read with bounds checks.
///
/// Every read states what it reads, so that a truncated file can be described.
struct MappedFile: Sendable {
    /// The path as people know it, for messages.
    let name: String
    /// What the bytes belong to.
    let mapping: FileMapping

    /// - Throws: `WeightsError.unreadable`.
    init(_ url: URL) throws {
        name = url.path
        mapping = try FileMapping(url.path)
    }

    /// A file already in memory; `name` is what messages call it.
    init(name: String, data: Data) {
        self.name = name
        mapping = FileMapping(copying: data)
    }

    var count: UInt64 { UInt64(mapping.bytes.count) }

    /// A copy of all bytes.
    var contents: [UInt8] { withExtendedLifetime(mapping) { Array(mapping.bytes) } }

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
        return try body(UnsafeRawBufferPointer(rebasing: mapping.bytes[Int(offset)..<Int(end)]))
    }
}

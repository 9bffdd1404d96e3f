/// Bytes that can be read in any part, by several threads at once: a file, or bytes in memory.
public protocol ByteSource: Sendable {
    /// How many bytes there are.
    var count: Int { get }

    /// Copies bytes from an offset on; fewer than the buffer takes only at the end.
    /// - Returns: how many were copied.
    /// - Throws: what the system says where they cannot be read.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ByteSource {
    /// All bytes.
    public func bytes() throws -> [UInt8] { try beginning(count) }

    /// The first bytes; all where there are not so many.
    public func beginning(_ limit: Int) throws -> [UInt8] {
        let size = min(limit, count)
        let all = try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let more = try read(
                    at: filled,
                    into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<size]))
                if more == 0 { break }
                filled += more
            }
        }
        return all
    }
}

/// Bytes in memory as a source.
public struct BytesInMemory: ByteSource {
    private let all: [UInt8]

    public init(_ bytes: [UInt8]) { all = bytes }

    public var count: Int { all.count }

    public func bytes() -> [UInt8] { all }

    public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard offset >= 0, offset < all.count else { return 0 }
        let part = all[offset..<min(all.count, offset + buffer.count)]
        part.withUnsafeBytes { buffer.copyMemory(from: $0) }
        return part.count
    }
}

internal import CZlib
internal import Distillation
internal import Foundation

/// One file of a zip archive, as a wheel is one: stored or deflated, without encryption and ZIP64
/// (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
struct ZipMember {
    private let handle: FileHandle
    private let archive: String
    private let name: String
    private let isDeflated: Bool
    private let start: UInt64
    private let packed: Int
    let size: Int

    /// Finds a member by its path.
    /// - Throws: `ModelLibraryError.damagedArchive`.
    init(_ name: String, in path: String) throws {
        archive = URL(fileURLWithPath: path).lastPathComponent
        self.name = name
        func damage(_ reason: String) -> ModelLibraryError {
            .damagedArchive(file: URL(fileURLWithPath: path).lastPathComponent, reason: reason)
        }
        guard let handle = FileHandle(forReadingAtPath: path), let length = try? handle.seekToEnd() else {
            throw ModelLibraryError.noSuchPath(path: path)
        }
        self.handle = handle
        func bytes(at offset: UInt64, count: Int) throws -> [UInt8] {
            try handle.seek(toOffset: offset)
            let read = Array(try handle.read(upToCount: count) ?? Data())
            guard read.count == count else { throw damage("it ends too early") }
            return read
        }
        // The directory's place is told in the last 22 bytes, or before a comment of at most 65,535.
        let tailLength = Int(min(length, 22 + 65_535))
        let tail = try bytes(at: length - UInt64(tailLength), count: tailLength)
        guard
            let end = stride(from: tailLength - 22, through: 0, by: -1).first(where: {
                LittleEndian.four(tail, $0) == 0x0605_4B50
            }), let directoryLength = LittleEndian.four(tail, end + 12),
            let directoryStart = LittleEndian.four(tail, end + 16)
        else { throw damage("it is no zip archive") }
        guard UInt64(directoryStart) + UInt64(directoryLength) <= length else {
            throw damage("its directory is cut off")
        }
        let directory = try bytes(at: UInt64(directoryStart), count: directoryLength)
        let wanted = Array(name.utf8)
        var at = 0
        while LittleEndian.four(directory, at) == 0x0201_4B50 {
            guard let flags = LittleEndian.two(directory, at + 8), let method = LittleEndian.two(directory, at + 10),
                let packed = LittleEndian.four(directory, at + 20), let size = LittleEndian.four(directory, at + 24),
                let nameLength = LittleEndian.two(directory, at + 28),
                let extraLength = LittleEndian.two(directory, at + 30),
                let commentLength = LittleEndian.two(directory, at + 32),
                let header = LittleEndian.four(directory, at + 42), at + 46 + nameLength <= directory.count
            else { throw damage("its directory is cut off") }
            if directory[(at + 46)..<(at + 46 + nameLength)].elementsEqual(wanted) {
                guard flags & 1 == 0, method == 0 || method == 8 else {
                    throw damage("\(name) is encrypted or packed in an unknown way")
                }
                guard UInt64(header) + 30 <= length else { throw damage("\(name) is cut off") }
                let local = try bytes(at: UInt64(header), count: 30)
                guard LittleEndian.four(local, 0) == 0x0403_4B50, let localName = LittleEndian.two(local, 26),
                    let localExtra = LittleEndian.two(local, 28)
                else { throw damage("\(name) is not where the directory says") }
                start = UInt64(header) + 30 + UInt64(localName) + UInt64(localExtra)
                guard start + UInt64(packed) <= length else { throw damage("\(name) is cut off") }
                self.packed = packed
                self.size = size
                isDeflated = method == 8
                return
            }
            at += 46 + nameLength + extraLength + commentLength
        }
        throw damage("it has no \(name)")
    }

    /// Unpacks it into a file.
    /// - Throws: `ModelLibraryError`, `Interrupted`.
    func unpack(to path: String, cancellation: Cancellation, arrived: (Int) -> Void) throws {
        unlink(path)
        let out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard out >= 0 else {
            throw ModelLibraryError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(out) }
        var written = 0
        func write(_ bytes: UnsafeRawBufferPointer) throws {
            var rest = bytes
            guard written + bytes.count <= size else { throw damage("\(name) is longer than its directory says") }
            while !rest.isEmpty {
                let count = Foundation.write(out, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw ModelLibraryError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
                }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            written += bytes.count
            arrived(written)
        }
        try handle.seek(toOffset: start)
        var left = packed
        func next() throws -> Data {
            try cancellation.check()
            let part = try handle.read(upToCount: min(left, 1 << 20)) ?? Data()
            guard !part.isEmpty || left == 0 else { throw damage("\(name) is cut off") }
            left -= part.count
            return part
        }
        if isDeflated {
            try inflate(next: next, write: write)
        } else {
            while left > 0 { try next().withUnsafeBytes(write) }
        }
        guard written == size else { throw damage("\(name) is shorter than its directory says") }
        guard fsync(out) == 0 else {
            throw ModelLibraryError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
    }

    private func inflate(next: () throws -> Data, write: (UnsafeRawBufferPointer) throws -> Void) throws {
        var stream = z_stream()
        guard distnb_raw_read_start(&stream) == Z_OK else { throw damage("there is no memory to unpack it") }
        defer { inflateEnd(&stream) }
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var status = Z_OK
        while status != Z_STREAM_END {
            var part = try next()
            guard !part.isEmpty else { throw damage("\(name) is cut off") }
            let length = part.count
            try part.withUnsafeMutableBytes { input in
                stream.next_in = input.bindMemory(to: UInt8.self).baseAddress
                stream.avail_in = uInt(length)
                repeat {
                    let space = chunk.count
                    try chunk.withUnsafeMutableBytes { output in
                        stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
                        stream.avail_out = uInt(space)
                        status = CZlib.inflate(&stream, Z_NO_FLUSH)
                        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                            throw damage("\(name) cannot be unpacked")
                        }
                        try write(UnsafeRawBufferPointer(rebasing: output[..<(space - Int(stream.avail_out))]))
                    }
                } while stream.avail_out == 0 && status != Z_STREAM_END
            }
        }
    }

    private func damage(_ reason: String) -> ModelLibraryError { .damagedArchive(file: archive, reason: reason) }
}

/// Whole numbers as zip has them; nil beyond the end.
private enum LittleEndian {
    static func two(_ bytes: [UInt8], _ at: Int) -> Int? {
        at >= 0 && at + 2 <= bytes.count ? Int(bytes[at]) | Int(bytes[at + 1]) << 8 : nil
    }

    static func four(_ bytes: [UInt8], _ at: Int) -> Int? {
        guard let low = two(bytes, at), let high = two(bytes, at + 2) else { return nil }
        return low | high << 16
    }
}

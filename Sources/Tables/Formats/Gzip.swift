internal import CZlib

/// Compressed files (gzip, RFC 1952), by zlib.
public enum Gzip {
    /// More than this is not unpacked: a small file can be made to unpack to any size.
    public static let limit = 4 << 30

    /// Whether bytes begin as a gzip file does.
    public static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// The bytes that were compressed; several members one after another are one file.
    /// - Parameter limit: the most bytes that may come out.
    /// - Throws: `ContentError` where the file is damaged, cut off, or unpacks to more than the limit.
    public static func decompress(_ bytes: [UInt8], limit: Int = limit) throws(ContentError) -> [UInt8] {
        let (unpacked, isWhole) = try inflate(bytes, upTo: limit)
        guard isWhole else {
            throw ContentError(
                "the file unpacks to more than \(Number.integer(Int64(limit)).grouped) bytes",
                hint: "unpack it yourself and cut it into parts")
        }
        return unpacked
    }

    /// The first bytes of what was compressed.
    /// - Throws: `ContentError` where not even these can be read.
    public static func decompressedPrefix(_ bytes: [UInt8], count: Int) throws(ContentError) -> [UInt8] {
        try inflate(bytes, upTo: count, takesCutOff: true).bytes
    }

    /// The gzip file of some bytes, the same for the same bytes: no time, no name.
    /// - Throws: `ContentError` where memory is short.
    public static func compress(_ bytes: [UInt8]) throws(ContentError) -> [UInt8] {
        var stream = z_stream()
        guard distnb_gzip_write_start(&stream, 6) == Z_OK else { throw ContentError("there is no memory to compress") }
        defer { deflateEnd(&stream) }
        var packed: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkLength)
        var read = 0
        var status = Z_OK
        while status != Z_STREAM_END {
            let count = min(bytes.count - read, chunkLength)
            let isLast = read + count == bytes.count
            bytes.withUnsafeBufferPointer { input in
                // zlib does not write to its input; the type of its field only says so in newer versions.
                stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + read) }
                stream.avail_in = uInt(count)
                repeat {
                    chunk.withUnsafeMutableBufferPointer { output in
                        stream.next_out = output.baseAddress
                        stream.avail_out = uInt(output.count)
                        status = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    }
                    packed += chunk[..<(chunkLength - Int(stream.avail_out))]
                } while stream.avail_out == 0
            }
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw ContentError("the bytes cannot be compressed")
            }
            read += count
        }
        return packed
    }

    private static let chunkLength = 1 << 16

    /// Unpacks until the end or the limit.
    /// - Parameter takesCutOff: whether a file that ends too early is no mistake: only its beginning is wanted.
    private static func inflate(
        _ bytes: [UInt8], upTo limit: Int, takesCutOff: Bool = false
    ) throws(ContentError) -> (bytes: [UInt8], isWhole: Bool) {
        var stream = z_stream()
        guard distnb_gzip_read_start(&stream) == Z_OK else { throw ContentError("there is no memory to unpack it") }
        defer { inflateEnd(&stream) }
        var unpacked: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkLength)
        var read = 0
        while read < bytes.count {
            let count = min(bytes.count - read, 1 << 30)
            let status = bytes.withUnsafeBufferPointer { input -> Int32 in
                stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + read) }
                stream.avail_in = uInt(count)
                return chunk.withUnsafeMutableBufferPointer { output in
                    stream.next_out = output.baseAddress
                    stream.avail_out = uInt(output.count)
                    return CZlib.inflate(&stream, Z_NO_FLUSH)
                }
            }
            read += count - Int(stream.avail_in)
            unpacked += chunk[..<(chunkLength - Int(stream.avail_out))]
            if unpacked.count > limit { return (Array(unpacked[..<limit]), false) }
            switch status {
            case Z_OK: continue
            case Z_STREAM_END:
                // What follows the last member but is none itself, such as zeros of a tape, is let be.
                guard bytes.count - read >= 2, bytes[read] == 0x1F, bytes[read + 1] == 0x8B else {
                    return (unpacked, true)
                }
                inflateReset(&stream)
            case Z_BUF_ERROR where takesCutOff: return (unpacked, true)
            default:
                if takesCutOff, !unpacked.isEmpty { return (unpacked, true) }
                throw ContentError(
                    "the gzip file is damaged after \(Number.integer(Int64(unpacked.count)).grouped) unpacked bytes",
                    hint: "fetch it again")
            }
        }
        // All input was taken, yet no member ended.
        if takesCutOff { return (unpacked, true) }
        throw ContentError("the gzip file is cut off", hint: "fetch it again")
    }
}

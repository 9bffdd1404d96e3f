internal import Crypto

/// Names for bytes: their SHA-256 as 64 lower-case hexadecimal digits.
public enum SHA256Name {
    /// The name of some bytes.
    public static func of(_ bytes: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        if bytes.withContiguousStorageIfAvailable({ hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            hash.update(data: Array(bytes))
        }
        return hexadecimal(hash.finalize())
    }

    /// The name of a source's bytes, read part by part.
    /// - Throws: what the source throws.
    public static func of(_ source: any ByteSource) throws -> String {
        var hash = SHA256()
        let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { part.deallocate() }
        var at = 0
        while at < source.count {
            let count = try source.read(at: at, into: part)
            guard count > 0 else { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: part[..<count]))
            at += count
        }
        return hexadecimal(hash.finalize())
    }

    /// The name of a text's UTF-8 bytes.
    public static func of(_ text: String) -> String { of(Array(text.utf8)) }

    /// Whether a text has the form of a name.
    public static func isName(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
    }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var characters: [UInt8] = []
        characters.reserveCapacity(64)
        for byte in digest {
            characters.append(digits[Int(byte >> 4)])
            characters.append(digits[Int(byte & 15)])
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

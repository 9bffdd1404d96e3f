/// How a data file's bytes stand for text. Everything is UTF-8 once it is read.
public enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    /// ISO 8859-1: each byte is the code point of its number.
    case latin1
    /// Latin-1 with typographic signs in place of control characters, as old Windows programs write it.
    case windows1252 = "windows-1252"

    /// The encoding that a byte order mark at the beginning names, and how long the mark is.
    public static func marked(_ bytes: [UInt8]) -> (encoding: TextEncoding, length: Int)? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
        if bytes.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
        if bytes.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
        return nil
    }

    /// The encoding that bytes without a mark seem to have, where they are no UTF-8.
    public static func guess(_ bytes: [UInt8]) -> TextEncoding {
        let start = bytes.prefix(4_096)
        let zeros = start.enumerated().filter { $0.element == 0 }
        // In UTF-16 every other byte of plain English is zero.
        if zeros.count * 4 > start.count {
            return zeros.count { $0.offset % 2 == 1 } * 2 > zeros.count ? .utf16LittleEndian : .utf16BigEndian
        }
        return bytes.contains { (0x80...0x9F).contains($0) } ? .windows1252 : .latin1
    }

    /// The text of bytes as UTF-8, without its byte order mark.
    /// - Throws: `ContentError` where UTF-16 is cut off or holds half a pair.
    public func decoded(_ bytes: [UInt8]) throws(ContentError) -> [UInt8] {
        let start = TextEncoding.marked(bytes).flatMap { $0.encoding == self ? $0.length : nil } ?? 0
        switch self {
        case .utf8: return start == 0 ? bytes : Array(bytes[start...])
        case .latin1, .windows1252:
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count + bytes.count / 8)
            for byte in bytes {
                if byte < 0x80 {
                    text.append(byte)
                } else {
                    let point = self == .windows1252 && byte < 0xA0 ? Self.typography[Int(byte) - 0x80] : UInt32(byte)
                    Self.append(point, to: &text)
                }
            }
            return text
        case .utf16LittleEndian, .utf16BigEndian:
            guard (bytes.count - start) % 2 == 0 else { throw ContentError("the UTF-16 text ends within a character") }
            let high = self == .utf16BigEndian ? 0 : 1
            let units = stride(from: start, to: bytes.count, by: 2).lazy.map {
                UInt16(bytes[$0 + high]) << 8 | UInt16(bytes[$0 + 1 - high])
            }
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count)
            let isDamaged = transcode(
                units.makeIterator(), from: UTF16.self, to: UTF8.self, stoppingOnError: true, into: { text.append($0) })
            guard !isDamaged else { throw ContentError("the UTF-16 text holds half a character") }
            return text
        }
    }

    /// A code point's UTF-8.
    private static func append(_ point: UInt32, to text: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(point) else { return }
        text += Array(String(Character(scalar)).utf8)
    }

    /// What Windows-1252 has at 0x80 to 0x9F (WHATWG Encoding Standard, index windows-1252).
    private static let typography: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]
}

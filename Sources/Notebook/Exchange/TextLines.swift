/// Texts as lines of bytes, split at line feeds and nowhere else.
///
/// On bytes, because a `Character` may hold a carriage return with its line feed, and because texts that look alike
/// must not count as equal.
enum TextLines {
    /// The lines without their line feeds; a text that ends with one has an empty last line.
    static func of(_ text: some StringProtocol) -> [ArraySlice<UInt8>] { of(Array(text.utf8)) }

    /// The same of UTF-8 bytes.
    static func of(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    }

    /// The text of lines.
    static func text(_ lines: some Sequence<ArraySlice<UInt8>>) -> String {
        String(decoding: Array(lines.joined(separator: [0x0A])), as: UTF8.self)
    }

    /// Whether a line shows nothing.
    static func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy(isBlank) }

    /// Whether a byte is a blank, a tab or a carriage return.
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    /// The text of a line without the blanks around it.
    static func trimmed(_ line: ArraySlice<UInt8>) -> String {
        let start = line.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self)
    }

    /// The lines without the blank ones at both ends.
    static func trimmed(_ lines: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
        guard let first = lines.firstIndex(where: { !isBlank($0) }),
            let last = lines.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return Array(lines[first...last])
    }

    /// The bytes of a text file as distnb reads it: no byte order mark, and line feeds where every line ends as on
    /// Windows. Where only some do, those carriage returns belong to the text.
    /// - Throws: `NotebookError` where it is no UTF-8.
    static func ofFile(_ bytes: [UInt8]) throws(NotebookError) -> [UInt8] {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw NotebookError("it is not text in UTF-8")
        }
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let text = isMarked ? Array(bytes.dropFirst(3)) : bytes
        let breaks = text.indices.filter { text[$0] == 0x0A }
        guard !breaks.isEmpty, breaks.allSatisfy({ $0 > 0 && text[$0 - 1] == 0x0D }) else { return text }
        return text.indices.filter { text[$0] != 0x0D || $0 + 1 == text.count || text[$0 + 1] != 0x0A }.map { text[$0] }
    }
}

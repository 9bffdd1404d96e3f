internal import Tables

/// Functions of text for whole packed columns.
enum TextColumns {
    /// How many characters each text has.
    static func lengths(_ column: Column) -> Column? {
        guard case .texts(let texts, let gaps) = column.storage else { return nil }
        let counts = texts.bytes.withUnsafeBytes { bytes in
            (0..<texts.count).map { row -> Int64 in
                let range = texts.range(row)
                // One byte is one character, except for CR LF, which is one together.
                return isPlain(UnsafeRawBufferPointer(rebasing: bytes[range]))
                    ? Int64(range.count) : Int64(texts[row].count)
            }
        }
        return Column(.integers(counts, gaps))
    }

    /// Whether bytes are ASCII without carriage returns.
    private static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        var high: UInt64 = 0
        while at + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let returns = word ^ 0x0D0D_0D0D_0D0D_0D0D
            high |= word | (returns &- 0x0101_0101_0101_0101) & ~returns
            at += 8
        }
        while at < bytes.count {
            if bytes[at] == 0x0D || bytes[at] >= 0x80 { return false }
            at += 1
        }
        return high & 0x8080_8080_8080_8080 == 0
    }
}

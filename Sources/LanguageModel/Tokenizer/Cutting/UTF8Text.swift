/// Reading well-formed UTF-8 by its bytes.
enum UTF8Text {
    /// The scalar that begins at a place, and how many bytes it takes. At bytes that are none, U+FFFD and one byte.
    @inline(__always)
    static func scalar(_ bytes: ArraySlice<UInt8>, _ at: Int) -> (value: UInt32, length: Int) {
        let first = UInt32(bytes[at])
        if first < 0x80 { return (first, 1) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC2, at + length <= bytes.endIndex else { return (0xFFFD, 1) }
        var value = first & (0xFF >> UInt32(length + 1))
        for place in at + 1..<at + length { value = value << 6 | UInt32(bytes[place] & 0x3F) }
        return (value, length)
    }

    /// Where the scalar before a place begins.
    static func start(before place: Int, in bytes: ArraySlice<UInt8>) -> Int {
        var at = place - 1
        while at > bytes.startIndex, bytes[at] & 0xC0 == 0x80 { at -= 1 }
        return at
    }

    /// Whether the scalar at a place is white space.
    static func isSpace(_ bytes: ArraySlice<UInt8>, _ at: Int) -> Bool {
        let value = scalar(bytes, at).value
        if value < 0x80 { return (0x09...0x0D).contains(value) || value == 0x20 }
        return Unicode.Scalar(value)?.properties.isWhitespace ?? false
    }

    /// Whether the scalar at a place is part of a word.
    static func isWord(_ bytes: ArraySlice<UInt8>, _ at: Int) -> Bool {
        guard let scalar = Unicode.Scalar(scalar(bytes, at).value) else { return false }
        return scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
            || scalar.properties.generalCategory == .nonspacingMark
    }
}

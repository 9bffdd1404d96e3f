/// A document's text, with the places of its lines: positions of the protocol to offsets in bytes, and back.
public struct DocumentText: Sendable, Equatable {
    /// UTF-8, always whole characters.
    public private(set) var bytes: [UInt8]
    /// Where each line begins; a line ends with a line feed, a carriage return, or both.
    private var lineStarts: [Int]

    public init(_ text: String) {
        bytes = Array(text.utf8)
        lineStarts = Self.lineStarts(of: bytes)
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The offset in bytes of a position. Beyond the line's end its end is meant, beyond the last line the text's end,
    /// inside a character its beginning.
    public func offset(of position: TextPosition, _ encoding: PositionEncoding) -> Int {
        guard position.line >= 0, position.character >= 0 else { return 0 }
        guard position.line < lineStarts.count else { return bytes.count }
        let end = lineEnd(position.line)
        var at = lineStarts[position.line]
        var units = 0
        while at < end {
            let (length, width) = Self.character(bytes[at], encoding)
            guard units + width <= position.character else { break }
            units += width
            at += length
        }
        return min(at, end)
    }

    /// The position of an offset in bytes; offsets outside the text mean its ends.
    public func position(of offset: Int, _ encoding: PositionEncoding) -> TextPosition {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        var units = 0
        var at = lineStarts[low]
        while at < offset {
            let (length, width) = Self.character(bytes[at], encoding)
            guard at + length <= offset else { break }
            units += width
            at += length
        }
        return TextPosition(line: low, character: units)
    }

    public func range(of offsets: Range<Int>, _ encoding: PositionEncoding) -> TextRange {
        TextRange(
            start: position(of: offsets.lowerBound, encoding), end: position(of: offsets.upperBound, encoding))
    }

    /// Replaces a part, or with nil the whole.
    public mutating func replace(_ range: TextRange?, with text: String, _ encoding: PositionEncoding) {
        guard let range else {
            self = DocumentText(text)
            return
        }
        let start = offset(of: range.start, encoding)
        let end = offset(of: range.end, encoding)
        bytes.replaceSubrange(min(start, end)..<max(start, end), with: Array(text.utf8))
        lineStarts = Self.lineStarts(of: bytes)
    }

    /// Where a line's text ends, before its line break.
    private func lineEnd(_ line: Int) -> Int {
        guard line + 1 < lineStarts.count else { return bytes.count }
        var end = lineStarts[line + 1]
        let start = lineStarts[line]
        if end > start, bytes[end - 1] == 0x0A { end -= 1 }
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return end
    }

    /// How many bytes a character has that begins with a byte, and how many units of the encoding.
    private static func character(_ first: UInt8, _ encoding: PositionEncoding) -> (length: Int, width: Int) {
        let length =
            switch first {
            case 0xF0...: 4
            case 0xE0..<0xF0: 3
            case 0xC0..<0xE0: 2
            default: 1
            }
        return (length, encoding == .utf8 ? length : length == 4 ? 2 : 1)
    }

    private static func lineStarts(of bytes: [UInt8]) -> [Int] {
        bytes.withUnsafeBufferPointer { bytes in
            var starts = [0]
            for index in bytes.indices {
                let isBreak =
                    bytes[index] == 0x0A
                    || (bytes[index] == 0x0D && (index + 1 == bytes.count || bytes[index + 1] != 0x0A))
                if isBreak { starts.append(index + 1) }
            }
            return starts
        }
    }
}

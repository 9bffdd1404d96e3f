/// A piece of program text with the name under which messages mention it: "cell 4", "lab.dist", "input".
public struct SourceText: Sendable, Hashable {
    /// What messages call it.
    public let name: String

    /// The text.
    public let text: String

    /// The text as UTF-8; spans count in it.
    public let utf8: [UInt8]

    /// Where each line begins; the first at 0.
    private let lineStarts: [Int]

    public init(name: String, text: String) {
        self.name = name
        self.text = text
        let bytes = Array(text.utf8)
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == 0x0A { starts.append(index + 1) }
        utf8 = bytes
        lineStarts = starts
    }

    /// Equal in name and bytes.
    public static func == (one: SourceText, other: SourceText) -> Bool {
        one.name == other.name && one.utf8 == other.utf8
    }

    /// Hashes name and bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(utf8)
    }

    /// The text that a span covers.
    public func text(of span: Span) -> String {
        let range = span.range.clamped(to: 0..<utf8.count)
        return String(decoding: utf8[range], as: UTF8.self)
    }

    /// Line and column of an offset, both from 1, columns in characters.
    public func position(of offset: Int) -> (line: Int, column: Int) {
        let end = min(max(offset, 0), utf8.count)
        let line = lineIndex(of: end)
        return (line + 1, String(decoding: utf8[lineStarts[line]..<end], as: UTF8.self).count + 1)
    }

    /// The whole line in which an offset lies, without its line break.
    public func line(at offset: Int) -> String {
        let line = lineIndex(of: min(max(offset, 0), utf8.count))
        let stop = line + 1 < lineStarts.count ? lineStarts[line + 1] - 1 : utf8.count
        return String(decoding: utf8[lineStarts[line]..<stop], as: UTF8.self)
    }

    /// The line of an offset, from 1; takes less time than its column.
    public func line(of offset: Int) -> Int { lineIndex(of: min(max(offset, 0), utf8.count)) + 1 }

    /// Which line an offset lies in, from 0; a line break belongs to the line that it ends.
    private func lineIndex(of offset: Int) -> Int {
        var (low, high) = (0, lineStarts.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

/// A part of a source text, as offsets into its UTF-8 bytes.
public struct Span: Sendable, Hashable {
    public let range: Range<Int>

    public init(_ range: Range<Int>) { self.range = range }

    public var start: Int { range.lowerBound }
    public var end: Int { range.upperBound }

    /// From the start of one to the end of another.
    public func joined(with other: Span) -> Span {
        Span(min(start, other.start)..<max(end, other.end))
    }
}

/// A piece of program text with the name under which messages mention it: "cell 4", "lab.dist", "input".
public struct SourceText: Sendable, Hashable {
    /// What messages call it.
    public let name: String

    /// The text.
    public let text: String

    /// The text as UTF-8; spans count in it.
    public let utf8: [UInt8]

    public init(name: String, text: String) {
        self.name = name
        self.text = text
        utf8 = Array(text.utf8)
    }

    /// The text that a span covers.
    public func text(of span: Span) -> String {
        let range = span.range.clamped(to: 0..<utf8.count)
        return String(decoding: utf8[range], as: UTF8.self)
    }

    /// Line and column of an offset, both from 1, columns in characters.
    public func position(of offset: Int) -> (line: Int, column: Int) {
        let end = min(max(offset, 0), utf8.count)
        var line = 1
        var start = 0
        for index in 0..<end where utf8[index] == 0x0A {
            line += 1
            start = index + 1
        }
        return (line, String(decoding: utf8[start..<end], as: UTF8.self).count + 1)
    }

    /// The whole line in which an offset lies, without its line break.
    public func line(at offset: Int) -> String {
        let end = min(max(offset, 0), utf8.count)
        let start = utf8[..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let stop = utf8[end...].firstIndex(of: 0x0A) ?? utf8.count
        return String(decoding: utf8[start..<stop], as: UTF8.self)
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

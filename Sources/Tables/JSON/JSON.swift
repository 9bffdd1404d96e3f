/// The one JSON codec (RFC 8259): UTF-8 text to `Value` and back.
public enum JSON {
    /// Parses a whole text.
    /// - Parameter bytes: UTF-8, one JSON value with optional white space around it.
    /// - Throws: `JSONError` with the place, what was expected and what was found.
    public static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> Value {
        try parse(Array(bytes))
    }

    /// Parses a whole text held in memory.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> Value {
        try parse(bytes, in: 0..<bytes.count)
    }

    /// Parses a part of a text, such as one line of a JSONL file.
    public static func parse(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> Value {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var parser = JSONParser(bytes: buffer, range: range)
            return try parser.parseDocument()
        }
    }

    /// Parses a whole text whose top-level field `name` is a list, and tells where that list's elements stand.
    /// - Returns: the value, and the byte range of each element; no ranges where there is no such list.
    public static func parse(
        _ bytes: [UInt8], locatingElementsOf name: String
    ) throws(JSONError) -> (value: Value, elements: [Range<Int>]) {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var parser = JSONParser(bytes: buffer, range: 0..<buffer.count)
            parser.locatedField = name
            let value = try parser.parseDocument()
            return (value, parser.locatedElements)
        }
    }

    /// Parses a string's text.
    public static func parse(_ text: String) throws(JSONError) -> Value { try parse(Array(text.utf8)) }

    /// The text of a value.
    public static func text(_ value: Value, _ style: JSONStyle = .compact) -> String {
        var writer = JSONWriter(style: style)
        writer.write(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The UTF-8 of a value that will stand inside another text, so many levels deep.
    public static func bytes(_ value: Value, _ style: JSONStyle = .compact, level: Int = 0) -> [UInt8] {
        var writer = JSONWriter(style: style, level: level)
        writer.write(value)
        return writer.bytes
    }
}

/// How JSON is laid out.
public struct JSONStyle: Sendable {
    /// Blanks per level, or nil for one line.
    public var indent: Int?

    /// Whether records' fields are sorted by name (by Unicode code points, as Python sorts).
    public var sortsFields: Bool

    /// Whether a blank follows each comma and colon on one line.
    public var isSpaced: Bool

    public init(indent: Int?, sortsFields: Bool, isSpaced: Bool = false) {
        self.indent = indent
        self.sortsFields = sortsFields
        self.isSpaced = isSpaced
    }

    /// One line, no blanks, fields as they stand.
    public static let compact = JSONStyle(indent: nil, sortsFields: false)

    /// One line, sorted: for hashing and keys.
    public static let canonical = JSONStyle(indent: nil, sortsFields: true)

    /// As `nbformat.writes` lays out a notebook: indent 1, sorted.
    public static let notebook = JSONStyle(indent: 1, sortsFields: true)

    /// One line for people.
    public static let line = JSONStyle(indent: nil, sortsFields: false, isSpaced: true)

    /// For people.
    public static let readable = JSONStyle(indent: 2, sortsFields: false)
}

/// A text that is not JSON.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Byte offset of the trouble in the text that was parsed.
    public let offset: Int

    /// Line of the trouble, from 1.
    public let line: Int

    /// Column of the trouble in characters, from 1.
    public let column: Int

    /// What should stand there.
    public let expected: String

    /// What stands there.
    public let found: String

    public var description: String { "line \(line), column \(column): expected \(expected), found \(found)" }
}

internal import OrderedCollections
public import Tables

/// How the client counts within a line.
public enum PositionEncoding: String, Sendable {
    case utf8 = "utf-8"
    case utf16 = "utf-16"
}

/// A place in a text as the protocol has it: line and offset in it, both from 0, in units of the position encoding.
public struct TextPosition: Sendable, Hashable {
    public var line: Int
    public var character: Int

    public init(line: Int, character: Int) {
        self.line = line
        self.character = character
    }

    /// Nil where the value is no position.
    init?(_ value: Value) {
        guard let line = value[field: "line"].integer, let character = value[field: "character"].integer else {
            return nil
        }
        self.init(line: line, character: character)
    }

    var value: Value { ["line": .integer(line), "character": .integer(character)] }
}

/// A part of a text as the protocol has it, end not included.
public struct TextRange: Sendable, Hashable {
    public var start: TextPosition
    public var end: TextPosition

    public init(start: TextPosition, end: TextPosition) {
        self.start = start
        self.end = end
    }

    /// Nil where the value is no range.
    init?(_ value: Value) {
        guard let start = TextPosition(value[field: "start"]), let end = TextPosition(value[field: "end"]) else {
            return nil
        }
        self.init(start: start, end: end)
    }

    var value: Value { ["start": start.value, "end": end.value] }
}

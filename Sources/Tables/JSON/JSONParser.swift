internal import OrderedCollections

/// A recursive-descent parser over UTF-8 bytes; see `JSON.parse`.
struct JSONParser {
    /// The whole text; valid as long as the parser is used.
    private let bytes: UnsafeBufferPointer<UInt8>
    private let range: Range<Int>
    private var at: Int
    private var depth = 0
    /// A top-level field whose list's elements are to be located.
    var locatedField: String?
    private(set) var locatedElements: [Range<Int>] = []
    private var isInLocatedField = false

    /// Deeper nesting is refused, so that hostile input cannot exhaust the stack.
    private static let maximumDepth = 512

    init(bytes: UnsafeBufferPointer<UInt8>, range: Range<Int>) {
        self.bytes = bytes
        self.range = range
        at = range.lowerBound
    }

    mutating func parseDocument() throws(JSONError) -> Value {
        if at == 0, range.count >= 3, bytes[at] == 0xEF, bytes[at + 1] == 0xBB, bytes[at + 2] == 0xBF { at += 3 }
        skipBlanks()
        let value = try parseValue()
        skipBlanks()
        guard at == range.upperBound else { throw failure("the end of the JSON text") }
        return value
    }

    private var current: UInt8? { at < range.upperBound ? bytes[at] : nil }

    private mutating func skipBlanks() {
        while at < range.upperBound {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    private mutating func parseValue() throws(JSONError) -> Value {
        switch current {
        case UInt8(ascii: "{"): return try parseRecord()
        case UInt8(ascii: "["): return try parseList()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case .some(0x2D), .some(0x30...0x39): return try parseNumber()
        default: throw failure("a JSON value")
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
        let count = word.utf8CodeUnitCount
        guard at + count <= range.upperBound,
            (0..<count).allSatisfy({ bytes[at + $0] == word.utf8Start[$0] }),
            at + count == range.upperBound || !isWordByte(bytes[at + count])
        else { throw failure("a JSON value") }
        at += count
        return value
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5F
    }

    private mutating func parseRecord() throws(JSONError) -> Value {
        try descend()
        defer { depth -= 1 }
        at += 1
        var fields = Record()
        skipBlanks()
        if current == UInt8(ascii: "}") {
            at += 1
            return .record(fields)
        }
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw failure("a field name in double quotes") }
            let name = try parseString()
            skipBlanks()
            guard current == UInt8(ascii: ":") else { throw failure("`:` after the field name") }
            at += 1
            skipBlanks()
            if depth == 1, let locatedField {
                // Of a field that stands twice the last counts, as in the value.
                if name == locatedField { locatedElements = [] }
                isInLocatedField = name == locatedField
            }
            fields[name] = try parseValue()
            skipBlanks()
            switch current {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return .record(fields)
            default: throw failure("`,` or `}`")
            }
        }
    }

    private mutating func parseList() throws(JSONError) -> Value {
        try descend()
        defer { depth -= 1 }
        at += 1
        var elements: [Value] = []
        skipBlanks()
        if current == UInt8(ascii: "]") {
            at += 1
            return .list(elements)
        }
        while true {
            skipBlanks()
            let start = at
            elements.append(try parseValue())
            if isInLocatedField, depth == 2 { locatedElements.append(start..<at) }
            skipBlanks()
            switch current {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return .list(elements)
            default: throw failure("`,` or `]`")
            }
        }
    }

    private mutating func descend() throws(JSONError) {
        depth += 1
        if depth > Self.maximumDepth { throw failure("at most \(Self.maximumDepth) levels of nesting") }
    }

    private mutating func parseNumber() throws(JSONError) -> Value {
        let start = at
        let negative = current == UInt8(ascii: "-")
        if negative { at += 1 }
        let digitsStart = at
        skipDigits()
        guard at > digitsStart else { throw failure("a digit") }
        if bytes[digitsStart] == UInt8(ascii: "0"), at - digitsStart > 1 {
            at = digitsStart
            throw failure("a number without leading zeros")
        }
        var isWhole = true
        if current == UInt8(ascii: ".") {
            isWhole = false
            at += 1
            let fraction = at
            skipDigits()
            guard at > fraction else { throw failure("a digit after the point") }
        }
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            at += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
            let exponent = at
            skipDigits()
            guard at > exponent else { throw failure("a digit in the exponent") }
        }
        if isWhole, at - digitsStart <= 18 {
            var value: Int64 = 0
            for index in digitsStart..<at { value = value * 10 + Int64(bytes[index] - 0x30) }
            if negative, value == 0 { return .number(.double(-0.0)) }
            return .number(.integer(negative ? -value : value))
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .number(.integer(value)) }
        guard let value = Double(text), value.isFinite else {
            at = start
            throw failure("a number of at most 1.8e308", found: "`\(text.prefix(24))`")
        }
        return .number(.double(value))
    }

    private mutating func skipDigits() {
        while let byte = current, byte >= 0x30, byte <= 0x39 { at += 1 }
    }

    private mutating func parseString() throws(JSONError) -> String {
        let quote = at
        at += 1
        let start = at
        // Most strings hold no escape: find the end, then decode the bytes in one go.
        while at < range.upperBound {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                guard let text = String(validating: slice(start, at), as: UTF8.self) else {
                    at = start
                    throw failure("valid UTF-8 in the text")
                }
                at += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start, quote: quote) }
            if byte < 0x20 { throw failure("a closing `\"` (a line break in text is written \\n)") }
            at += 1
        }
        at = quote
        throw failure("a closing `\"`", found: "the end of the text")
    }

    private func slice(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    private mutating func parseEscapedString(from start: Int, quote: Int) throws(JSONError) -> String {
        var text = Array(slice(start, at))
        while at < range.upperBound {
            // What stands between two escapes is copied in one go.
            let run = at
            while at < range.upperBound, bytes[at] >= 0x20, bytes[at] != UInt8(ascii: "\""),
                bytes[at] != UInt8(ascii: "\\")
            {
                at += 1
            }
            if at > run { text.append(contentsOf: slice(run, at)) }
            guard at < range.upperBound else { break }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else {
                    at = start
                    throw failure("valid UTF-8 in the text")
                }
                at += 1
                return result
            case UInt8(ascii: "\\"):
                at += 1
                try parseEscape(into: &text)
            default: throw failure("a closing `\"` (a line break in text is written \\n)")
            }
        }
        at = quote
        throw failure("a closing `\"`", found: "the end of the text")
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw failure("an escape") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var unit = try parseHexadecimal()
            if unit >= 0xD800, unit < 0xDC00, at + 1 < range.upperBound, bytes[at] == UInt8(ascii: "\\"),
                bytes[at + 1] == UInt8(ascii: "u")
            {
                let mark = at
                at += 2
                let low = try parseHexadecimal()
                if low >= 0xDC00, low < 0xE000 {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    at = mark
                }
            }
            // A lone surrogate is no character; it reads as U+FFFD, the replacement character.
            let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default:
            at -= 1
            throw failure("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
    }

    private mutating func parseHexadecimal() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("four hexadecimal digits")
            }
            unit = unit << 4 | UInt32(digit)
            at += 1
        }
        return unit
    }

    private func failure(_ expected: String, found: String? = nil) -> JSONError {
        var line = 1
        var lineStart = range.lowerBound
        for index in range.lowerBound..<min(at, range.upperBound) where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        let before = String(decoding: bytes[lineStart..<min(at, range.upperBound)], as: UTF8.self)
        return JSONError(
            offset: at, line: line, column: before.count + 1, expected: expected, found: found ?? describeCurrent())
    }

    private func describeCurrent() -> String {
        guard let first = current else { return "the end of the text" }
        if first == 0x0A || first == 0x0D { return "the end of the line" }
        var end = at
        while end < range.upperBound, end - at < 24, isWordByte(bytes[end]) { end += 1 }
        if end == at { end += 1 }
        // Bytes that are no text would garble a terminal.
        guard first >= 0x20, first != 0x7F, let text = String(validating: bytes[at..<end], as: UTF8.self) else {
            let digits = String(first, radix: 16, uppercase: true)
            return "the byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
        }
        return "`\(text)`"
    }
}

internal import OrderedCollections

/// Writes values as JSON, byte for byte as Python's `json.dumps(ensure_ascii=False)` does.
///
/// What JSON cannot hold is written so that people can read it: an error as `{"error": message}`,
/// NaN and infinities as null, a domain value as its kind's name. State that must come back goes
/// through `ValueEncoder` first.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let style: JSONStyle
    private var level: Int

    /// - Parameter level: how deep the value stands in the text that it will be part of.
    init(style: JSONStyle, level: Int = 0) {
        self.style = style
        self.level = level
    }

    mutating func write(_ value: Value) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .number(.double(let number)) where !number.isFinite: append("null")
        case .number(let number): append(number.description)
        case .string(let text): write(string: text)
        case .list(let elements): write(elements: elements)
        case .record(let fields): write(fields: fields)
        case .error(let error): write(fields: ["error": .string(error.message)])
        case .opaque(let domain):
            if let rows = domain as? DataSet {
                write(elements: rows.indices.map { .record(rows.row($0)) })
            } else {
                write(string: domain.kindName)
            }
        }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(elements: [Value]) {
        guard !elements.isEmpty else { return append("[]") }
        bytes.append(UInt8(ascii: "["))
        level += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { separate() }
            breakLine()
            write(element)
        }
        level -= 1
        breakLine()
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(fields: Record) {
        guard !fields.isEmpty else { return append("{}") }
        bytes.append(UInt8(ascii: "{"))
        level += 1
        var first = true
        for name in names(of: fields) {
            if !first { separate() }
            first = false
            breakLine()
            write(string: name)
            bytes.append(UInt8(ascii: ":"))
            if style.indent != nil || style.isSpaced { bytes.append(UInt8(ascii: " ")) }
            write(fields[name] ?? .null)
        }
        level -= 1
        breakLine()
        bytes.append(UInt8(ascii: "}"))
    }

    private func names(of fields: Record) -> [String] {
        guard style.sortsFields else { return Array(fields.keys) }
        return fields.keys.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    private mutating func separate() {
        bytes.append(UInt8(ascii: ","))
        if style.isSpaced { bytes.append(UInt8(ascii: " ")) }
    }

    private mutating func breakLine() {
        guard let indent = style.indent else { return }
        bytes.append(0x0A)
        for _ in 0..<(indent * level) { bytes.append(0x20) }
    }

    private mutating func write(string: String) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        // Runs without escapes are copied whole: most texts are one run.
        string.withUTF8 { text in
            var start = 0
            for index in text.indices {
                let byte = text[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                escape(byte)
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case 0x08: append("\\b")
        case 0x0C: append("\\f")
        default:
            let digits = Array("0123456789abcdef".utf8)
            append("\\u00")
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}

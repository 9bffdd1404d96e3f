/// Values as Python's `json.dumps` writes them, which is what `tojson` does in chat templates.
struct JSONText {
    var indent: Int?
    var itemSeparator: TemplateText
    var keySeparator: TemplateText
    var sortsKeys = false
    var ensuresASCII = false
    private(set) var units: [UInt32] = []

    init(indent: Int?, separators: (item: TemplateText, key: TemplateText)?) {
        self.indent = indent
        itemSeparator = separators?.item ?? (indent == nil ? ", " : ",")
        keySeparator = separators?.key ?? ": "
    }

    private mutating func add(_ text: String, mark: UInt32 = 0) {
        for scalar in text.unicodeScalars { units.append(scalar.value | mark) }
    }

    private mutating func breakLine(_ level: Int) {
        guard let indent else { return }
        units.append(0x0A)
        for _ in 0..<max(0, indent * level) { units.append(0x20) }
    }

    /// Appends a value.
    mutating func write(_ value: Value, level: Int = 0) throws(Failure) {
        switch value {
        case .none: add("null")
        case .bool(let flag): add(flag ? "true" : "false")
        case .integer(let number): add(String(number))
        case .double(let number):
            add(number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.description)
        case .text(let text): quote(text)
        case .list(let list):
            guard !list.items.isEmpty else { return add("[]") }
            add("[")
            for (index, item) in list.items.enumerated() {
                if index > 0 { units += itemSeparator.units }
                breakLine(level + 1)
                try write(item, level: level + 1)
            }
            breakLine(level)
            add("]")
        case .mapping(let mapping): try write(mapping, level: level)
        default: throw Failure("\(value.kind) cannot be written as JSON")
        }
    }

    private mutating func write(_ mapping: Mapping, level: Int) throws(Failure) {
        guard !mapping.keys.isEmpty else { return add("{}") }
        var entries: [(name: TemplateText, value: Value)] = []
        for (key, value) in zip(mapping.keys, mapping.values) {
            switch key {
            case .text(let text): entries.append((text, value))
            case .bool(let flag): entries.append((flag ? "true" : "false", value))
            case .none: entries.append(("null", value))
            case .integer, .double: entries.append((try key.shown(), value))
            default: throw Failure("\(key.kind) cannot be a key of JSON")
            }
        }
        if sortsKeys { entries.sort { $0.name < $1.name } }
        add("{")
        for (index, entry) in entries.enumerated() {
            if index > 0 { units += itemSeparator.units }
            breakLine(level + 1)
            quote(entry.name)
            units += keySeparator.units
            try write(entry.value, level: level + 1)
        }
        breakLine(level)
        add("}")
    }

    private mutating func quote(_ text: TemplateText) {
        add("\"")
        for unit in text.units {
            let mark = unit & TemplateText.mark
            let point = unit & TemplateText.codePoint
            switch point {
            case 0x22: add("\\\"", mark: mark)
            case 0x5C: add("\\\\", mark: mark)
            case 0x0A: add("\\n", mark: mark)
            case 0x0D: add("\\r", mark: mark)
            case 0x09: add("\\t", mark: mark)
            case 0x08: add("\\b", mark: mark)
            case 0x0C: add("\\f", mark: mark)
            case 0..<0x20: escape(point, mark)
            case 0x7F... where ensuresASCII && point > 0x7E:
                if point >= 0x10000 {
                    escape(0xD800 + (point - 0x10000) >> 10, mark)
                    escape(0xDC00 + (point - 0x10000) & 0x3FF, mark)
                } else {
                    escape(point, mark)
                }
            default: units.append(unit)
            }
        }
        add("\"")
    }

    private mutating func escape(_ unit: UInt32, _ mark: UInt32) {
        let digits = String(unit, radix: 16)
        add("\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits, mark: mark)
    }
}

/// Values as Python shows them: `str` and `repr`.
extension Value {
    /// What `{{ value }}` writes.
    /// - Throws: `Failure` for what has no text.
    func shown() throws(Failure) -> TemplateText {
        switch self {
        case .undefined: return TemplateText()
        case .text(let text): return text
        default:
            var units: [UInt32] = []
            try represent(into: &units)
            return TemplateText(units: units)
        }
    }

    private func represent(into units: inout [UInt32]) throws(Failure) {
        func add(_ text: String) { for scalar in text.unicodeScalars { units.append(scalar.value) } }
        switch self {
        case .undefined: add("Undefined")
        case .none: add("None")
        case .bool(let flag): add(flag ? "True" : "False")
        case .integer(let number): add(String(number))
        case .double(let number): add(Self.text(number))
        case .text(let text): Self.quote(text, into: &units)
        case .list(let list):
            add(list.isTuple ? "(" : "[")
            for (index, item) in list.items.enumerated() {
                if index > 0 { add(", ") }
                try item.represent(into: &units)
            }
            if list.isTuple, list.items.count == 1 { add(",") }
            add(list.isTuple ? ")" : "]")
        case .mapping(let mapping):
            add("{")
            for (index, key) in mapping.keys.enumerated() {
                if index > 0 { add(", ") }
                try key.represent(into: &units)
                add(": ")
                try mapping.values[index].represent(into: &units)
            }
            add("}")
        case .namespace, .loop, .macro, .function, .method:
            throw Failure("\(kind) cannot be written as text", kind: .unsupported)
        }
    }

    /// A double as Python writes it.
    static func text(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return number.description
    }

    private static func quote(_ text: TemplateText, into units: inout [UInt32]) {
        let points = text.units.lazy.map { $0 & TemplateText.codePoint }
        let hasSingle = points.contains(0x27)
        let quote: UInt32 = hasSingle && !points.contains(0x22) ? 0x22 : 0x27
        func add(_ text: String, _ mark: UInt32) {
            for scalar in text.unicodeScalars { units.append(scalar.value | mark) }
        }
        units.append(quote)
        for unit in text.units {
            let mark = unit & TemplateText.mark
            let point = unit & TemplateText.codePoint
            switch point {
            case 0x5C: add("\\\\", mark)
            case quote: add(quote == 0x27 ? "\\'" : "\\\"", mark)
            case 0x0A: add("\\n", mark)
            case 0x0D: add("\\r", mark)
            case 0x09: add("\\t", mark)
            default:
                if isPrintable(point) {
                    units.append(unit)
                } else {
                    let digits = String(point, radix: 16)
                    let (letter, width) = point < 0x100 ? ("x", 2) : point < 0x10000 ? ("u", 4) : ("U", 8)
                    add("\\" + letter + String(repeating: "0", count: max(0, width - digits.count)) + digits, mark)
                }
            }
        }
        units.append(quote)
    }

    /// Whether `repr` writes a code point as it is.
    private static func isPrintable(_ point: UInt32) -> Bool {
        if point < 0x7F { return point >= 0x20 }
        guard let scalar = Unicode.Scalar(point) else { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }
}

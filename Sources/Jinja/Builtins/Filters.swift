/// The filters behind `|`, by name.
enum Filters {
    typealias Filter = @Sendable (Evaluator, Value, CallValues) throws(Failure) -> Value

    static let table: [String: Filter] = texts.merging(lists) { first, _ in first }

    // MARK: Texts and single values

    private static let texts: [String: Filter] = [
        "trim": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["chars"], of: "trim")
            let text = try shown(value, evaluator)
            if case .some(.text(let characters)) = given[0] { return .text(text.stripped(.both, of: characters)) }
            return .text(text.stripped(.both))
        },
        "upper": text("upper") { $0.uppercased() },
        "lower": text("lower") { $0.lowercased() },
        "capitalize": text("capitalize") { $0.capitalized() },
        "title": text("title") { text in
            text.titled { TemplateText.isSpace($0.value) || "-([{<".unicodeScalars.contains($0) }
        },
        "string": text("string") { $0 },
        "safe": text("safe") { $0 },
        "escape": text("escape", escaped), "e": text("e", escaped),
        "replace": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["old", "new", "count"], of: "replace", required: 2)
            return .text(
                try Methods.replaced(
                    shown(value, evaluator), shown(given[0], evaluator), shown(given[1], evaluator), given[2], evaluator
                )
            )
        },
        "indent": indent,
        "wordcount": { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: "wordcount")
            let text = try shown(value, evaluator)
            return .integer(text.words(limit: .max).count)
        },
        "default": fallback, "d": fallback,
        "tojson": toJSON,
        "int": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["default"], of: "int")
            return whole(value).map(Value.integer) ?? given[0] ?? .integer(0)
        },
        "float": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["default"], of: "float")
            return (value.number ?? value.text.flatMap { Double($0.stripped(.both).string) }).map(Value.double)
                ?? given[0] ?? .double(0)
        },
        "abs": { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: "abs")
            guard let number = value.number else { throw Failure("`abs` needs a number, found \(value.kind)") }
            return number < 0 ? try Operators.negated(value) : value
        },
        "round": round,
    ]

    /// A value as text, counted.
    static func shown(_ value: Value?, _ evaluator: Evaluator) throws(Failure) -> TemplateText {
        let text = try (value ?? .undefined("")).shown()
        try evaluator.make(text.count)
        return text
    }

    private static func text(_ name: String, _ apply: @escaping @Sendable (TemplateText) -> TemplateText) -> Filter {
        { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: name)
            return .text(apply(try shown(value, evaluator)))
        }
    }

    @Sendable private static func escaped(_ text: TemplateText) -> TemplateText {
        var units: [UInt32] = []
        for unit in text.units {
            let replacement: String
            switch unit & TemplateText.codePoint {
            case 0x26: replacement = "&amp;"
            case 0x3C: replacement = "&lt;"
            case 0x3E: replacement = "&gt;"
            case 0x27: replacement = "&#39;"
            case 0x22: replacement = "&#34;"
            default:
                units.append(unit)
                continue
            }
            for scalar in replacement.unicodeScalars { units.append(scalar.value | unit & TemplateText.mark) }
        }
        return TemplateText(units: units)
    }

    private static let indent: Filter = { evaluator, value, arguments throws(Failure) in
        let given = try arguments.bound(to: ["width", "first", "blank"], of: "indent")
        let text = try shown(value, evaluator)
        let margin: TemplateText
        if case .some(.text(let text)) = given[0] {
            margin = text
        } else {
            let width = given[0]?.integer ?? 4
            guard (0...64).contains(width) else { throw Failure("`indent` takes 0 to 64 blanks, found \(width)") }
            margin = TemplateText(String(repeating: " ", count: width))
        }
        let lines = text.split(at: "\n", limit: .max)
        let (size, overflow) = lines.count.multipliedReportingOverflow(by: margin.count)
        try evaluator.make(overflow ? .max : size)
        let marksFirst = given[1]?.isTrue ?? false
        let marksBlank = given[2]?.isTrue ?? false
        var parts: [TemplateText] = []
        for (index, line) in lines.enumerated() {
            let isMarked = index == 0 ? marksFirst : marksBlank || line.count > 0
            parts.append(isMarked ? TemplateText(units: margin.units + line.units) : line)
        }
        return .text(TemplateText.joined(parts, by: "\n"))
    }

    private static let fallback: Filter = { _, value, arguments throws(Failure) in
        let given = try arguments.bound(to: ["default_value", "boolean"], of: "default")
        let isMissing = value.isUndefined || (given[1]?.isTrue ?? false) && !value.isTrue
        return isMissing ? given[0] ?? .text(TemplateText()) : value
    }

    private static let toJSON: Filter = { evaluator, value, arguments throws(Failure) in
        let given = try arguments.bound(to: ["ensure_ascii", "indent", "separators", "sort_keys"], of: "tojson")
        var indent: Int?
        switch given[1] {
        case nil, .some(.none): break
        case .some(let width):
            guard let width = width.integer, (-1...64).contains(width) else {
                throw Failure("`tojson` takes an indent of up to 64 blanks", kind: .unsupported)
            }
            indent = width
        }
        var separators: (item: TemplateText, key: TemplateText)?
        if case .some(.list(let pair)) = given[2], pair.items.count == 2, let item = pair.items[0].text,
            let key = pair.items[1].text
        {
            separators = (item, key)
        }
        var writer = JSONText(indent: indent, separators: separators)
        writer.ensuresASCII = given[0]?.isTrue ?? false
        writer.sortsKeys = given[3]?.isTrue ?? false
        try evaluator.make(value.extent.size)
        try writer.write(value)
        try evaluator.make(writer.units.count)
        return .text(TemplateText(units: writer.units))
    }

    private static func whole(_ value: Value) -> Int? {
        if let number = value.integer { return number }
        if let number = value.number { return Int(exactly: number.rounded(.towardZero)) }
        guard let text = value.text?.stripped(.both).string else { return nil }
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0.rounded(.towardZero)) }
    }

    private static let round: Filter = { _, value, arguments throws(Failure) in
        let given = try arguments.bound(to: ["precision", "method"], of: "round")
        guard let number = value.number else { throw Failure("`round` needs a number, found \(value.kind)") }
        let digits = given[0]?.integer ?? 0
        guard (0...15).contains(digits) else { throw Failure("`round` takes 0 to 15 digits, found \(digits)") }
        let rule: FloatingPointRoundingRule
        switch given[1]?.text?.string ?? "common" {
        case "common": rule = .toNearestOrEven
        case "ceil": rule = .up
        case "floor": rule = .down
        default: throw Failure("`round` knows the methods common, ceil and floor")
        }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return .double((number * scale).rounded(rule) / scale)
    }
}

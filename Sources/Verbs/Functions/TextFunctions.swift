internal import Distillation
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Functions on text. Null and errors spread through them.
extension Builtin {
    static let textFunctions: [Builtin] = [
        textFunction("trim", "The text without blanks at both ends.", "trim(\" a \")", .text) { text, _ in
            .string(text.trimmed)
        },
        textFunction("lower", "The text in lower case.", "lower(\"Abc\")", .text) { text, _ in
            .string(text.lowercased())
        },
        textFunction("upper", "The text in upper case.", "upper(\"Abc\")", .text) { text, _ in
            .string(text.uppercased())
        },
        textFunction("words", "The words of a text, as a list.", "words(\"to be\")", .list(.text)) { text, _ in
            .list(text.split(whereSeparator: \.isWhitespace).map { .string(String($0)) })
        },
        textFunction("lines", "The lines of a text, as a list.", "lines(\"a\\nb\")", .list(.text)) { text, _ in
            var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            // A break at the end ends the last line; it does not begin another.
            if lines.last?.isEmpty == true { lines.removeLast() }
            return .list(lines.map { .string(String($0)) })
        },
        textFunction(
            "split_text", "The parts of a text between separators.", "split_text(\"a,b\", \",\")", .list(.text),
            [Parameter("separator", .text, "what stands between the parts")]
        ) { text, more in
            let separator = more[0].text ?? ""
            guard !separator.isEmpty else { return .list(text.map { .string(String($0)) }) }
            // By code points: \r\n is one character, yet people split it at \n.
            let parts = text.unicodeScalars.split(separator: separator.unicodeScalars, omittingEmptySubsequences: false)
            return .list(parts.map { .string(String(String.UnicodeScalarView($0))) })
        },
        textFunction(
            "starts_with", "Whether a text starts with another.", "starts_with(\"abc\", \"a\")", .bool,
            [Parameter("start", .text, "the text to look for at the start")]
        ) { text, more in .bool(text.hasPrefix(more[0].text ?? "")) },
        textFunction(
            "ends_with", "Whether a text ends with another.", "ends_with(\"abc\", \"c\")", .bool,
            [Parameter("end", .text, "the text to look for at the end")]
        ) {
            text, more in .bool(text.hasSuffix(more[0].text ?? ""))
        },
        textFunction(
            "matches", "Whether a regular expression fits anywhere in a text.", "matches(\"a1\", '\\d')", .bool,
            [Parameter("pattern", .text, "a regular expression")]
        ) { text, more in
            .bool(try RegularExpression.with(more[0].text ?? "") { try $0.firstMatch(in: text) != nil })
        },
        textFunction(
            "extract",
            "The part of a text that a regular expression fits, or its first group; null where it fits nowhere.",
            "extract(\"order 10441\", '\\d+')", .text, [Parameter("pattern", .text, "a regular expression")]
        ) { text, more in
            guard let match = try RegularExpression.with(more[0].text ?? "", { try $0.firstMatch(in: text) }) else {
                return .null
            }
            let part: Range<Int>? = match.groups.isEmpty ? match.range : match.groups[0]
            return part.map { .string(String(decoding: Array(text.utf8)[$0], as: UTF8.self)) } ?? .null
        },
        textFunction(
            "extract_all", "All parts of a text that a regular expression fits, or its first group in each.",
            "extract_all(\"a1 b22\", '\\d+')", .list(.text), [Parameter("pattern", .text, "a regular expression")]
        ) { text, more in
            let bytes = Array(text.utf8)
            let found = try RegularExpression.with(more[0].text ?? "") { try $0.matches(in: bytes) }
            return .list(
                found.map { match in
                    let part: Range<Int>? = match.groups.isEmpty ? match.range : match.groups[0]
                    return part.map { .string(String(decoding: bytes[$0], as: UTF8.self)) } ?? .null
                })
        },
        textFunction(
            "count_matches", "How many parts of a text a regular expression fits, without overlap.",
            "count_matches(\"a1 b22\", '\\d+')", .number, [Parameter("pattern", .text, "a regular expression")]
        ) { text, more in
            .integer(try RegularExpression.with(more[0].text ?? "") { try $0.matches(in: Array(text.utf8)).count })
        },
        .function(
            "replace", .text, "The text with all places that a regular expression fits replaced.",
            [
                .text, Parameter("pattern", .text, "a regular expression"),
                Parameter(
                    "by", .text, "what to put in; \\1 to \\9 stand for the pattern's groups, \\0 for the whole match"),
            ], example: "replace(\"a  b\", '\\s+', \" \")", result: .text
        ) { values, pause in
            guard let text = values[0].text else { throw notText("replace", values[0]) }
            return .string(
                try RegularExpression.with(values[1].text ?? "") {
                    try $0.replacing(in: text, with: values[2].text ?? "", pause: pause)
                })
        },
        .function(
            "join_text", .text, "The texts of a list in one, with a separator between them.",
            [
                Parameter("list", .list, isSubject: true, "the texts; other values are written as text"),
                Parameter("separator", .text, isRequired: false, "what to put between; nothing unless given"),
            ],
            example: "join_text([\"a\", \"b\"], \", \")", result: .text,
            compute: { values in
                let separator = values[1].text ?? ""
                var text = ""
                var isFirst = true
                for element in values[0].list ?? [] where !element.isNull {
                    if let error = element.rowError { throw error }
                    if !isFirst { text += separator }
                    isFirst = false
                    text += element.plainText
                    if text.utf8.count > ValueLimits.textBytes { throw ValueLimits.text }
                }
                return .string(text)
            }),
        .function(
            "text", .text, "A value as text.", [Parameter("value", .anything, isSubject: true, "any value")],
            example: "text(5)",
            result: .text, compute: { .string($0[0].plainText) }),
        .function(
            "json_text", .text, "A value as JSON text, without blanks.",
            [Parameter("value", .anything, isSubject: true, "any value")],
            example: "json_text({intent: \"refund\"})", seesNull: true, result: .text,
            compute: { .string(JSON.text($0[0], .compact)) }),
        .function(
            "number", .text, "A text as a number; an error value where it is none.",
            [Parameter("value", .anything, isSubject: true, "a text, or true or false for 1 or 0")],
            example: "number(\"42\")", result: .number,
            compute: { values in
                switch values[0] {
                case .number(let number): return .number(number)
                case .bool(let flag): return .integer(flag ? 1 : 0)
                case .string(let text):
                    guard let value = number(in: text.trimmed) else {
                        throw RowError("\"\(text.prefix(40))\" is not a number")
                    }
                    return value
                case let other: throw RowError("\(other.kindName) is not a number")
                }
            }),
        textFunction("json", "A JSON text as a value; an error value where it is none.", "json('{\"a\": 1}')", .any) {
            text, _ in
            do {
                return try JSON.parse(text)
            } catch {
                throw RowError("the text is no JSON: \(error)")
            }
        },
    ]

    private static func textFunction(
        _ name: String, _ summary: String, _ example: String, _ result: StaticType, _ more: [Parameter] = [],
        _ apply: @escaping @Sendable (String, [Value]) throws -> Value
    ) -> Builtin {
        .function(
            name, .text, summary, [.text] + more, example: example, result: result,
            compute: { values in
                guard let text = values[0].text else { throw notText(name, values[0]) }
                return try apply(text, Array(values.dropFirst()))
            })
    }

    private static func notText(_ name: String, _ value: Value) -> RowError {
        RowError("\(name) takes text, not \(value.kindName)")
    }

    private static func number(in text: String) -> Value? {
        if let whole = Int64(text) { return .number(.integer(whole)) }
        guard let first = text.first(where: { $0 != "-" && $0 != "+" }), first.isASCII, first.isNumber || first == ".",
            !text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") }),
            let value = Double(text), value.isFinite
        else { return nil }
        return .double(value)
    }
}

extension Parameter {
    /// The text that a function of text works on.
    static let text = Parameter("text", .text, isSubject: true, "the text")
}

extension String {
    var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

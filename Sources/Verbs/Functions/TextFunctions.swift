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
            .list(text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { .string(String($0)) })
        },
        textFunction(
            "split_text", "The parts of a text between separators.", "split_text(\"a,b\", \",\")", .list(.text),
            [Parameter("separator", .text, "what stands between the parts")]
        ) { text, call in
            let separator = call.value("separator").text ?? ""
            guard !separator.isEmpty else { return .list(text.map { .string(String($0)) }) }
            // By code points: \r\n is one character, yet people split it at \n.
            let parts = text.unicodeScalars.split(separator: separator.unicodeScalars, omittingEmptySubsequences: false)
            return .list(parts.map { .string(String(String.UnicodeScalarView($0))) })
        },
        textFunction(
            "starts_with", "Whether a text starts with another.", "starts_with(\"abc\", \"a\")", .bool,
            [Parameter("start", .text)]
        ) { text, call in .bool(text.hasPrefix(call.value("start").text ?? "")) },
        textFunction(
            "ends_with", "Whether a text ends with another.", "ends_with(\"abc\", \"c\")", .bool,
            [Parameter("end", .text)]
        ) {
            text, call in .bool(text.hasSuffix(call.value("end").text ?? ""))
        },
        textFunction(
            "matches", "Whether a regular expression fits anywhere in a text.", "matches(\"a1\", '\\d')", .bool,
            [Parameter("pattern", .text, "a regular expression")]
        ) { text, call in .bool(try call.regularExpression().firstMatch(in: text) != nil) },
        textFunction(
            "extract",
            "The part of a text that a regular expression fits, or its first group; null where it fits nowhere.",
            "extract(\"order 10441\", '\\d+')", .text, [Parameter("pattern", .text, "a regular expression")]
        ) { text, call in
            guard let match = try call.regularExpression().firstMatch(in: text) else { return .null }
            let part: Range<Int>? = match.groups.isEmpty ? match.range : match.groups[0]
            return part.map { .string(String(decoding: Array(text.utf8)[$0], as: UTF8.self)) } ?? .null
        },
        textFunction(
            "replace", "The text with all places that a regular expression fits replaced.",
            "replace(\"a  b\", '\\s+', \" \")", .text,
            [Parameter("pattern", .text, "a regular expression"), Parameter("by", .text, "what to put in")]
        ) { text, call in
            .string(
                try call.regularExpression().replacing(
                    in: text, with: call.value("by").text ?? "", pause: { try call.lab.cancellation.check() }))
        },
        textFunction(
            "last_number", "The last number in a text, as graders of sums need it; null where there is none.",
            "last_number(\"so 1,200 in all\")", .number
        ) {
            text, _ in
            let bytes = Array(text.utf8)
            guard let pattern = RegularExpression(#"-?[0-9][0-9,]*(?:\.[0-9]+)?"#),
                let last = try pattern.matches(in: bytes).last
            else { return .null }
            return number(in: String(decoding: bytes[last.range], as: UTF8.self).filter { $0 != "," }) ?? .null
        },
        Builtin(
            "join_text", .text, "The texts of a list in one, with a separator between them.",
            [
                Parameter("list", .list, isSubject: true),
                Parameter("separator", .text, isRequired: false, "what to put between"),
            ],
            example: "join_text([\"a\", \"b\"], \", \")", result: { _ in .text },
            run: { call in
                .string(
                    (call.value("list").list ?? []).filter { !$0.isNull }.map(\.plainText).joined(
                        separator: call.value("separator").text ?? ""))
            }),
        Builtin(
            "text", .text, "A value as text.", [Parameter("value", .anything, isSubject: true)], example: "text(5)",
            result: { _ in .text }, run: { .string($0.value("value").plainText) }),
        Builtin(
            "json_text", .text, "A value as JSON text, without blanks.",
            [Parameter("value", .anything, isSubject: true)],
            example: "json_text({intent: \"refund\"})", seesNull: true, result: { _ in .text },
            run: { .string(JSON.text($0.value("value"), .compact)) }),
        Builtin(
            "number", .text, "A text as a number; an error value where it is none.",
            [Parameter("value", .anything, isSubject: true)],
            example: "number(\"42\")", result: { _ in .number },
            run: { call in
                switch call.value("value") {
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
        _ apply: @escaping @Sendable (String, Invocation) throws -> Value
    ) -> Builtin {
        Builtin(
            name, .text, summary, [Parameter("text", .text, isSubject: true)] + more, example: example,
            result: { _ in result },
            run: { call in
                guard let text = call.value("text").text else {
                    throw RowError("\(name) takes text, not \(call.value("text").kindName)")
                }
                return try apply(text, call)
            })
    }

    private static func number(in text: String) -> Value? {
        if let whole = Int64(text) { return .number(.integer(whole)) }
        guard let first = text.first(where: { $0 != "-" && $0 != "+" }), first.isASCII, first.isNumber || first == ".",
            let value = Double(text), value.isFinite
        else { return nil }
        return .double(value)
    }
}

extension Invocation {
    /// The regular expression of the argument `pattern`.
    func regularExpression() throws -> RegularExpression {
        let pattern = value("pattern").text ?? ""
        guard let expression = RegularExpression(pattern) else {
            throw failure(
                .wrongType, at: "pattern", "Expected a regular expression; `\(pattern)` is none.", hint: "'\\d+'")
        }
        return expression
    }
}

extension String {
    var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

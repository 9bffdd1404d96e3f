internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Functions that find and cut parts, of texts and lists alike.
extension Builtin {
    static let searchFunctions: [Builtin] = [
        .function(
            "contains", .text, "Whether a text holds another, or a list an element.",
            [.textOrList, Parameter("part", .anything, "the text or the element to look for")],
            example: "contains(\"refund please\", \"refund\")", result: .bool,
            compute: { values in .bool(try place(of: values[1], in: values[0], "contains") != nil) }),
        .function(
            "index_of", .text,
            "Where a text first holds another, or a list an element, from 0; null where it does not.",
            [.textOrList, Parameter("part", .anything, "the text or the element to look for")],
            example: "index_of([\"a\", \"b\"], \"b\")", result: .number,
            compute: { values in
                try place(of: values[1], in: values[0], "index_of").map { .integer($0) } ?? .null
            }),
        .function(
            "slice", .text, "The characters of a text, or the elements of a list, from one place up to before another.",
            [
                .textOrList,
                Parameter("from", .whole(Int.min...Int.max), "the first place, from 0; negative from the end"),
                Parameter(
                    "to", .whole(Int.min...Int.max), isRequired: false,
                    "the place before which it ends; to the end unless given"),
            ], example: "slice(\"abcdef\", 1, 3)", result: .any,
            compute: { values in
                if let list = values[0].list { return .list(Array(list[bounds(values, count: list.count)])) }
                guard let text = values[0].text else { throw RowError("slice takes text or a list") }
                let characters = Array(text)
                return .string(String(characters[bounds(values, count: characters.count)]))
            }),
        .function(
            "reverse", .text, "A text or list from its end to its start.", [.textOrList],
            example: "reverse([1, 2, 3])", result: .any,
            compute: { values in
                if let list = values[0].list { return .list(list.reversed()) }
                return .string(String((values[0].text ?? "").reversed()))
            }),
    ]

    /// Where a part first stands, by characters or elements.
    private static func place(of part: Value, in whole: Value, _ name: String) throws(RowError) -> Int? {
        if let list = whole.list { return list.firstIndex(of: part) }
        guard let text = whole.text, let part = part.text else {
            throw RowError("\(name) looks for text in text, not for \(part.kindName) in \(whole.kindName)")
        }
        guard !part.isEmpty else { return 0 }
        return text.firstRange(of: part).map { text.distance(from: text.startIndex, to: $0.lowerBound) }
    }

    /// The range that two places name, which never reaches outside.
    private static func bounds(_ values: [Value], count: Int) -> Range<Int> {
        func clamped(_ place: Int) -> Int { place < 0 ? max(0, count + max(place, -count)) : min(place, count) }
        let start = clamped(values[1].integer ?? 0)
        return start..<max(start, clamped(values[2].integer ?? count))
    }
}

extension Parameter {
    /// What functions for texts and lists alike work on.
    static let textOrList = Parameter("value", Acceptance.text.or(.list), isSubject: true, "a text or a list")
}

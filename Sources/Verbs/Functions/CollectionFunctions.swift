internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Functions on lists and records.
extension Builtin {
    static let collectionFunctions: [Builtin] = [
        .function(
            "unique", .lists, "The elements of a list, each once, in the order in which they first come.", [.list],
            example: "unique([\"a\", \"b\", \"a\"])", result: .list(.any),
            compute: { values in
                var seen: Set<Value> = []
                return .list((values[0].list ?? []).filter { seen.insert($0).inserted })
            }),
        .function(
            "flatten", .lists, "The elements of a list's lists in one list, one level deep.", [.list],
            example: "flatten([[1, 2], [3]])", result: .list(.any),
            compute: { values in .list((values[0].list ?? []).flatMap { $0.list ?? [$0] }) }),
        .function(
            "zip", .lists,
            "Pairs of the elements that stand at the same place in two lists; the longer one's rest is left out.",
            [.list, Parameter("other", .list, "the second list")], example: "zip([1, 2], [\"a\", \"b\"])",
            result: .list(.list(.any)),
            compute: { values in
                .list(Swift.zip(values[0].list ?? [], values[1].list ?? []).map { .list([$0, $1]) })
            }),
        .function(
            "chunks", .lists, "A list cut into lists of so many elements; the last may be shorter.",
            [.list, Parameter("size", .whole(1...Int.max), "how many elements in each")],
            example: "chunks([1, 2, 3, 4, 5], 2)", result: .list(.list(.any)),
            compute: { values in
                let list = values[0].list ?? []
                let size = min(max(1, values[1].integer ?? 1), max(1, list.count))
                return .list(
                    stride(from: 0, to: list.count, by: size).map {
                        .list(Array(list[$0..<min($0 + size, list.count)]))
                    })
            }),
        .function(
            "values", .lists, "The values of a record's fields, in their order.", [.record],
            example: "values({a: 1, b: 2})", result: .list(.any),
            compute: { values in .list((values[0].record ?? [:]).values.map { $0 }) }),
        .function(
            "entries", .lists, "A record's fields as a list of {name, value}.", [.record],
            example: "entries({a: 1, b: 2})", result: .list(.record(["name": .text, "value": .any])),
            compute: { values in
                .list((values[0].record ?? [:]).map { .record(["name": .string($0), "value": $1]) })
            }),
        .function(
            "merge", .lists, "The fields of two records in one; where both have a field, the second's counts.",
            [.record, Parameter("other", .record, "the record whose fields are put in")],
            example: "merge({a: 1, b: 2}, {b: 3})", result: .record(nil),
            compute: { values in
                .record((values[0].record ?? [:]).merging(values[1].record ?? [:]) { _, second in second })
            }),
        .function(
            "without", .lists, "A record without some of its fields.",
            [.record, Parameter("names", Acceptance.text.or(.list), "a field's name, or a list of names")],
            example: "without({a: 1, b: 2}, \"b\")", result: .record(nil),
            compute: { values in
                let names = Set((values[1].list ?? [values[1]]).compactMap(\.text))
                return .record((values[0].record ?? [:]).filter { !names.contains($0.key) })
            }),
        .function(
            "has", .lists, "Whether a record has a field of that name, be it null.",
            [.record, Parameter("name", .text, "the field's name")], example: "has({a: null}, \"a\")", result: .bool,
            compute: { values in .bool(values[0].record?[values[1].text ?? ""] != nil) }),
    ]
}

extension Parameter {
    /// The list that a function of lists works on.
    static let list = Parameter("list", .list, isSubject: true, "the list")

    /// The record that a function of records works on.
    static let record = Parameter("record", .record, isSubject: true, "the record")
}

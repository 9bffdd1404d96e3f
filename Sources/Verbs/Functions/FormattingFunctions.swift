internal import Distillation
internal import Foundation
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Functions that give texts another form, or hold them against one another.
extension Builtin {
    /// Longer texts are not made by repeating or padding: they are a slip, and would fill the memory.
    private static let longest = 10_000_000

    static let formattingFunctions: [Builtin] = [
        .function(
            "repeat", .text, "A text so many times over.",
            [.text, Parameter("n", .whole(0...longest), "how many times")], example: "repeat(\"ab\", 3)", result: .text,
            compute: { values in
                let text = values[0].text ?? ""
                let count = values[1].integer ?? 0
                guard text.utf8.count <= longest / max(1, count) else {
                    throw RowError("the text would be longer than 10,000,000 bytes")
                }
                return .string(String(repeating: text, count: count))
            }),
        padding("pad_left", "before", "pad_left(\"7\", 3, \"0\")") { $0 + $1 },
        padding("pad_right", "behind", "pad_right(\"ab\", 4)") { $1 + $0 },
        .function(
            "normalize", .text, "A text in one Unicode form, with single blanks between words and none around.",
            [
                .text,
                Parameter(
                    "form", .oneOf(["nfc", "nfd", "nfkc", "nfkd"]), .named, isRequired: false,
                    "\"nfkc\" also makes wide and styled letters plain; \"nfc\" unless given"),
            ], example: "normalize(\" Ｃafé  au lait \", form: \"nfkc\")", result: .text,
            compute: { values in
                let text = values[0].text ?? ""
                let form =
                    switch values[1].text {
                    case "nfd": text.decomposedStringWithCanonicalMapping
                    case "nfkc": text.precomposedStringWithCompatibilityMapping
                    case "nfkd": text.decomposedStringWithCompatibilityMapping
                    default: text.precomposedStringWithCanonicalMapping
                    }
                return .string(form.split(whereSeparator: \.isWhitespace).joined(separator: " "))
            }),
        .function(
            "edit_distance", .text,
            "How many characters must be put in, taken out or changed to make one text another (Levenshtein).",
            [.text, Parameter("other", .text, "the text to compare it with")],
            example: "edit_distance(\"kitten\", \"sitting\")", result: .number
        ) { values, pause in
            .integer(try editDistance(Array(values[0].text ?? ""), Array(values[1].text ?? ""), pause: pause))
        },
        .function(
            "hash", .text, "A fingerprint of a value, 64 hexadecimal digits (SHA-256), the same everywhere.",
            [Parameter("value", .anything, isSubject: true, "a text, or any value, which is taken as JSON")],
            example: "hash(\"Where is my order?\")", result: .text,
            compute: { values in
                .string(SHA256Name.of(values[0].text ?? JSON.text(values[0], .canonical)))
            }),
    ]

    private static func padding(
        _ name: String, _ place: String, _ example: String,
        _ join: @escaping @Sendable (_ filling: String, _ text: String) -> String
    ) -> Builtin {
        .function(
            name, .text, "A text made so many characters long by filling \(place) it.",
            [
                .text, Parameter("width", .whole(0...longest), "how many characters; a longer text stays"),
                Parameter("fill", .text, isRequired: false, "one character to fill with; a blank unless given"),
            ], example: example, result: .text,
            compute: { values in
                let text = values[0].text ?? ""
                let fill = values[2].text ?? " "
                guard fill.count == 1 else { throw RowError("\(name) fills with one character, not \"\(fill)\"") }
                return .string(
                    join(String(repeating: fill, count: max(0, (values[1].integer ?? 0) - text.count)), text))
            })
    }

    /// Levenshtein's distance with two rows of the table (Wagner and Fischer, "The string-to-string correction problem",
    /// 1974).
    private static func editDistance(
        _ left: [Character], _ right: [Character], pause: () throws -> Void
    ) throws -> Int {
        var above = Array(0...right.count)
        for (i, a) in left.enumerated() {
            if i % 256 == 0 { try pause() }
            var line = [i + 1]
            line.reserveCapacity(right.count + 1)
            for (j, b) in right.enumerated() {
                line.append(min(above[j] + (a == b ? 0 : 1), above[j + 1] + 1, line[j] + 1))
            }
            above = line
        }
        return above.last ?? 0
    }
}

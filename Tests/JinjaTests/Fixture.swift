import Foundation
import Jinja
import Tables
import Testing

/// Reads what Tests/References/chat_templates_reference.py wrote.
func fixture(_ name: String) throws -> Value {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
    return try JSON.parse([UInt8](Data(contentsOf: url)))
}

/// A value of JSON as a template is given it.
func input(_ value: Value) -> TemplateInput {
    switch value {
    case .bool(let flag): .bool(flag)
    case .number(.integer(let number)): .integer(Int(number))
    case .number(.double(let number)): .double(number)
    case .string(let text): .foreign(text)
    case .list(let items): .list(items.map(input))
    case .record(let fields): .mapping(fields.map { ($0.key, input($0.value)) })
    default: .none
    }
}

/// The day to which the reference pins `strftime_now`.
func pinnedDate(_ format: String) -> String {
    let known = [
        "%d %b %Y": "26 Jul 2024", "%Y-%m-%d": "2024-07-26", "%B %-d, %Y": "July 26, 2024", "%d %B %Y": "26 July 2024",
    ]
    return known[format] ?? format
}

/// Compares what a template made with what the reference did, by code points.
func check(_ expected: Value, _ render: () throws -> Rendering, _ name: String) {
    let result = Result(catching: render)
    if expected[field: "error"].bool == true {
        #expect(throws: JinjaError.self, "\(name)") { try result.get() }
        return
    }
    switch result {
    case .failure(let error): Issue.record("\(name): \(error)")
    case .success(let rendering):
        #expect(Array(rendering.text.string.utf8) == Array((expected[field: "text"].text ?? "").utf8), "\(name)")
        let ranges = (expected[field: "generated"].list ?? []).map { $0.list?.compactMap(\.integer) ?? [] }
        #expect(rendering.generated.map { [$0.lowerBound, $0.upperBound] } == ranges, "\(name)")
    }
}

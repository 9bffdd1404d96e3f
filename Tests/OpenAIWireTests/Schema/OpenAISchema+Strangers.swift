import Foundation
import OrderedCollections
import Tables

extension OpenAISchema {
    /// The paths of fields that a component's schema does not list, in objects of which it lists the fields.
    func strangers(_ value: Value, _ component: String) -> [String] {
        strangers(value, [fixture[field: "schemas"][field: component]], at: "$")
    }

    private func strangers(_ value: Value, _ schemas: [Value], at path: String) -> [String] {
        let parts = schemas.flatMap { flattened($0, value) }
        if let list = value.list {
            let items = parts.map { $0[field: "items"] }.filter { !$0.isNull }
            return list.enumerated().flatMap { strangers($1, items, at: "\(path)[\($0)]") }
        }
        guard let record = value.record else { return [] }
        let lists = parts.compactMap { $0[field: "properties"].record }
        // An object of any fields, such as metadata or a schema.
        let isOpen = parts.contains { $0.record?["additionalProperties"].map { $0 != false } ?? false }
        guard !lists.isEmpty, !isOpen else { return [] }
        return record.flatMap { name, field -> [String] in
            let inner = lists.compactMap { $0[name] }
            return inner.isEmpty ? ["\(path).\(name)"] : strangers(field, inner, at: "\(path).\(name)")
        }
    }

    /// The schemas that a schema refers to and that the value fits.
    private func flattened(_ schema: Value, _ value: Value) -> [Value] {
        var parts = [schema]
        if let name = schema[field: "$ref"].text?.replacingOccurrences(of: "#/schemas/", with: "") {
            parts += flattened(fixture[field: "schemas"][field: name], value)
        }
        for word in ["anyOf", "oneOf", "allOf"] {
            for inner in schema[field: word].list ?? [] where fits(value, inner) { parts += flattened(inner, value) }
        }
        return parts
    }
}

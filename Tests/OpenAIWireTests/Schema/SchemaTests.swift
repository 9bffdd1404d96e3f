import OpenAIWire
import OrderedCollections
import Tables
import Testing

/// The validator of the tests agrees with Python's jsonschema, so that what it says of our builders counts.
@Suite struct SchemaTests {
    @Test func allWordsAreKnown() throws {
        let schema = try OpenAISchema.load()
        var unknown: Set<String> = []
        func look(_ node: Value) {
            guard let record = node.record else { return }
            for (word, rule) in record {
                if !OpenAISchema.words.contains(word) { unknown.insert(word) }
                switch word {
                case "properties": (rule.record ?? [:]).values.forEach(look)
                case "items", "additionalProperties": look(rule)
                case "anyOf", "oneOf", "allOf": (rule.list ?? []).forEach(look)
                default: break
                }
            }
        }
        let schemas = try #require(schema.fixture[field: "schemas"].record)
        schemas.values.forEach(look)
        #expect(unknown.isEmpty)
        #expect(schemas.count > 200)
    }

    @Test func examplesFitAsPythonSays() throws {
        let schema = try OpenAISchema.load()
        let examples = try schema.examples()
        #expect(examples.count > 70)
        for example in examples {
            let mismatch = schema.mismatch(example.json, example.schema)
            #expect((mismatch == nil) == example.fits, "\(example.at): \(mismatch ?? "fits")")
        }
    }

    @Test func changedExamplesFitAsPythonSays() throws {
        let schema = try OpenAISchema.load()
        let examples = try schema.examples()
        let changes = try #require(schema.fixture[field: "changes"].list)
        var fitting = 0
        for change in changes {
            let example = examples[try #require(change[field: "example"].integer)]
            let path = try #require(change[field: "path"].list)[...]
            let changed = example.json.changed(at: path, to: change.record?["value"])
            let mismatch = schema.mismatch(changed, example.schema)
            let fits = try #require(change[field: "fits"].bool)
            #expect((mismatch == nil) == fits, "\(example.at) \(JSON.text(change)): \(mismatch ?? "fits")")
            if fits { fitting += 1 }
        }
        #expect(fitting > 50 && changes.count - fitting > 50)
    }
}

extension Value {
    /// The value with another in one place; nil takes the place away.
    func changed(at path: ArraySlice<Value>, to value: Value?) -> Value {
        guard let step = path.first else { return value ?? .null }
        if var record = record, let name = step.text {
            if path.count == 1, value == nil {
                record.removeValue(forKey: name)
            } else {
                record[name] = (record[name] ?? .null).changed(at: path.dropFirst(), to: value)
            }
            return .record(record)
        }
        guard var list, let index = step.integer, list.indices.contains(index) else { return self }
        if path.count == 1, value == nil {
            list.remove(at: index)
        } else {
            list[index] = list[index].changed(at: path.dropFirst(), to: value)
        }
        return .list(list)
    }
}

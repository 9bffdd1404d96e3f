internal import OrderedCollections
public import Tables

/// A documented subset of JSON Schema (draft 2020-12, json-schema.org), enough for what models are asked to answer.
///
/// Read are `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, `minItems`, `maxItems`,
/// `uniqueItems`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `minLength`, `maxLength`, `pattern`,
/// `anyOf`, `allOf`, `oneOf` and `not`, each as Python's `jsonschema` reads it. `title`, `description`, `default`,
/// `examples`, `format`, `$schema`, `$id` and `$comment` say nothing about validity. All else is refused: a rule that
/// is passed over would let wrong answers through.
public struct JSONSchema: Sendable {
    /// Why a schema cannot be read: what was expected and found, and where in the schema.
    public struct Mistake: Error, Sendable, Hashable {
        public let message: String
        /// The word that was found where one of some was expected; nil where something else is wrong.
        public let word: String?
        /// The words that were expected.
        public let words: [String]

        init(message: String, word: String? = nil, words: [String] = []) {
            self.message = message
            self.word = word
            self.words = words
        }
    }

    /// What a rule fails on.
    private struct Failure: Error {
        let path: String
        let message: String
    }

    private indirect enum Rule: Sendable {
        case never
        case type([String])
        case among([Value])
        case properties(OrderedDictionary<String, JSONSchema>)
        case required([String])
        case otherProperties(JSONSchema, known: Set<String>)
        case items(JSONSchema)
        case count(ClosedRange<Int>)
        case unique
        case atLeast(Number), atMost(Number), above(Number), below(Number)
        case length(ClosedRange<Int>)
        case pattern(String)
        case any([JSONSchema])
        case all([JSONSchema])
        case one([JSONSchema])
        case none(JSONSchema)
    }

    private let rules: [Rule]

    /// What other languages call the types.
    public static let foreignTypes = [
        "text": "string", "str": "string", "list": "array", "record": "object", "dict": "object", "int": "integer",
        "float": "number", "double": "number", "bool": "boolean", "none": "null",
    ]

    /// Whether a regular expression fits anywhere in a text.
    public typealias Matching = (_ pattern: String, _ text: String) throws -> Bool

    /// Reads a schema: a record, or true or false for "anything" and "nothing".
    public init(_ schema: Value) throws(Mistake) { try self.init(schema, path: "") }

    private init(_ schema: Value, path: String) throws(Mistake) {
        if let flag = schema.bool {
            rules = flag ? [] : [.never]
            return
        }
        guard let fields = schema.record else {
            throw Mistake(message: "a schema such as {type: \"object\"}\(Self.place(path)), found \(schema.kindName)")
        }
        var rules: [Rule] = []
        for (name, value) in fields where !Self.annotations.contains(name) {
            rules += try Self.rules(name, value, fields, path: path.isEmpty ? name : "\(path).\(name)")
        }
        self.rules = rules
    }

    /// Why a value does not fit the schema, as a sentence for people; nil where it does.
    /// - Throws: what `matches` throws.
    public func mismatch(_ value: Value, matches: Matching) throws -> String? {
        do {
            try check(value, at: "", matches)
            return nil
        } catch let failure as Failure {
            return failure.path.isEmpty ? failure.message : "\(failure.path): \(failure.message)"
        }
    }

    // MARK: Reading

    private static let annotations: Set<String> = [
        "title", "description", "default", "examples", "format", "$schema", "$id", "$comment", "deprecated", "readOnly",
        "writeOnly",
    ]
    private static let types = ["array", "boolean", "integer", "null", "number", "object", "string"]
    private static let keywords = [
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
        "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
        "pattern", "anyOf", "allOf", "oneOf", "not",
    ]

    private static func place(_ path: String) -> String { path.isEmpty ? "" : " in `\(path)`" }

    private static func rules(
        _ name: String, _ value: Value, _ fields: Record, path: String
    ) throws(Mistake) -> [Rule] {
        switch name {
        case "type":
            let names = value.text.map { [$0] } ?? texts(value)
            guard let names else { throw expected("the name of a type", path, value) }
            for name in names where !types.contains(name) {
                throw Mistake(
                    message: "\(types.joined(separator: ", "))\(place(path)), found \"\(name)\"", word: name,
                    words: types)
            }
            return [.type(names)]
        case "enum":
            guard let values = value.list else { throw expected("a list of values", path, value) }
            return [.among(values)]
        case "const": return [.among([value])]
        case "properties":
            guard let record = value.record else { throw expected("a record of schemas", path, value) }
            var schemas: OrderedDictionary<String, JSONSchema> = [:]
            for (name, schema) in record { schemas[name] = try JSONSchema(schema, path: "\(path).\(name)") }
            return [.properties(schemas)]
        case "required":
            guard let names = texts(value) else { throw expected("a list of names", path, value) }
            return [.required(names)]
        case "additionalProperties":
            let known = Set((fields["properties"]?.record ?? [:]).keys)
            return [.otherProperties(try JSONSchema(value, path: path), known: known)]
        case "items": return [.items(try JSONSchema(value, path: path))]
        case "minItems": return [.count(try whole(value, path)...Int.max)]
        case "maxItems": return [.count(0...(try whole(value, path)))]
        case "uniqueItems":
            guard let flag = value.bool else { throw expected("true or false", path, value) }
            return flag ? [.unique] : []
        case "minimum": return [.atLeast(try number(value, path))]
        case "maximum": return [.atMost(try number(value, path))]
        case "exclusiveMinimum": return [.above(try number(value, path))]
        case "exclusiveMaximum": return [.below(try number(value, path))]
        case "minLength": return [.length(try whole(value, path)...Int.max)]
        case "maxLength": return [.length(0...(try whole(value, path)))]
        case "pattern":
            guard let pattern = value.text else { throw expected("a regular expression", path, value) }
            return [.pattern(pattern)]
        case "anyOf": return [.any(try schemas(value, path))]
        case "allOf": return [.all(try schemas(value, path))]
        case "oneOf": return [.one(try schemas(value, path))]
        case "not": return [.none(try JSONSchema(value, path: path))]
        default:
            throw Mistake(
                message: "a rule of JSON Schema that is read here (see help), found `\(path)`", word: name,
                words: keywords)
        }
    }

    private static func expected(_ what: String, _ path: String, _ value: Value) -> Mistake {
        let found = value.text.map { "\"\($0)\"" } ?? value.kindName
        return Mistake(message: "\(what)\(place(path)), found \(found)")
    }

    private static func texts(_ value: Value) -> [String]? {
        guard let list = value.list else { return nil }
        let texts = list.compactMap(\.text)
        return texts.count == list.count ? texts : nil
    }

    private static func whole(_ value: Value, _ path: String) throws(Mistake) -> Int {
        guard let number = value.integer, number >= 0 else { throw expected("a whole number from 0", path, value) }
        return number
    }

    private static func number(_ value: Value, _ path: String) throws(Mistake) -> Number {
        guard case .number(let number) = value else { throw expected("a number", path, value) }
        return number
    }

    private static func schemas(_ value: Value, _ path: String) throws(Mistake) -> [JSONSchema] {
        guard let list = value.list, !list.isEmpty else { throw expected("a list of schemas", path, value) }
        var schemas: [JSONSchema] = []
        for (index, schema) in list.enumerated() { schemas.append(try JSONSchema(schema, path: "\(path)[\(index)]")) }
        return schemas
    }

    // MARK: Checking

    private func check(_ value: Value, at path: String, _ matches: Matching) throws {
        for rule in rules { try Self.check(rule, value, at: path, matches) }
    }

    private func fits(_ value: Value, at path: String, _ matches: Matching) throws -> Bool {
        do {
            try check(value, at: path, matches)
            return true
        } catch is Failure {
            return false
        }
    }

    private static func check(_ rule: Rule, _ value: Value, at path: String, _ matches: Matching) throws {
        func require(_ holds: Bool, _ message: @autoclosure () -> String) throws {
            if !holds { throw Failure(path: path, message: message()) }
        }
        func shown() -> String {
            let found = JSON.text(value, .compact)
            return found.count > 40 ? "\(found.prefix(40))…" : found
        }
        func compare(_ wanted: String, _ holds: (Number) -> Bool) throws {
            guard case .number(let number) = value else { return }
            try require(holds(number), "expected \(wanted), found \(number)")
        }
        switch rule {
        case .never: try require(false, "expected nothing here, found \(shown())")
        case .type(let names):
            try require(
                names.contains { isType($0, value) }, "expected \(names.joined(separator: " or ")), found \(shown())")
        case .among(let values):
            let choices = values.map { JSON.text($0, .compact) }.joined(separator: ", ")
            try require(values.contains(value), "expected \(choices), found \(shown())")
        case .properties(let schemas):
            guard let record = value.record else { return }
            for (name, schema) in schemas {
                guard let field = record[name] else { continue }
                try schema.check(field, at: inner(path, name), matches)
            }
        case .required(let names):
            guard let record = value.record else { return }
            for name in names { try require(record[name] != nil, "expected the field `\(name)`, which is missing") }
        case .otherProperties(let schema, let known):
            guard let record = value.record else { return }
            for (name, field) in record where !known.contains(name) {
                if schema.rules.contains(where: { if case .never = $0 { true } else { false } }) {
                    throw Failure(path: path, message: "expected no field `\(name)`")
                }
                try schema.check(field, at: inner(path, name), matches)
            }
        case .items(let schema):
            for (index, element) in (value.list ?? []).enumerated() {
                try schema.check(element, at: "\(path)[\(index)]", matches)
            }
        case .count(let range):
            guard let list = value.list else { return }
            try require(range.contains(list.count), "expected \(bounds(range)) elements, found \(list.count)")
        case .unique:
            guard let list = value.list else { return }
            try require(Set(list).count == list.count, "expected elements that differ")
        case .atLeast(let bound): try compare("at least \(bound)") { $0 >= bound }
        case .atMost(let bound): try compare("at most \(bound)") { $0 <= bound }
        case .above(let bound): try compare("more than \(bound)") { $0 > bound }
        case .below(let bound): try compare("less than \(bound)") { $0 < bound }
        case .length(let range):
            guard let text = value.text else { return }
            let count = text.unicodeScalars.count
            try require(range.contains(count), "expected \(bounds(range)) characters, found \(count)")
        case .pattern(let pattern):
            guard let text = value.text else { return }
            try require(try matches(pattern, text), "expected text that fits \(pattern), found \(shown())")
        case .any(let schemas):
            try require(
                try schemas.contains { try $0.fits(value, at: path, matches) },
                "expected one of the forms of anyOf, found \(shown())")
        case .all(let schemas): for schema in schemas { try schema.check(value, at: path, matches) }
        case .one(let schemas):
            let count = try schemas.count { try $0.fits(value, at: path, matches) }
            try require(count == 1, "expected exactly one of the forms of oneOf, found \(count)")
        case .none(let schema):
            try require(
                !(try schema.fits(value, at: path, matches)), "expected another form than `not` has, found \(shown())")
        }
    }

    private static func inner(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private static func bounds(_ range: ClosedRange<Int>) -> String {
        range.upperBound == Int.max ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
    }

    private static func isType(_ name: String, _ value: Value) -> Bool {
        switch name {
        case "array": value.list != nil
        case "boolean": value.bool != nil
        case "integer": value.double.map { $0.isFinite && $0 == $0.rounded() } ?? false
        case "null": value.isNull
        case "number": value.double != nil
        case "object": value.record != nil
        default: value.text != nil
        }
    }
}

public import OrderedCollections
public import Tables

/// The fields of a wire object that follow its form. Only this module can make them, so that a wire object whose form
/// does not hold cannot be had.
public struct WireFields: Sendable, Equatable {
    /// The fields in their order.
    public let record: Record

    /// Wraps fields that were read and checked.
    init(_ record: Record) { self.record = record }

    /// The fields of a builder; what is nil is left out.
    init(_ fields: KeyValuePairs<String, Value?>) {
        var record: Record = [:]
        for (name, value) in fields {
            if let value { record[name] = value }
        }
        self.record = record
    }

    /// Equal values under equal names; JSON objects have no order.
    public static func == (left: WireFields, right: WireFields) -> Bool {
        Value.record(left.record) == Value.record(right.record)
    }

    func text(_ name: String) -> String? { record[name]?.text }

    func whole(_ name: String) -> Int? { record[name]?.integer }

    func number(_ name: String) -> Double? { record[name]?.double }

    func flag(_ name: String) -> Bool? { record[name]?.bool }

    /// A field that is present and not null.
    func present(_ name: String) -> Value? {
        guard let value = record[name], !value.isNull else { return nil }
        return value
    }

    func word<Word: WireWord>(_ name: String) -> Word? { text(name).map(Word.init(rawValue:)) }

    /// The texts of a list; nil where it is no list of texts.
    func texts(_ name: String) -> [String]? {
        guard let list = record[name]?.list else { return nil }
        let texts = list.compactMap(\.text)
        return texts.count == list.count ? texts : nil
    }

    /// The pairs of texts of a record, such as `metadata`; pairs whose value is no text are left out.
    func pairs(_ name: String) -> OrderedDictionary<String, String>? {
        guard let fields = record[name]?.record else { return nil }
        return fields.compactMapValues(\.text)
    }

    /// An object that the form has not checked; nil where it cannot be read.
    func object<Object: WireObject>(_ name: String, as type: Object.Type = Object.self) -> Object? {
        guard let value = present(name), let fields = try? Object.form.check(value) else { return nil }
        return Object(fields: WireFields(fields))
    }

    /// A list of objects that the form has not checked; nil where one of them cannot be read.
    func objects<Object: WireObject>(_ name: String, as type: Object.Type = Object.self) -> [Object]? {
        guard let list = record[name]?.list else { return nil }
        var objects: [Object] = []
        for value in list {
            guard let fields = try? Object.form.check(value) else { return nil }
            objects.append(Object(fields: WireFields(fields)))
        }
        return objects
    }

    /// An object that the form has checked.
    func child<Object: WireObject>(_ name: String) -> Object {
        Object(fields: WireFields(record[name]?.record ?? [:]))
    }

    /// The objects of a list that the form has checked; none where there is no list.
    func children<Object: WireObject>(_ name: String) -> [Object] {
        (record[name]?.list ?? []).map { Object(fields: WireFields($0.record ?? [:])) }
    }
}

extension Value {
    /// The value where a condition holds, else nothing. `condition ? value : nil` would be a null of JSON, which `nil`
    /// also stands for where a value is wanted.
    static func when(_ condition: Bool, _ value: @autoclosure () -> Value) -> Value? {
        guard condition else { return Optional.none }
        return value()
    }

    /// A list of texts.
    static func texts(_ texts: [String]) -> Value { .list(texts.map(Value.string)) }

    /// A list of wire objects.
    static func objects(_ objects: [some WireObject]) -> Value { .list(objects.map(\.json)) }

    /// A record of texts, such as `metadata`.
    static func pairs(_ pairs: OrderedDictionary<String, String>) -> Value {
        .record(pairs.mapValues(Value.string))
    }
}

extension Optional<Value> {
    /// The value, or null: for fields that the schema wants even where there is nothing to say.
    var orNull: Value { self ?? .null }
}

public import OrderedCollections
public import Tables

/// A JSON object of OpenAI's API, or of a server that speaks it.
///
/// Reading keeps every field, known or not, and writing gives the same fields back in the same order: a newer server's
/// additions survive. What a reader cannot do without is checked once, when it is read (`form`); everything else is
/// nil where it is absent, null or of another type. A conforming type adds an initialiser with named arguments that
/// writes the schema's fields and nothing else.
public protocol WireObject: Sendable, Equatable {
    /// What reading insists on.
    static var form: WireForm { get }

    /// The fields as they were read or built.
    var fields: WireFields { get }

    /// Wraps fields that follow the form.
    init(fields: WireFields)
}

extension WireObject {
    /// Reads an object.
    /// - Throws: `WireError` with the path of the field that is missing or has another type.
    public init(_ json: Value) throws(WireError) {
        do throws(WireError) {
            self.init(fields: WireFields(try Self.form.check(json)))
        } catch {
            throw error.of(Self.form.name)
        }
    }

    /// Reads the text of an object.
    /// - Throws: `WireError` also where it is no JSON.
    public init(bytes: [UInt8]) throws(WireError) {
        let json: Value
        do throws(JSONError) {
            json = try JSON.parse(bytes)
        } catch {
            throw WireError("\(error.expected) in the JSON of \(Self.form.name), found \(error.found)")
        }
        try self.init(json)
    }

    /// The object as JSON.
    public var json: Value { .record(fields.record) }

    /// The object's compact text in UTF-8.
    public var bytes: [UInt8] { JSON.bytes(json) }

    /// A field by its name on the wire, known here or not; null where there is none.
    public subscript(field name: String) -> Value { fields.record[name] ?? .null }

    /// The same object with other values in some fields, such as a server's own parameters; nil takes a field away.
    /// - Throws: `WireError` where the result does not follow the form any more.
    public func setting(_ others: OrderedDictionary<String, Value?>) throws(WireError) -> Self {
        var record = fields.record
        for (name, value) in others {
            if let value { record[name] = value } else { record.removeValue(forKey: name) }
        }
        return try Self(.record(record))
    }
}

internal import OrderedCollections
internal import Tables

/// What reading an object insists on: the fields that a reader cannot do without, and those that it must not misread.
public struct WireForm: Sendable {
    /// What the object is, for messages: "a chat completion".
    public let name: String
    private let fields: [Field]

    init(_ name: String, _ fields: Field...) {
        self.name = name
        self.fields = fields
    }

    /// A field and its type.
    struct Field: Sendable {
        fileprivate let name: String
        fileprivate let isRequired: Bool
        fileprivate let kind: Kind

        /// A field that must be there and not be null.
        static func needs(_ name: String, _ kind: Kind) -> Field { Field(name: name, isRequired: true, kind: kind) }

        /// A field that may be absent or null, but not be of another type.
        static func mayHave(_ name: String, _ kind: Kind) -> Field {
            Field(name: name, isRequired: false, kind: kind)
        }
    }

    /// A field's type.
    enum Kind: Sendable {
        case text, whole, number, flag, record, texts
        /// A whole number from 0.
        case count
        /// One object, or a list of them.
        case object(any WireObject.Type), objects(any WireObject.Type)
        /// Whatever a test lets pass, in words.
        case other(String, @Sendable (Value) -> Bool)
    }

    /// The fields of a value that follows the form.
    /// - Throws: `WireError` whose path begins at this object.
    func check(_ json: Value) throws(WireError) -> Record {
        guard let record = json.record else { throw WireError("an object", at: nil, found: json) }
        for field in fields {
            let value = record[field.name]
            guard let value, !value.isNull else {
                guard field.isRequired else { continue }
                throw WireError(field.kind.words, at: field.name, found: value)
            }
            do throws(WireError) {
                try field.kind.check(value)
            } catch {
                throw error.under(field.name)
            }
        }
        return record
    }
}

extension WireForm.Kind {
    fileprivate var words: String {
        switch self {
        case .text: "text"
        case .whole: "a whole number"
        case .number: "a number"
        case .flag: "true or false"
        case .record, .object: "an object"
        case .texts: "a list of texts"
        case .count: "a whole number from 0"
        case .objects: "a list of objects"
        case .other(let words, _): words
        }
    }

    fileprivate func check(_ value: Value) throws(WireError) {
        let fits: Bool
        switch self {
        case .text: fits = value.text != nil
        case .whole: fits = value.integer != nil
        case .number: fits = value.double != nil
        case .flag: fits = value.bool != nil
        case .record: fits = value.record != nil
        case .texts: fits = value.list.map { $0.allSatisfy { $0.text != nil } } ?? false
        case .count: fits = value.integer.map { $0 >= 0 } ?? false
        case .other(_, let test): fits = test(value)
        case .object(let type):
            _ = try type.form.check(value)
            return
        case .objects(let type):
            guard let list = value.list else {
                fits = false
                break
            }
            for (index, element) in list.enumerated() {
                do throws(WireError) {
                    _ = try type.form.check(element)
                } catch {
                    throw error.under("[\(index)]")
                }
            }
            return
        }
        guard fits else { throw WireError(words, at: nil, found: value) }
    }
}

internal import OrderedCollections
internal import Tables

/// JSON that does not follow OpenAI's format.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was expected, and found where that helps.
    public let expected: String
    /// Where in the JSON, such as `choices[0].message.content`; nil where `expected` says it, or for the whole.
    public let path: String?
    /// What the JSON was read as, such as "a chat completion"; nil where `expected` says it.
    public let whole: String?
    /// What stands there instead; nil where `expected` says it.
    public let found: String?
    /// How to mend it, where there is more to say.
    public let hint: String?

    public init(_ expected: String, hint: String? = nil) {
        self.init(expected, path: nil, whole: nil, found: nil, hint: hint)
    }

    /// A field that is missing or has another type.
    /// - Parameters:
    ///   - expected: the field's type in words, such as "text".
    ///   - path: where it stands; nil for the value itself.
    ///   - found: what stands there; nil where there is nothing.
    init(_ expected: String, at path: String?, found: Value?) {
        self.init(expected, path: path, whole: nil, found: found.map(Self.shown) ?? "nothing", hint: nil)
    }

    private init(_ expected: String, path: String?, whole: String?, found: String?, hint: String?) {
        self.expected = expected
        self.path = path
        self.whole = whole
        self.found = found
        self.hint = hint
    }

    public var description: String {
        var text = "Expected \(expected)"
        if let path { text += " in `\(path)`" }
        if let whole { text += path == nil ? " for \(whole)" : " of \(whole)" }
        if let found { text += ", found \(found)" }
        return text + "."
    }

    /// The same mistake in a part of a larger whole.
    func inside(_ part: String) -> WireError {
        WireError("\(expected), in \(part)", path: path, whole: whole, found: found, hint: hint)
    }

    /// The same mistake, seen from the object that holds the field `step`, or from the list that holds `[step]`.
    func under(_ step: String) -> WireError {
        guard let path else { return WireError(expected, path: step, whole: whole, found: found, hint: hint) }
        return WireError(
            expected, path: path.hasPrefix("[") ? step + path : "\(step).\(path)", whole: whole, found: found,
            hint: hint)
    }

    /// The same mistake, with what the JSON was read as.
    func of(_ whole: String) -> WireError {
        WireError(expected, path: path, whole: self.whole ?? whole, found: found, hint: hint)
    }

    private static func shown(_ value: Value) -> String {
        switch value {
        case .string, .number, .bool, .null:
            let text = JSON.text(value)
            return text.count > 60 ? text.prefix(57) + "…" : text
        default: return value.kindName
        }
    }
}

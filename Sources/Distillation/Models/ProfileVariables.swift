internal import OrderedCollections
internal import Tables

/// Puts the environment's values into a kernel's profile, where it says `{"environment": "NAME", "default": …}`.
///
/// Keys are no part of it: what is secret is read when it is used, and never lies in a profile.
struct ProfileVariables {
    private static let secrets: Set<String> = ["key", "token"]
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// The record with every variable replaced by its value; without one, by its default, or null.
    func filled(_ record: Record) -> Record {
        var filled = Record()
        for (name, value) in record { filled[name] = Self.secrets.contains(name) ? value : self.filled(value) }
        return filled
    }

    private func filled(_ value: Value) -> Value {
        switch value {
        case .list(let elements): return .list(elements.map(filled))
        case .record(let record):
            guard let name = record["environment"]?.text else { return .record(filled(record)) }
            if let text = environment[name], !text.isEmpty { return .string(text) }
            return record["default"] ?? .null
        default: return value
        }
    }
}

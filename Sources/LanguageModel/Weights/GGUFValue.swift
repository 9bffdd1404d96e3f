/// A metadata value of a GGUF file.
///
/// Numbers of all widths are kept as the widest of their kind; arrays are homogeneous, as the format has them.
public enum GGUFValue: Sendable, Hashable {
    case unsigned(UInt64)
    case signed(Int64)
    case float(Double)
    case bool(Bool)
    case string(String)
    case integers([Int64])
    case floats([Double])
    case bools([Bool])
    case strings([String])
    /// An array of arrays, which no Llama-family model has: skipped over, not kept.
    case nested

    /// The value as a whole number, if it is one that fits.
    var integer: Int? {
        switch self {
        case .unsigned(let value): Int(exactly: value)
        case .signed(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The value as a number.
    var number: Double? {
        switch self {
        case .unsigned(let value): Double(value)
        case .signed(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// What the value is, for messages.
    var kind: String {
        switch self {
        case .unsigned(let value): "\(value)"
        case .signed(let value): "\(value)"
        case .float(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .string(let value): "\"\(value.prefix(40))\""
        case .integers(let values): "a list of \(values.count) integers"
        case .floats(let values): "a list of \(values.count) numbers"
        case .bools(let values): "a list of \(values.count) booleans"
        case .strings(let values): "a list of \(values.count) strings"
        case .nested: "a list of lists"
        }
    }
}

internal import Foundation
internal import OrderedCollections
public import Tables

extension Formula {
    /// The formula's value for scores.
    /// - Parameter scores: by the graders' names.
    /// - Throws: `RowError` where a score is missing, or the result is no finite number, as after a division by zero.
    public func value(_ scores: [String: Double]) throws(RowError) -> Double { try Self.value(root, scores) }

    private static func value(_ node: Node, _ scores: [String: Double]) throws(RowError) -> Double {
        switch node {
        case .number(let number): return number
        case .name(let name):
            guard let score = scores[name] else { throw RowError("there is no score of `\(name)`") }
            return score
        case .negated(let inner): return -(try value(inner, scores))
        case .operation(let operation, let left, let right):
            return try apply(operation, try value(left, scores), try value(right, scores))
        case .call(let function, let arguments):
            var values: [Double] = []
            for argument in arguments { values.append(try value(argument, scores)) }
            return try apply(function, values)
        }
    }

    private static func apply(_ operation: Operator, _ left: Double, _ right: Double) throws(RowError) -> Double {
        switch operation {
        case .add: return try finite(left + right, "a sum")
        case .subtract: return try finite(left - right, "a difference")
        case .multiply: return try finite(left * right, "a product")
        case .divide:
            guard right != 0 else { throw RowError("calculate_output divides by zero") }
            return try finite(left / right, "a quotient")
        case .power: return try finite(pow(left, right), "a power")
        }
    }

    private static func apply(_ function: Function, _ values: [Double]) throws(RowError) -> Double {
        guard let first = values.first else { throw RowError("calculate_output has a function without a number") }
        switch function {
        case .min: return values.dropFirst().reduce(first) { Swift.min($0, $1) }
        case .max: return values.dropFirst().reduce(first) { Swift.max($0, $1) }
        case .abs: return Swift.abs(first)
        case .floor: return first.rounded(.down)
        case .ceil: return first.rounded(.up)
        case .exp: return try finite(Foundation.exp(first), "exp")
        case .sqrt:
            guard first >= 0 else { throw RowError("calculate_output takes the square root of a negative number") }
            return first.squareRoot()
        case .log:
            guard first > 0 else { throw RowError("calculate_output takes the logarithm of 0 or a negative number") }
            return Foundation.log(first)
        }
    }

    private static func finite(_ number: Double, _ what: String) throws(RowError) -> Double {
        guard number.isFinite else { throw RowError("calculate_output has \(what) that is no finite number") }
        return number
    }
}

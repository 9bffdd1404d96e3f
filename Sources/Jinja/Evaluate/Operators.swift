/// Python's operators on a template's values.
enum Operators {
    static func negated(_ value: Value) throws(Failure) -> Value {
        if let number = value.integer {
            guard number != .min else { throw overflow }
            return .integer(-number)
        }
        guard let number = value.number else { throw Failure("`-` needs a number, found \(value.kind)") }
        return .double(-number)
    }

    private static var overflow: Failure { Failure("the result does not fit 64 bits") }

    static func arithmetic(
        _ operation: Arithmetic, _ left: Value, _ right: Value, _ evaluator: Evaluator
    ) throws(Failure) -> Value {
        if let a = left.integer, let b = right.integer { return try whole(operation, a, b) }
        if let a = left.number, let b = right.number { return try double(operation, a, b) }
        switch (operation, left, right) {
        case (.add, .text(let a), .text(let b)):
            try evaluator.make(a.count + b.count)
            return .text(TemplateText(units: a.units + b.units))
        case (.add, .list(let a), .list(let b)) where a.isTuple == b.isTuple:
            try evaluator.make(a.items.count + b.items.count)
            return .list(Elements(a.items + b.items, isTuple: a.isTuple))
        case (.multiply, .text(let text), .integer(let count)), (.multiply, .integer(let count), .text(let text)):
            let (size, overflow) = text.count.multipliedReportingOverflow(by: max(0, count))
            try evaluator.make(overflow ? .max : size)
            return .text(TemplateText(units: size == 0 ? [] : (0..<count).flatMap { _ in text.units }))
        case (.multiply, .list(let list), .integer(let count)), (.multiply, .integer(let count), .list(let list)):
            let (size, overflow) = list.items.count.multipliedReportingOverflow(by: max(0, count))
            try evaluator.make(overflow ? .max : size)
            return .list(
                Elements(size == 0 ? [] : (0..<count).flatMap { _ in list.items }, isTuple: list.isTuple))
        case (.remainder, .text, _):
            throw Failure("filling in a text with `%` is not supported", kind: .unsupported)
        default:
            throw Failure("`\(operation.rawValue)` does not go with \(left.kind) and \(right.kind)")
        }
    }

    private static func whole(_ operation: Arithmetic, _ a: Int, _ b: Int) throws(Failure) -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide, .divideDown, .remainder:
            guard b != 0 else { throw Failure("division by zero") }
            if operation == .divide { return .double(Double(a) / Double(b)) }
            guard !(a == .min && b == -1) else { throw overflow }
            // Python rounds down; the remainder has the divisor's sign.
            let isBelow = a % b != 0 && (a < 0) != (b < 0)
            return .integer(operation == .divideDown ? a / b - (isBelow ? 1 : 0) : a % b + (isBelow ? b : 0))
        case .power:
            guard b >= 0 else { return try double(.power, Double(a), Double(b)) }
            var power = 1
            for _ in 0..<min(b, 64) {
                let (next, overflows) = power.multipliedReportingOverflow(by: a)
                guard !overflows else { throw overflow }
                power = next
            }
            // Beyond 64 factors only 0, 1 and −1 still fit.
            if b > 64, a == -1 { power = b % 2 == 0 ? 1 : -1 }
            return .integer(power)
        }
        guard !result.overflow else { throw overflow }
        return .integer(result.partialValue)
    }

    private static func double(_ operation: Arithmetic, _ a: Double, _ b: Double) throws(Failure) -> Value {
        switch operation {
        case .add: return .double(a + b)
        case .subtract: return .double(a - b)
        case .multiply: return .double(a * b)
        case .divide, .divideDown, .remainder:
            guard b != 0 else { throw Failure("division by zero") }
            if operation == .divide { return .double(a / b) }
            if operation == .divideDown { return .double((a / b).rounded(.down)) }
            let remainder = a.truncatingRemainder(dividingBy: b)
            return .double(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder)
        case .power:
            // Whole exponents only: all that a template has use for.
            guard let exponent = Int(exactly: b), exponent.magnitude <= 1024, !(a == 0 && exponent < 0) else {
                throw Failure("`**` with this exponent is not supported", kind: .unsupported)
            }
            var power = 1.0
            for _ in 0..<exponent.magnitude { power *= a }
            return .double(exponent < 0 ? 1 / power : power)
        }
    }

    /// Whether a relation holds.
    static func holds(
        _ relation: Relation, _ left: Value, _ right: Value, _ evaluator: Evaluator
    ) throws(Failure) -> Bool {
        switch relation {
        case .equal, .unequal:
            try evaluator.make(min(left.extent.size, right.extent.size) / 16)
            return Value.areEqual(left, right) == (relation == .equal)
        case .isIn: return try contains(right, left, evaluator)
        case .isNotIn: return !(try contains(right, left, evaluator))
        case .less: return try precedes(left, right, relation)
        case .greater: return try precedes(right, left, relation)
        case .lessOrEqual: return try precedes(left, right, relation) || Value.areEqual(left, right)
        case .greaterOrEqual: return try precedes(right, left, relation) || Value.areEqual(left, right)
        }
    }

    /// Whether a value stands before another in order.
    static func precedes(_ left: Value, _ right: Value, _ relation: Relation = .less) throws(Failure) -> Bool {
        if let a = left.integer, let b = right.integer { return a < b }
        if let a = left.number, let b = right.number { return a < b }
        guard let a = left.text, let b = right.text else {
            throw Failure("`\(relation.rawValue)` does not go with \(left.kind) and \(right.kind)")
        }
        return a < b
    }

    static func contains(_ whole: Value, _ part: Value, _ evaluator: Evaluator) throws(Failure) -> Bool {
        switch whole {
        case .text(let text):
            guard let part = part.text else { throw Failure("`in` needs a text to look for, found \(part.kind)") }
            try evaluator.search(text, for: part)
            return text.firstPlace(of: part) != nil
        case .list(let list):
            try evaluator.make(list.extent.size / 16)
            return list.items.contains { Value.areEqual($0, part) }
        case .mapping(let mapping): return mapping.get(part) != nil
        case .undefined: return false
        default: throw Failure("`in` needs a text, a list or a mapping, found \(whole.kind)")
        }
    }
}

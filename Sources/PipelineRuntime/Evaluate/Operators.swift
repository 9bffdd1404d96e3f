internal import OrderedCollections
internal import PipelineSyntax
internal import Tables

/// What the operators mean. Null and errors spread; `==` is two-valued; and/or/not are Kleene's.
enum Operators {
    struct Fault: Error {
        let code: DiagnosticCode
        let message: String

        init(_ code: DiagnosticCode, _ message: String) {
            self.code = code
            self.message = message
        }
    }

    typealias Outcome = Result<Value, Fault>

    static func apply(_ sign: BinaryOperator, _ left: Value, _ right: Value) -> Outcome {
        if sign == .and || sign == .or { return logic(sign, left, right) }
        if let error = left.rowError ?? right.rowError { return .success(.error(error)) }
        switch sign {
        case .equal: return .success(.bool(same(left, right)))
        case .notEqual: return .success(.bool(!same(left, right)))
        default: break
        }
        if left.isNull || right.isNull { return .success(.null) }
        switch sign {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return order(sign, left, right)
        case .add, .subtract, .multiply, .divide, .remainder: return arithmetic(sign, left, right)
        case .range: return range(left, right)
        default: return .success(.null)
        }
    }

    /// Equality by value.
    static func same(_ left: Value, _ right: Value) -> Bool { left == right }

    static func negate(_ value: Value) -> Outcome {
        switch value {
        case .null, .error: .success(value)
        case .number(.integer(let number)):
            number == .min ? overflow : .success(.number(.integer(-number)))
        case .number(.double(let number)): .success(.double(-number))
        default: .failure(Fault(.wrongType, "Expected a number after `-`, found \(value.kindName)."))
        }
    }

    static func not(_ value: Value) -> Outcome {
        switch value {
        case .null, .error: .success(value)
        case .bool(let flag): .success(.bool(!flag))
        default: .failure(Fault(.wrongType, "Expected true or false after `not`, found \(value.kindName)."))
        }
    }

    static func not(_ outcome: Outcome) -> Outcome { outcome.flatMap { not($0) } }

    private static func logic(_ sign: BinaryOperator, _ left: Value, _ right: Value) -> Outcome {
        for value in [left, right] {
            switch value {
            case .bool, .null, .error: break
            default:
                return .failure(
                    Fault(.wrongType, "Expected true or false beside `\(sign.rawValue)`, found \(value.kindName)."))
            }
        }
        let decisive = sign == .or
        if left.bool == decisive || right.bool == decisive { return .success(.bool(decisive)) }
        if let error = left.rowError ?? right.rowError { return .success(.error(error)) }
        if left.isNull || right.isNull { return .success(.null) }
        return .success(.bool(!decisive))
    }

    private static func order(_ sign: BinaryOperator, _ left: Value, _ right: Value) -> Outcome {
        let isLess: Bool
        let isEqual: Bool
        switch (left, right) {
        case (.number(let a), .number(let b)):
            isLess = a < b
            isEqual = a == b
        case (.string(let a), .string(let b)):
            isLess = TextOrder.precedes(a, b)
            isEqual = TextOrder.areSame(a, b)
        default:
            return .failure(
                Fault(
                    .wrongType,
                    "Expected two numbers or two texts around `\(sign.rawValue)`, found \(left.kindName) and \(right.kindName)."
                ))
        }
        switch sign {
        case .less: return .success(.bool(isLess))
        case .lessOrEqual: return .success(.bool(isLess || isEqual))
        case .greater: return .success(.bool(!isLess && !isEqual))
        default: return .success(.bool(!isLess))
        }
    }

    private static let overflow = Outcome.failure(
        Fault(
            .arithmetic,
            "Expected a whole number of at most 64 bits; the result does not fit. Use a number with a fraction: 1.0 * …"
        ))

    private static func arithmetic(_ sign: BinaryOperator, _ left: Value, _ right: Value) -> Outcome {
        switch (left, right) {
        case (.number(.integer(let a)), .number(.integer(let b))) where sign != .divide:
            let (result, didOverflow): (Int64, Bool)
            switch sign {
            case .add: (result, didOverflow) = a.addingReportingOverflow(b)
            case .subtract: (result, didOverflow) = a.subtractingReportingOverflow(b)
            case .multiply: (result, didOverflow) = a.multipliedReportingOverflow(by: b)
            default:
                guard b != 0 else { return .success(.error(RowError("division by zero"))) }
                (result, didOverflow) = a.remainderReportingOverflow(dividingBy: b)
            }
            return didOverflow ? overflow : .success(.number(.integer(result)))
        case (.number(let a), .number(let b)):
            if sign == .divide || sign == .remainder, b.double == 0 {
                return .success(.error(RowError("division by zero")))
            }
            let result: Double
            switch sign {
            case .add: result = a.double + b.double
            case .subtract: result = a.double - b.double
            case .multiply: result = a.double * b.double
            case .divide: result = a.double / b.double
            default: result = a.double.truncatingRemainder(dividingBy: b.double)
            }
            return .success(
                result.isFinite ? .double(result) : .error(RowError("the result is too large for a number")))
        case (.string(let a), .string(let b)) where sign == .add:
            guard a.utf8.count + b.utf8.count <= ValueLimits.textBytes else {
                return .success(.error(ValueLimits.text))
            }
            return .success(.string(a + b))
        case (.list(let a), .list(let b)) where sign == .add:
            guard a.count + b.count <= ValueLimits.listElements else { return .success(.error(ValueLimits.list)) }
            return .success(.list(a + b))
        default:
            return .failure(
                Fault(
                    .wrongType,
                    "Expected two numbers around `\(sign.rawValue)`, found \(left.kindName) and \(right.kindName)."))
        }
    }

    private static func range(_ left: Value, _ right: Value) -> Outcome {
        guard let low = left.integer, let high = right.integer else {
            return .failure(
                Fault(.wrongType, "Expected whole numbers around `..`, found \(left.kindName) and \(right.kindName)."))
        }
        guard low <= high else { return .success(.list([])) }
        let (count, isTooLarge) = high.subtractingReportingOverflow(low)
        guard !isTooLarge, count < ValueLimits.listElements else {
            return .failure(Fault(.outOfRange, "Expected a range of at most 10,000,000 numbers."))
        }
        return .success(.list((low...high).map { .integer($0) }))
    }

    static func isBetween(_ value: Value, _ low: Value, _ high: Value) -> Outcome {
        apply(.lessOrEqual, low, value).flatMap { first in
            apply(.lessOrEqual, value, high).flatMap { second in apply(.and, first, second) }
        }
    }

    static func contains(_ container: Value, _ value: Value) -> Outcome {
        if let error = value.rowError ?? container.rowError { return .success(.error(error)) }
        switch container {
        case .null: return .success(.null)
        case .list(let elements): return .success(.bool(elements.contains { same($0, value) }))
        case .record(let fields):
            return .success(value.isNull ? .null : .bool(value.text.map { fields[$0] != nil } ?? false))
        case .string(let text):
            guard let part = value.text else { return .success(value.isNull ? .null : .bool(false)) }
            return .success(.bool(part.isEmpty || text.unicodeScalars.contains(part.unicodeScalars)))
        default:
            return .failure(
                Fault(.wrongType, "Expected a list, a range or text after `in`, found \(container.kindName)."))
        }
    }

    static func index(_ container: Value, _ position: Value) -> Outcome {
        if let error = container.rowError ?? position.rowError { return .success(.error(error)) }
        if container.isNull || position.isNull { return .success(.null) }
        switch (container, position) {
        case (.record(let fields), .string(let name)): return .success(fields[name] ?? .null)
        case (.list(let elements), .number):
            guard let place = resolved(position, count: elements.count) else { return .success(.null) }
            return .success(elements[place])
        case (.opaque(let domain), .number) where domain.asRows != nil:
            guard let rows = domain.asRows, let place = resolved(position, count: rows.count) else {
                return .success(.null)
            }
            return .success(.record(rows.row(place)))
        case (.opaque(let domain), .string(let name)) where domain.asRows != nil:
            return .success(domain.asRows?.member(name) ?? .null)
        case (.string(let text), .number):
            let characters = Array(text)
            guard let place = resolved(position, count: characters.count) else { return .success(.null) }
            return .success(.string(String(characters[place])))
        default:
            return .failure(
                Fault(
                    .wrongType,
                    "Expected a list with a number, or a record with text in […], found \(container.kindName) and \(position.kindName)."
                ))
        }
    }

    /// An index from 0, or negative from the end; nil outside.
    private static func resolved(_ position: Value, count: Int) -> Int? {
        guard let number = position.integer else { return nil }
        let place = number < 0 ? count + number : number
        return place >= 0 && place < count ? place : nil
    }
}

/// `value is kind`.
enum KindTest {
    static let names: Set<String> = ["null", "error", "text", "number", "list", "record", "bool", "rows"]

    /// Whether a value is of a kind; nil where the kind is none that the language knows.
    static func holds(_ value: Value, kind: String) -> Bool? {
        switch kind {
        case "null": value.isNull
        case "error": value.rowError != nil
        case "text": value.text != nil
        case "number": value.double != nil
        case "list": value.list != nil
        case "record": value.record != nil
        case "bool": value.bool != nil
        case "rows": value.rows != nil
        default: nil
        }
    }
}

internal import Foundation
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Functions on numbers. Null and errors spread through them.
extension Builtin {
    static let mathsFunctions: [Builtin] = [
        .function(
            "round", .maths, "A number rounded, half away from zero; to so many decimals where that is given.",
            [
                .number,
                Parameter("decimals", .whole(0...12), isRequired: false, "how many decimals stay; none unless given"),
            ],
            example: "round(2.345, 1)", result: .number,
            compute: { values in
                if case .number(.integer) = values[0] { return values[0] }
                guard let x = values[0].double else { throw RowError("round takes a number") }
                guard let decimals = values[1].integer else {
                    let rounded = x.rounded()
                    return Int64(exactly: rounded).map { .number(.integer($0)) } ?? .double(rounded)
                }
                let scale = pow(10, Double(decimals))
                let rounded = (x * scale).rounded() / scale
                return .double(rounded.isFinite ? rounded : x)
            }),
        .function(
            "abs", .maths, "A number without its sign.",
            [.number],
            example: "abs(-3)", result: .number,
            compute: { values in
                switch values[0] {
                case .number(.integer(let x)):
                    guard x != .min else { throw RowError("the result does not fit 64 bits") }
                    return .number(.integer(Swift.abs(x)))
                case .number(.double(let x)): return .double(Swift.abs(x))
                default: throw RowError("abs takes a number")
                }
            }),
        whole("floor", "The next whole number below.", "floor(2.7)") { $0.rounded(.down) },
        whole("ceil", "The next whole number above.", "ceil(2.1)") { $0.rounded(.up) },
        real("sqrt", "The square root; an error value below 0.", "sqrt(9)") { $0 < 0 ? nil : $0.squareRoot() },
        real("log", "The natural logarithm; an error value at 0 and below.", "log(10)") {
            $0 <= 0 ? nil : Foundation.log($0)
        },
        real("log10", "The logarithm to base 10; an error value at 0 and below.", "log10(1000)") {
            $0 <= 0 ? nil : Foundation.log10($0)
        },
        real("log2", "The logarithm to base 2; an error value at 0 and below.", "log2(8)") {
            $0 <= 0 ? nil : Foundation.log2($0)
        },
        real("exp", "e to a power.", "exp(1)") { Foundation.exp($0) },
        function("sign", "-1 below 0, 1 above it, and 0.", "sign(-3)") { .integer($0 < 0 ? -1 : $0 > 0 ? 1 : 0) },
        .function(
            "power", .maths, "A number to the power of another; whole where both are whole and it fits.",
            [.number, Parameter("exponent", .number(-.infinity ... .infinity), "the power")],
            example: "power(2, 10)", result: .number, compute: { try power($0[0], $0[1]) }),
        .function(
            "clamp", .maths, "A number, or the bound that it lies beyond.",
            [
                .number, Parameter("low", .number(-.infinity ... .infinity), "the least"),
                Parameter("high", .number(-.infinity ... .infinity), "the greatest"),
            ], example: "clamp(12, 0, 10)", result: .number,
            compute: { values in
                guard case .number(let x) = values[0], case .number(let low) = values[1],
                    case .number(let high) = values[2]
                else { throw RowError("clamp takes numbers") }
                guard low <= high else { throw RowError("clamp needs a low bound below the high one") }
                return .number(x < low ? low : high < x ? high : x)
            }),
    ]

    private static func power(_ base: Value, _ exponent: Value) throws(RowError) -> Value {
        guard case .number(let x) = base, case .number(let y) = exponent else {
            throw RowError("power takes numbers")
        }
        if case .integer(let whole) = x, case .integer(var left) = y, left >= 0 {
            // By squaring: the exponent's bits from the lowest.
            var (result, square): (Int64, Int64) = (1, whole)
            while true {
                if left & 1 == 1 {
                    let (product, overflows) = result.multipliedReportingOverflow(by: square)
                    guard !overflows else { throw RowError("the power does not fit 64 bits") }
                    result = product
                }
                left >>= 1
                if left == 0 { return .number(.integer(result)) }
                let (next, overflows) = square.multipliedReportingOverflow(by: square)
                guard !overflows else { throw RowError("the power does not fit 64 bits") }
                square = next
            }
        }
        let result = pow(x.double, y.double)
        guard result.isFinite else { throw RowError("power(\(base.plainText), \(exponent.plainText)) is no number") }
        return .double(result)
    }

    private static func whole(
        _ name: String, _ summary: String, _ example: String, _ apply: @escaping @Sendable (Double) -> Double
    ) -> Builtin {
        function(name, summary, example, keepsWhole: true) { x in
            let result = apply(x)
            return Int64(exactly: result).map { .number(.integer($0)) } ?? .double(result)
        }
    }

    private static func real(
        _ name: String, _ summary: String, _ example: String, _ apply: @escaping @Sendable (Double) -> Double?
    ) -> Builtin {
        function(name, summary, example) { x in apply(x).flatMap { $0.isFinite ? .double($0) : nil } }
    }

    private static func function(
        _ name: String, _ summary: String, _ example: String, keepsWhole: Bool = false,
        _ apply: @escaping @Sendable (Double) -> Value?
    ) -> Builtin {
        .function(
            name, .maths, summary, [.number],
            example: example, result: .number,
            compute: { values in
                if keepsWhole, case .number(.integer) = values[0] { return values[0] }
                guard let x = values[0].double else { throw RowError("\(name) takes a number") }
                guard let result = apply(x) else { throw RowError("\(name)(\(values[0].plainText)) is no number") }
                return result
            })
    }
}

extension Parameter {
    /// The number that a function of numbers works on.
    static let number = Parameter("x", .number(-.infinity ... .infinity), isSubject: true, "the number")
}

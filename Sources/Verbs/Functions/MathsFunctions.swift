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
                Parameter("x", .number(-.infinity ... .infinity), isSubject: true, "the number"),
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
            [Parameter("x", .number(-.infinity ... .infinity), isSubject: true, "the number")],
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
        real("exp", "e to a power.", "exp(1)") { Foundation.exp($0) },
    ]

    private static func whole(
        _ name: String, _ summary: String, _ example: String, _ apply: @escaping @Sendable (Double) -> Double
    ) -> Builtin {
        function(name, summary, example) { x in
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
        _ name: String, _ summary: String, _ example: String, _ apply: @escaping @Sendable (Double) -> Value?
    ) -> Builtin {
        .function(
            name, .maths, summary, [Parameter("x", .number(-.infinity ... .infinity), isSubject: true, "the number")],
            example: example, result: .number,
            compute: { values in
                guard let x = values[0].double else { throw RowError("\(name) takes a number") }
                guard let result = apply(x) else { throw RowError("\(name)(\(values[0].plainText)) is no number") }
                return result
            })
    }
}

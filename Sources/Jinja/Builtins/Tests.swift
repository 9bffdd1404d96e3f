/// The tests behind `is`, by name.
enum TestTable {
    typealias Test = @Sendable (Evaluator, Value, CallValues) throws(Failure) -> Bool

    static let rows: [String: Test] = [
        "defined": plain { !$0.isUndefined },
        "undefined": plain { $0.isUndefined },
        "none": plain { if case .none = $0 { true } else { false } },
        "boolean": plain { if case .bool = $0 { true } else { false } },
        "true": plain { if case .bool(true) = $0 { true } else { false } },
        "false": plain { if case .bool(false) = $0 { true } else { false } },
        "integer": plain { if case .integer = $0 { true } else { false } },
        "float": plain { if case .double = $0 { true } else { false } },
        "number": plain { $0.number != nil },
        "string": plain { $0.text != nil },
        "mapping": plain { if case .mapping = $0 { true } else { false } },
        "sequence": plain {
            switch $0 {
            case .text, .list, .mapping, .undefined: true
            default: false
            }
        },
        "iterable": plain {
            switch $0 {
            case .text, .list, .mapping, .undefined, .loop: true
            default: false
            }
        },
        "callable": plain {
            switch $0 {
            case .macro, .function, .method: true
            default: false
            }
        },
        "lower": plain { $0.text?.isCased(upper: false) ?? false },
        "upper": plain { $0.text?.isCased(upper: true) ?? false },
        "odd": remainder { $0 % 2 != 0 },
        "even": remainder { $0 % 2 == 0 },
        "divisibleby": { _, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["num"], of: "divisibleby", required: 1)
            guard let number = value.integer, let divisor = given[0]?.integer, divisor != 0 else {
                throw Failure("`divisibleby` needs whole numbers, and not 0")
            }
            return divisor == -1 || number % divisor == 0
        },
        "eq": relation(.equal), "equalto": relation(.equal), "==": relation(.equal),
        "ne": relation(.unequal), "!=": relation(.unequal),
        "lt": relation(.less), "lessthan": relation(.less), "<": relation(.less),
        "le": relation(.lessOrEqual), "<=": relation(.lessOrEqual),
        "gt": relation(.greater), "greaterthan": relation(.greater), ">": relation(.greater),
        "ge": relation(.greaterOrEqual), ">=": relation(.greaterOrEqual),
        "in": relation(.isIn),
        "sameas": relation(.equal),
    ]

    private static func plain(_ holds: @escaping @Sendable (Value) -> Bool) -> Test {
        { _, value, _ throws(Failure) in holds(value) }
    }

    private static func remainder(_ holds: @escaping @Sendable (Int) -> Bool) -> Test {
        { _, value, _ throws(Failure) in
            guard let number = value.integer else {
                throw Failure("this test needs a whole number, found \(value.kind)")
            }
            return holds(number)
        }
    }

    private static func relation(_ relation: Relation) -> Test {
        { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["other"], of: relation.rawValue, required: 1)
            return try Operators.holds(relation, value, given[0] ?? .none, evaluator)
        }
    }
}

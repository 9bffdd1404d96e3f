/// A function that every template can call.
struct GlobalFunction: Sendable {
    let apply: @Sendable (Evaluator, CallValues) throws(Failure) -> Value

    /// As many numbers as Jinja's own sandbox lets a range have.
    static let longestRange = 100_000

    static let table: [String: GlobalFunction] = [
        "range": GlobalFunction(apply: range),
        "namespace": GlobalFunction(apply: namespace),
        "dict": GlobalFunction(apply: dict),
        "raise_exception": GlobalFunction { _, arguments throws(Failure) in
            let given = try arguments.bound(to: ["message"], of: "raise_exception", required: 1)
            throw Failure(try (given[0] ?? .none).shown().string, kind: .raised)
        },
        "strftime_now": GlobalFunction { evaluator, arguments throws(Failure) in
            let given = try arguments.bound(to: ["format"], of: "strftime_now", required: 1)
            guard let format = given[0]?.text, let date = evaluator.date else {
                throw Failure("`strftime_now` needs a format")
            }
            return .string(date(format.string))
        },
    ]

    private static func range(_ evaluator: Evaluator, _ arguments: CallValues) throws(Failure) -> Value {
        var numbers: [Int] = []
        for value in arguments.positional {
            guard let number = value.integer else { throw Failure("`range` needs whole numbers, found \(value.kind)") }
            numbers.append(number)
        }
        guard (1...3).contains(numbers.count), arguments.named.isEmpty else {
            throw Failure("`range` takes 1 to 3 numbers, found \(numbers.count)")
        }
        let (low, high) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
        let step = numbers.count == 3 ? numbers[2] : 1
        guard step != 0 else { throw Failure("the step of `range` cannot be 0") }
        var items: [Value] = []
        var at = low
        while step > 0 ? at < high : at > high {
            guard items.count < longestRange else {
                throw Failure("a range has more than \(longestRange) numbers", kind: .limit)
            }
            items.append(.integer(at))
            let (next, overflow) = at.addingReportingOverflow(step)
            if overflow { break }
            at = next
        }
        try evaluator.make(items.count)
        return .list(Elements(items))
    }

    private static func entries(_ arguments: CallValues, of name: String) throws(Failure) -> Mapping {
        var mapping = Mapping()
        guard arguments.positional.count <= 1 else { throw Failure("`\(name)` takes one mapping and named values") }
        if let first = arguments.positional.first {
            guard case .mapping(let given) = first else {
                throw Failure("`\(name)` needs a mapping, found \(first.kind)", kind: .unsupported)
            }
            mapping = given
        }
        for (name, value) in arguments.named { mapping.set(.text(TemplateText(name)), value) }
        return mapping
    }

    private static func namespace(_ evaluator: Evaluator, _ arguments: CallValues) throws(Failure) -> Value {
        let namespace = Namespace()
        let mapping = try entries(arguments, of: "namespace")
        for (key, value) in zip(mapping.keys, mapping.values) {
            try evaluator.keep(value)
            if let name = key.text { namespace.fields[name.string] = value }
        }
        return .namespace(namespace)
    }

    private static func dict(_ evaluator: Evaluator, _ arguments: CallValues) throws(Failure) -> Value {
        .mapping(try entries(arguments, of: "dict"))
    }
}

extension Filters {
    /// Filters on lists, mappings and what can be looped over.
    static let lists: [String: Filter] = [
        "length": length, "count": length,
        "first": end("first") { $0.first }, "last": end("last") { $0.last },
        "list": { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: "list")
            return .list(Elements(try evaluator.elements(of: value)))
        },
        "reverse": { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: "reverse")
            if let text = value.text { return .text(TemplateText(units: text.units.reversed())) }
            return .list(Elements(try evaluator.elements(of: value).reversed()))
        },
        "join": join,
        "items": { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: "items")
            if value.isUndefined { return .list(Elements([])) }
            guard case .mapping(let mapping) = value else {
                throw Failure("`items` needs a mapping, found \(value.kind)")
            }
            try evaluator.make(mapping.keys.count)
            return .list(Elements(mapping.pairs))
        },
        "dictsort": sortedMapping,
        "map": map,
        "select": selecting("select", byAttribute: false, keeps: true),
        "reject": selecting("reject", byAttribute: false, keeps: false),
        "selectattr": selecting("selectattr", byAttribute: true, keeps: true),
        "rejectattr": selecting("rejectattr", byAttribute: true, keeps: false),
        "sort": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["reverse", "case_sensitive", "attribute"], of: "sort")
            let sorted = try sorted(
                evaluator.elements(of: value), by: given[2], isCased: given[1]?.isTrue ?? false,
                isDescending: given[0]?.isTrue ?? false, evaluator)
            return .list(Elements(sorted))
        },
        "unique": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["case_sensitive", "attribute"], of: "unique")
            var seen: [Value] = []
            var kept: [Value] = []
            for item in try evaluator.elements(of: value) {
                let key = folded(try attribute(given[1], of: item, evaluator), isCased: given[0]?.isTrue ?? false)
                try evaluator.make(seen.count)
                if seen.contains(where: { Value.areEqual($0, key) }) { continue }
                seen.append(key)
                kept.append(item)
            }
            return .list(Elements(kept))
        },
        "sum": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["attribute", "start"], of: "sum")
            var sum = given[1] ?? .integer(0)
            for item in try evaluator.elements(of: value) {
                sum = try Operators.arithmetic(.add, sum, try attribute(given[0], of: item, evaluator), evaluator)
            }
            return sum
        },
        "min": extreme("min", isDescending: false), "max": extreme("max", isDescending: true),
    ]

    private static let length: Filter = { _, value, arguments throws(Failure) in
        _ = try arguments.bound(to: [], of: "length")
        switch value {
        case .text(let text): return .integer(text.count)
        case .list(let list): return .integer(list.items.count)
        case .mapping(let mapping): return .integer(mapping.keys.count)
        case .undefined: return .integer(0)
        default: throw Failure("\(value.kind) has no length")
        }
    }

    private static func end(_ name: String, _ pick: @escaping @Sendable ([Value]) -> Value?) -> Filter {
        { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: name)
            return pick(try evaluator.elements(of: value)) ?? .undefined(name)
        }
    }

    private static let join: Filter = { evaluator, value, arguments throws(Failure) in
        let given = try arguments.bound(to: ["d", "attribute"], of: "join")
        let separator = try shown(given[0], evaluator)
        var parts: [TemplateText] = []
        for item in try evaluator.elements(of: value) {
            try evaluator.make(separator.count)
            parts.append(try shown(try attribute(given[1], of: item, evaluator), evaluator))
        }
        return .text(TemplateText.joined(parts, by: separator))
    }

    private static let sortedMapping: Filter = { evaluator, value, arguments throws(Failure) in
        let given = try arguments.bound(to: ["case_sensitive", "by", "reverse"], of: "dictsort")
        guard case .mapping(let mapping) = value else {
            throw Failure("`dictsort` needs a mapping, found \(value.kind)")
        }
        let place: Value = .integer(given[1]?.text?.string == "value" ? 1 : 0)
        try evaluator.make(mapping.keys.count)
        let sorted = try sorted(
            mapping.pairs, by: place, isCased: given[0]?.isTrue ?? false, isDescending: given[2]?.isTrue ?? false,
            evaluator)
        return .list(Elements(sorted))
    }

    // MARK: By attribute and by test

    /// What an `attribute=` argument names in an item: a name, names with dots between them, or a place.
    private static func attribute(_ path: Value?, of item: Value, _ evaluator: Evaluator) throws(Failure) -> Value {
        switch path {
        case nil, .some(.none): return item
        case .some(.integer): return try evaluator.item(path ?? .none, of: item)
        case .some(let path):
            guard let text = path.text else { throw Failure("an attribute is named by a text, found \(path.kind)") }
            var value = item
            for name in text.split(at: ".", limit: .max) {
                let place = Int(name.string).map(Value.integer) ?? .text(name)
                value = try evaluator.item(place, of: value)
            }
            return value
        }
    }

    private static let map: Filter = { evaluator, value, arguments throws(Failure) in
        let items = try evaluator.elements(of: value)
        var results: [Value] = []
        if let path = arguments.named.first(where: { $0.name == "attribute" })?.value {
            let fallback = arguments.named.first { $0.name == "default" }?.value
            for item in items {
                let found = try attribute(path, of: item, evaluator)
                results.append(found.isUndefined ? fallback ?? found : found)
            }
        } else {
            guard let name = arguments.positional.first?.text?.string else {
                throw Failure("`map` needs a filter's name or `attribute=`")
            }
            let rest = CallValues(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
            for item in items {
                try evaluator.make(1)
                results.append(try evaluator.filter(name, item, rest))
            }
        }
        return .list(Elements(results))
    }

    private static func selecting(_ name: String, byAttribute: Bool, keeps: Bool) -> Filter {
        { evaluator, value, arguments throws(Failure) in
            var rest = arguments.positional[...]
            var path: Value?
            if byAttribute {
                guard let first = rest.popFirst() else { throw Failure("`\(name)` needs an attribute's name") }
                path = first
            }
            let test = rest.popFirst()
            if let test, test.text == nil { throw Failure("`\(name)` needs a test's name, found \(test.kind)") }
            let given = CallValues(positional: Array(rest), named: arguments.named)
            var kept: [Value] = []
            for item in try evaluator.elements(of: value) {
                try evaluator.make(1)
                let subject = try attribute(path, of: item, evaluator)
                let holds = try test?.text.map { name throws(Failure) in
                    try evaluator.test(name.string, subject, given)
                }
                if holds ?? subject.isTrue == keeps { kept.append(item) }
            }
            return .list(Elements(kept))
        }
    }

    // MARK: Order

    /// Lower-case where case does not count.
    private static func folded(_ value: Value, isCased: Bool) -> Value {
        guard !isCased, let text = value.text else { return value }
        return .text(text.lowercased())
    }

    /// In order; equal ones as they stood.
    private static func sorted(
        _ items: [Value], by path: Value?, isCased: Bool, isDescending: Bool, _ evaluator: Evaluator
    ) throws(Failure) -> [Value] {
        var keyed: [(key: Value, item: Value)] = []
        for item in items {
            try evaluator.make(16)
            keyed.append((folded(try attribute(path, of: item, evaluator), isCased: isCased), item))
        }
        // Whether all keys can be compared is asked first, so that the sort itself cannot fail.
        for entry in keyed { _ = try Operators.precedes(entry.key, keyed[0].key) }
        func precedes(_ a: Value, _ b: Value) -> Bool {
            if let a = a.number, let b = b.number { return a < b }
            guard let a = a.text, let b = b.text else { return false }
            return a < b
        }
        let order = keyed.enumerated().sorted { a, b in
            let (first, second) = isDescending ? (b.element.key, a.element.key) : (a.element.key, b.element.key)
            if precedes(first, second) { return true }
            return !precedes(second, first) && a.offset < b.offset
        }
        return order.map(\.element.item)
    }

    private static func extreme(_ name: String, isDescending: Bool) -> Filter {
        { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["case_sensitive", "attribute"], of: name)
            let sorted = try sorted(
                evaluator.elements(of: value), by: given[1], isCased: given[0]?.isTrue ?? false,
                isDescending: isDescending, evaluator)
            return sorted.first ?? .undefined(name)
        }
    }
}

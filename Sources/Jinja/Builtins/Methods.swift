/// Methods of texts, mappings, lists and the loop, by name.
enum Methods {
    typealias Method = @Sendable (Evaluator, Value, CallValues) throws(Failure) -> Value

    static func method(_ name: String, of value: Value) -> Method? {
        switch value {
        case .text: texts[name]
        case .mapping: mappings[name]
        case .list: lists[name]
        case .loop: name == "cycle" ? cycle : nil
        default: nil
        }
    }

    private static let cycle: Method = { _, value, arguments throws(Failure) in
        guard case .loop(let loop) = value, !arguments.positional.isEmpty else {
            throw Failure("`loop.cycle` needs values to choose from")
        }
        return arguments.positional[loop.index % arguments.positional.count]
    }

    // MARK: Mappings and lists

    private static let mappings: [String: Method] = [
        "items": mapping { .list(Elements($0.pairs)) },
        "keys": mapping { .list(Elements($0.keys)) },
        "values": mapping { .list(Elements($0.values)) },
        "copy": mapping { .mapping($0) },
        "get": { _, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["key", "default"], of: "get", required: 1)
            guard case .mapping(let mapping) = value, let key = given[0] else { return .none }
            return mapping.get(key) ?? given[1] ?? .none
        },
    ]

    private static func mapping(_ apply: @escaping @Sendable (Mapping) -> Value) -> Method {
        { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: "this method")
            guard case .mapping(let mapping) = value else { return .none }
            try evaluator.make(mapping.keys.count)
            return apply(mapping)
        }
    }

    private static let lists: [String: Method] = [
        "index": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["value"], of: "index", required: 1)
            guard case .list(let list) = value, let wanted = given[0] else { return .none }
            try evaluator.make(list.extent.size / 16)
            guard let place = list.items.firstIndex(where: { Value.areEqual($0, wanted) }) else {
                throw Failure("the value is not in the list")
            }
            return .integer(place)
        },
        "count": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["value"], of: "count", required: 1)
            guard case .list(let list) = value, let wanted = given[0] else { return .none }
            try evaluator.make(list.extent.size / 16)
            return .integer(list.items.count { Value.areEqual($0, wanted) })
        },
    ]

    // MARK: Texts

    private static let texts: [String: Method] = [
        "strip": stripping("strip", .both), "lstrip": stripping("lstrip", .left),
        "rstrip": stripping("rstrip", .right),
        "upper": text("upper") { $0.uppercased() }, "lower": text("lower") { $0.lowercased() },
        "capitalize": text("capitalize") { $0.capitalized() },
        "title": text("title") { $0.titled { !$0.properties.isAlphabetic } },
        "startswith": ending("startswith") { $0.hasPrefix($1) },
        "endswith": ending("endswith") { $0.hasSuffix($1) },
        "split": splitting("split", fromRight: false), "rsplit": splitting("rsplit", fromRight: true),
        "splitlines": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["keepends"], of: "splitlines")
            let text = try own(value, evaluator)
            return .list(Elements(text.lines(keepingEnds: given[0]?.isTrue ?? false).map(Value.text)))
        },
        "replace": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["old", "new", "count"], of: "replace", required: 2)
            return .text(
                try replaced(
                    own(value, evaluator), try wanted(given[0], "replace"), try wanted(given[1], "replace"), given[2],
                    evaluator))
        },
        "find": searching("find") { text, part in text.firstPlace(of: part) ?? -1 },
        "rfind": searching("rfind") { text, part in text.lastPlace(of: part) ?? -1 },
        "count": searching("count") { text, part in text.occurrences(of: part) },
        "index": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["sub"], of: "index", required: 1)
            let (text, part) = (try own(value, evaluator), try wanted(given[0], "index"))
            try evaluator.search(text, for: part)
            guard let place = text.firstPlace(of: part) else { throw Failure("the text is not in the other") }
            return .integer(place)
        },
        "join": { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["iterable"], of: "join", required: 1)
            let separator = try own(value, evaluator)
            var parts: [TemplateText] = []
            for item in try evaluator.elements(of: given[0] ?? .none) {
                let part = try wanted(item, "join")
                try evaluator.make(part.count + separator.count)
                parts.append(part)
            }
            return .text(TemplateText.joined(parts, by: separator))
        },
        "removeprefix": cutting("removeprefix") { $0.hasPrefix($1) ? $0[$1.count..<$0.count] : $0 },
        "removesuffix": cutting("removesuffix") { $0.hasSuffix($1) ? $0[0..<$0.count - $1.count] : $0 },
        "isdigit": kind("isdigit") { $0.properties.numericType == .decimal || $0.properties.numericType == .digit },
        "isalpha": kind("isalpha") { isLetter($0) },
        "isalnum": kind("isalnum") { isLetter($0) || $0.properties.numericType != nil },
        "isspace": kind("isspace") { TemplateText.isSpace($0.value) },
        "isupper": question("isupper") { $0.isCased(upper: true) },
        "islower": question("islower") { $0.isCased(upper: false) },
    ]

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// The text whose method is called.
    private static func own(_ value: Value, _ evaluator: Evaluator) throws(Failure) -> TemplateText {
        let text = value.text ?? TemplateText()
        try evaluator.make(text.count)
        return text
    }

    /// An argument that must be a text.
    private static func wanted(_ value: Value?, _ method: String) throws(Failure) -> TemplateText {
        guard let text = value?.text else {
            throw Failure("`\(method)` needs a text, found \(value?.kind ?? "nothing")")
        }
        return text
    }

    /// Replaces and counts what that makes.
    static func replaced(
        _ text: TemplateText, _ old: TemplateText, _ new: TemplateText, _ limit: Value?, _ evaluator: Evaluator
    ) throws(Failure) -> TemplateText {
        try evaluator.search(text, for: old)
        let limit = limit?.integer.flatMap { $0 < 0 ? nil : $0 } ?? .max
        let (added, overflow) = min(limit, text.occurrences(of: old)).multipliedReportingOverflow(by: new.count)
        try evaluator.make(overflow ? .max : added)
        return text.replacing(old, by: new, limit: limit)
    }

    private static func text(_ name: String, _ apply: @escaping @Sendable (TemplateText) -> TemplateText) -> Method {
        { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: name)
            return .text(apply(try own(value, evaluator)))
        }
    }

    private static func question(_ name: String, _ apply: @escaping @Sendable (TemplateText) -> Bool) -> Method {
        { evaluator, value, arguments throws(Failure) in
            _ = try arguments.bound(to: [], of: name)
            return .bool(apply(try own(value, evaluator)))
        }
    }

    private static func kind(_ name: String, _ holds: @escaping @Sendable (Unicode.Scalar) -> Bool) -> Method {
        question(name) { $0.isAll(holds) }
    }

    private static func stripping(_ name: String, _ side: TemplateText.Side) -> Method {
        { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["chars"], of: name)
            let text = try own(value, evaluator)
            switch given[0] {
            case nil, .some(.none): return .text(text.stripped(side))
            case .some(let characters): return .text(text.stripped(side, of: try wanted(characters, name)))
            }
        }
    }

    private static func ending(
        _ name: String, _ holds: @escaping @Sendable (TemplateText, TemplateText) -> Bool
    ) -> Method {
        { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["prefix"], of: name, required: 1)
            let text = value.text ?? TemplateText()
            if case .some(.list(let list)) = given[0] {
                for item in list.items where holds(text, try wanted(item, name)) { return .bool(true) }
                return .bool(false)
            }
            let part = try wanted(given[0], name)
            try evaluator.make(part.count)
            return .bool(holds(text, part))
        }
    }

    private static func splitting(_ name: String, fromRight: Bool) -> Method {
        { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["sep", "maxsplit"], of: name)
            let text = try own(value, evaluator)
            let limit = given[1]?.integer.flatMap { $0 < 0 ? nil : $0 } ?? .max
            let parts: [TemplateText]
            switch given[0] {
            case nil, .some(.none):
                guard !fromRight || limit == .max else {
                    throw Failure("`rsplit` by white space with a limit is not supported", kind: .unsupported)
                }
                parts = text.words(limit: limit)
            case .some(let separator):
                let separator = try wanted(separator, name)
                guard separator.count > 0 else { throw Failure("`\(name)` needs a separator that is not empty") }
                try evaluator.search(text, for: separator)
                parts =
                    fromRight
                    ? text.splitFromRight(at: separator, limit: limit) : text.split(at: separator, limit: limit)
            }
            return .list(Elements(parts.map(Value.text)))
        }
    }

    private static func searching(
        _ name: String, _ apply: @escaping @Sendable (TemplateText, TemplateText) -> Int
    ) -> Method {
        { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["sub"], of: name, required: 1)
            let (text, part) = (try own(value, evaluator), try wanted(given[0], name))
            try evaluator.search(text, for: part)
            return .integer(apply(text, part))
        }
    }

    private static func cutting(
        _ name: String, _ apply: @escaping @Sendable (TemplateText, TemplateText) -> TemplateText
    ) -> Method {
        { evaluator, value, arguments throws(Failure) in
            let given = try arguments.bound(to: ["part"], of: name, required: 1)
            return .text(apply(try own(value, evaluator), try wanted(given[0], name)))
        }
    }
}

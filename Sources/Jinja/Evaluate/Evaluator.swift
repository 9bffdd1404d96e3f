/// One rendering: what is written so far, the names in reach, and what may still be spent.
final class Evaluator {
    let root = Scope(parent: nil)
    /// Code points with their marks.
    private(set) var output: [UInt32] = []
    private(set) var generated: [Range<Int>] = []
    let date: (@Sendable (String) -> String)?

    private let limits: TemplateLimits
    private var steps = 0
    private var made = 0
    private var depth = 0
    /// Whether output goes to the result, not into a text that is being captured.
    private var isDirect = true
    var scope: Scope
    private var macros: [(node: MacroNode, scope: Scope)] = []

    init(limits: TemplateLimits, date: (@Sendable (String) -> String)?) {
        self.limits = limits
        self.date = date
        scope = root
    }

    /// What a statement does to the loop around it.
    enum Flow {
        case goesOn, leavesLoop, nextTurn
    }

    // MARK: What may be spent

    /// Counts code points or elements that are made.
    func make(_ count: Int) throws(Failure) {
        made = min(made, limits.made) + min(max(count, 0), limits.made + 1)
        if made > limits.made {
            throw Failure("the template makes more than \(limits.made) characters", kind: .limit)
        }
    }

    /// Counts a search of one text in another.
    func search(_ text: TemplateText, for part: TemplateText) throws(Failure) {
        let (work, overflow) = text.count.multipliedReportingOverflow(by: 1 + part.count / 16)
        try make(overflow ? .max : work)
    }

    private func step() throws(Failure) {
        steps += 1
        if steps > limits.steps { throw Failure("the template takes more than \(limits.steps) steps", kind: .limit) }
    }

    /// Goes one deeper; whoever calls it comes back up.
    private func descend() throws(Failure) {
        try step()
        depth += 1
        if depth > limits.depth {
            depth -= 1
            throw Failure("the template nests more than \(limits.depth) deep", kind: .limit)
        }
    }

    // MARK: Names

    func value(of name: String) -> Value {
        var place: Scope? = scope
        while let scope = place {
            if let value = scope.names[name] { return value }
            place = scope.parent
        }
        if let function = GlobalFunction.table[name], !(name == "strftime_now" && date == nil) {
            return .function(function)
        }
        return .undefined(name)
    }

    private func assign(_ target: Target, _ value: Value) throws(Failure) {
        switch target {
        case .name(let name): scope.names[name] = value
        case .field(let name, let field, _):
            guard case .namespace(let namespace) = self.value(of: name) else {
                throw Failure("only fields of a `namespace()` can be set; `\(name)` is \(self.value(of: name).kind)")
            }
            try keep(value)
            namespace.fields[field] = value
        case .tuple(let targets, _):
            let items = try elements(of: value)
            guard items.count == targets.count else {
                throw Failure("expected \(targets.count) values to take apart, found \(items.count)")
            }
            for (target, item) in zip(targets, items) { try assign(target, item) }
        }
    }

    /// Checks that a value may be kept in a namespace.
    func keep(_ value: Value) throws(Failure) {
        var extent = Extent(depth: 0, size: 0)
        extent.add(value.extent)
        try extent.check()
    }

    // MARK: Statements

    /// Runs the whole template.
    func run(_ statements: [Statement]) throws(PlacedFailure) { _ = try body(statements) }

    private func body(_ statements: [Statement]) throws(PlacedFailure) -> Flow {
        for statement in statements {
            let flow = try execute(statement)
            if flow != .goesOn { return flow }
        }
        return .goesOn
    }

    private func execute(_ statement: Statement) throws(PlacedFailure) -> Flow {
        try placed(statement.offset, descend)
        defer { depth -= 1 }
        switch statement.kind {
        case .data(let text): try write(text, at: statement.offset)
        case .output(let node):
            let value = try evaluate(node)
            let shown: TemplateText
            do throws(Failure) { shown = try value.shown() } catch { throw error.placed(node.offset) }
            try write(shown, at: node.offset)
        case .choice(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue { return try body(branch.body) }
            return try body(otherwise)
        case .loop(let loop): return try execute(loop, at: statement.offset)
        case .set(let target, let node):
            let value = try evaluate(node)
            do throws(Failure) { try assign(target, value) } catch { throw error.placed(statement.offset) }
        case .setText(let target, let filters, let statements):
            let value = try evaluate(filters, captured: try capture(statements))
            do throws(Failure) { try assign(target, value) } catch { throw error.placed(statement.offset) }
        case .macro(let macro):
            scope.names[macro.name] = register(macro)
        case .callBlock(let call, let caller):
            let value = try evaluate(call, caller: register(caller))
            let shown: TemplateText
            do throws(Failure) { shown = try value.shown() } catch { throw error.placed(call.offset) }
            try write(shown, at: call.offset)
        case .filterBlock(let filters, let statements):
            let value = try evaluate(filters, captured: try capture(statements))
            let shown: TemplateText
            do throws(Failure) { shown = try value.shown() } catch { throw error.placed(filters.offset) }
            try write(shown, at: statement.offset)
        case .with(let values, let statements):
            var evaluated: [Value] = []
            for entry in values { evaluated.append(try evaluate(entry.value)) }
            let outside = scope
            scope = Scope(parent: outside)
            defer { scope = outside }
            for (entry, value) in zip(values, evaluated) {
                do throws(Failure) { try assign(entry.target, value) } catch { throw error.placed(statement.offset) }
            }
            return try body(statements)
        case .generation(let statements):
            let start = output.count
            let wasDirect = isDirect
            let text = try capture(statements)
            try write(text, at: statement.offset)
            if wasDirect { generated.append(start..<output.count) }
        case .leaveLoop: return .leavesLoop
        case .nextTurn: return .nextTurn
        }
        return .goesOn
    }

    private func execute(_ loop: LoopNode, at offset: Int) throws(PlacedFailure) -> Flow {
        let value = try evaluate(loop.items)
        var items: [Value]
        do throws(Failure) { items = try elements(of: value) } catch { throw error.placed(loop.items.offset) }
        let outside = scope
        defer { scope = outside }
        if let condition = loop.condition {
            var kept: [Value] = []
            for item in items {
                scope = Scope(parent: outside)
                do throws(Failure) { try assign(loop.target, item) } catch { throw error.placed(offset) }
                if try evaluate(condition).isTrue { kept.append(item) }
            }
            items = kept
        }
        scope = outside
        guard !items.isEmpty else {
            scope = Scope(parent: outside)
            return try body(loop.otherwise)
        }
        for (index, item) in items.enumerated() {
            do throws(Failure) {
                try step()
                scope = Scope(parent: outside)
                try assign(loop.target, item)
            } catch {
                throw error.placed(offset)
            }
            scope.names["loop"] = .loop(LoopState(items: items, index: index))
            if try body(loop.body) == .leavesLoop { break }
        }
        return .goesOn
    }

    private func write(_ text: TemplateText, at offset: Int) throws(PlacedFailure) {
        do throws(Failure) { try make(text.count) } catch { throw error.placed(offset) }
        output += text.units
    }

    /// The text that statements write, in a scope of their own.
    private func capture(_ statements: [Statement]) throws(PlacedFailure) -> TemplateText {
        let (before, wasDirect, outside) = (output, isDirect, scope)
        output = []
        isDirect = false
        scope = Scope(parent: outside)
        defer { (output, isDirect, scope) = (before, wasDirect, outside) }
        _ = try body(statements)
        return TemplateText(units: output)
    }

    // MARK: Macros

    private func register(_ macro: MacroNode) -> Value {
        macros.append((macro, scope))
        return .macro(macros.count - 1)
    }

    /// Calls a macro: its text.
    func call(macro index: Int, _ arguments: CallValues, at offset: Int) throws(PlacedFailure) -> Value {
        guard macros.indices.contains(index) else { throw Failure("this macro is gone").placed(offset) }
        let (macro, home) = macros[index]
        guard arguments.positional.count <= macro.parameters.count else {
            throw Failure(
                "the macro `\(macro.name)` takes \(macro.parameters.count) arguments, "
                    + "found \(arguments.positional.count)"
            ).placed(offset)
        }
        try placed(offset, descend)
        defer { depth -= 1 }
        let outside = scope
        defer { scope = outside }
        scope = Scope(parent: home)
        for (name, value) in arguments.named {
            guard name == "caller" || macro.parameters.contains(where: { $0.name == name }) else {
                throw Failure("the macro `\(macro.name)` has no parameter `\(name)`").placed(offset)
            }
            scope.names[name] = value
        }
        for (position, parameter) in macro.parameters.enumerated() {
            if position < arguments.positional.count {
                scope.names[parameter.name] = arguments.positional[position]
            } else if scope.names[parameter.name] == nil {
                scope.names[parameter.name] =
                    try parameter.fallback.map { node throws(PlacedFailure) in
                        try evaluate(node)
                    } ?? .undefined(parameter.name)
            }
        }
        return .text(try capture(macro.body))
    }

    // MARK: Expressions

    /// The value of an expression.
    /// - Parameters:
    ///   - captured: what `.captured` stands for.
    ///   - caller: a block that the call is given.
    func evaluate(_ node: Node, captured: TemplateText? = nil, caller: Value? = nil) throws(PlacedFailure) -> Value {
        try placed(node.offset, descend)
        defer { depth -= 1 }
        let value: Value
        if case .captured = node.kind {
            value = .text(captured ?? TemplateText())
        } else {
            value = try compute(node, captured: captured, caller: caller)
        }
        switch value {
        case .list, .mapping:
            do throws(Failure) { try value.extent.check() } catch { throw error.placed(node.offset) }
        default: break
        }
        return value
    }

    /// Does a step whose failures belong to a place.
    func placed(_ offset: Int, _ step: () throws(Failure) -> Void) throws(PlacedFailure) {
        do throws(Failure) { try step() } catch { throw error.placed(offset) }
    }
}

extension Failure {
    func placed(_ offset: Int) -> PlacedFailure { PlacedFailure(failure: self, offset: offset) }
}

/// Names and the scope around them. Macros are kept by number, so that no scope comes to hold itself.
final class Scope {
    var names: [String: Value] = [:]
    let parent: Scope?

    init(parent: Scope?) { self.parent = parent }
}

/// The values that a call, a filter or a test is given.
struct CallValues {
    var positional: [Value] = []
    var named: [(name: String, value: Value)] = []

    /// The arguments by the parameters' names, in their order; nil where one is not given.
    func bound(to names: [String], of callee: String, required: Int = 0) throws(Failure) -> [Value?] {
        guard positional.count <= names.count else {
            throw Failure("`\(callee)` takes \(names.count) arguments, found \(positional.count)")
        }
        var values = positional.map { Optional($0) } + [Value?](repeating: nil, count: names.count - positional.count)
        for (name, value) in named {
            guard let place = names.firstIndex(of: name), values[place] == nil else {
                throw Failure("`\(callee)` has no argument `\(name)`", kind: .unsupported)
            }
            values[place] = value
        }
        for place in 0..<min(required, names.count) where values[place] == nil {
            throw Failure("`\(callee)` needs the argument `\(names[place])`")
        }
        return values
    }
}

extension Evaluator {
    func compute(_ node: Node, captured: TemplateText?, caller: Value?) throws(PlacedFailure) -> Value {
        switch node.kind {
        case .none: return .none
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .integer(number)
        case .double(let number): return .double(number)
        case .text(let text): return .text(text)
        case .name(let name): return value(of: name)
        case .captured: return .text(captured ?? TemplateText())
        case .list(let nodes, let isTuple): return .list(Elements(try values(nodes), isTuple: isTuple))
        case .mapping(let entries): return try mapping(entries)
        case .attribute(let object, let name):
            let value = try evaluate(object)
            do throws(Failure) { return try attribute(name, of: value) } catch { throw error.placed(node.offset) }
        case .item(let object, let index):
            let (value, place) = (try evaluate(object), try evaluate(index))
            do throws(Failure) { return try item(place, of: value) } catch { throw error.placed(node.offset) }
        case .slice(let object, let from, let to, let step):
            let value = try evaluate(object)
            let bounds = (try optional(from), try optional(to), try optional(step))
            do throws(Failure) {
                return try slice(value, from: bounds.0, to: bounds.1, step: bounds.2)
            } catch {
                throw error.placed(node.offset)
            }
        case .call(let callee, let arguments): return try call(callee, arguments, caller: caller, at: node.offset)
        case .filter(let operand, let name, let arguments):
            let value = try evaluate(operand, captured: captured)
            let given = try callValues(arguments)
            do throws(Failure) { return try filter(name, value, given) } catch { throw error.placed(node.offset) }
        case .test(let operand, let name, let arguments):
            let value = try evaluate(operand)
            let given = try callValues(arguments)
            do throws(Failure) { return .bool(try test(name, value, given)) } catch { throw error.placed(node.offset) }
        default: return try operate(node)
        }
    }

    /// Operators, which take their operands' values and nothing else.
    private func operate(_ node: Node) throws(PlacedFailure) -> Value {
        switch node.kind {
        case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .conditional(let condition, let then, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(then) }
            guard let otherwise else { return .undefined("") }
            return try evaluate(otherwise)
        case .negative(let operand):
            let value = try evaluate(operand)
            do throws(Failure) { return try Operators.negated(value) } catch { throw error.placed(node.offset) }
        case .positive(let operand):
            let value = try evaluate(operand)
            guard value.number != nil else {
                throw Failure("`+` needs a number, found \(value.kind)").placed(node.offset)
            }
            return value
        case .arithmetic(let operation, let left, let right):
            let (a, b) = (try evaluate(left), try evaluate(right))
            do throws(Failure) {
                return try Operators.arithmetic(operation, a, b, self)
            } catch {
                throw error.placed(node.offset)
            }
        case .joined(let nodes): return try joined(nodes)
        case .comparison(let first, let others): return try comparison(first, others)
        default: return .undefined("")
        }
    }

    func values(_ nodes: [Node]) throws(PlacedFailure) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(nodes.count)
        for node in nodes { values.append(try evaluate(node)) }
        return values
    }

    private func optional(_ node: Node?) throws(PlacedFailure) -> Value? {
        guard let node else { return nil }
        return try evaluate(node)
    }

    private func callValues(_ arguments: Arguments) throws(PlacedFailure) -> CallValues {
        var given = CallValues(positional: try values(arguments.positional))
        for (name, node) in arguments.named { given.named.append((name, try evaluate(node))) }
        return given
    }

    private func mapping(_ entries: [(key: Node, value: Node)]) throws(PlacedFailure) -> Value {
        var mapping = Mapping()
        for entry in entries {
            let key = try evaluate(entry.key)
            switch key {
            case .text, .integer, .double, .bool, .none: mapping.set(key, try evaluate(entry.value))
            default: throw Failure("\(key.kind) cannot be a key").placed(entry.key.offset)
            }
        }
        return .mapping(mapping)
    }

    private func joined(_ nodes: [Node]) throws(PlacedFailure) -> Value {
        var units: [UInt32] = []
        for node in nodes {
            let value = try evaluate(node)
            do throws(Failure) {
                let text = try value.shown()
                try make(text.count)
                units += text.units
            } catch {
                throw error.placed(node.offset)
            }
        }
        return .text(TemplateText(units: units))
    }

    private func comparison(_ first: Node, _ others: [(relation: Relation, value: Node)]) throws(PlacedFailure)
        -> Value
    {
        var left = try evaluate(first)
        for (relation, node) in others {
            let right = try evaluate(node)
            do throws(Failure) {
                guard try Operators.holds(relation, left, right, self) else { return .bool(false) }
            } catch {
                throw error.placed(node.offset)
            }
            left = right
        }
        return .bool(true)
    }

    // MARK: Calls

    private func call(_ callee: Node, _ arguments: Arguments, caller: Value?, at offset: Int) throws(PlacedFailure)
        -> Value
    {
        if case .attribute(let object, let name) = callee.kind {
            let value = try evaluate(object)
            let given = try callValues(arguments)
            do throws(Failure) {
                if let method = Methods.method(name, of: value) { return try method(self, value, given) }
                if case .undefined = value { _ = try attribute(name, of: value) }
            } catch {
                throw error.placed(callee.offset)
            }
            switch value {
            case .text, .list, .loop, .none, .bool, .integer, .double:
                throw Failure("\(value.kind) has no method `\(name)`", kind: .unsupported).placed(callee.offset)
            default: break
            }
        }
        let function = try evaluate(callee)
        var given = try callValues(arguments)
        if let caller { given.named.append(("caller", caller)) }
        switch function {
        case .macro(let index): return try call(macro: index, given, at: offset)
        case .function(let function):
            do throws(Failure) { return try function.apply(self, given) } catch { throw error.placed(offset) }
        case .undefined(let name):
            throw Failure("`\(name)` is no function that is known", kind: .unsupported).placed(callee.offset)
        default: throw Failure("\(function.kind) cannot be called").placed(callee.offset)
        }
    }

    /// Applies a filter by its name.
    func filter(_ name: String, _ value: Value, _ arguments: CallValues) throws(Failure) -> Value {
        guard let filter = Filters.table[name] else {
            throw Failure("the filter `\(name)` is not supported", kind: .unsupported)
        }
        return try filter(self, value, arguments)
    }

    /// Applies a test by its name.
    func test(_ name: String, _ value: Value, _ arguments: CallValues) throws(Failure) -> Bool {
        guard let test = TestTable.rows[name] else {
            throw Failure("the test `\(name)` is not supported", kind: .unsupported)
        }
        return try test(self, value, arguments)
    }

    // MARK: Parts of values

    /// `value.name`.
    func attribute(_ name: String, of value: Value) throws(Failure) -> Value {
        switch value {
        case .undefined: throw Failure("\(value.kind) has no `\(name)`")
        case .mapping(let mapping):
            // As in Python, methods hide keys of the same name.
            if Methods.method(name, of: value) != nil { return .method(name) }
            return mapping.get(.text(TemplateText(name))) ?? .undefined(name)
        case .namespace(let namespace): return namespace.fields[name] ?? .undefined(name)
        case .loop(let loop): return try loop.attribute(name)
        default: return Methods.method(name, of: value) == nil ? .undefined(name) : .method(name)
        }
    }

    /// `value[place]`; outside of a value there is nothing, which is no error.
    func item(_ place: Value, of value: Value) throws(Failure) -> Value {
        switch value {
        case .list(let list):
            guard let index = place.integer else { break }
            let place = index < 0 ? index + list.items.count : index
            return list.items.indices.contains(place) ? list.items[place] : .undefined("\(index)")
        case .text(let text):
            guard let index = place.integer else { break }
            let place = index < 0 ? index + text.count : index
            return text.units.indices.contains(place) ? .text(text[place..<place + 1]) : .undefined("\(index)")
        case .mapping(let mapping):
            if let found = mapping.get(place) { return found }
        default: break
        }
        guard let name = place.text else {
            if case .undefined = value { throw Failure("\(value.kind) has no items") }
            return .undefined("")
        }
        return try attribute(name.string, of: value)
    }

    /// `value[from:to:step]`.
    private func slice(_ value: Value, from: Value?, to: Value?, step: Value?) throws(Failure) -> Value {
        func bound(_ value: Value?) throws(Failure) -> Int? {
            switch value {
            case nil, .some(.none): return nil
            case .some(let value):
                guard let number = value.integer else {
                    throw Failure("a slice needs whole numbers, found \(value.kind)")
                }
                return number
            }
        }
        let stride = try bound(step) ?? 1
        guard stride != 0 else { throw Failure("a slice's step cannot be 0") }
        let (low, high) = (try bound(from), try bound(to))
        func places(_ count: Int) -> [Int] {
            func clamped(_ bound: Int, _ lowest: Int, _ highest: Int) -> Int {
                let place = bound < 0 ? max(bound, -count - 1) + count : bound
                return min(max(place, lowest), highest)
            }
            var places: [Int] = []
            if stride > 0 {
                var at = low.map { clamped($0, 0, count) } ?? 0
                let end = high.map { clamped($0, 0, count) } ?? count
                while at < end {
                    places.append(at)
                    at += min(stride, count)
                }
            } else {
                var at = low.map { clamped($0, -1, count - 1) } ?? count - 1
                let end = high.map { clamped($0, -1, count - 1) } ?? -1
                while at > end {
                    places.append(at)
                    at += max(stride, -count)
                }
            }
            return places
        }
        switch value {
        case .text(let text):
            try make(text.count)
            return .text(TemplateText(units: places(text.count).map { text.units[$0] }))
        case .list(let list):
            try make(list.items.count)
            return .list(Elements(places(list.items.count).map { list.items[$0] }, isTuple: list.isTuple))
        case .undefined: throw Failure("\(value.kind) has no items")
        default: throw Failure("\(value.kind) cannot be sliced")
        }
    }

    /// What a loop over a value runs over.
    func elements(of value: Value) throws(Failure) -> [Value] {
        switch value {
        case .list(let list): return list.items
        case .text(let text):
            try make(text.count)
            return text.units.map { .text(TemplateText(units: [$0])) }
        case .mapping(let mapping): return mapping.keys
        case .undefined: return []
        default: throw Failure("\(value.kind) cannot be looped over")
        }
    }
}

extension LoopState {
    /// `loop.name`.
    func attribute(_ name: String) throws(Failure) -> Value {
        switch name {
        case "index": return .integer(index + 1)
        case "index0": return .integer(index)
        case "revindex": return .integer(items.count - index)
        case "revindex0": return .integer(items.count - index - 1)
        case "first": return .bool(index == 0)
        case "last": return .bool(index == items.count - 1)
        case "length": return .integer(items.count)
        // It counts recursive loops only, and there are none.
        case "depth": return .integer(1)
        case "depth0": return .integer(0)
        case "previtem": return index > 0 ? items[index - 1] : .undefined("loop.previtem")
        case "nextitem": return index + 1 < items.count ? items[index + 1] : .undefined("loop.nextitem")
        default: throw Failure("`loop.\(name)` is not supported", kind: .unsupported)
        }
    }
}

/// What a template computes with.
enum Value {
    /// Nothing of this name: empty where it is shown, an error where something is looked up in it.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case text(TemplateText)
    case list(Elements)
    case mapping(Mapping)
    case namespace(Namespace)
    case loop(LoopState)
    /// A macro, by its number in the evaluator's list.
    case macro(Int)
    case function(GlobalFunction)
    /// A method that was named but not called.
    case method(String)

    init(_ input: TemplateInput) {
        switch input {
        case .none: self = .none
        case .bool(let flag): self = .bool(flag)
        case .integer(let number): self = .integer(number)
        case .double(let number): self = .double(number)
        case .text(let text): self = .text(TemplateText(text))
        case .foreign(let text): self = .text(TemplateText(text, isForeign: true))
        case .list(let items): self = .list(Elements(items.map(Value.init)))
        case .mapping(let entries):
            var mapping = Mapping()
            for entry in entries { mapping.set(.text(TemplateText(entry.name)), Value(entry.value)) }
            self = .mapping(mapping)
        }
    }

    static func string(_ text: String) -> Value { .text(TemplateText(text)) }

    /// How large a value is: containers within each other, and all that they hold, as often as they hold it.
    var extent: Extent {
        switch self {
        case .list(let list): list.extent
        case .mapping(let mapping): mapping.extent
        case .text(let text): Extent(depth: 0, size: text.count + 1)
        case .namespace, .loop: Extent(depth: Extent.unkept, size: 1)
        default: Extent(depth: 0, size: 1)
        }
    }

    /// Python's truth of a value.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let flag): flag
        case .integer(let number): number != 0
        case .double(let number): number != 0
        case .text(let text): text.count > 0
        case .list(let list): !list.items.isEmpty
        case .mapping(let mapping): !mapping.keys.isEmpty
        case .namespace, .loop, .macro, .function, .method: true
        }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }

    var text: TemplateText? { if case .text(let text) = self { text } else { nil } }

    /// The whole number; Python's booleans are numbers too.
    var integer: Int? {
        switch self {
        case .integer(let number): number
        case .bool(let flag): flag ? 1 : 0
        default: nil
        }
    }

    /// The number as a double.
    var number: Double? {
        if case .double(let number) = self { number } else { integer.map(Double.init) }
    }

    /// What the value is, for messages.
    var kind: String {
        switch self {
        case .undefined(let name): name.isEmpty ? "an undefined value" : "`\(name)`, which is undefined,"
        case .none: "none"
        case .bool: "a boolean"
        case .integer: "a whole number"
        case .double: "a number"
        case .text: "a text"
        case .list(let list): list.isTuple ? "a tuple" : "a list"
        case .mapping: "a mapping"
        case .namespace: "a namespace"
        case .loop: "the loop"
        case .macro: "a macro"
        case .function: "a function"
        case .method: "a method"
        }
    }

    /// Python's `==`. Depth is bounded, as that of all values is.
    static func areEqual(_ left: Value, _ right: Value) -> Bool {
        if let a = left.integer, let b = right.integer { return a == b }
        if let a = left.number, let b = right.number { return a == b }
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.text(let a), .text(let b)): return a == b
        case (.list(let a), .list(let b)):
            return a.isTuple == b.isTuple && a.items.count == b.items.count
                && zip(a.items, b.items).allSatisfy { areEqual($0, $1) }
        case (.mapping(let a), .mapping(let b)):
            return a.keys.count == b.keys.count
                && zip(a.keys, a.values).allSatisfy { key, value in b.get(key).map { areEqual($0, value) } ?? false }
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.macro(let a), .macro(let b)): return a == b
        default: return false
        }
    }
}

/// What a value takes when it is written out. Bounding it keeps a list of lists of lists, each held twice, from
/// becoming more than any machine can write.
struct Extent {
    var depth: Int
    var size: Int

    /// The depth of what must not be kept within other values, where it could come to hold itself.
    static let unkept = 1 << 20
    static let deepest = 60
    static let largest = 1 << 24

    mutating func add(_ part: Extent) {
        depth = max(depth, part.depth + 1)
        size = min(size + part.size, Self.largest + 1)
    }

    func check() throws(Failure) {
        if depth >= Self.unkept {
            throw Failure("a namespace or a loop cannot be kept within another value", kind: .unsupported)
        }
        if depth > Self.deepest {
            throw Failure("a value is nested more than \(Self.deepest) deep", kind: .limit)
        }
        if size > Self.largest { throw Failure("a value grows beyond \(Self.largest) parts", kind: .limit) }
    }
}

/// A list or a tuple.
struct Elements {
    let items: [Value]
    let isTuple: Bool
    let extent: Extent

    init(_ items: [Value], isTuple: Bool = false) {
        self.items = items
        self.isTuple = isTuple
        var extent = Extent(depth: 1, size: 1)
        for item in items { extent.add(item.extent) }
        self.extent = extent
    }
}

/// Keys and values in the order in which they were put in.
struct Mapping {
    private(set) var keys: [Value] = []
    private(set) var values: [Value] = []
    private(set) var extent = Extent(depth: 1, size: 1)
    private var places: [TemplateText: Int] = [:]

    private func place(of key: Value) -> Int? {
        if case .text(let text) = key { return places[text] }
        return keys.firstIndex { Value.areEqual($0, key) }
    }

    func get(_ key: Value) -> Value? { place(of: key).map { values[$0] } }

    mutating func set(_ key: Value, _ value: Value) {
        extent.add(key.extent)
        extent.add(value.extent)
        if let place = place(of: key) {
            values[place] = value
            return
        }
        if case .text(let text) = key { places[text] = keys.count }
        keys.append(key)
        values.append(value)
    }

    var pairs: [Value] {
        zip(keys, values).map { .list(Elements([$0, $1], isTuple: true)) }
    }
}

/// The one thing that a template can change: fields that outlive the loop in which they are set.
final class Namespace {
    var fields: [String: Value] = [:]
}

/// What `loop` tells in the body of a loop.
struct LoopState {
    let items: [Value]
    let index: Int
}

internal import Distillation
internal import OpenAIWire
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What counts as right: an expression on rows, or one of OpenAI's graders.
struct Grader: DomainValue {
    enum Kind {
        case expression(RowClosure)
        case stringCheck(StringCheck)
    }

    static let tag = "grader"
    var name: String?
    let kind: Kind

    /// The column that grades go to.
    var column: String { name ?? "grade" }

    var kindName: String { "a grader" }
    var memberNames: [String] { ["name"] }

    var summary: String {
        switch kind {
        case .expression(let closure): "grader \(closure.code)"
        case .stringCheck(let check):
            "grader string_check: \(check.input.text) \(check.operation.rawValue) \(check.reference.text)"
        }
    }

    func member(_ name: String) -> Value? { name == "name" ? .string(column) : nil }

    func named(_ name: String) -> any DomainValue {
        guard self.name == nil else { return self }
        var copy = self
        copy.name = name
        return copy
    }

    func encoded(with encoder: inout ValueEncoder) throws -> Value {
        switch kind {
        case .expression(let closure):
            ["name": name.map { .string($0) } ?? .null, "expression": try closure.encoded(with: &encoder)]
        case .stringCheck(let check):
            [
                "name": name.map { .string($0) } ?? .null,
                "json": GraderWire.stringCheck(
                    name: check.name, input: check.input.text, reference: check.reference.text,
                    operation: check.operation.rawValue
                ).json,
            ]
        }
    }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        let name = state[field: "name"].text
        if !state[field: "expression"].isNull {
            let closure = try RowClosure(state[field: "expression"], codec: codec, blobs: blobs)
            return .domain(Grader(name: name, kind: .expression(closure)))
        }
        return .domain(Grader(name: name, kind: .stringCheck(try StringCheck(wire: GraderWire(state[field: "json"])))))
    }
}

extension StringCheck {
    /// Reads OpenAI's JSON.
    init(wire: GraderWire) throws {
        switch wire {
        case .stringCheck(let name, let input, let reference, let operation):
            guard let kind = Operation(rawValue: operation) else {
                throw WireError("the operation eq, ne, like or ilike, found `\(operation)`")
            }
            self.init(name: name, input: try Template(input), reference: try Template(reference), operation: kind)
        }
    }
}

extension Builtin {
    static let grader = Builtin(
        "grader", .steps, "Says what counts as right: a condition or score on rows, or one of OpenAI's graders.",
        [
            Parameter(
                "rule", .anything, evaluation: .row,
                "an expression on rows, \"string_check\" with input:, reference: and operation:, or OpenAI's JSON"),
            .option("name", .text, "the column for its grades; the first `let` name unless given"),
            .option("input", .text, "string_check: what is checked, with {{sample.output_text}} or {{item.column}}"),
            .option("reference", .text, "string_check: what it is checked against"),
            .option(
                "operation", .oneOf(StringCheck.Operation.allCases.map(\.rawValue)), "string_check: eq unless given"),
        ], example: "grader .output_json.intent == .intent", takesTemplates: true,
        result: { call throws(Diagnostic) in try call.graderType() },
        run: { call in
            guard let rule = call.function("rule"), let closure = call.closure("rule") else { return .null }
            let name = call.value("name").text
            guard rule.expression.readsRow else {
                let value = try rule(.null)
                do {
                    return .domain(Grader(name: name, kind: .stringCheck(try StringCheck(wire: wire(value, call)))))
                } catch let error as WireError {
                    throw call.failure(.wrongType, at: "rule", error.description, hint: "grader .output == .answer")
                } catch let error as TemplateError {
                    throw call.failure(
                        .wrongType, at: call.has("input") ? "input" : "rule", error.description,
                        hint: "\"{{sample.output_text}}\"")
                }
            }
            return .domain(Grader(name: name, kind: .expression(closure)))
        })

    private static func wire(_ value: Value, _ call: Invocation) throws -> GraderWire {
        guard let kind = value.text else {
            guard value.record != nil else {
                throw WireError("a rule on rows such as .output == .answer, found \(value.kindName)")
            }
            return try GraderWire(value)
        }
        return try GraderWire([
            "type": .string(kind), "name": call.value("name").isNull ? .string(kind) : call.value("name"),
            "input": call.value("input"),
            "reference": call.value("reference"),
            "operation": call.value("operation").isNull ? "eq" : call.value("operation"),
        ])
    }
}

extension Expression {
    /// Whether the expression means the row at hand anywhere.
    var readsRow: Bool {
        var reads = false
        forEach { expression in
            switch expression.kind {
            case .field, .row: reads = true
            default: break
            }
        }
        return reads
    }

    /// The columns of the row at hand that the expression names; the dots of verbs inside it mean other rows.
    func columnsRead(_ builtins: BuiltinTable) -> Set<String> {
        if case .field(let name) = kind { return [name] }
        var names: Set<String> = []
        for child in outerChildren(builtins) { names.formUnion(child.columnsRead(builtins)) }
        return names
    }

    /// The parts in which a dot means what it means here.
    private func outerChildren(_ builtins: BuiltinTable) -> [Expression] {
        func arguments(_ call: Call) -> [Expression] {
            let ownsDot = builtins[call.name]?.parameters.contains { $0.evaluation != .value } ?? false
            return ownsDot
                ? call.arguments.prefix(call.hasParentheses ? 1 : 0).map(\.value) : call.arguments.map(\.value)
        }
        switch kind {
        case .call(let call): return arguments(call)
        case .pipeline(let head, let stages):
            return [head]
                + stages.flatMap { stage in
                    builtins[stage.name]?.parameters.contains { $0.evaluation != .value } ?? false
                        ? [] : stage.arguments.map(\.value)
                }
        default: return children
        }
    }

    /// The columns whose null the expression provides for, with `??` or `is`.
    var columnsWithNullInMind: Set<String> {
        var names: Set<String> = []
        forEach { expression in
            switch expression.kind {
            case .binary(.coalesce, let left, _): if case .field(let name) = left.kind { names.insert(name) }
            case .kindTest(let inner, _, _): if case .field(let name) = inner.kind { names.insert(name) }
            default: break
            }
        }
        return names
    }
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// A task's preset as a value: `generate cora, task: sums`, `sums.system`, `sums.grader`.
struct Task: DomainValue {
    static let tag = "task"
    let preset: TaskPreset
    /// Its grader, where it has one.
    let grader: Value

    /// - Throws: what reading the grader's rule throws.
    init(_ preset: TaskPreset, codec: ValueCodec, blobs: any BlobStoring) throws {
        self.preset = preset
        grader =
            try preset.gradingRule.map { rule in
                let code: Value = ["code": .string(rule), "source": .string("task \(preset.rawValue)")]
                return try Grader.decode(["expression": code], codec: codec, blobs: blobs)
            } ?? .null
    }

    var kindName: String { "a task" }
    var summary: String { "task \(preset.rawValue): \(preset.summary)" }

    var memberNames: [String] { members.keys.sorted() }

    func member(_ name: String) -> Value? { members[name] }

    private var members: Record {
        var members: Record = [
            "name": .string(preset.rawValue), "system": .string(preset.system),
            "temperature": .double(TaskPreset.temperature),
            "max_tokens": .integer(preset.reasoning?.tokens ?? TaskPreset.tokens),
            "reasoning": .string(preset.reasoning?.word ?? "none"), "least": .integer(preset.leastRecords),
            "success_ratio": .double(TaskPreset.successRatio),
        ]
        if !preset.labels.isEmpty { members["labels"] = .list(preset.labels.map { .string($0) }) }
        if !grader.isNull { members["grader"] = grader }
        return members
    }

    var presentation: [PresentationBlock] {
        let records =
            preset.isConversation
            ? "the system's message, then user and assistant in turn"
            : "the system's message and the user's, no more"
        let reasoning =
            switch preset.reasoning {
            case .chainOfThought: "a chain of thought of at most \(Reasoning.longestReason) words, then the answer"
            case .chainOfDensity(let longest):
                "a chain of density: \(Reasoning.rounds) summaries of at most \(longest) words; the last is kept"
            case nil: "no reasoning"
            }
        let lines: [(String, String)] = [
            ("records", "\(records); at least \(preset.leastRecords)"),
            (
                "asked",
                "temperature \(TaskPreset.temperature), \(preset.reasoning?.tokens ?? TaskPreset.tokens) tokens; \(reasoning)"
            ),
            ("system", preset.system),
            (
                "graded",
                preset.gradingRule.map { "\($0)\(preset.goldColumn.map { ", where .\($0) is gold" } ?? "")" }
                    ?? "by a judge of your own; there is no right answer to compare with"
            ),
        ]
        let rows = DataSet(rows: lines.map { ["part": .string($0.0), "preset": .string($0.1)] })
        return [.line(summary), .line(""), .table(TablePresentation(rows, limit: 10, wraps: true))]
    }

    func encoded(with encoder: inout ValueEncoder) throws -> Value { ["preset": .string(preset.rawValue)] }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let preset = state[field: "preset"].text.flatMap(TaskPreset.init(rawValue:)) else {
            throw StateError("a task that this version does not know")
        }
        return .domain(try Task(preset, codec: codec, blobs: blobs))
    }
}

extension Task {
    static let names = TaskPreset.allCases.map(\.rawValue)

    /// What is known of a task before anything runs.
    /// - Parameter place: where it is made, for mistakes about what its grader reads.
    static func type(_ preset: TaskPreset?, at place: Diagnostic.Place? = nil) -> StaticType {
        var members: Columns = [
            "name": .text, "system": .text, "temperature": .number, "max_tokens": .number, "reasoning": .text,
            "least": .number, "success_ratio": .number, "labels": .list(.text), "grader": Grader.type(),
        ]
        if let preset {
            if preset.labels.isEmpty { members["labels"] = nil }
            if preset.gradingRule == nil { members["grader"] = nil }
            if let place, let gold = preset.goldColumn {
                members["grader"] = Grader.type(reads: [.init(name: gold, code: ".\(gold)", place: place)])
            }
        }
        return .domain(StaticType.DomainType(tag: tag, kindName: "a task", members: members))
    }
}

extension Reasoning {
    /// How the language says it.
    var word: String {
        switch self {
        case .chainOfThought: "cot"
        case .chainOfDensity: "cod"
        }
    }
}

extension Builtin {
    static let task = Builtin(
        "task", .steps,
        "What distilling a kind of task takes: a system prompt, how the teacher is asked, checks of the records, a grader.",
        [Parameter("name", .oneOf(Task.names), "the kind of task")],
        example: "task \"math\"",
        result: { call in
            Task.type(
                call.literalText("name").flatMap(TaskPreset.init(rawValue:)),
                at: Diagnostic.Place(source: call.source, span: call.expression("name")?.span ?? call.call.nameSpan))
        },
        run: { call in
            guard let preset = call.value("name").text.flatMap(TaskPreset.init(rawValue:)) else { return .null }
            return .domain(try Task(preset, codec: StandardLanguage.codec, blobs: call.lab.blobs))
        })
}

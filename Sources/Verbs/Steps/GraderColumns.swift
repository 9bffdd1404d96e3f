internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// What graders read of rows, known before anything runs: a misspelt column costs no model call.
extension CheckedCall {
    /// The type of the grader that this call makes, with the columns that it reads.
    /// - Throws: a diagnostic for a template that can never be filled.
    func graderType() throws(Diagnostic) -> StaticType {
        var reads: [StaticType.ColumnReference] = []
        if let rule = expression("rule") {
            let steps = GeneratedColumns.all
            // A column that generating adds is missed where it is asked for: `grade` says so in its own words.
            reads += rule.columnPlaces(StandardLanguage.builtins).filter { !steps.contains($0.name) }.map {
                name, span in
                .init(name: name, code: ".\(name)", place: .init(source: source, span: span))
            }
        }
        try checkGraderForm()
        try refuseTemplatesWithoutAnswer()
        for parameter in ["input", "reference"] {
            for (text, place) in texts(in: parameter) {
                for reference in TemplateReferences.find(in: text, at: place) {
                    try reference.check()
                    if let name = reference.itemColumn {
                        reads.append(.init(name: name, code: reference.code, place: reference.place))
                    }
                }
            }
        }
        // OpenAI's JSON may be a list, and may name its graders itself, as `name:` does.
        guard expression("rule").map({ $0.readsRow || $0.isText }) ?? false, !has("name") else { return .any }
        let isBlind = expression("rule").map { $0.readsRow && !$0.readsAnswer(StandardLanguage.builtins) } ?? false
        var adds: Columns = [:]
        if has("pass_threshold") { adds[GradeColumns.pass] = .number }
        if has("labels") { adds[GradeColumns.label] = .text }
        if has("graders") {
            guard let parts = fieldNames("graders") else { return .any }
            for part in parts { adds[part] = .number }
        }
        return Grader.type(reads: reads, adds: adds, isBlind: isBlind)
    }

    /// The literal texts anywhere in an argument, each with its place; a judge's messages have several.
    private func texts(in parameter: String) -> [(text: String, place: Diagnostic.Place)] {
        var texts: [(String, Diagnostic.Place)] = []
        expression(parameter)?.forEach { part in
            guard case .text(let pieces) = part.kind else { return }
            for case .literal(let text, let span) in pieces {
                texts.append((text, Diagnostic.Place(source: source, span: span)))
            }
        }
        return texts
    }

    /// Refuses a row expression that reads columns which the rows do not have.
    func refuseMissingColumns(ofProperty parameter: String, in columns: Columns) throws(Diagnostic) {
        guard let property = expression(parameter) else { return }
        for name in property.columnsRead(StandardLanguage.builtins).sorted() where columns[name] == nil {
            throw mistake(
                .unknownColumn, at: parameter,
                "Expected a column of the rows; there is no `.\(name)` in \(columns.keys.sorted().joined(separator: ", ")).",
                hint: Suggestion.closest(to: name, among: columns.keys).map { "did you mean `.\($0)`?" })
        }
    }

    /// Refuses graders that read columns which the rows do not have.
    func refuseMissingColumns(of parameter: String, in columns: Columns) throws(Diagnostic) {
        for type in types(parameter) {
            let reads: [StaticType.ColumnReference] =
                switch type {
                case .domain(let grader), .list(.domain(let grader)): grader.reads
                default: []
                }
            for read in reads where columns[read.name] == nil {
                let known = columns.keys.sorted().joined(separator: ", ")
                let close = Suggestion.closest(to: read.name, among: columns.keys)
                let isTemplate = read.code.hasPrefix("{{")
                throw mistake(
                    .unknownColumn, at: parameter,
                    "Expected rows with the grader's columns; there is no `.\(read.name)` in \(known).",
                    hint: close.map { isTemplate ? "did you mean {{item.\($0)}}?" : "did you mean `.\($0)`?" }
                ).labelled(read.place, "The grader reads it here.")
            }
        }
    }
}

/// A `{{…}}` of a grader's template, where it stands.
private struct TemplateReferences {
    let code: String
    let names: [String]
    let place: Diagnostic.Place

    /// The column that `{{item.column}}` names.
    var itemColumn: String? { names.count > 1 && names[0] == "item" ? names[1] : nil }

    private static let sampleMembers = [
        "output_text", "output_json", "model", "model_id", "messages", "usage", "finish_reason", "latency", "cached",
        "error", "reasoning", "raw", "asked",
    ]

    /// All of a literal. The text's escapes are resolved, so places are looked up in the source.
    static func find(in text: String, at place: Diagnostic.Place) -> [TemplateReferences] {
        let source = place.source
        let written = source.text(of: place.span)
        var found: [TemplateReferences] = []
        var rest = written[...]
        while let open = rest.firstRange(of: "{{"),
            let close = rest[open.upperBound...].firstRange(of: "}}")
        {
            let start = place.span.start + written[..<open.lowerBound].utf8.count
            let code = String(rest[open.lowerBound..<close.upperBound])
            let names = rest[open.upperBound..<close.lowerBound].split(separator: ".", omittingEmptySubsequences: false)
                .map { String($0).trimmed }
            found.append(
                TemplateReferences(
                    code: code, names: names,
                    place: .init(source: source, span: Span(start..<(start + code.utf8.count)))))
            rest = rest[close.upperBound...]
        }
        return found
    }

    /// Refuses a root other than `item` and `sample`, and members that no sample has.
    func check() throws(Diagnostic) {
        guard names.count >= 2, names[0] == "item" || names[0] == "sample", names.allSatisfy({ !$0.isEmpty }) else {
            let mended = mendedRoot
            throw Diagnostic(
                .wrongType, at: place.span, in: place.source,
                "Expected {{item.column}} or {{sample.output_text}}, found \(code).", hint: mended, replacement: mended)
        }
        guard names[0] == "sample", !Self.sampleMembers.contains(names[1]) else { return }
        let meant = ["output": "output_text", "text": "output_text", "json": "output_json"][names[1]]
        let close = meant ?? Suggestion.closest(to: names[1], among: Self.sampleMembers)
        let mended = close.map { "{{\((["sample", $0] + names.dropFirst(2)).joined(separator: "."))}}" }
        throw Diagnostic(
            .unknownMember, at: place.span, in: place.source,
            "Expected a member of the sample: \(Self.sampleMembers.joined(separator: ", ")).",
            hint: mended ?? "{{item.\(names[1])}} reads a column", replacement: mended)
    }

    private var mendedRoot: String {
        switch names.first ?? "" {
        case "output", "output_text", "response", "completion", "answer": return "{{sample.output_text}}"
        case "output_json": return "{{\((["sample"] + names).joined(separator: "."))}}"
        case let root where names.count > 1:
            let close = Suggestion.closest(to: root, among: ["item", "sample"]) ?? "item"
            return "{{\(([close] + names.dropFirst()).joined(separator: "."))}}"
        case let root: return "{{item.\(root.isEmpty ? "column" : root)}}"
        }
    }
}

extension Grader {
    /// What is known of a grader before anything runs.
    static func type(
        reads: [StaticType.ColumnReference] = [], adds: Columns = [:], isBlind: Bool = false
    ) -> StaticType {
        .domain(
            StaticType.DomainType(
                tag: Grader.tag, kindName: "a grader", members: ["name": .text, "json": .any, "audit": .any],
                reads: reads, adds: adds, isBlind: isBlind))
    }

    /// The same of a grader that was saved.
    var type: StaticType {
        var adds: Columns = [:]
        if passThreshold != nil { adds[GradeColumns.pass] = .number }
        switch kind {
        case .judge(let judge): if case .label = judge.judge.form { adds[GradeColumns.label] = .text }
        case .multi(let parts, _): for part in parts { adds[part.name] = .number }
        default: break
        }
        return Self.type(adds: adds, isBlind: !readsAnswer(StandardLanguage.builtins))
    }
}

extension Expression {
    /// Whether it is a text, perhaps with `${…}`.
    fileprivate var isText: Bool { if case .text = kind { true } else { false } }

    /// The columns of the row at hand with their places, as `columnsRead` finds them.
    fileprivate func columnPlaces(_ builtins: BuiltinTable) -> [(name: String, span: Span)] {
        let names = columnsRead(builtins)
        var found: [(name: String, span: Span)] = []
        forEach { part in
            if case .field(let name) = part.kind, names.contains(name), !found.contains(where: { $0.name == name }) {
                found.append((name, part.span))
            }
        }
        return found
    }
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let flips = Builtin(
        "flips", .steps, "The rows whose grade changed between two sets of answers, with both texts.",
        [
            Parameter("before", .rows, isSubject: true, "graded rows"),
            Parameter("after", .rows, "the same rows, answered and graded again"),
            .option("grader", .text, "which grade is compared, where there are several"),
        ], example: "flips before, after",
        result: { call throws(Diagnostic) in
            try AnsweredPair.checkColumns(call, "before", "after")
            return .rows(nil)
        }, run: { call in .domain(try AnsweredPair(call, "before", "after").flips()) })

    static let disagree = Builtin(
        "disagree", .steps, "The rows that two models answered differently, with both texts.",
        [
            Parameter("a", .rows, isSubject: true, "answered rows"),
            Parameter("b", .rows, "the same rows, answered by another model"),
            .option("by", .anything, evaluation: .row, "what is compared; .output unless given"),
        ], example: "disagree a, b, by: .output_json.intent",
        result: { call throws(Diagnostic) in
            try AnsweredPair.checkColumns(call, "a", "b")
            return .rows(nil)
        }, run: { call in .domain(try AnsweredPair(call, "a", "b").disagreements()) })
}

/// Two sets of answers to the same questions, put together row by row.
struct AnsweredPair {
    private let call: Invocation
    private let names: (first: String, second: String)
    let first: DataSet
    let second: DataSet
    /// Rows of the first and the second set that ask the same.
    let pairs: [(Int, Int)]

    init(_ call: Invocation, _ first: String, _ second: String) throws {
        self.call = call
        names = (first, second)
        self.first = call.rows(first)
        self.second = call.rows(second)
        var places: [RowHash: [Int]] = [:]
        for index in self.second.indices.reversed() {
            if let hash = Self.hash(self.second, index) { places[hash, default: []].append(index) }
        }
        var pairs: [(Int, Int)] = []
        for index in self.first.indices {
            guard let hash = Self.hash(self.first, index), let partner = places[hash]?.popLast() else { continue }
            pairs.append((index, partner))
        }
        self.pairs = pairs
        guard !pairs.isEmpty else {
            throw call.failure(
                .incompatibleModels, at: second,
                "Expected answers to the same questions; the two sets have none in common.",
                hint: "generate both from the same rows")
        }
        let lost = self.first.count + self.second.count - 2 * pairs.count
        if lost > 0 {
            let rows = lost == 1 ? "1 row is" : "\(lost) rows are"
            call.note("\(call.builtin.name): \(rows) in one of the two sets only and left out.")
        }
    }

    /// Both sets must have answers, as far as their columns are known.
    static func checkColumns(_ checked: CheckedCall, _ parameters: String...) throws(Diagnostic) {
        guard
            let columns = parameters.lazy.compactMap({ checked.columns($0) }).first(where: {
                $0[GeneratedColumns.output] == nil
            })
        else { return }
        throw checked.mistake(
            .unknownColumn,
            "Expected answered rows with .output; these have \(columns.keys.sorted().joined(separator: ", ")).",
            hint: "rows | generate student | grade correct")
    }

    private static func hash(_ rows: DataSet, _ index: Int) -> RowHash? {
        // What was really asked stands in the sample; rows read from a file may have the prompt alone.
        let asked = (rows.value(index, GeneratedColumns.sample)[field: "messages"].list ?? []).compactMap(
            ChatMessage.init)
        if !asked.isEmpty { return RowHash(messages: asked) }
        let messages = try? Conversation.messages(
            prompt: rows.value(index, "prompt"), messages: rows.value(index, "messages"), system: nil)
        return messages.map(RowHash.init(messages:))
    }

    func flips() throws -> DataSet {
        let grade = try gradeColumn()
        try refuseColumns(["flip", "before", "after", "\(grade)_before", "\(grade)_after"])
        var found: [Record] = []
        var (fixed, broken, unscored) = (0, 0, 0)
        for (a, b) in pairs {
            guard let before = first.value(a, grade).double, let after = second.value(b, grade).double else {
                unscored += 1
                continue
            }
            guard before != after else { continue }
            if after > before { fixed += 1 } else { broken += 1 }
            var row = question(a)
            row["flip"] = .string(after > before ? "better" : "worse")
            row["before"] = first.value(a, GeneratedColumns.output)
            row["after"] = second.value(b, GeneratedColumns.output)
            row["\(grade)_before"] = first.value(a, grade)
            row["\(grade)_after"] = second.value(b, grade)
            found.append(row)
        }
        call.note(
            "flips: of \(pairs.count) rows \(fixed) got better and \(broken) worse by \(grade)"
                + (unscored > 0 ? "; \(unscored) have no grade on one side." : "."))
        return DataSet(rows: found)
    }

    func disagreements() throws -> DataSet {
        let key = call.function("by")
        try refuseColumns(["a", "b"] + (key == nil ? [] : ["a_value", "b_value"]))
        var found: [Record] = []
        var failed = 0
        for (a, b) in pairs {
            let left = try key.map { try $0(first, a) } ?? first.value(a, GeneratedColumns.output)
            let right = try key.map { try $0(second, b) } ?? second.value(b, GeneratedColumns.output)
            if left.rowError != nil || right.rowError != nil {
                failed += 1
                continue
            }
            guard left != right else { continue }
            var row = question(a)
            if key != nil { (row["a_value"], row["b_value"]) = (left, right) }
            row["a"] = first.value(a, GeneratedColumns.output)
            row["b"] = second.value(b, GeneratedColumns.output)
            found.append(row)
        }
        call.note(
            "disagree: \(found.count) of \(pairs.count) rows"
                + (failed > 0 ? "; \(failed) failed on one side and were left out." : "."))
        return DataSet(rows: found)
    }

    /// The language overwrites no column by accident.
    func refuseColumns(_ added: [String]) throws {
        guard let name = added.first(where: { question(0)[$0] != nil }) else { return }
        throw call.failure(
            .columnExists, at: names.first,
            "Expected rows without a column `.\(name)` of their own; `\(call.builtin.name)` adds one of that name.",
            hint: "rename other_\(name): .\(name)")
    }

    /// The first set's own columns.
    func question(_ index: Int) -> Record {
        first.row(index).filter { !GeneratedColumns.all.contains($0.key) && !first.grades.contains($0.key) }
    }

    private func gradeColumn() throws -> String {
        if let name = call.value("grader").text {
            for (parameter, rows) in [(names.first, first), (names.second, second)] where !rows.grades.contains(name) {
                throw call.failure(
                    .unknownColumn, at: parameter, "Expected rows graded by `\(name)`; their grades are \(list(rows)).",
                    hint: "rows | grade \(name)")
            }
            return name
        }
        let common = first.columnNames.filter { first.grades.contains($0) && second.grades.contains($0) }
        guard let only = common.first else {
            throw call.failure(
                .unknownColumn, at: first.grades.isEmpty ? names.first : names.second,
                "Expected rows graded by one grader on both sides; the grades are \(list(first)) and \(list(second)).",
                hint: "before | grade correct")
        }
        guard common.count == 1 else {
            throw call.failure(
                .missingArgument,
                "Expected one grade to compare by; both sides have \(common.joined(separator: ", ")).",
                hint: "grader: \"\(only)\"")
        }
        return only
    }

    private func list(_ rows: DataSet) -> String {
        rows.grades.isEmpty ? "none" : rows.columnNames.filter(rows.grades.contains).joined(separator: ", ")
    }
}

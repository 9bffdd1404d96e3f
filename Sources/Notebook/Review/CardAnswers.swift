internal import Distillation
internal import OrderedCollections
internal import Tables

/// The rows on which a trained model did worst.
struct CardAnswers {
    /// Longer texts are cut: the page is one page.
    private static let limit = 280
    private static let count = 5

    /// How the rows were chosen, in a sentence.
    let remark: String
    /// What was asked, what the data say, what each said; nil where no answer was wrong.
    let table: DataSet?

    /// - Parameters:
    ///   - model: the trained one.
    ///   - others: whose answers stand beside its own; the teacher first.
    ///   - grader: by which the answers are bad.
    init(_ rows: DataSet, model: String, teacher: String?, grader: String, models: Set<String>) {
        func score(_ index: Int, _ name: String?) -> Double? {
            name.flatMap { rows.value(index, $0)[field: grader].score }
        }
        let scored = rows.indices.compactMap { index in score(index, model).map { (index: index, own: $0) } }
        let failed = rows.count - scored.count
        let behind = scored.compactMap { row in
            score(row.index, teacher).flatMap { $0 > row.own ? (row.index, row.own, gap: $0 - row.own) : nil }
        }.sorted { ($1.gap, $0.1, $0.0) < ($0.gap, $1.1, $1.0) }.map(\.0)
        // Nothing is wrong with what nobody can do better.
        let best = rows.indices.flatMap { index in models.compactMap { score(index, $0) } }.max() ?? 1
        let lowest = scored.filter { $0.own < max(best, 1) }.sorted { ($0.own, $0.index) < ($1.own, $1.index) }.map(
            \.index)
        let chosen = Array((behind + lowest.filter { !behind.contains($0) }).prefix(Self.count))
        var words: [String] = []
        if let teacher, !behind.isEmpty {
            words.append(
                "\(teacher) did better than \(model) on \(behind.count) of \(rows.count) rows"
                    + (behind.count > chosen.count ? "; these are the first of the worst." : "."))
        } else if let teacher, !lowest.isEmpty {
            words.append("On no row did \(teacher) do better than \(model); these have the lowest scores.")
        } else if !lowest.isEmpty {
            words.append("The rows with the lowest scores of \(model).")
        }
        if chosen.isEmpty { words.append("No answer of \(model) was wrong.") }
        if failed > 0 { words.append("\(failed) rows have no score of \(model) and are not among them.") }
        remark = words.joined(separator: " ")
        table = chosen.isEmpty ? nil : Self.table(rows, chosen, [model] + [teacher].compactMap(\.self), grader, models)
    }

    private static func table(
        _ rows: DataSet, _ chosen: [Int], _ shown: [String], _ grader: String, _ models: Set<String>
    ) -> DataSet {
        let facts = rows.columnNames.filter { !models.contains($0) && $0 != "prompt" && $0 != "messages" }
        var lines: [Record] = []
        func line(_ row: String, _ who: String, _ text: String) {
            lines.append(["row": .string(row), "of": .string(who), "text": .string(cut(text))])
        }
        for index in chosen {
            line("\(index + 1)", "asked", asked(rows, index))
            for name in facts {
                let value = rows.value(index, name)
                if !value.isNull { line("", name, plain(value)) }
            }
            for name in shown {
                let answer = rows.value(index, name)
                let score = answer[field: grader].score.map { Number.double($0).grouped } ?? "no score"
                line("", "\(name): \(score)", plain(answer[field: "output"]))
            }
        }
        return DataSet(rows: lines)
    }

    private static func asked(_ rows: DataSet, _ index: Int) -> String {
        if let prompt = rows.value(index, "prompt").text { return prompt }
        let messages = rows.value(index, "messages").list ?? []
        return messages.last { $0[field: "role"] == "user" }?[field: "content"].text
            ?? plain(rows.value(index, "messages"))
    }

    private static func plain(_ value: Value) -> String {
        switch value {
        case .string(let text): text
        case .error(let error): "⚠ \(error.message)"
        case .null: "–"
        case .opaque(let domain): domain.summary
        default: JSON.text(value, .line)
        }
    }

    /// One line, with the length of what is left out.
    private static func cut(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
        guard line.count > limit else { return line }
        return "\(line.prefix(limit))… (\(Number.integer(Int64(text.count)).grouped) characters)"
    }
}

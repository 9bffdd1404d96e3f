internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import Tables

/// Looks at rows that a notebook works on: empty, doubled, unbalanced, alike across the parts of a split.
struct RowsExamination {
    /// Columns that say what is asked, the likeliest first.
    private static let asking = ["prompt", "question", "text", "input", "utterance"]
    /// Columns that say what is right, the likeliest first.
    private static let labels = ["intent", "label", "category", "class", "answer", "gold"]
    /// More values than this are no labels.
    private static let mostLabels = 60
    /// Rows that are looked at for each thing: enough to tell, and a second at most.
    private static let limit = 20_000

    /// What there is to say of rows.
    static func findings(_ rows: DataSet) -> [Finding] {
        var findings = [Finding(.good, "\(grouped(rows.count)) rows: \(rows.columnNames.joined(separator: ", "))")]
        if let asked = asked(rows) {
            let empty = asked.count { $0.allSatisfy(\.isWhitespace) }
            if empty > 0 {
                findings.append(
                    Finding(
                        .warning, "\(grouped(empty)) of them ask nothing (null or blank)",
                        hint: "rows | where .prompt is not null and trim(.prompt) != \"\""))
            }
            var seen: Set<String> = []
            let doubled = asked.count { !$0.isEmpty && !seen.insert(NearDuplicates.normalised($0)).inserted }
            if doubled > 0 {
                findings.append(
                    Finding(
                        .warning, "\(grouped(doubled)) of them ask what an earlier row asks, but for case and blanks",
                        hint: "rows | dedupe .prompt, similarity: 1"))
            }
        }
        if let balance = balance(rows) { findings.append(balance) }
        return findings
    }

    /// What there is to say of the parts of a split besides.
    static func leaks(between parts: [(name: String, rows: DataSet)]) -> [Finding] {
        // What is trained on is the part of that name, or the largest.
        guard
            let trained = parts.first(where: { $0.name.hasPrefix("train") })
                ?? parts.max(by: { $0.rows.count < $1.rows.count }), let known = asked(trained.rows)
        else { return [] }
        return parts.filter { $0.name != trained.name }.map { part in
            let leaks = NearLeaks(heldOut: asked(part.rows) ?? [], trained: known)
            let what = "\(trained.name) and \(part.name)"
            guard leaks.count > 0, let example = leaks.examples.first else {
                return Finding(.good, "\(what): no row of the one is nearly one of the other")
            }
            return Finding(
                .warning,
                "\(what): \(grouped(leaks.count)) of \(grouped(leaks.total)) rows of \(part.name) are nearly rows of "
                    + "\(trained.name), for instance \(Excerpt.of(example.heldOut)) and \(Excerpt.of(example.trained))",
                hint: "before the split: rows | dedupe .prompt, similarity: \(NearLeaks.usualSimilarity)")
        }
    }

    /// What rows ask; nil where no column says so.
    private static func asked(_ rows: DataSet) -> [String]? {
        let places = rows.indices.prefix(limit)
        if let name = asking.first(where: { rows[column: $0]?.typeName == "text" }) {
            return places.map { rows.value($0, name).text ?? "" }
        }
        guard rows[column: "messages"] != nil else { return nil }
        return places.map { row in
            (rows.value(row, "messages").list ?? []).filter { $0[field: "role"].text == "user" }
                .compactMap { $0[field: "content"].text }.joined(separator: "\n")
        }
    }

    private static func balance(_ rows: DataSet) -> Finding? {
        for name in labels {
            guard let column = rows[column: name] else { continue }
            var counts: OrderedDictionary<String, Int> = [:]
            for row in rows.indices.prefix(limit) {
                let value = column[row]
                guard !value.isNull, value.list == nil, value.record == nil else { continue }
                counts[value.plainText, default: 0] += 1
                if counts.count > mostLabels { break }
            }
            guard counts.count > 1, counts.count <= mostLabels, counts.count * 2 <= rows.count else { continue }
            let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            guard let most = sorted.first, let least = sorted.last else { continue }
            let text =
                ".\(name): \(counts.count) values, from \(grouped(least.value)) rows (\(least.key)) to "
                + "\(grouped(most.value)) (\(most.key))"
            let isUneven = most.value >= 10 * least.value
            return Finding(
                isUneven ? .warning : .good, text,
                hint: isUneven
                    ? "a mean over all rows says little of `\(least.key)`: group .\(name), or split …, by: .\(name)"
                    : nil)
        }
        return nil
    }

    private static func grouped(_ number: Int) -> String { Number.integer(Int64(number)).grouped }
}

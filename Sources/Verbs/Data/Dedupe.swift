internal import Distillation
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let dedupe = Builtin(
        "dedupe", .data, "Leaves out rows whose text is nearly that of an earlier row, and shows a pair.",
        [
            .rows, Parameter("text", .anything, evaluation: .row, "the text that is compared: `.prompt`"),
            .option(
                "similarity", .number(0.1...1),
                "from which share of common runs of five letters (Jaccard index) texts are nearly the same; "
                    + "1 is equal but for case and blanks; 0.9 unless given"),
        ], example: "rows | dedupe .prompt, similarity: 0.9", uses: .passing,
        result: { call throws(Diagnostic) in
            switch call.type("text") {
            case .text, .any, .null: break
            case let other:
                throw call.mistake(
                    .wrongType, at: "text", "Expected text to compare, found \(other.kindName).",
                    hint: "distinct \(call.code("text")) keeps the first of equal values")
            }
            return call.type("rows")
        },
        run: { call in
            let rows = call.rows()
            guard let function = call.function("text") else { return .domain(rows) }
            var seen = NearDuplicates(similarity: call.value("similarity").double ?? 0.9)
            var kept: [Int] = []
            var example: (row: Int, finding: NearDuplicates.Finding)?
            var textless = 0
            for row in rows.indices {
                if row % 256 == 0 { try call.checkInterrupt() }
                let value = try function(rows, row)
                guard let text = value.text else {
                    guard value.isNull || value.rowError != nil else {
                        throw call.failure(
                            .wrongType, at: "text", "Expected text to compare, found \(value.kindName) in row \(row).",
                            hint: "text(\(call.code("text")))")
                    }
                    textless += 1
                    kept.append(row)
                    continue
                }
                if let finding = seen.add(text, number: row) {
                    // Of all pairs the one that differs most tells most about the threshold.
                    if finding.similarity < example?.finding.similarity ?? 2 { example = (row, finding) }
                } else {
                    kept.append(row)
                }
            }
            call.note("dedupe: \(rows.count - kept.count) of \(rows.count) rows left out as nearly the same.")
            if let example {
                let later = try function(rows, example.row).text ?? ""
                let earlier = try function(rows, example.finding.original).text ?? ""
                call.note(
                    "dedupe: for instance \(Excerpt.of(later)), as \(Excerpt.of(earlier)) is kept "
                        + "(similarity \(Number.fixed(example.finding.similarity, decimals: 2))).")
            }
            if textless > 0 { call.note("dedupe: \(textless) rows without text were kept.") }
            return .domain(rows.selecting(kept))
        })
}

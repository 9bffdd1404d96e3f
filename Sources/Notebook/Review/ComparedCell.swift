internal import Distillation
internal import OrderedCollections
internal import PipelineSyntax
internal import Tables
internal import Verbs

/// A cell of a saved notebook that compares, with its comparison.
struct ComparedCell {
    /// Its number, from 1.
    let number: Int
    let comparison: Comparison
    /// Whether the test rows are there; they are a blob where they are many.
    let hasRows: Bool
}

extension NotebookSession {
    /// The comparison of a cell, or the last one of the notebook.
    /// - Throws: `CardError` that says what to add or to run.
    func comparedCell(_ wanted: Int?) throws(CardError) -> ComparedCell {
        let numbers = wanted.map { [$0] } ?? Array((1..<(cells.count + 1)).reversed())
        var reason: CardError?
        for number in numbers {
            do throws(CardError) {
                if let found = try comparison(of: number) { return found }
            } catch {
                reason = reason ?? error
            }
        }
        if let reason { throw reason }
        let what = "compare [student, tuned, teacher], on: questions.test, with: correct"
        if let wanted {
            throw CardError(
                "Cell \(wanted) compares nothing.", hint: "leave out --cell, or name the cell with `compare`")
        }
        throw CardError("A card is made from a comparison; no cell compares.", hint: "add a cell: \(what)")
    }

    private func comparison(of number: Int) throws(CardError) -> ComparedCell? {
        let cell = codeCell(number)
        let states = [cell.state?.report?.value] + (cell.state?.exports.values.reversed() ?? []).map(Optional.some)
        for state in states.compactMap(\.self) where isComparison(state) {
            return try decoded(state, number)
        }
        guard cells[number - 1].compares else { return nil }
        guard let state = cell.state else {
            throw CardError("Cell \(number) compares but has not run.", hint: "distnb run \(fileName) --cell \(number)")
        }
        switch state.status {
        case .ok:
            throw CardError(
                "Cell \(number) was run by a version that did not keep its comparison.",
                hint: "run it again: distnb run \(fileName) --cell \(number)")
        case .failed, .interrupted:
            throw CardError(
                "Cell \(number) compares but did not come to its end.", hint: "distnb run \(fileName) --cell \(number)")
        }
    }

    /// The notebook's file as it is typed.
    var fileName: String { path?.split(separator: "/").last.map(String.init) ?? "notebook.distnb" }

    private func isComparison(_ state: Value) -> Bool {
        let tag = state[field: "$type"].text
        if tag == Comparison.tag { return true }
        return tag == "value" && SavedValue.inner(state, blobs: lab.blobs)?[field: "$type"].text == Comparison.tag
    }

    private func decoded(_ state: Value, _ number: Int) throws(CardError) -> ComparedCell {
        var state = state
        if state[field: "$type"] == "value", let inner = SavedValue.inner(state, blobs: lab.blobs) { state = inner }
        guard var fields = SavedValue.inner(state, blobs: lab.blobs)?.record else {
            throw CardError(
                "The comparison of cell \(number) is not beside the notebook (folder .distnb/blobs).",
                hint: "run it again: distnb run \(fileName) --cell \(number)")
        }
        // The figures need no rows: what a notebook without its folder still has is shown.
        let hasRows = fields["rows"].flatMap { SavedValue.inner($0, blobs: lab.blobs) } != nil
        if !hasRows { fields["rows"] = ["$type": "rows", "value": ["names": [], "count": 0, "columns": []]] }
        let whole: Value = ["$type": .string(Comparison.tag), "value": .record(fields)]
        guard let value = try? StandardLanguage.codec.decode(whole, blobs: lab.blobs),
            let comparison = value.domain(Comparison.self)
        else {
            throw CardError(
                "The comparison of cell \(number) cannot be read.",
                hint: "run it again: distnb run \(fileName) --cell \(number)")
        }
        return ComparedCell(number: number, comparison: comparison, hasRows: hasRows)
    }

    /// All models that cells up to one have bound, the nearest first.
    func savedModels(upTo number: Int) -> [SavedModel] {
        (1...max(1, number)).reversed().flatMap { number -> [SavedModel] in
            guard number <= cells.count else { return [] }
            return (codeCell(number).state?.exports.values.reversed() ?? []).compactMap {
                SavedModel($0, blobs: lab.blobs)
            }
        }
    }
}

extension CellAnalysis {
    /// Whether it says `compare`.
    fileprivate var compares: Bool {
        var found = false
        program.forEachExpression { expression in
            switch expression.kind {
            case .call(let call): found = found || call.name == "compare"
            case .pipeline(_, let stages): found = found || stages.contains { $0.name == "compare" }
            default: break
            }
        }
        return found
    }
}

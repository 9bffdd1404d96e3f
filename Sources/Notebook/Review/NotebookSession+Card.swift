internal import Distillation
internal import OrderedCollections
internal import Rendering
public import Tables
internal import Verbs

extension NotebookSession {
    /// The card of a comparison. Runs nothing.
    /// - Parameters:
    ///   - cell: the cell that compares; the last one unless given.
    ///   - model: the trained model that it is about; the one that scores best unless given.
    ///   - sha256: of the notebook's file.
    /// - Throws: `CardError` where there is no comparison, or no trained model in it.
    public func card(cell: Int? = nil, model: String? = nil, sha256: String) throws(CardError) -> Card {
        let compared = try comparedCell(cell)
        let models = savedModels(upTo: compared.number)
        let comparison = compared.comparison.priced(machineHour: lab.kernel.machineHour)
        let roles = try CardRoles(comparison, models, wanted: model)
        let outline = self.outline
        let statuses = self.statuses(in: outline)
        let needed = outline.ancestors(of: compared.number) + [compared.number]
        let stale = needed.filter { statuses[$0 - 1].status == .stale || statuses[$0 - 1].status.isUnfinished }
        let page = CardPage(
            comparison: comparison, roles: roles, hasRows: compared.hasRows, number: compared.number,
            provenance: CardProvenance(
                file: fileName, sha256: sha256, kernel: lab.kernel.name, parameters: document.parameters,
                cells: needed.compactMap { codeCell($0).state },
                started: codeCell(compared.number).state?.started ?? "",
                models: comparison.modelNames.compactMap { name in models.first { $0.name == name } }),
            warnings: stale.map { number in
                let why = reasons(for: number, in: outline, known: statuses.map(\.fingerprint))
                let changed = why.isEmpty ? "" : ": \(why.joined(separator: ", ")) changed"
                return "Cell \(number) is \(statuses[number - 1].status.label)\(changed)."
            })
        return Card(title: title, sections: page.sections)
    }

    /// The notebook's first heading, else its file's name.
    private var title: String {
        for cell in document.cells where cell.kind == .markdown {
            for line in cell.source.split(separator: "\n") where line.hasPrefix("# ") {
                return String(line.dropFirst(2))
            }
        }
        return fileName
    }
}

extension CellStatus {
    /// Whether what it shows is not what its code gives.
    fileprivate var isUnfinished: Bool { [.notRun, .failed, .interrupted, .broken].contains(self) }
}

extension Comparison {
    /// The models, in the order in which they were given.
    var modelNames: [String] { Array(OrderedSet(expenses.map(\.model) + entries.map(\.model))) }
}

/// Who is who on a card.
struct CardRoles {
    /// The trained model that it is about.
    let trained: String
    let untrained: String?
    let teacher: String?
    /// By what the page judges: the first grader. Several are never mixed.
    let grader: String
    let graders: [String]

    /// - Parameters:
    ///   - models: those that the notebook has bound, the nearest first.
    ///   - wanted: the trained model to take.
    /// - Throws: `CardError` where there is no such one.
    init(_ comparison: Comparison, _ models: [SavedModel], wanted: String?) throws(CardError) {
        let names = comparison.modelNames
        func saved(_ name: String) -> SavedModel? { models.first { $0.name == name } }
        let trained = names.filter { name in
            saved(name)?.trainedWeights != nil || comparison.expenses.contains { $0.model == name && $0.making != nil }
                || comparison.entries.contains { $0.model == name && $0.gap != nil }
        }
        graders = Array(OrderedSet(comparison.entries.map(\.grader)))
        guard let grader = graders.first else {
            throw CardError("The comparison has no grades.", hint: "compare …, with: correct")
        }
        func mean(_ name: String) -> Double {
            comparison.entries.first { $0.model == name && $0.grader == grader }?.summary.mean ?? -.infinity
        }
        if let wanted, !trained.contains(wanted) {
            throw CardError(
                "\(wanted) is no trained model of this comparison"
                    + (trained.isEmpty ? "." : "; there is \(trained.joined(separator: ", "))."))
        }
        // The first of the best: a tie is no reason to take the later one.
        let best = trained.reduce(String?.none) { best, name in best.map { mean(name) > mean($0) ? name : $0 } ?? name }
        guard let chosen = wanted ?? best else {
            throw CardError(
                "A card is about a trained model; none of \(names.joined(separator: ", ")) was fine-tuned.",
                hint: "let tuned = lessons | finetune student, and compare it as well")
        }
        let entry = comparison.entries.first { $0.model == chosen && $0.grader == grader }
        let own = saved(chosen)
        let teacher =
            entry?.teacher ?? comparison.expenses.first { $0.model == chosen }?.making?.teacher
            ?? names.first { name in saved(name).map { own?.teachers.contains($0.id) == true } ?? false }
        self.trained = chosen
        self.teacher = teacher
        self.grader = grader
        untrained = own.flatMap { own in
            names.first { name in name != teacher && saved(name)?.isUntrainedSelf(of: own) == true }
        }
    }
}

import Distillation
import Foundation
import Tables

/// The soft labels of all rows of a training: what is kept of them from before, and the rest computed, once.
struct SoftLabelTable {
    /// Rows whose labels make one file: what a kill may cost.
    private static let rowsAPart = 64
    /// Targets whose logits are there at once.
    private static let chunk = 128

    private var parts: [SoftLabelPart] = []
    private var place: [SoftLabelKey: Int] = [:]
    private let kept: Int

    /// Rows that are scored together, each with its key.
    private typealias Block = ArraySlice<(key: SoftLabelKey, row: TrainingExample)>

    /// - Parameters:
    ///   - rows: as the teacher reads them.
    ///   - identity: of the teacher.
    ///   - supervision: where labels are kept, and who is told.
    /// - Throws: `EngineError.notFinite`, `CancellationError`; the files that were done by then are kept.
    init(
        _ rows: [TrainingExample], teacher: TeacherScorer, identity: String, options: SoftLabelOptions,
        supervision: TrainingSupervision
    ) throws {
        let vocabulary = teacher.model.configuration.vocabulary
        let kept = min(options.topK, vocabulary)
        self.kept = kept
        let group = Self.group(
            identity: identity, kept: kept, temperature: options.temperature, beginning: teacher.sharedTokens)
        let store = supervision.softLabels
        func stored() -> [[SoftLabelKey]: SoftLabelPart] {
            let parts = store.parts(of: group).compactMap { SoftLabelPart($0, kept: kept, vocabulary: vocabulary) }
            return Dictionary(parts.map { ($0.keys, $0) }) { $1 }
        }
        // Equal rows are asked for once; the rest in the order of the rows. Labels depend in their last bits on which
        // rows were scored together: a file is taken for its block of rows only, so that what is learnt from labels that
        // were kept is what would have been learnt without them.
        var wanted: Set<SoftLabelKey> = []
        let unique = rows.map { (key: SoftLabelKey($0), row: $0) }.filter { wanted.insert($0.key).inserted }
        let blocks = stride(from: 0, to: unique.count, by: Self.rowsAPart).map {
            unique[$0..<min(unique.count, $0 + Self.rowsAPart)]
        }
        let before = stored()
        let found = blocks.map { block in before[block.map(\.key)].flatMap { Self.isWhole($0, block) ? $0 : nil } }
        let storedRows = zip(blocks, found).reduce(0) { $1.1 == nil ? $0 : $0 + $1.0.count }
        for (block, part) in zip(blocks, found) {
            if let part {
                add(part)
            } else {
                if supervision.cancellation.isRequested() { throw CancellationError() }
                let labels = try Self.labels(
                    block.map(\.row), teacher: teacher, kept: kept, temperature: Float(options.temperature),
                    isCancelled: supervision.cancellation.isRequested)
                let file = SoftLabelPart.encode(
                    zip(block, labels).map { ($0.key, $1) }, kept: kept, vocabulary: vocabulary)
                guard let part = SoftLabelPart(file, kept: kept, vocabulary: vocabulary) else {
                    throw EngineError.notFinite(
                        what: "a probability of the teacher", advice: "Its weights or its adapter are damaged.")
                }
                do {
                    try store.add(file, to: group)
                } catch {
                    supervision.checkpointFailed(error)
                }
                add(part)
            }
            supervision.softLabelsProgress(
                SoftLabelProgress(
                    done: block.endIndex, total: unique.count, stored: storedRows,
                    bytes: parts.reduce(0) { $0 + $1.byteCount }))
        }
        guard storedRows < unique.count else { return }
        // From the files that they were written to, labels need not stay in memory.
        let after = stored()
        let mapped = blocks.compactMap { after[$0.map(\.key)] }
        if mapped.count == parts.count { parts = mapped }
    }

    private mutating func add(_ part: SoftLabelPart) {
        for key in part.keys { place[key] = parts.count }
        parts.append(part)
    }

    /// Whether each row has labels for each of its targets; a file that says otherwise is none of ours.
    private static func isWhole(_ part: SoftLabelPart, _ block: Block) -> Bool {
        block.allSatisfy { part.targetCount($0.key) == PackedRows.targetCount($0.row) }
    }

    /// All that labels depend on besides the rows: the order in which sums are made follows the number of cores, and how
    /// many tokens were read for all rows at once.
    private static func group(identity: String, kept: Int, temperature: Double, beginning: Int) -> String {
        SHA256Name.of("\(identity)\n\(kept)\n\(temperature)\n\(Parallel.width)\n\(beginning)")
    }

    /// The labels of some of the rows given, one after another.
    func labels(_ rows: [TrainingExample]) -> SoftLabels {
        var all = SoftLabels(kept: kept)
        for row in rows {
            let key = SoftLabelKey(row)
            if let labels = place[key].flatMap({ parts[$0].labels(key) }) { all.append(labels) }
        }
        return all
    }

    /// Asks the teacher.
    private static func labels(
        _ rows: [TrainingExample], teacher: TeacherScorer, kept: Int, temperature: Float, isCancelled: () -> Bool
    ) throws -> [SoftLabels] {
        let batch = teacher.batch(rows)
        var all = SoftLabels(kept: kept)
        for start in stride(from: 0, to: batch.targetCount, by: chunk) {
            if isCancelled() { throw CancellationError() }
            let targets = start..<min(batch.targetCount, start + chunk)
            guard
                let labels = SoftLabels(
                    softmaxOf: batch.logits(targets), count: targets.count,
                    vocabulary: teacher.model.configuration.vocabulary, kept: kept, temperature: temperature)
            else {
                throw EngineError.notFinite(
                    what: "the teacher's output", advice: "Its weights or its adapter are damaged.")
            }
            all.append(labels)
        }
        var first = 0
        return rows.map { row in
            let count = PackedRows.targetCount(row)
            defer { first += count }
            return all[first..<first + count]
        }
    }
}

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
        kept = min(options.topK, vocabulary)
        let group = Self.group(identity: identity, kept: kept, temperature: options.temperature)
        let store = supervision.softLabels
        for file in store.parts(of: group) {
            if let part = SoftLabelPart(file, kept: kept, vocabulary: vocabulary) { add(part) }
        }
        // Equal rows are asked for once; the rest in the order of the rows, so that a training that goes on after a kill
        // computes the same files.
        var wanted: Set<SoftLabelKey> = []
        let unique = rows.map { (key: SoftLabelKey($0), row: $0) }.filter { wanted.insert($0.key).inserted }
        let stored = unique.count { isThere($0.key, $0.row) }
        func report(_ done: Int) {
            supervision.softLabelsProgress(
                SoftLabelProgress(done: done, total: unique.count, stored: stored, bytes: byteCount(of: wanted)))
        }
        var done = 0
        for start in stride(from: 0, to: unique.count, by: Self.rowsAPart) {
            let block = unique[start..<min(unique.count, start + Self.rowsAPart)]
            let open = block.filter { !isThere($0.key, $0.row) }
            if !open.isEmpty {
                if supervision.cancellation.isRequested() { throw CancellationError() }
                let labels = try Self.labels(
                    open.map(\.row), teacher: teacher, kept: kept, temperature: Float(options.temperature),
                    isCancelled: supervision.cancellation.isRequested)
                let file = SoftLabelPart.encode(
                    zip(open, labels).map { ($0.key, $1) }, kept: kept, vocabulary: vocabulary)
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
            done += block.count
            report(done)
        }
        if stored < unique.count { mapAll(store.parts(of: group), vocabulary: vocabulary, rows: unique) }
    }

    /// Takes the labels from the files that they were written to, so that they need not stay in memory.
    private mutating func mapAll(
        _ files: [Data], vocabulary: Int, rows: [(key: SoftLabelKey, row: TrainingExample)]
    ) {
        var mapped = self
        (mapped.parts, mapped.place) = ([], [:])
        for file in files {
            if let part = SoftLabelPart(file, kept: kept, vocabulary: vocabulary) { mapped.add(part) }
        }
        if rows.allSatisfy({ mapped.isThere($0.key, $0.row) }) { self = mapped }
    }

    private mutating func add(_ part: SoftLabelPart) {
        for key in part.keys { place[key] = parts.count }
        parts.append(part)
    }

    /// Whether a row has labels, for each of its targets one; a file that says otherwise is none of ours.
    private func isThere(_ key: SoftLabelKey, _ row: TrainingExample) -> Bool {
        place[key].flatMap { parts[$0].targetCount(key) } == PackedRows.targetCount(row)
    }

    /// All that labels depend on besides the rows. The order in which sums are made follows the number of cores.
    private static func group(identity: String, kept: Int, temperature: Double) -> String {
        SHA256Name.of("\(identity)\n\(kept)\n\(temperature)\n\(Parallel.width)")
    }

    /// What the rows' labels take on the disk; files with other rows count whole.
    private func byteCount(of keys: Set<SoftLabelKey>) -> Int {
        Set(keys.compactMap { place[$0] }).reduce(0) { $0 + parts[$1].byteCount }
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

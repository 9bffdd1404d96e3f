internal import OrderedCollections

/// Puts the columns of parts one after the other, in the order of the file, whatever part is ready first.
///
/// What a part has read is copied and given back at once, so that the columns are in memory hardly more than once.
struct LineJoint {
    private let parts: Int
    private var next = 0
    private var waiting: [Int: JSONLinesScanner.Result] = [:]
    /// By name, in the order in which the names came; nil where nobody asked for the column.
    private var builders: OrderedDictionary<String, ColumnBuilder?> = [:]
    private var rowCount = 0
    private var lineCount = 0
    private var skipped: [FormatError] = []

    init(parts: Int) { self.parts = parts }

    /// Takes what a part has read.
    mutating func add(_ result: JSONLinesScanner.Result, part: Int) {
        waiting[part] = result
        while let ready = waiting.removeValue(forKey: next) {
            next += 1
            append(ready)
        }
    }

    private mutating func append(_ result: JSONLinesScanner.Result) {
        for (name, column) in result.columns {
            guard let column else {
                if builders[name] == nil { builders.updateValue(nil, forKey: name) }
                continue
            }
            if let builder = builders[name] ?? nil {
                builder.append(contentsOf: column)
            } else {
                let builder = ColumnBuilder(nulls: rowCount)
                builders.updateValue(builder, forKey: name)
                builder.append(contentsOf: column)
                // The parts are of one size: what is never used of the room is never touched either.
                if parts > 1 { builder.reserve(multiplying: Double(parts) * 1.03) }
            }
        }
        rowCount += result.rowCount
        for builder in builders.values {
            if let builder, builder.count < rowCount {
                builder.append(contentsOf: Column(nulls: rowCount - builder.count))
            }
        }
        skipped += result.skipped.map { $0.moved(by: lineCount) }
        lineCount += result.lineCount
    }

    /// All rows, once every part was added.
    mutating func finish() -> LoadedRows {
        var columns: OrderedDictionary<String, Column> = [:]
        for (name, builder) in builders { if let builder { columns[name] = builder.finish() } }
        let leftOut = builders.filter { $0.value == nil }.map(\.key)
        builders = [:]
        return LoadedRows(rows: DataSet(columns: columns, count: rowCount), skipped: skipped, leftOut: leftOut)
    }
}

public import OrderedCollections

/// Rows with named columns, stored by column. Immutable in the language: every verb makes a new one.
public struct DataSet: Sendable {
    /// The columns by name, in order; all have `count` values.
    public private(set) var columns: OrderedDictionary<String, Column>

    /// How many rows there are.
    public let count: Int

    /// The columns that graders added; generating again drops them.
    public private(set) var grades: Set<String> = []

    /// Rows given one by one; a row without a field has null there.
    public init(rows: [Record]) {
        var builders: OrderedDictionary<String, ColumnBuilder> = [:]
        for (index, row) in rows.enumerated() {
            for (name, value) in row {
                if let builder = builders[name] {
                    builder.append(value)
                } else {
                    let builder = ColumnBuilder(nulls: index)
                    builder.append(value)
                    builders[name] = builder
                }
            }
            if row.count < builders.count {
                for builder in builders.values where builder.count == index { builder.appendNull() }
            }
        }
        columns = builders.mapValues { $0.finish() }
        count = rows.count
    }

    /// Columns of one length.
    ///
    /// A column that is shorter than `count` is filled with nulls, a longer one cut: callers pass equal lengths.
    public init(columns: OrderedDictionary<String, Column>, count: Int) {
        self.columns = columns.mapValues { column in
            if column.count == count { return column }
            let kept = column.values.prefix(count)
            return Column(Array(kept) + Array(repeating: .null, count: count - kept.count))
        }
        self.count = count
    }

    /// The columns' names, in order.
    public var columnNames: [String] { Array(columns.keys) }

    /// The rows' numbers, from 0.
    public var indices: Range<Int> { 0..<count }

    /// One row as a record.
    public func row(_ index: Int) -> Record {
        var record = Record(minimumCapacity: columns.count)
        for (name, column) in columns { record[name] = column[index] }
        return record
    }

    /// All rows as records.
    public var rows: [Record] { indices.map(row) }

    /// The values of a column, or nil where there is none of that name.
    public subscript(column name: String) -> Column? { columns[name] }

    /// One value; null where there is no such column.
    public func value(_ index: Int, _ name: String) -> Value { columns[name]?[index] ?? .null }

    /// Only these rows, in this order.
    public func selecting(_ rows: some Collection<Int>) -> DataSet {
        DataSet(columns: columns.mapValues { $0.selecting(rows) }, count: rows.count).marking(grades)
    }

    /// The same rows with a column added, or replaced in its place.
    public func setting(_ name: String, _ column: Column, isGrade: Bool = false) -> DataSet {
        var columns = columns
        columns[name] = column
        return DataSet(columns: columns, count: count).marking(
            isGrade ? grades.union([name]) : grades.subtracting([name]))
    }

    /// The same rows without some columns.
    public func dropping(_ names: Set<String>) -> DataSet {
        DataSet(columns: columns.filter { !names.contains($0.key) }, count: count).marking(grades)
    }

    /// The same columns in another order or under other names.
    /// - Parameter names: new name and old name, in the new order; unknown old names are left out.
    public func choosing(_ names: [(new: String, old: String)]) -> DataSet {
        var chosen: OrderedDictionary<String, Column> = [:]
        var marks: Set<String> = []
        for (new, old) in names {
            guard let column = columns[old] else { continue }
            chosen[new] = column
            if grades.contains(old) { marks.insert(new) }
        }
        return DataSet(columns: chosen, count: count).marking(marks)
    }

    func marking(_ marks: Set<String>) -> DataSet {
        var copy = self
        copy.grades = marks.filter { columns[$0] != nil }
        return copy
    }
}

extension DataSet: DomainValue {
    public static let tag = "rows"

    public var kindName: String { "rows" }

    public var memberNames: [String] { columnNames }

    /// A column as a list.
    public func member(_ name: String) -> Value? { columns[name].map { .list($0.values) } }

    public var asRows: DataSet? { self }

    public var presentation: [PresentationBlock] { [.table(TablePresentation(self))] }

    public var summary: String {
        "\(Number.integer(Int64(count)).grouped) rows × \(columns.count) columns: \(columnNames.joined(separator: ", "))"
    }

    public func isSame(as other: any DomainValue) -> Bool {
        guard let other = other as? DataSet, count == other.count, columnNames == other.columnNames else {
            return false
        }
        return columns.allSatisfy { name, column in other.columns[name] == column }
    }
}

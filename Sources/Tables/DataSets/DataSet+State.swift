public import OrderedCollections

/// How rows stand in saved state: few by column in the state itself, many as JSON Lines in a blob, which is written and
/// read as fast as a data file is.
extension DataSet {
    /// From so many rows on they are lines in a blob.
    private static let linesFrom = 2_000

    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        var encoded = Record()
        // The order of columns matters to people, but records in canonical files are sorted: a list keeps it.
        encoded["names"] = .list(columnNames.map { .string($0) })
        encoded["count"] = .integer(count)
        if !grades.isEmpty { encoded["grades"] = .list(grades.sorted().map { .string($0) }) }
        if count >= Self.linesFrom, columns.values.allSatisfy(\.isPlain) {
            for column in columns.values {
                if case .values(let values) = column.storage {
                    for value in values { encoder.noteNames(in: value) }
                }
            }
            encoded["lines"] = .string(try encoder.store(JSONLines.bytes(of: self)))
        } else {
            encoded["columns"] = .list(try columns.values.map { try encoder.encode(.list($0.values)) })
        }
        return .record(encoded)
    }

    static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let names = state[field: "names"].list?.compactMap(\.text), let count = state[field: "count"].integer,
            count >= 0
        else { throw StateError("rows without names or count") }
        let marks = (state[field: "grades"].list ?? []).compactMap(\.text)
        let rows: DataSet
        if let blob = state[field: "lines"].text {
            rows = try lines(try blobs.get(blob), names)
        } else {
            rows = try columns(state[field: "columns"], names, count, codec, blobs)
        }
        guard rows.count == count else { throw StateError("rows that are not as many as it says") }
        return .domain(rows.marking(Set(marks)))
    }

    private static func lines(_ bytes: [UInt8], _ names: [String]) throws -> DataSet {
        let loaded: LoadedRows
        do throws(FormatError) {
            loaded = try JSONLines.read(bytes)
        } catch {
            throw StateError("rows that cannot be read: \(error)")
        }
        let rows = loaded.rows.choosing(names.map { ($0, $0) })
        guard rows.columns.count == names.count else { throw StateError("rows that lack a column") }
        return rows
    }

    private static func columns(
        _ lists: Value, _ names: [String], _ count: Int, _ codec: ValueCodec, _ blobs: any BlobStoring
    ) throws -> DataSet {
        guard let lists = lists.list, lists.count == names.count else { throw StateError("rows without columns") }
        var columns: OrderedDictionary<String, Column> = [:]
        for (name, list) in zip(names, lists) {
            guard let values = try codec.decode(list, blobs: blobs).list, values.count == count else {
                throw StateError("a column whose length is not the number of rows")
            }
            columns[name] = Column(values)
        }
        // Without columns nothing else bounds the number: a damaged file must not ask for more than fits in memory.
        guard !columns.isEmpty || count <= 10_000_000 else { throw StateError("more rows than there can be") }
        return DataSet(columns: columns, count: count)
    }
}

extension Column {
    /// Whether JSON holds all values as they are: no errors, no domain values, no infinities.
    fileprivate var isPlain: Bool {
        switch storage {
        case .nulls, .bools, .integers, .texts: true
        case .doubles(let elements, _, _): elements.allSatisfy(\.isFinite)
        case .values(let values): values.allSatisfy(Self.isPlain)
        }
    }

    private static func isPlain(_ value: Value) -> Bool {
        switch value {
        case .null, .bool, .string: true
        case .number(let number): number.double.isFinite
        case .list(let elements): elements.allSatisfy(isPlain)
        case .record(let fields): fields.values.allSatisfy(isPlain)
        case .error, .opaque: false
        }
    }
}

/// The cells of a CSV column, texts until all are known.
struct CSVColumn {
    private var texts = PackedTexts()
    private var isNull: [Bool] = []
    private var hasNulls = false

    var count: Int { texts.count }

    mutating func append(_ cell: ArraySlice<UInt8>) {
        texts.append(cell)
        isNull.append(cell.isEmpty)
        hasNulls = hasNulls || cell.isEmpty
    }

    /// Numbers where every filled cell is one that writes back to the same text, else the texts as they are.
    func finish() -> Column {
        let gaps = hasNulls ? ColumnStorage.Gaps(isNull: isNull) : .none
        if hasNulls, !isNull.contains(false) { return Column(nulls: count) }
        let builder = ColumnBuilder()
        for row in 0..<texts.count {
            if isNull[row] {
                builder.appendNull()
                continue
            }
            switch Self.number(texts.bytes[texts.range(row)]) {
            case .integer(let whole): builder.append(whole)
            case .double(let fraction): builder.append(fraction)
            case nil: return Column(.texts(texts, gaps))
            }
        }
        return builder.finish()
    }

    /// The number that a cell is, where it is written as numbers are written back.
    private static func number(_ cell: ArraySlice<UInt8>) -> Number? {
        let digits = cell.first == 0x2D ? cell.dropFirst() : cell
        guard let first = digits.first, first >= 0x30, first <= 0x39 else { return nil }
        let hasLeadingZero = first == 0x30 && digits.count > 1
        if digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            if hasLeadingZero || (first == 0x30 && cell.count > 1) { return nil }
            guard let whole = Int64(String(decoding: cell, as: UTF8.self)) else { return nil }
            return .integer(whole)
        }
        guard cell.contains(0x2E), !hasLeadingZero || digits.dropFirst().first == 0x2E else { return nil }
        let text = String(decoding: cell, as: UTF8.self)
        guard let number = Double(text), Number.double(number).description == text else { return nil }
        return .double(number)
    }
}

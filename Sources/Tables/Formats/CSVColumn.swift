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

    /// The number that a cell is. Digits in front that say nothing keep it text: `00123` is the name of an order; so do
    /// more digits than a number holds.
    private static func number(_ cell: ArraySlice<UInt8>) -> Number? {
        let digits = cell.first == 0x2D ? cell.dropFirst() : cell
        guard let first = digits.first, first >= 0x30, first <= 0x39 else { return nil }
        let hasLeadingZero = first == 0x30 && digits.count > 1
        if digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            if hasLeadingZero || (first == 0x30 && cell.count > 1) { return nil }
            guard let whole = Int64(String(decoding: cell, as: UTF8.self)) else { return nil }
            return .integer(whole)
        }
        guard !hasLeadingZero || digits.dropFirst().first == 0x2E,
            cell.allSatisfy({
                ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2E || $0 | 0x20 == 0x65 || $0 == 0x2D || $0 == 0x2B
            }),
            // `12e5` may be the name of something; a number with an exponent has a point or a sign as well.
            cell.contains(0x2E) || cell.dropFirst().contains(where: { $0 == 0x2D || $0 == 0x2B }),
            digits.prefix(while: { $0 | 0x20 != 0x65 }).count(where: { $0 != 0x2E }) <= 17,
            let number = Double(String(decoding: cell, as: UTF8.self)), number.isFinite
        else { return nil }
        return .double(number)
    }
}

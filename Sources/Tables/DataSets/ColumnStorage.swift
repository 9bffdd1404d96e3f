/// How a column's values lie in memory: packed where all are of one kind, as values otherwise.
///
/// The verbs that work on whole columns choose their loops by this; everyone else asks `Column`.
package enum ColumnStorage: Sendable {
    /// Nothing but nulls.
    case nulls(Int)
    case bools([Bool], Gaps)
    case integers([Int64], Gaps)
    /// Numbers of which some may be whole: `isWhole` marks those, where there are any. They are below 2⁵³.
    case doubles([Double], isWhole: [Bool]?, Gaps)
    case texts(PackedTexts, Gaps)
    case values([Value])

    /// Which rows are null; what stands in their place means nothing.
    package struct Gaps: Sendable {
        /// True where a row is null; empty where none is.
        package var isNull: [Bool]

        package static let none = Gaps(isNull: [])

        package init(isNull: [Bool]) { self.isNull = isNull }

        package var isEmpty: Bool { isNull.isEmpty }

        package subscript(row: Int) -> Bool { isNull.isEmpty ? false : isNull[row] }

        package func selecting(_ rows: some Collection<Int>) -> Gaps {
            if isNull.isEmpty { return .none }
            var chosen: [Bool] = []
            chosen.reserveCapacity(rows.count)
            var hasAny = false
            for row in rows {
                chosen.append(isNull[row])
                hasAny = hasAny || isNull[row]
            }
            return hasAny ? Gaps(isNull: chosen) : .none
        }

        var count: Int { isNull.reduce(0) { $0 + ($1 ? 1 : 0) } }
    }

    package var count: Int {
        switch self {
        case .nulls(let count): count
        case .bools(let elements, _): elements.count
        case .integers(let elements, _): elements.count
        case .doubles(let elements, _, _): elements.count
        case .texts(let texts, _): texts.count
        case .values(let values): values.count
        }
    }

    package subscript(row: Int) -> Value {
        switch self {
        case .nulls: .null
        case .bools(let elements, let gaps): gaps[row] ? .null : .bool(elements[row])
        case .integers(let elements, let gaps): gaps[row] ? .null : .number(.integer(elements[row]))
        case .doubles(let elements, let isWhole, let gaps):
            gaps[row] ? .null : .number(Self.number(elements[row], isWhole: isWhole?[row] ?? false))
        case .texts(let texts, let gaps): gaps[row] ? .null : .string(texts[row])
        case .values(let values): values[row]
        }
    }

    package static func number(_ element: Double, isWhole: Bool) -> Number {
        isWhole ? .integer(Int64(element)) : .double(element)
    }

    package func selecting(_ rows: some Collection<Int>) -> ColumnStorage {
        func chosen<Element>(_ elements: [Element]) -> [Element] {
            elements.withUnsafeBufferPointer { elements in rows.map { elements[$0] } }
        }
        return switch self {
        case .nulls: .nulls(rows.count)
        case .bools(let elements, let gaps): .bools(chosen(elements), gaps.selecting(rows))
        case .integers(let elements, let gaps): .integers(chosen(elements), gaps.selecting(rows))
        case .doubles(let elements, let isWhole, let gaps):
            .doubles(chosen(elements), isWhole: isWhole.map(chosen), gaps.selecting(rows))
        case .texts(let texts, let gaps): .texts(texts.selecting(rows), gaps.selecting(rows))
        case .values(let values): .values(chosen(values))
        }
    }
}

/// Gathers the values of a column one by one, packed as long as they are of one kind.
package final class ColumnBuilder {
    private enum Kind { case nulls, bools, integers, doubles, texts, values }

    private var kind = Kind.nulls
    package private(set) var count = 0
    private var bools: [Bool] = []
    private var integers: [Int64] = []
    private var doubles: [Double] = []
    /// Beside `doubles`; empty as long as none is whole.
    private var isWhole: [Bool] = []
    private var texts = PackedTexts()
    private var values: [Value] = []
    /// Empty as long as there is no null among packed values.
    private var isNull: [Bool] = []

    package init(nulls count: Int = 0) { self.count = count }

    // MARK: One value

    package func append(_ value: Value) {
        switch value {
        case .null: appendNull()
        case .bool(let flag): append(flag)
        case .number(.integer(let number)): append(number)
        case .number(.double(let number)): append(number)
        case .string(let text):
            if prepare(.texts) { texts.append(text) } else { values.append(value) }
            didAppend()
        case .list, .record, .error, .opaque:
            if kind != .values { unpack() }
            values.append(value)
            didAppend()
        }
    }

    package func appendNull() {
        switch kind {
        case .nulls:
            count += 1
            return
        case .bools: bools.append(false)
        case .integers: integers.append(0)
        case .doubles:
            doubles.append(0)
            if !isWhole.isEmpty { isWhole.append(false) }
        case .texts: texts.append(empty: 1)
        case .values:
            values.append(.null)
            count += 1
            return
        }
        if isNull.isEmpty { isNull = Array(repeating: false, count: count) }
        isNull.append(true)
        count += 1
    }

    package func append(_ flag: Bool) {
        if prepare(.bools) { bools.append(flag) } else { values.append(.bool(flag)) }
        didAppend()
    }

    package func append(_ number: Int64) {
        if kind == .integers || (kind == .nulls && prepare(.integers)) {
            integers.append(number)
        } else if kind == .doubles, Self.isExact(number) {
            if isWhole.isEmpty { isWhole = Array(repeating: false, count: count) }
            doubles.append(Double(number))
            isWhole.append(true)
        } else {
            if kind != .values { unpack() }
            values.append(.number(.integer(number)))
        }
        didAppend()
    }

    package func append(_ number: Double) {
        if kind == .integers, integers.allSatisfy(Self.isExact) {
            doubles = integers.map(Double.init)
            isWhole = Array(repeating: true, count: count)
            integers = []
            kind = .doubles
        }
        if prepare(.doubles) {
            doubles.append(number)
            if !isWhole.isEmpty { isWhole.append(false) }
        } else {
            values.append(.double(number))
        }
        didAppend()
    }

    /// Adds a text whose bytes are known to be UTF-8.
    package func append(text: UnsafeBufferPointer<UInt8>) {
        if prepare(.texts) { texts.append(text) } else { values.append(.string(String(decoding: text, as: UTF8.self))) }
        didAppend()
    }

    package func append(text: ArraySlice<UInt8>) {
        if prepare(.texts) { texts.append(text) } else { values.append(.string(String(decoding: text, as: UTF8.self))) }
        didAppend()
    }

    // MARK: Several

    /// Adds all values of a column.
    package func append(contentsOf column: Column) {
        switch column.storage {
        case .nulls(let more) where kind == .nulls: count += more
        case .bools(let elements, let gaps) where prepare(.bools):
            bools += elements
            append(gaps, elements.count)
        case .integers(let elements, let gaps) where kind == .integers || kind == .nulls:
            _ = prepare(.integers)
            integers += elements
            append(gaps, elements.count)
        case .doubles(let elements, nil, let gaps) where isWhole.isEmpty && kind != .integers && prepare(.doubles):
            doubles += elements
            append(gaps, elements.count)
        case .texts(let more, let gaps) where prepare(.texts):
            texts.append(contentsOf: more)
            append(gaps, more.count)
        default: for row in 0..<column.count { append(column[row]) }
        }
    }

    private func append(_ gaps: ColumnStorage.Gaps, _ more: Int) {
        if gaps.isEmpty {
            if !isNull.isEmpty { isNull.append(contentsOf: repeatElement(false, count: more)) }
        } else {
            if isNull.isEmpty { isNull = Array(repeating: false, count: count) }
            isNull += gaps.isNull
        }
        count += more
    }

    /// Leaves only the first values.
    package func truncate(to count: Int) {
        guard count < self.count else { return }
        let extra = self.count - count
        switch kind {
        case .nulls: break
        case .bools: bools.removeLast(extra)
        case .integers: integers.removeLast(extra)
        case .doubles:
            doubles.removeLast(extra)
            if !isWhole.isEmpty { isWhole.removeLast(extra) }
        case .texts: texts.truncate(to: count)
        case .values: values.removeLast(extra)
        }
        if !isNull.isEmpty { isNull.removeLast(extra) }
        self.count = count
    }

    /// Makes room for so many times what there is.
    package func reserve(multiplying factor: Double) {
        let room = Int(Double(count) * factor)
        switch kind {
        case .nulls: break
        case .bools: bools.reserveCapacity(room)
        case .integers: integers.reserveCapacity(room)
        case .doubles: doubles.reserveCapacity(room)
        case .texts: texts.reserve(texts: room, bytes: Int(Double(texts.bytes.count) * factor))
        case .values: values.reserveCapacity(room)
        }
    }

    /// The column; the builder is used up.
    package func finish() -> Column {
        let gaps = isNull.contains(true) ? ColumnStorage.Gaps(isNull: isNull) : .none
        return switch kind {
        case .nulls: Column(.nulls(count))
        case .bools: Column(.bools(bools, gaps))
        case .integers: Column(.integers(integers, gaps))
        case .doubles: Column(.doubles(doubles, isWhole: isWhole.contains(true) ? isWhole : nil, gaps))
        case .texts: Column(.texts(texts, gaps))
        case .values: Column(.values(values))
        }
    }

    // MARK: Kinds

    /// Whether values of a kind can be packed here; otherwise all become plain values.
    private func prepare(_ wanted: Kind) -> Bool {
        if kind == wanted { return true }
        guard kind == .nulls else {
            if kind != .values { unpack() }
            return false
        }
        kind = wanted
        guard count > 0 else { return true }
        switch wanted {
        case .bools: bools = Array(repeating: false, count: count)
        case .integers: integers = Array(repeating: 0, count: count)
        case .doubles: doubles = Array(repeating: 0, count: count)
        case .texts: texts.append(empty: count)
        case .nulls, .values: break
        }
        isNull = Array(repeating: true, count: count)
        return true
    }

    private func unpack() {
        let column = finish()
        values = column.values
        (bools, integers, doubles, isWhole, texts, isNull) = ([], [], [], [], PackedTexts(), [])
        kind = .values
    }

    private func didAppend() {
        count += 1
        if !isNull.isEmpty { isNull.append(false) }
    }

    /// Whether a double can hold the number without loss.
    private static func isExact(_ number: Int64) -> Bool { number.magnitude < 1 << 53 }
}

internal import OrderedCollections

/// What a value shows of itself, before anyone decides how it looks on a terminal, a page or in JSON.
public enum PresentationBlock: Sendable {
    /// A line of text.
    case line(String)
    /// Sentences, laid out as the page is wide.
    case prose(String)
    /// A table.
    case table(TablePresentation)
    /// Values over an axis.
    case chart(Chart)
}

/// Rows to be shown as a table.
public struct TablePresentation: Sendable {
    public let rows: DataSet
    /// At most so many rows are shown; a line says how many there are.
    public let limit: Int
    /// Whether long texts go over several lines instead of being cut.
    public let wraps: Bool

    public init(_ rows: DataSet, limit: Int = 10, wraps: Bool = false) {
        self.rows = rows
        self.limit = limit
        self.wraps = wraps
    }
}

extension Value {
    /// What the value shows of itself.
    public var presentation: [PresentationBlock] {
        switch self {
        case .opaque(let domain): domain.presentation
        case .list(let elements) where !elements.isEmpty && elements.allSatisfy({ $0.record != nil }):
            [.table(TablePresentation(DataSet(rows: elements.compactMap(\.record))))]
        case .string(let text): [.line(text)]
        case .record(let fields) where Value.splitNames(fields) != nil: [.line(summary)]
        case .list(let elements) where elements.count > 100:
            [
                .line(
                    JSON.text(.list(Array(elements.prefix(20))), .line).dropLast()
                        + ", … \(Number.integer(Int64(elements.count - 20)).grouped) more]")
            ]
        case .list, .record:
            // On one line where that can be read.
            [.line(JSON.text(self, .line).count <= 80 ? JSON.text(self, .line) : JSON.text(self, .readable))]
        case .error(let error): [.line("error: \(error.message)")]
        default: [.line(JSON.text(self))]
        }
    }

    /// What the value is, in one line: what a `let` prints.
    public var summary: String {
        switch self {
        case .opaque(let domain): return domain.summary
        case .list(let elements): return "a list of \(elements.count)"
        case .record(let fields):
            guard Value.splitNames(fields) != nil else { return "a record of \(fields.keys.joined(separator: ", "))" }
            return fields.map { "\($0.key) \(Number.integer(Int64($0.value.rows?.count ?? 0)).grouped)" }
                .joined(separator: " · ") + " rows"
        case .string(let text):
            let line = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
            return line.count > 60 || line.count < text.count
                ? "\"\(line.prefix(57))…\" (\(text.count) characters)" : "\"\(text)\""
        case .error(let error): return "error: \(error.message)"
        default: return JSON.text(self)
        }
    }
}

extension Number {
    /// For people: thousands in groups, fractions to four significant digits.
    public var grouped: String {
        switch self {
        case .integer(let value): return Number.group(value)
        case .double(let value):
            guard value.isFinite else { return description }
            if let whole = Int64(exactly: value), abs(value) < 1e15 { return Number.group(whole) }
            let magnitude = abs(value)
            guard magnitude >= 1e-4, magnitude < 1e15 else { return description }
            let decimals = magnitude >= 1_000 ? 1 : magnitude >= 100 ? 2 : magnitude >= 1 ? 3 : 4
            return Number.fixed(value, decimals: decimals, trimsZeros: true)
        }
    }

    /// A number with so many decimals, rounded half away from zero.
    public static func fixed(_ value: Double, decimals: Int, trimsZeros: Bool = false) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return Number.double(value).description }
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (abs(value) * Double(scale)).rounded()
        guard scaled < 9e18 else { return Number.double(value).description }
        let units = Int64(scaled)
        var text = group(units / scale)
        if decimals > 0 {
            let fraction = String(units % scale)
            text += "." + String(repeating: "0", count: decimals - fraction.count) + fraction
            if trimsZeros {
                while text.hasSuffix("0") { text.removeLast() }
                if text.hasSuffix(".") { text.removeLast() }
            }
        }
        return value < 0 && units > 0 ? "-" + text : text
    }

    private static func group(_ value: Int64) -> String {
        let digits = String(value.magnitude)
        guard digits.count > 4 else { return String(value) }
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }
}

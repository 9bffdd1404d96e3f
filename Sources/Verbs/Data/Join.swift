internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let join = Builtin(
        "join", .data, "Puts rows together with the rows of another table that have the same key.",
        [
            .rows, Parameter("other", .rows, "the rows to look up in"),
            Parameter(
                "on", .anything, .named, evaluation: .row,
                "the key: a column that both have, `[.a, .b]` for several, or `{theirs: .mine}` where names differ"),
            .option(
                "keep", .oneOf(JoinKind.allCases.map(\.rawValue)),
                "which rows: those with a partner, and those without one here (left), there (right) or on either side "
                    + "(full); or only rows of here that have a partner (semi) or none (anti); \"inner\" unless given"),
            .option("suffix", .text, "is added to the other's columns that have the name of one here"),
        ], example: "rows | join orders, on: .order, keep: \"left\"",
        result: { call throws(Diagnostic) in
            guard let expression = call.expression("on") else { return .rows(nil) }
            let keys: JoinKeys
            do throws(JoinKeys.NotAKey) {
                keys = try JoinKeys(expression)
            } catch {
                throw Diagnostic(
                    .wrongType, at: error.span, in: call.source, JoinKeys.NotAKey.expectation, hint: JoinKeys.hint)
            }
            guard let there = call.columns("other") else { return .rows(nil) }
            // A column that is missing here was told already.
            if let here = call.columns(), keys.parts.contains(where: { $0.column.map { here[$0] == nil } ?? false }) {
                return .rows(nil)
            }
            for part in keys.parts where there[part.theirs] == nil {
                throw call.unknownColumn(part.theirs, of: Array(there.keys), at: part.span)
            }
            guard let here = call.columns() else { return .rows(nil) }
            for part in keys.parts {
                guard case .field(let mine) = part.mine.kind, let left = here[mine], let right = there[part.theirs],
                    JoinKeys.areNeverEqual(left, right)
                else { continue }
                throw Diagnostic(
                    .wrongType, at: part.span, in: call.source,
                    "Expected keys of one kind; `.\(mine)` is \(left.kindName) here, `.\(part.theirs)` is "
                        + "\(right.kindName) there, and they never match.",
                    hint: JoinKeys.conversion(of: mine, left))
            }
            if let kind = call.literalText("keep").flatMap(JoinKind.init(rawValue:)), !kind.addsColumns {
                return .rows(here)
            }
            let isSuffixKnown = !call.has("suffix") || call.literalText("suffix") != nil
            guard isSuffixKnown else { return .rows(nil) }
            var columns = here
            for (new, old) in try keys.added(
                from: Array(there.keys), to: Array(here.keys), suffix: call.literalText("suffix"),
                clash: { name in
                    call.mistake(.columnExists, at: "other", JoinKeys.clash(name), hint: JoinKeys.clashHint)
                })
            {
                columns[new] = there[old]
            }
            return .rows(columns)
        },
        run: { call in
            guard let function = call.function("on") else { return .null }
            let keys: JoinKeys
            do throws(JoinKeys.NotAKey) {
                keys = try JoinKeys(function.expression)
            } catch {
                throw call.failure(.wrongType, at: error.span, JoinKeys.NotAKey.expectation, hint: JoinKeys.hint)
            }
            let kind = call.value("keep").text.flatMap(JoinKind.init(rawValue:)) ?? .inner
            return .domain(try Joining(call, function, keys, kind).result())
        })
}

/// Which rows a join keeps.
enum JoinKind: String, CaseIterable {
    case inner, left, right, full, semi, anti

    /// Whether the other table's columns come along.
    var addsColumns: Bool { self != .semi && self != .anti }
}

/// What `on:` says: pairs of an expression on the row here and a column there.
struct JoinKeys {
    struct Part {
        let mine: Expression
        let theirs: String
        let span: Span

        /// The column here that holds the same, where the key is nothing but a column.
        var column: String? { if case .field(let name) = mine.kind { name } else { nil } }
    }

    /// An argument that names no key.
    struct NotAKey: Error {
        let span: Span
        static let expectation = "Expected the key's column, such as `.order`, a list of columns, or a record."
    }

    static let hint = "on: .order, or on: {their_name: .order}"
    static let clashHint = "suffix: \"_2\", or rename or drop it before the join"

    let parts: [Part]

    init(_ expression: Expression) throws(NotAKey) {
        switch expression.kind {
        case .field(let name): parts = [Part(mine: expression, theirs: name, span: expression.span)]
        case .list(let elements):
            var parts: [Part] = []
            for element in elements {
                guard case .field(let name) = element.kind else { throw NotAKey(span: element.span) }
                parts.append(Part(mine: element, theirs: name, span: element.span))
            }
            guard !parts.isEmpty else { throw NotAKey(span: expression.span) }
            self.parts = parts
        case .record(let entries):
            guard !entries.isEmpty else { throw NotAKey(span: expression.span) }
            parts = entries.map { Part(mine: $0.value, theirs: $0.name, span: $0.nameSpan.joined(with: $0.value.span)) }
        default: throw NotAKey(span: expression.span)
        }
    }

    /// The other table's columns that come along: its keys do not where a column here holds the same.
    /// - Parameter clash: makes the mistake of a name that both have.
    func added(
        from there: [String], to here: [String], suffix: String?, clash: (String) -> Diagnostic
    ) throws(Diagnostic) -> [(new: String, old: String)] {
        let repeated = Set(parts.filter { $0.column != nil }.map(\.theirs))
        var taken = Set(here)
        var added: [(new: String, old: String)] = []
        for name in there where !repeated.contains(name) {
            let new = taken.contains(name) ? name + (suffix ?? "") : name
            guard taken.insert(new).inserted else { throw clash(new) }
            added.append((new, name))
        }
        return added
    }

    static func clash(_ name: String) -> String {
        "Expected columns of different names; both tables have `.\(name)`, which is no key."
    }

    /// Whether values of two types can never be equal.
    static func areNeverEqual(_ left: StaticType, _ right: StaticType) -> Bool {
        let plain: [StaticType] = [.number, .text, .bool]
        return plain.contains(left) && plain.contains(right) && left != right
    }

    /// How a column's key is made one of another kind.
    static func conversion(of column: String, _ type: StaticType) -> String {
        type == .text ? "derive \(column): number(.\(column))" : "derive \(column): text(.\(column))"
    }
}

/// One join under way.
private struct Joining {
    /// More rows than this are taken for a mistake in the key: they would not fit in memory.
    private static let limit = 100_000_000
    /// Stands for no row.
    private static let none = -1

    private let call: Invocation
    private let keys: JoinKeys
    private let kind: JoinKind
    private let here: DataSet
    private let there: DataSet
    /// The key of each row; nil where a part of it is null or an error.
    private let mine: [[Value]?]
    private let theirs: [[Value]?]

    init(_ call: Invocation, _ function: RowFunction, _ keys: JoinKeys, _ kind: JoinKind) throws {
        self.call = call
        self.keys = keys
        self.kind = kind
        let here = call.rows()
        let there = call.rows("other")
        for part in keys.parts {
            if there[column: part.theirs] == nil {
                throw call.unknownColumn(part.theirs, of: there.columnNames, at: part.span)
            }
            if let name = part.column { try call.requireColumn(name, of: here, at: part.mine.span) }
        }
        let wanted = keys.parts.compactMap { there[column: $0.theirs] }
        theirs = there.indices.map { row in Self.key(wanted.map { $0[row] }) }
        let own = keys.parts.compactMap { $0.column.flatMap { here[column: $0] } }
        if own.count == keys.parts.count {
            mine = here.indices.map { row in Self.key(own.map { $0[row] }) }
        } else {
            // Only a record has parts that are more than columns.
            mine = try here.indices.map { row in
                try Self.key(function(here, row).record.map { Array($0.values) } ?? [.null])
            }
        }
        (self.here, self.there) = (here, there)
        try requireKeysOfOneKind()
    }

    private static func key(_ values: [Value]) -> [Value]? {
        values.contains { $0.isNull || $0.rowError != nil } ? nil : values
    }

    /// Keys of which none can be equal to any of the other side are a mistake, not an empty result.
    private func requireKeysOfOneKind() throws {
        for (place, part) in keys.parts.enumerated() {
            let left = Set(mine.lazy.compactMap { $0?[place].plainKind })
            let right = Set(theirs.lazy.compactMap { $0?[place].plainKind })
            guard let one = left.first, let two = right.first, left.count == 1, right.count == 1, one != two else {
                continue
            }
            let name = part.column
            throw call.failure(
                .wrongType, at: part.span,
                "Expected keys of one kind; \(name.map { "`.\($0)`" } ?? "the key") is \(one) here, "
                    + "`.\(part.theirs)` is \(two) there, and they never match.",
                hint: name.map { JoinKeys.conversion(of: $0, one == "text" ? .text : .number) })
        }
    }

    func result() throws -> DataSet {
        var places: [[Value]: [Int]] = [:]
        for (row, key) in theirs.enumerated() { if let key { places[key, default: []].append(row) } }
        var left: [Int] = []
        var right: [Int] = []
        var found = Set<Int>()
        var matched = 0
        var crossed = Crossing()
        for (row, key) in mine.enumerated() {
            if row % 10_000 == 0 { try call.checkInterrupt() }
            let partners = key.flatMap { places[$0] } ?? []
            if !partners.isEmpty { matched += 1 }
            if kind.addsColumns {
                guard left.count + partners.count <= Self.limit else { throw tooMany() }
                found.formUnion(partners)
                if partners.count > 1, let key { crossed.add(key) }
                for partner in partners {
                    left.append(row)
                    right.append(partner)
                }
                if partners.isEmpty, kind == .left || kind == .full {
                    left.append(row)
                    right.append(Self.none)
                }
            } else {
                found.formUnion(partners)
                if partners.isEmpty == (kind == .anti) { left.append(row) }
            }
        }
        if kind == .right || kind == .full {
            for row in there.indices where !found.contains(row) {
                left.append(Self.none)
                right.append(row)
            }
        }
        tell(matched: matched, found: found.count, crossed: crossed, rows: left.count)
        return kind.addsColumns ? try combined(left, right) : here.selecting(left)
    }

    private func tooMany() -> Diagnostic {
        call.failure(
            .outOfRange, at: "on", "Expected keys that tell rows apart; this join makes more than 100,000,000 rows.",
            hint: "add a column to the key, or make one side distinct first")
    }

    /// The rows of both sides next to one another.
    private func combined(_ left: [Int], _ right: [Int]) throws -> DataSet {
        let added = try keys.added(
            from: there.columnNames, to: here.columnNames, suffix: call.value("suffix").text,
            clash: { call.failure(.columnExists, at: "other", JoinKeys.clash($0), hint: JoinKeys.clashHint) })
        let partner = Dictionary(
            keys.parts.compactMap { part in part.column.map { ($0, part.theirs) } }, uniquingKeysWith: { one, _ in one }
        )
        var columns: OrderedDictionary<String, Column> = [:]
        for (name, column) in here.columns {
            // A row that is only there has its key all the same.
            let other = partner[name].flatMap { there[column: $0] }
            columns[name] = gather(column, left) { place in other.map { $0[right[place]] } ?? .null }
        }
        for (new, old) in added {
            if let column = there[column: old] { columns[new] = gather(column, right) { _ in .null } }
        }
        var rows = DataSet(columns: columns, count: left.count)
        for (name, column) in columns {
            let origin = added.first { $0.new == name }?.old
            let isGrade = origin.map { there.grades.contains($0) } ?? here.grades.contains(name)
            if isGrade { rows = rows.setting(name, column, isGrade: true) }
        }
        return rows
    }

    private func gather(_ column: Column, _ rows: [Int], missing: (Int) -> Value) -> Column {
        guard rows.contains(Self.none) else { return column.selecting(rows) }
        return Column(rows.enumerated().map { place, row in row == Self.none ? missing(place) : column[row] })
    }

    /// What was found and what was not, in a line; and whether keys stand several times on both sides.
    private func tell(matched: Int, found: Int, crossed: Crossing, rows: Int) {
        var text =
            "join: \(matched) of \(here.count) rows found a partner, \(found) of the other's \(there.count) were found"
        let gaps = mine.count { $0 == nil } + theirs.count { $0 == nil }
        if gaps > 0 { text += "; \(gaps) key\(gaps == 1 ? " is" : "s are") null or an error and match nothing" }
        call.note(text + ".")
        if crossed.isManyToMany {
            call.note(
                "join: some keys stand several times on both sides, so that \(here.count) rows became \(rows); one is "
                    + "\(crossed.example).")
        }
    }

    /// Keys that several rows there have.
    private struct Crossing {
        private var seen: Set<[Value]> = []
        private(set) var example = ""
        private(set) var isManyToMany = false

        /// Notes a row here whose key several rows there have.
        mutating func add(_ key: [Value]) {
            guard !isManyToMany, !seen.insert(key).inserted else { return }
            isManyToMany = true
            example = key.map { JSON.text($0) }.joined(separator: ", ")
        }
    }
}

extension Value {
    /// The kind of a value that is only ever equal to its like.
    fileprivate var plainKind: String {
        switch self {
        case .number: "a number"
        case .string: "text"
        case .bool: "true or false"
        default: kindName
        }
    }
}

extension CheckedCall {
    /// The mistake of a column that another table does not have.
    func unknownColumn(_ name: String, of known: [String], at span: Span) -> Diagnostic {
        UnknownColumn.diagnostic(name, of: known, at: span, in: source)
    }
}

extension Invocation {
    /// The mistake of a column that another table does not have.
    func unknownColumn(_ name: String, of known: [String], at span: Span) -> Diagnostic {
        UnknownColumn.diagnostic(name, of: known, at: span, in: context.source)
    }
}

private enum UnknownColumn {
    static func diagnostic(_ name: String, of known: [String], at span: Span, in source: SourceText) -> Diagnostic {
        let list = known.sorted().joined(separator: ", ")
        return Diagnostic(
            .unknownColumn, at: span, in: source,
            "Expected a column of the other rows: \(list.isEmpty ? "there are none" : list).",
            hint: Suggestion.closest(to: name, among: known).map { "did you mean `\($0)`?" }
                ?? "on: {their_name: .\(name)}")
    }
}

internal import OrderedCollections
internal import Tables

/// How a value looks in a table's cell.
enum CellText {
    /// One line of text.
    static func of(_ value: Value) -> String {
        switch value {
        case .null: "–"
        case .number(let number): number.grouped
        case .string(let text): oneLine(text)
        case .error(let error): "⚠ \(oneLine(error.message))"
        case .list(let elements) where elements.allSatisfy({ $0.text != nil || $0.double != nil }):
            oneLine(elements.map(of).joined(separator: ", "))
        case .list, .record: oneLine(JSON.text(value))
        case .opaque(let domain): domain.summary
        case .bool(let flag): flag ? "true" : "false"
        }
    }

    static func isNumeric(_ column: Column, upTo count: Int) -> Bool {
        var sawNumber = false
        for value in column.values.prefix(count) {
            switch value {
            case .number: sawNumber = true
            case .null, .error: continue
            default: return false
            }
        }
        return sawNumber
    }

    /// A text without line breaks and control characters.
    static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
        return String(
            text.map {
                $0.isNewline
                    ? "⏎" : $0.unicodeScalars.first.map { $0.value < 0x20 || $0.value == 0x7F } == true ? " " : $0
            })
    }
}

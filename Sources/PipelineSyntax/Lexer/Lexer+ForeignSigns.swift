/// Signs of other languages that people type out of habit: each is told once, and read as what it means here.
extension Lexer {
    private static let foreignSigns: [(written: String, kind: Token.Kind, meant: String)] = [
        ("%in%", .keyword(.in), "in"), ("%>%", .sign(.pipe), "|"), ("!==", .sign(.notEqual), "!="),
        ("===", .sign(.equal), "=="), ("&&", .keyword(.and), "and"), ("||", .keyword(.or), "or"),
        ("|>", .sign(.pipe), "|"), ("<>", .sign(.notEqual), "!="), ("!", .keyword(.not), "not"),
        ("&", .keyword(.and), "and"),
    ]

    /// Reads such a sign where one stands.
    mutating func foreignSign() -> Bool {
        guard bytes[at] < 0x80, "%!=&|</".utf8.contains(bytes[at]) else { return false }
        if foreignComment() { return true }
        guard !isAhead("!=") || isAhead("!==") else { return false }
        guard let sign = Self.foreignSigns.first(where: { isAhead($0.written) }) else { return false }
        let start = at
        at += sign.written.utf8.count
        report(
            .unexpectedCharacter, Span(start..<at), "Expected `\(sign.meant)`; `\(sign.written)` doesn't exist.",
            hint: sign.meant)
        emit(sign.kind, from: start)
        return true
    }

    /// `// …` and `/* … */`.
    private mutating func foreignComment() -> Bool {
        let isBlock = isAhead("/*")
        guard isBlock || isAhead("//") else { return false }
        let start = at
        at += 2
        while at < bytes.count, isBlock ? !isAhead("*/") : bytes[at] != 0x0A { at += 1 }
        if isBlock { at = min(at + 2, bytes.count) }
        pass(.unreadable, from: start)
        let written = String(decoding: bytes[(start + 2)..<at], as: UTF8.self).trimmed(of: " */\r\n")
        let line = written.prefix { $0 != "\n" }
        report(
            .unexpectedCharacter, Span(start..<(start + 2)), "Expected `#` before a comment.",
            hint: "# \(line)".trimmed(of: " "))
        return true
    }

    /// `“…”` on one line: told once, and read as a text.
    mutating func typographicText() -> Bool {
        let opening = ["“", "„", "«", "‘"].first(where: isAhead)
        guard let opening else { return false }
        let start = at
        at += opening.utf8.count
        let content = at
        while at < bytes.count, bytes[at] != 0x0A {
            if let closing = ["”", "“", "»", "’"].first(where: isAhead) {
                let text = String(decoding: bytes[content..<at], as: UTF8.self)
                at += closing.utf8.count
                report(
                    .unexpectedCharacter, Span(start..<content), "Expected a straight quote, found `\(opening)`.",
                    hint: "\"\(text)\"")
                emit(.raw(text), from: start)
                return true
            }
            at += 1
        }
        at = start
        return false
    }

    /// `a ? b : c`
    mutating func questionMark() -> Bool {
        guard bytes[at] == UInt8(ascii: "?") else { return false }
        let start = at
        at += 1
        pass(.unreadable, from: start)
        damage.add(unreadable: start)
        report(
            .unexpectedCharacter, Span(start..<at), "Expected `if`; `?` and `:` make no choice.",
            hint: "if .n > 1 then \"many\" else \"one\"")
        return true
    }

    func isAhead(_ text: String) -> Bool { bytes[at...].starts(with: text.utf8) }
}

/// Words, numbers and signs.
extension Lexer {
    mutating func word() {
        let start = at
        while at < bytes.count, isNamePart(bytes[at]) { at += 1 }
        let name = String(decoding: bytes[start..<at], as: UTF8.self)
        if name.utf8.allSatisfy({ $0 == UInt8(ascii: "_") }), name.utf8.count == 3 { return emit(.hole, from: start) }
        if at < bytes.count, bytes[at] == UInt8(ascii: ":") {
            at += 1
            return emit(.label(name), from: start)
        }
        if let keyword = Token.Keyword(rawValue: name) { return emit(.keyword(keyword), from: start) }
        emit(.name(name), from: start)
    }

    mutating func number() {
        let start = at
        var isWhole = true
        skipDigits()
        if at < bytes.count, bytes[at] == UInt8(ascii: "."),
            !(at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "."))
        {
            if at + 1 < bytes.count, isDigit(bytes[at + 1]) {
                isWhole = false
                at += 1
                skipDigits()
            } else {
                at += 1
                let digits = String(decoding: bytes[start..<(at - 1)], as: UTF8.self)
                report(
                    .badNumber, Span(start..<at), "Expected a digit after the point.", hint: "\(digits).0 or \(digits)")
                return emit(.integer(Int64(digits.filter { $0 != "_" }) ?? 0), from: start)
            }
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            var ahead = at + 1
            if ahead < bytes.count, bytes[ahead] == UInt8(ascii: "-") || bytes[ahead] == UInt8(ascii: "+") {
                ahead += 1
            }
            if ahead < bytes.count, isDigit(bytes[ahead]) {
                isWhole = false
                at = ahead
                skipDigits()
            }
        }
        let written = String(decoding: bytes[start..<at], as: UTF8.self)
        if at < bytes.count, isNameStart(bytes[at]) {
            while at < bytes.count, isNamePart(bytes[at]) { at += 1 }
            report(
                .badNumber, Span(start..<at), "Expected a number or a name; a name does not begin with a digit.",
                hint: "put a blank after \(written), or a letter before it")
            return emit(.integer(0), from: start)
        }
        let digits = written.filter { $0 != "_" }
        if isWhole {
            guard let value = Int64(digits) else {
                report(
                    .badNumber, Span(start..<at), "Expected a whole number of at most 64 bits (9223372036854775807).",
                    hint: "\(digits).0 is a number with a fraction")
                return emit(.integer(0), from: start)
            }
            return emit(.integer(value), from: start)
        }
        let value = Double(digits) ?? 0
        if !value.isFinite {
            report(.badNumber, Span(start..<at), "Expected a number of at most 1.8e308.")
        }
        emit(.double(value.isFinite ? value : 0), from: start)
    }

    private mutating func skipDigits() {
        while at < bytes.count, isDigit(bytes[at]) || bytes[at] == UInt8(ascii: "_") { at += 1 }
    }

    mutating func dot() {
        let start = at
        if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: ".") {
            at += 2
            return emit(.sign(.range), from: start)
        }
        let unspaced = tokens.last?.span.end == start && endsValue
        at += 1
        guard at < bytes.count else { return emit(.row, from: start) }
        if isNameStart(bytes[at]) {
            let nameStart = at
            while at < bytes.count, isNamePart(bytes[at]) { at += 1 }
            let name = String(decoding: bytes[nameStart..<at], as: UTF8.self)
            return emit(unspaced ? .member(name) : .field(name), from: start)
        }
        if bytes[at] == UInt8(ascii: "\""), !unspaced { return quotedField(from: start) }
        if isDigit(bytes[at]) {
            let digits = at
            skipDigits()
            let written = String(decoding: bytes[digits..<at], as: UTF8.self)
            report(.badNumber, Span(start..<at), "Expected a digit before the point.", hint: "0.\(written)")
            return emit(.double(Double("0.\(written.filter { $0 != "_" })") ?? 0), from: start)
        }
        emit(.row, from: start)
    }

    mutating func sign() {
        if foreignSign() { return }
        let start = at
        let two = at + 1 < bytes.count ? String(decoding: bytes[at...(at + 1)], as: UTF8.self) : ""
        if let sign = Token.Sign(rawValue: two) {
            at += 2
            return emit(.sign(sign), from: start)
        }
        if bytes[at] < 0x80, let sign = Token.Sign(rawValue: String(UnicodeScalar(bytes[at]))) {
            at += 1
            return emit(.sign(sign), from: start)
        }
        unexpectedCharacter()
    }

    private mutating func unexpectedCharacter() {
        if typographicText() || questionMark() { return }
        let start = at
        at += 1
        while at < bytes.count, bytes[at] & 0xC0 == 0x80 { at += 1 }
        pass(.unreadable, from: start)
        damage.add(unreadable: start)
        let character = String(decoding: bytes[start..<at], as: UTF8.self)
        var hint: String?
        switch character {
        case "“", "”", "„", "«", "»": hint = "use straight quotes: \""
        case "‘", "’": hint = "use straight quotes: '"
        case "–", "—", "−": hint = "use the minus of the keyboard: -"
        case "$": hint = "${…} stands only inside \"…\""
        case "`": hint = "use \"…\" for text"
        case "^": hint = "write .x * .x for a power"
        case "@", "\\", "~": hint = "remove it"
        default: break
        }
        report(
            .unexpectedCharacter, Span(start..<at), "Expected a name, a number, text or a sign, found `\(character)`.",
            hint: hint)
    }
}

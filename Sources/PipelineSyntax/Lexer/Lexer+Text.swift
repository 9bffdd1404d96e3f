/// Texts: `"…"` with `${…}`, `"""…"""` dedented, `'…'` raw.
extension Lexer {
    mutating func raw() {
        let start = at
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "'"), bytes[at] != 0x0A { at += 1 }
        guard at < bytes.count, bytes[at] == UInt8(ascii: "'") else {
            let text = String(decoding: bytes[(start + 1)..<at], as: UTF8.self)
            report(
                .unterminatedText, Span(start..<(start + 1)), "Expected a closing `'` on this line.", hint: "add it")
            emit(.raw(text), from: start)
            return lose(from: start)
        }
        let text = String(decoding: bytes[(start + 1)..<at], as: UTF8.self)
        at += 1
        emit(.raw(text), from: start)
    }

    mutating func quotedField(from start: Int) {
        at += 1
        let nameStart = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != 0x0A { at += 1 }
        let name = String(decoding: bytes[nameStart..<at], as: UTF8.self)
        let isOpen = at == bytes.count || bytes[at] == 0x0A
        if !isOpen {
            at += 1
        } else {
            report(
                .unterminatedText, Span((nameStart - 1)..<nameStart), "Expected a closing `\"` on this line.",
                hint: "add it")
        }
        emit(.field(name), from: start)
        if isOpen { lose(from: start) }
    }

    /// After a text without end the rest of its line is in it, and with that what closes the line's brackets.
    private mutating func lose(from start: Int) {
        damage.add(unreadable: start)
        let lineStart = bytes[..<start].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        while let last = brackets.last, !last.isInterpolation, last.span.start >= lineStart {
            brackets.removeLast()
            damage.brackets.insert(last.span.start)
        }
    }

    mutating func text() {
        let isBlock = at + 2 < bytes.count && bytes[at + 1] == UInt8(ascii: "\"") && bytes[at + 2] == UInt8(ascii: "\"")
        if isBlock { blockText() } else { lineText() }
    }

    private mutating func lineText() {
        let quote = at
        at += 1
        emit(.textStart, from: quote)
        var piece = TextPiece(start: at)
        while at < bytes.count, bytes[at] != 0x0A {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                finish(piece)
                at += 1
                emit(.textEnd, from: at - 1)
                return
            case UInt8(ascii: "\\"): escape(into: &piece)
            case UInt8(ascii: "$") where startsInterpolation:
                finish(piece)
                guard interpolation(quote: quote, acrossLines: false) else { return }
                piece = TextPiece(start: at)
            default:
                piece.bytes.append(bytes[at])
                at += 1
            }
        }
        report(
            .unterminatedText, Span(quote..<(quote + 1)), "Expected a closing `\"` on this line.",
            hint: "add it, or use \"\"\" for several lines.")
        finish(piece)
        emit(.textEnd, from: at)
        lose(from: quote)
    }

    private mutating func blockText() {
        let quote = at
        at += 3
        emit(.textStart, from: quote)
        let indent = blockIndent()
        // The line break right after the opening quotes is not part of the text.
        var ahead = at
        while ahead < bytes.count, bytes[ahead] == 0x20 || bytes[ahead] == 0x09 || bytes[ahead] == 0x0D { ahead += 1 }
        var piece = TextPiece(start: at)
        if ahead < bytes.count, bytes[ahead] == 0x0A {
            let margin = at
            at = ahead + 1
            skip(indent: indent)
            pass(.margin, from: margin)
            piece = TextPiece(start: at)
        }
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\""), at + 2 < bytes.count, bytes[at + 1] == bytes[at],
                bytes[at + 2] == bytes[at]
            {
                // Closing quotes on a line of their own: the last line break is not part of the text either.
                if piece.endsInBlankLine { piece.dropLastLine() }
                finish(piece)
                at += 3
                emit(.textEnd, from: at - 3)
                return
            }
            switch bytes[at] {
            case UInt8(ascii: "\\"): escape(into: &piece)
            case UInt8(ascii: "$") where startsInterpolation:
                finish(piece)
                guard interpolation(quote: quote, acrossLines: true) else { return }
                piece = TextPiece(start: at)
            case 0x0D where at + 1 < bytes.count && bytes[at + 1] == 0x0A: at += 1
            case 0x0A:
                piece.bytes.append(0x0A)
                at += 1
                skip(indent: indent)
            default:
                piece.bytes.append(bytes[at])
                at += 1
            }
        }
        endsInside = true
        report(.unterminatedText, Span(quote..<(quote + 3)), "Expected a closing `\"\"\"`.", hint: "add \"\"\"")
        finish(piece)
        emit(.textEnd, from: at)
        damage.add(unreadable: quote)
        endsInText = true
    }

    /// The blanks that all lines of a block share, its closing line included.
    private func blockIndent() -> Int {
        var index = at
        var smallest = Int.max
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\""), index + 2 < bytes.count, bytes[index + 1] == bytes[index],
                bytes[index + 2] == bytes[index]
            {
                break
            }
            if bytes[index] == UInt8(ascii: "\\") {
                index += 2
                continue
            }
            guard bytes[index] == 0x0A else {
                index += 1
                continue
            }
            index += 1
            let lineStart = index
            while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
            let isBlank = index < bytes.count && (bytes[index] == 0x0A || bytes[index] == 0x0D)
            if !isBlank { smallest = min(smallest, index - lineStart) }
        }
        return smallest == Int.max ? 0 : smallest
    }

    private mutating func skip(indent: Int) {
        var left = indent
        while left > 0, at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 {
            at += 1
            left -= 1
        }
    }

    /// Texts within texts beyond this are refused: each level is a level of the lexer's own stack.
    private static var deepestInterpolation: Int { 16 }

    private var startsInterpolation: Bool { at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "{") }

    /// Reads `${ … }`. Answers false where the text ended inside it.
    private mutating func interpolation(quote: Int, acrossLines: Bool) -> Bool {
        let start = at
        guard openInterpolations < Self.deepestInterpolation else {
            report(
                .nestedTooDeeply, Span(start..<(start + 2)),
                "Expected texts nested at most \(Self.deepestInterpolation) deep in ${…}.",
                hint: "bind an inner text to a name with `let`")
            // Nothing inside can be read any more.
            at = bytes.count
            pass(.unreadable, from: start)
            emit(.textEnd, from: at)
            damage.add(unreadable: start)
            endsInText = true
            return false
        }
        at += 2
        emit(.interpolationStart, from: start)
        let known = diagnostics.count
        let depth = brackets.count
        brackets.append(OpenBracket(kind: .brace, span: Span(start..<at), isInterpolation: true))
        openInterpolations += 1
        defer { openInterpolations -= 1 }
        while at < bytes.count {
            if brackets.count == depth + 1, bytes[at] == UInt8(ascii: "}") {
                brackets.removeLast()
                at += 1
                emit(.interpolationEnd, from: at - 1)
                return true
            }
            if bytes[at] == 0x0A, !acrossLines { break }
            next()
        }
        damage.brackets.formUnion(brackets[depth...].map(\.span.start))
        brackets.removeLast(brackets.count - depth)
        if acrossLines { endsInside = true }
        // The text's own closing quote opened another inside.
        diagnostics[known...].removeAll { $0.code == .unterminatedText }
        report(
            .unterminatedText, Span(start..<(start + 2)), "Expected a closing `}` for this `${`.",
            hint: "close it, or write \\${ for the signs themselves")
        emit(.interpolationEnd, from: at)
        emit(.textEnd, from: at)
        lose(from: quote)
        return false
    }

    private mutating func escape(into piece: inout TextPiece) {
        let start = at
        at += 1
        guard at < bytes.count, bytes[at] != 0x0A else { return }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "n"): piece.bytes.append(0x0A)
        case UInt8(ascii: "t"): piece.bytes.append(0x09)
        case UInt8(ascii: "r"): piece.bytes.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"): piece.bytes.append(byte)
        case UInt8(ascii: "u") where at < bytes.count && bytes[at] == UInt8(ascii: "{"):
            let digits = at + 1
            while at < bytes.count, bytes[at] != UInt8(ascii: "}"), bytes[at] != 0x0A, bytes[at] != UInt8(ascii: "\"") {
                at += 1
            }
            let code = UInt32(String(decoding: bytes[min(digits, at)..<at], as: UTF8.self), radix: 16)
            if at < bytes.count, bytes[at] == UInt8(ascii: "}") { at += 1 }
            guard let scalar = code.flatMap(Unicode.Scalar.init) else {
                return report(.unknownEscape, Span(start..<at), "Expected a Unicode number.", hint: "\\u{1F600}")
            }
            piece.bytes.append(contentsOf: Array(String(Character(scalar)).utf8))
        default:
            while at < bytes.count, bytes[at] & 0xC0 == 0x80 { at += 1 }
            let written = String(decoding: bytes[start..<at], as: UTF8.self)
            report(
                .unknownEscape, Span(start..<at),
                "Expected one of \\n \\t \\r \\\" \\\\ \\$ \\u{…}, found `\(written)`.",
                hint: "write \\\\ for a backslash, or use '…' for text as it stands")
        }
    }

    private mutating func finish(_ piece: TextPiece) {
        // Only a block's last line break and the blanks behind it are no part of a text and yet inside it.
        guard !piece.bytes.isEmpty else { return pass(.margin, from: piece.start) }
        let text = String(decoding: piece.bytes, as: UTF8.self)
        tokens.append(Token(kind: .text(text), span: Span(piece.start..<max(at, piece.start))))
    }
}

/// The text collected so far between two quotes or interpolations.
private struct TextPiece {
    let start: Int
    var bytes: [UInt8] = []

    init(start: Int) { self.start = start }

    var endsInBlankLine: Bool {
        guard let last = bytes.lastIndex(of: 0x0A) else { return false }
        return bytes[(last + 1)...].allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    mutating func dropLastLine() {
        if let last = bytes.lastIndex(of: 0x0A) { bytes.removeSubrange(last...) }
    }
}

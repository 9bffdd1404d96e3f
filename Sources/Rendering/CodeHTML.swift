internal import PipelineSyntax

/// Programs as HTML with coloured words, for a `<pre>`: `<span class="keyword">let</span> …`.
///
/// The classes are `keyword`, `verb`, `name`, `label`, `number`, `text`, `field`, `sign`, `hole` and `comment`.
/// The text between the tags is the program, every byte of it, whether it is right or wrong.
public enum CodeHTML {
    /// The program's HTML, escaped; no `<pre>` around it.
    public static func render(_ source: String) -> String {
        let text = SourceText(name: "code", text: source)
        var painter = CodePainter(bytes: text.utf8)
        let tokens = Lexer.tokens(of: text).tokens
        for (index, token) in tokens.enumerated() {
            let next = index + 1 < tokens.count ? tokens[index + 1].kind : .end
            let previous = index > 0 ? tokens[index - 1].kind : .end
            painter.paint(token.span, as: style(of: token.kind, after: previous, before: next))
        }
        return painter.finish()
    }

    private static func style(of kind: Token.Kind, after previous: Token.Kind, before next: Token.Kind) -> String? {
        switch kind {
        case .name: previous == .sign(.pipe) || isArgument(next) ? "verb" : "name"
        case .label: "label"
        case .integer, .double: "number"
        case .keyword(let word): word == .true || word == .false || word == .null ? "number" : "keyword"
        case .raw, .textStart, .text, .textEnd: "text"
        case .field, .row, .member: "field"
        case .hole: "hole"
        case .sign, .interpolationStart, .interpolationEnd: "sign"
        case .callOpen, .indexOpen, .open, .close, .separator, .end: nil
        }
    }

    /// Whether a name right before is a verb: two values never stand side by side (grammar: *command*, and its note).
    private static func isArgument(_ next: Token.Kind) -> Bool {
        switch next {
        case .name, .label, .integer, .double, .raw, .textStart, .field, .row, .hole, .open, .keyword(.if),
            .keyword(.true), .keyword(.false), .keyword(.null):
            true
        default: false
        }
    }
}

/// Lays spans over a text, from left to right.
private struct CodePainter {
    private let bytes: [UInt8]
    private var at = 0
    private var html: [UInt8] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Paints a token; what stands before it and belongs to none is blanks and comments.
    mutating func paint(_ span: Span, as style: String?) {
        let start = boundary(max(span.start, at))
        let end = boundary(max(span.end, start))
        skip(to: start)
        put(start..<end, style)
        at = end
    }

    mutating func finish() -> String {
        skip(to: bytes.count)
        return String(decoding: html, as: UTF8.self)
    }

    private mutating func skip(to end: Int) {
        while at < end {
            let comment = bytes[at..<end].firstIndex(of: UInt8(ascii: "#")) ?? end
            put(at..<comment, nil)
            let stop = bytes[comment..<end].firstIndex(of: 0x0A) ?? end
            put(comment..<stop, "comment")
            at = stop
            if at < end {
                put(at..<(at + 1), nil)
                at += 1
            }
        }
    }

    private mutating func put(_ range: Range<Int>, _ style: String?) {
        guard !range.isEmpty else { return }
        if let style { html += Array("<span class=\"\(style)\">".utf8) }
        HTMLText.append(bytes[range], to: &html)
        if style != nil { html += Array("</span>".utf8) }
    }

    /// A tag must not cut a character in two.
    private func boundary(_ offset: Int) -> Int {
        var offset = min(offset, bytes.count)
        while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        return offset
    }
}

internal import PipelineRuntime
internal import PipelineSyntax

/// Where in a program a word is being typed, told from the tokens before it.
struct CompletionPlace {
    enum Kind {
        /// Inside quotes; the parameter that the text is for, where that is plain.
        case string(Parameter?)
        /// After a dot on rows; the code of the pipeline that brings them.
        case column(subject: String)
        /// After `name.`
        case member(of: String)
        /// After `|`
        case stage
        /// Among a verb's arguments.
        case argument(Builtin)
        /// Where a value may begin.
        case value
        /// In a comment.
        case nothing
    }

    let kind: Kind
    /// What of the word is typed already.
    let word: String

    /// - Parameter text: the program up to the place.
    init(_ text: String, builtins: BuiltinTable) {
        let bytes = Array(text.utf8)
        let lineStart = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let quotes = Self.openQuote(bytes, from: lineStart)
        if quotes.isComment {
            (kind, word) = (.nothing, "")
            return
        }
        if let quote = quotes.open {
            word = String(decoding: bytes[(quote + 1)...], as: UTF8.self)
            let before = Self.tokens(String(decoding: bytes[..<quote], as: UTF8.self))
            kind = .string(Self.parameter(at: before, builtins))
            return
        }
        var start = bytes.count
        while start > 0, Self.isWord(bytes[start - 1]) { start -= 1 }
        word = String(decoding: bytes[start...], as: UTF8.self)
        if start > 0, bytes[start - 1] == UInt8(ascii: ".") {
            let head = Self.tokens(String(decoding: bytes[..<(start - 1)], as: UTF8.self))
            let isAttached = start > 1 && Self.isWord(bytes[start - 2])
            if isAttached, case .name(let name)? = head.last?.kind {
                kind = .member(of: name)
            } else {
                kind = .column(subject: Self.subject(of: head, bytes))
            }
            return
        }
        let head = Self.tokens(String(decoding: bytes[..<start], as: UTF8.self))
        switch head.last?.kind {
        case .sign(.pipe): kind = .stage
        case nil, .separator, .sign(.assign): kind = .value
        default:
            if let verb = Self.enclosing(head, builtins) { kind = .argument(verb.builtin) } else { kind = .value }
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5F || byte >= 0x80
    }

    private static func tokens(_ text: String) -> [Token] {
        Lexer.tokens(of: SourceText(name: "input", text: text)).tokens.filter { $0.kind != .end }
    }

    /// What is open at a place of a line: a text, or in a text the code of a `${`.
    private enum Level {
        case text(quote: Int)
        case code(braces: Int)
    }

    /// Where a quote is open at the end of a line, or whether a comment is.
    private static func openQuote(_ bytes: [UInt8], from start: Int) -> (open: Int?, isComment: Bool) {
        var levels: [Level] = []
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            switch levels.last {
            case .text(let quote)?:
                let isRaw = bytes[quote] == UInt8(ascii: "'")
                if byte == UInt8(ascii: "\\"), !isRaw {
                    index += 1
                } else if byte == bytes[quote] {
                    levels.removeLast()
                } else if !isRaw, bytes[index...].starts(with: "${".utf8) {
                    levels.append(.code(braces: 0))
                    index += 1
                }
            case .code(let braces)? where byte == UInt8(ascii: "{"):
                levels[levels.count - 1] = .code(braces: braces + 1)
            case .code(let braces)? where byte == UInt8(ascii: "}"):
                if braces == 0 { levels.removeLast() } else { levels[levels.count - 1] = .code(braces: braces - 1) }
            case nil where byte == UInt8(ascii: "#"): return (nil, true)
            case .code?, nil:
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { levels.append(.text(quote: index)) }
            }
            index += 1
        }
        if case .text(let quote)? = levels.last { return (quote, false) }
        return (nil, false)
    }

    /// The verb whose arguments the last token is among, and the place of its name.
    private static func enclosing(_ tokens: [Token], _ builtins: BuiltinTable) -> (builtin: Builtin, at: Int)? {
        var depth = 0
        for index in tokens.indices.reversed() {
            switch tokens[index].kind {
            case .close: depth += 1
            case .open, .indexOpen: if depth > 0 { depth -= 1 }
            case .callOpen:
                if depth > 0 {
                    depth -= 1
                } else if index > 0, case .name(let name) = tokens[index - 1].kind, let builtin = builtins[name] {
                    return (builtin, index - 1)
                }
            case .name(let name) where depth == 0:
                // A verb without parentheses stands after `|` or at the head of a statement.
                let before = index > 0 ? tokens[index - 1].kind : .separator
                let isHead = [.sign(.pipe), .separator, .sign(.assign), .open(.parenthesis)].contains(before)
                if isHead, let builtin = builtins[name] { return (builtin, index) }
            case .separator where depth == 0: return nil
            default: break
            }
        }
        return nil
    }

    /// The parameter that a value after these tokens is for.
    private static func parameter(at tokens: [Token], _ builtins: BuiltinTable) -> Parameter? {
        guard let (builtin, at) = enclosing(tokens, builtins) else { return nil }
        if case .label(let name)? = tokens.last?.kind { return builtin.parameters.first { $0.name == name } }
        let isStage = at > 0 && tokens[at - 1].kind == .sign(.pipe)
        var positional = builtin.parameters.filter { $0.place != .named }
        if isStage, !positional.isEmpty { positional.removeFirst() }
        let commas = tokens[at...].count { $0.kind == .sign(.comma) }
        return commas < positional.count ? positional[commas] : positional.last
    }

    /// The code of the pipeline to the left of the stage that the last token is in.
    private static func subject(of tokens: [Token], _ bytes: [UInt8]) -> String {
        var depth = 0
        var end: Int?
        for index in tokens.indices.reversed() {
            let token = tokens[index]
            switch token.kind {
            case .close: depth += 1
            case .open, .callOpen, .indexOpen:
                if depth == 0, end != nil { return text(bytes, token.span.end, end) }
                depth = max(0, depth - 1)
            case .sign(.pipe) where depth == 0 && end == nil: end = token.span.start
            case .separator where depth == 0, .sign(.assign) where depth == 0:
                return text(bytes, token.span.end, end)
            default: break
            }
        }
        return text(bytes, 0, end)
    }

    private static func text(_ bytes: [UInt8], _ start: Int, _ end: Int?) -> String {
        guard let end, start < end else { return "" }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}

extension Lexer.Result {
    /// The tokens as the formatter leaves them: equal for two right programs that differ only in layout.
    ///
    /// Without the end, without separators that separate nothing, without the comma before a closing bracket, and
    /// without the parentheses around a stage's arguments, for `| take(5)` is `| take 5`.
    public var canonicalTokens: [Token] {
        var kept: [Token] = []
        kept.reserveCapacity(tokens.count)
        var openIsDropped: [Bool] = []
        for (index, token) in tokens.enumerated() {
            switch token.kind {
            case .end: continue
            case .separator where kept.isEmpty || kept.last?.kind == .separator: continue
            case .sign(.comma) where index + 1 < tokens.count && tokens[index + 1].kind.isClose: continue
            case .callOpen:
                let isStage = index > 1 && tokens[index - 2].kind == .sign(.pipe)
                openIsDropped.append(isStage)
                if isStage { continue }
            case .open, .indexOpen, .textStart, .interpolationStart: openIsDropped.append(false)
            case .close, .textEnd, .interpolationEnd: if openIsDropped.popLast() == true { continue }
            default: break
            }
            kept.append(token)
        }
        if kept.last?.kind == .separator { kept.removeLast() }
        return kept
    }
}

extension Token.Kind {
    /// Whether it closes a bracket.
    var isClose: Bool { if case .close = self { true } else { false } }
}

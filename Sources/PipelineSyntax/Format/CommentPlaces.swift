/// Where a program's comments and blank lines stand, told by the token that follows.
struct CommentPlaces {
    struct Comment {
        let text: String
        /// Whether it stands behind a token on the same line.
        let isTrailing: Bool
        /// Whether a blank line stands before it.
        let followsBlankLine: Bool
    }

    /// Index of a token → the comments before it, back to the token before.
    private var comments: [Int: [Comment]] = [:]
    /// Tokens with a blank line before them.
    private var followingBlankLine: Set<Int> = []
    /// How many comments stand before each token, from the start.
    private var counts: [Int] = []

    init(_ source: SourceText, _ lexed: Lexer.Result) {
        var trivia = lexed.trivia.filter { $0.kind == .comment }[...]
        var previousEnd = 0
        var count = 0
        func lineBreaks(before start: Int) -> Int {
            previousEnd < start ? source.utf8[previousEnd..<start].count { $0 == 0x0A } : 0
        }
        for (index, token) in lexed.tokens.enumerated() {
            while let comment = trivia.first, comment.span.start < token.span.end || token.kind == .end {
                trivia.removeFirst()
                let breaks = lineBreaks(before: comment.span.start)
                comments[index, default: []].append(
                    Comment(
                        text: source.text(of: comment.span).withoutBlanksAtEnd,
                        isTrailing: breaks == 0 && previousEnd > 0, followsBlankLine: breaks > 1))
                previousEnd = comment.span.end
                count += 1
            }
            counts.append(count)
            guard token.kind != .separator else { continue }
            if lineBreaks(before: token.span.start) > 1 { followingBlankLine.insert(index) }
            previousEnd = token.span.end
        }
    }

    /// The comments right before a token.
    subscript(before index: Int) -> [Comment] { comments[index] ?? [] }

    /// Whether a blank line stands before a token.
    func isBlankLine(before index: Int) -> Bool { followingBlankLine.contains(index) }

    /// Whether comments stand between two tokens.
    func areBetween(_ first: Int, _ last: Int) -> Bool {
        guard counts.indices.contains(first), counts.indices.contains(last) else { return false }
        return counts[first] < counts[last]
    }
}

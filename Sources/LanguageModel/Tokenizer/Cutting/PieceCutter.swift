/// One step of cutting text into the pieces within which merges happen.
enum PieceCutter: Sendable {
    case gpt2(isolatesNumbers: Bool)
    /// Numeric characters stand alone, or their runs do.
    case digits(individually: Bool)
    case split(PieceExpression, Behavior, isInverted: Bool)
    /// Words without the white space between them, and punctuation characters.
    case bert

    /// What becomes of the matches of a split (`SplitDelimiterBehavior` of `tokenizers`).
    enum Behavior: String, Sendable {
        case isolated = "Isolated"
        case removed = "Removed"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    /// Appends the pieces of one piece.
    func cut(_ text: [UInt8], _ range: Range<Int>, into pieces: inout [Range<Int>]) {
        switch self {
        case .gpt2(let isolatesNumbers):
            GPT2Pieces(text[range], isolatesNumbers: isolatesNumbers).forEachPiece { pieces.append($0) }
        case .digits(let individually): Self.cutDigits(text, range, individually, into: &pieces)
        case .split(let expression, let behavior, let isInverted):
            var stretches = expression.stretches(of: text, in: range)
            if isInverted { stretches = stretches.map { ($0.range, !$0.isMatch) } }
            Self.merge(stretches, behavior, into: &pieces)
        case .bert: BertText.cut(text, range, into: &pieces)
        }
    }

    private static func cutDigits(
        _ text: [UInt8], _ range: Range<Int>, _ individually: Bool, into pieces: inout [Range<Int>]
    ) {
        let text = text[range]
        var start = range.lowerBound
        var at = start
        var wasNumber = false
        while at < range.upperBound {
            let (value, length) = UTF8Text.scalar(text, at)
            let isNumber = Self.isNumber(value)
            if at > start, isNumber != wasNumber || isNumber && individually {
                pieces.append(start..<at)
                start = at
            }
            wasNumber = isNumber
            at += length
        }
        if start < range.upperBound { pieces.append(start..<range.upperBound) }
    }

    private static func isNumber(_ value: UInt32) -> Bool {
        if value < 0x80 { return (0x30...0x39).contains(value) }
        switch Unicode.Scalar(value)?.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: return true
        default: return false
        }
    }

    private static func merge(
        _ stretches: [(range: Range<Int>, isMatch: Bool)], _ behavior: Behavior, into pieces: inout [Range<Int>]
    ) {
        switch behavior {
        case .isolated: pieces += stretches.map(\.range)
        case .removed: pieces += stretches.lazy.filter { !$0.isMatch }.map(\.range)
        case .mergedWithPrevious:
            var afterMatch = false
            var isFirst = true
            for (range, isMatch) in stretches {
                if isMatch, !afterMatch, !isFirst, let last = pieces.popLast() {
                    pieces.append(last.lowerBound..<range.upperBound)
                } else {
                    pieces.append(range)
                }
                (afterMatch, isFirst) = (isMatch, false)
            }
        case .mergedWithNext:
            var merged: [Range<Int>] = []
            var beforeMatch = false
            for (range, isMatch) in stretches.reversed() {
                if isMatch, !beforeMatch, let next = merged.popLast() {
                    merged.append(range.lowerBound..<next.upperBound)
                } else {
                    merged.append(range)
                }
                beforeMatch = isMatch
            }
            pieces += merged.reversed()
        case .contiguous:
            var afterMatch: Bool?
            for (range, isMatch) in stretches {
                if afterMatch == isMatch, let last = pieces.popLast() {
                    pieces.append(last.lowerBound..<range.upperBound)
                } else {
                    pieces.append(range)
                }
                afterMatch = isMatch
            }
        }
    }
}

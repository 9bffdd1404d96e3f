/// How the metrics cut texts into words. Words are arrays of code points: Swift's `String` would call "é" written in
/// one and in two code points equal, which the references do not.
enum WordCutting {
    typealias Word = [Unicode.Scalar]

    /// The tokens of mteval-v13a, sacrebleu's default: ASCII signs apart, except those inside numbers.
    static func mteval13a(_ text: String) -> [Word] {
        var line = Array(text.unicodeScalars)
        while let last = line.last, last.isBlank { line.removeLast() }
        line = line.replacing("<skipped>", by: "").replacing("-\n", by: "").replacing("\n", by: " ")
        if line.contains("&") {
            for (entity, sign) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
                line = line.replacing(entity, by: sign)
            }
        }
        line = [" "] + line + [" "]
        line = line.flatMap { $0.isSign13a ? [" ", $0, " "] : [$0] }
        // Full stops and commas stay inside numbers; a dash after a digit stands apart.
        line = line.replacingPairs({ !$0.isDigit && $1.isStopOrComma }) { [$0, " ", $1, " "] }
        line = line.replacingPairs({ $0.isStopOrComma && !$1.isDigit }) { [" ", $0, " ", $1] }
        line = line.replacingPairs({ $0.isDigit && $1 == "-" }) { [$0, " ", $1, " "] }
        return blankSeparated(line)
    }

    /// The words of Lin's ROUGE as rouge-score reads them: runs of Latin letters and digits in lower case.
    static func rouge(_ text: String) -> [Word] {
        lowered(Array(text.unicodeScalars)).split(whereSeparator: { !$0.isLatinLetterOrDigit }).map(Array.init)
    }

    /// What stands between blanks.
    static func blankSeparated(_ text: Word) -> [Word] {
        text.split(whereSeparator: \.isBlank).map(Array.init)
    }

    /// A text in lower case by Unicode's full mapping, with σ as ς at the end of a word (Unicode 3.13, Final_Sigma).
    static func lowered(_ text: Word) -> Word {
        var result: Word = []
        result.reserveCapacity(text.count)
        for (index, scalar) in text.enumerated() {
            if scalar.isASCII {
                let isUpper = ("A"..."Z").contains(scalar)
                result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
            } else if scalar == "Σ" {
                let isFinal =
                    text[..<index].last(where: { !$0.properties.isCaseIgnorable })?.properties.isCased == true
                    && text[(index + 1)...].first(where: { !$0.properties.isCaseIgnorable })?.properties.isCased != true
                result.append(isFinal ? "ς" : "σ")
            } else {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Whether Python's `str.split()` cuts here: Unicode's white space and the four ASCII separators.
    var isBlank: Bool {
        value < 0x80
            ? value == 0x20 || (0x09...0x0D).contains(value) || (0x1C...0x1F).contains(value)
            : properties.isWhitespace
    }

    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var isStopOrComma: Bool { self == "." || self == "," }
    fileprivate var isLatinLetterOrDigit: Bool { ("a"..."z").contains(self) || isDigit }

    /// ASCII's signs except ' , - . which have rules of their own.
    fileprivate var isSign13a: Bool {
        ("{"..."~").contains(self) || ("["..."`").contains(self) || (" "..."&").contains(self)
            || ("("..."+").contains(self) || (":"..."@").contains(self) || self == "/"
    }
}

extension [Unicode.Scalar] {
    /// The text with all places of a part replaced, from the left, without overlap.
    fileprivate func replacing(_ part: String, by other: String) -> Self {
        let part = Array(part.unicodeScalars)
        let other = Array(other.unicodeScalars)
        guard let first = part.first, contains(first) else { return self }
        var result: Self = []
        result.reserveCapacity(count)
        var rest = self[...]
        while let scalar = rest.first {
            if scalar == first, rest.starts(with: part) {
                result += other
                rest = rest.dropFirst(part.count)
            } else {
                result.append(scalar)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// The text with pairs of neighbours replaced, from the left; what belongs to one pair belongs to no other.
    fileprivate func replacingPairs(
        _ isPair: (Unicode.Scalar, Unicode.Scalar) -> Bool, by replacement: (Unicode.Scalar, Unicode.Scalar) -> Self
    ) -> Self {
        var result: Self = []
        result.reserveCapacity(count)
        var index = startIndex
        while index < endIndex {
            if index + 1 < endIndex, isPair(self[index], self[index + 1]) {
                result += replacement(self[index], self[index + 1])
                index += 2
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }
}

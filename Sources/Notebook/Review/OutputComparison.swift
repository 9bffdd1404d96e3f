/// Whether two outputs say the same: numbers within a tolerance, times and the drawing of bars left aside.
public struct OutputComparison: Sendable {
    /// How far apart two fractions may be, relative to the larger; whole numbers must be equal.
    public let tolerance: Double
    /// Whether numbers with a unit of time count: only where a model answered do they say how long that took.
    public let ignoresTimes: Bool

    public init(tolerance: Double, ignoresTimes: Bool = true) {
        self.tolerance = tolerance
        self.ignoresTimes = ignoresTimes
    }

    /// Whether the texts are the same in this sense.
    public func areEqual(_ one: String, _ other: String) -> Bool {
        let first = one.split(separator: "\n", omittingEmptySubsequences: true).map { tokens(String($0)) }
            .filter { !$0.isEmpty }
        let second = other.split(separator: "\n", omittingEmptySubsequences: true).map { tokens(String($0)) }
            .filter { !$0.isEmpty }
        guard first.count == second.count else { return false }
        return zip(first, second).allSatisfy { left, right in
            left.count == right.count && zip(left, right).allSatisfy(areEqual)
        }
    }

    enum Token: Equatable {
        case word(String)
        case number(Double)
        /// A number with a unit of time: runs of the same code differ in it.
        case time
    }

    private func areEqual(_ one: Token, _ other: Token) -> Bool {
        switch (one, other) {
        case (.number(let left), .number(let right)): areClose(left, right)
        // 5 and 5.0000001: what is whole on one side only is a fraction.
        case (.word(let word), .number(let number)), (.number(let number), .word(let word)):
            Double(word).map { areClose($0, number) } ?? false
        default: one == other
        }
    }

    private func areClose(_ left: Double, _ right: Double) -> Bool {
        left == right || abs(left - right) <= tolerance * max(abs(left), abs(right))
    }

    private static let drawing = Set("█▓─·┤├│▕▏▁▂▃▄▅▆▇┼┬┴┌┐└┘")
    private static let units: Set<String> = ["ms", "s", "min", "h"]

    /// A line in words, numbers and times; blanks and what draws bars and rules fall away.
    func tokens(_ line: String) -> [Token] {
        let tokens = Self.tokens(line)
        guard !ignoresTimes else { return tokens }
        // Where times are part of what is said, the words are taken as they stand.
        return tokens.contains(.time) ? [.word(line.filter { !$0.isWhitespace })] : tokens
    }

    static func tokens(_ line: String) -> [Token] {
        var tokens: [Token] = []
        let words = line.split { $0 == " " || $0 == "\t" || drawing.contains($0) || isBraille($0) }.map(String.init)
        var index = 0
        while index < words.count {
            let word = words[index]
            // What was computed from measured times is no more the same than they are: `≈$0.012`, `about 4,200 calls`.
            if word.hasPrefix("≈"), word.contains(where: \.isNumber) {
                tokens.append(.time)
                index += 1
                continue
            }
            if word == "about", index + 2 < words.count, number(words[index + 1]) != nil,
                words[index + 2].hasPrefix("call")
            {
                tokens.append(.time)
                index += 2
                continue
            }
            let hasUnit = index + 1 < words.count && isUnit(words[index + 1])
            if let value = number(word) {
                if hasUnit {
                    tokens.append(.time)
                    index += 2
                    continue
                }
                tokens.append(token(word, value))
            } else if hasUnit, word.contains(":"), word.allSatisfy({ $0.isNumber || $0 == ":" }) {
                tokens.append(.time)
                index += 2
                continue
            } else {
                var parts = pieces(word)
                // A time in brackets, such as `(3 s)`.
                if hasUnit, parts.last.map(isNumber) == true {
                    parts[parts.count - 1] = .time
                    index += 1
                }
                tokens.append(contentsOf: parts)
            }
            index += 1
        }
        return tokens
    }

    private static func isNumber(_ token: Token) -> Bool {
        switch token {
        case .number: true
        case .word(let word): Int64(word) != nil
        case .time: false
        }
    }

    /// Units of time, and of rates such as `tokens/s,`.
    private static func isUnit(_ word: String) -> Bool {
        let letters = word.filter { $0.isLetter || $0 == "/" }
        return units.contains(letters) || letters.hasSuffix("/s")
    }

    /// Whole numbers, and words of digits such as order numbers, are compared as they stand.
    private static func token(_ text: String, _ value: Double) -> Token {
        text.contains { $0 == "." || $0 == "e" || $0 == "E" } ? .number(value) : .word(text)
    }

    private static func isBraille(_ character: Character) -> Bool {
        character.unicodeScalars.first.map { (0x2800...0x28FF).contains($0.value) } ?? false
    }

    /// A word that is a number, perhaps grouped by commas, with a currency or percent sign.
    private static func number(_ word: String) -> Double? {
        var text = word
        if text.hasPrefix("$") { text.removeFirst() }
        if text.hasSuffix("%") { text.removeLast() }
        guard let first = text.first, first.isNumber || first == "-" else { return nil }
        return Double(text.replacing(",", with: ""))
    }

    /// A word with numbers inside, such as `(0.681` or `loss=0.41,`.
    private static func pieces(_ word: String) -> [Token] {
        var tokens: [Token] = []
        var text = ""
        var digits = ""
        func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
        func flush() {
            var tail = ""
            while let last = digits.last, last == "." || last == "," { tail = String(digits.removeLast()) + tail }
            if let value = Double(digits.replacing(",", with: "")) {
                if !text.isEmpty { tokens.append(.word(text)) }
                tokens.append(token(digits, value))
                text = tail
            } else {
                text += digits + tail
            }
            digits = ""
        }
        for character in word {
            if isDigit(character) || !digits.isEmpty && (character == "." || character == ",") {
                digits.append(character)
            } else {
                if !digits.isEmpty { flush() }
                text.append(character)
            }
        }
        if !digits.isEmpty { flush() }
        if !text.isEmpty { tokens.append(.word(text)) }
        return tokens
    }
}

/// Text → tree of a `Formula`, by recursive descent with a bounded depth.
struct FormulaParser {
    private enum Token: Equatable {
        case number(Double)
        case name(String)
        case sign(Character)
    }

    /// A formula that is longer, or nested deeper, is a slip, and would fill the stack.
    private static let deepest = 200
    private static let longest = 2_000

    private let names: Set<String>
    private let tokens: [(token: Token, offset: Int)]
    private let length: Int
    private var next = 0
    private var depth = 0

    init(_ text: String, names: Set<String>) throws(FormulaError) {
        self.names = names
        let characters = Array(text)
        length = characters.count
        guard length <= Self.longest else {
            throw FormulaError(expected: "a formula of at most \(Self.longest) characters", offset: Self.longest)
        }
        var tokens: [(Token, Int)] = []
        // Names may hold what words do not: the longest known name wins.
        let known = names.map(Array.init).sorted { $0.count > $1.count }
        var index = 0
        while index < characters.count {
            let character = characters[index]
            let rest = characters[index...]
            if character.isWhitespace {
                index += 1
            } else if let name = known.first(where: { !$0.isEmpty && rest.starts(with: $0) }),
                !(rest.dropFirst(name.count).first.map(Self.isWord) ?? false) || !(name.last.map(Self.isWord) ?? false)
            {
                tokens.append((.name(String(name)), index))
                index += name.count
            } else if character.isASCII, character.isNumber || character == "." {
                let digits = Self.numberText(rest)
                guard let number = Double(digits), number.isFinite else {
                    throw FormulaError(expected: "a number, found `\(digits)`", offset: index)
                }
                tokens.append((.number(number), index))
                index += digits.count
            } else if Self.isWord(character) {
                let word = String(rest.prefix(while: Self.isWord))
                tokens.append((.name(word), index))
                index += word.count
            } else if "+-*/^(),".contains(character) {
                tokens.append((.sign(character), index))
                index += 1
            } else {
                throw FormulaError(
                    expected: "a number, a grader's name, a function or one of + - * / ^ ( ) , found `\(character)`",
                    offset: index)
            }
        }
        self.tokens = tokens
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// Digits with a fraction and an exponent, as far as they go.
    private static func numberText(_ rest: ArraySlice<Character>) -> String {
        var text = ""
        for character in rest {
            let isDigit = character.isASCII && character.isNumber
            let isSign = (character == "-" || character == "+") && (text.last == "e" || text.last == "E")
            let isExponent = (character == "e" || character == "E") && !text.lowercased().contains("e")
            guard isDigit || character == "." || isSign || isExponent else { break }
            text.append(character)
        }
        return text
    }

    /// The whole text as one formula.
    mutating func whole() throws(FormulaError) -> Formula.Node {
        let node = try sum()
        guard next == tokens.count else { throw expected("an operator or the end") }
        return node
    }

    private mutating func sum() throws(FormulaError) -> Formula.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw expected("a formula nested less deeply") }
        var left = try product()
        while let sign = take("+", "-") { left = .operation(sign, left, try product()) }
        return left
    }

    private mutating func product() throws(FormulaError) -> Formula.Node {
        var left = try signed()
        while let sign = take("*", "/") { left = .operation(sign, left, try signed()) }
        return left
    }

    private mutating func signed() throws(FormulaError) -> Formula.Node {
        // Minus signs are counted, not nested: a long row of them must not fill the stack.
        var isNegative = false
        while let sign = take("-", "+") { if sign == .subtract { isNegative.toggle() } }
        let node = try power()
        return isNegative ? .negated(node) : node
    }

    private mutating func power() throws(FormulaError) -> Formula.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw expected("a formula nested less deeply") }
        let base = try primary()
        guard take("^") != nil else { return base }
        return .operation(.power, base, try signed())
    }

    private mutating func primary() throws(FormulaError) -> Formula.Node {
        guard next < tokens.count else { throw expected("a number, a grader's name or a function") }
        switch tokens[next].token {
        case .number(let number):
            next += 1
            return .number(number)
        case .name(let name):
            if names.contains(name) {
                next += 1
                return .name(name)
            }
            guard let function = Formula.Function(rawValue: name) else {
                throw expected(
                    "a grader's name (\(names.sorted().joined(separator: ", "))) or a function "
                        + "(\(Formula.Function.allCases.map(\.rawValue).joined(separator: ", "))), found `\(name)`")
            }
            next += 1
            return .call(function, try arguments(of: function))
        case .sign("("):
            next += 1
            let inner = try sum()
            try expect(")")
            return inner
        case .sign(let sign): throw expected("a number, a grader's name or a function, found `\(sign)`")
        }
    }

    private mutating func arguments(of function: Formula.Function) throws(FormulaError) -> [Formula.Node] {
        try expect("(")
        var arguments = [try sum()]
        while next < tokens.count, tokens[next].token == .sign(",") {
            guard function.takesSeveral else { throw expected("`)`; \(function.rawValue) takes one number") }
            next += 1
            arguments.append(try sum())
        }
        try expect(")")
        return arguments
    }

    private mutating func take(_ signs: Character...) -> Formula.Operator? {
        guard next < tokens.count, case .sign(let sign) = tokens[next].token, signs.contains(sign) else { return nil }
        next += 1
        return Formula.Operator(rawValue: sign)
    }

    private mutating func expect(_ sign: Character) throws(FormulaError) {
        guard next < tokens.count, tokens[next].token == .sign(sign) else { throw expected("`\(sign)`") }
        next += 1
    }

    private func expected(_ what: String) -> FormulaError {
        FormulaError(expected: what, offset: next < tokens.count ? tokens[next].offset : length)
    }
}

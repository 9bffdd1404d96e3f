public import Tables

/// The numbers in a text, as graders of sums need them.
///
/// Read are signs (`-5`, `−5`, `-$5`), thousands separators with exactly three digits behind them (`1,200`, `1’200`,
/// narrow blanks), decimals (`3.50`, `.5`), exponents (`2e-3`), fractions (`3/4`, `1 1/2`, `½`, `\frac{3}{4}`) and
/// digits of every script. Units, currencies and per cent signs are left out: `$5`, `5 km` and `5%` are 5. What is
/// glued behind a letter (`B12`), ordinals (`2nd`) and versions (`1.2.3`) are names, not numbers.
public enum AnswerNumber {
    /// All numbers, from the left.
    public static func all(in text: String) -> [Number] {
        var scanner = NumberScanner(text)
        var numbers: [Number] = []
        while let number = scanner.next() { numbers.append(number) }
        return numbers
    }

    /// The last number, or nil where there is none.
    public static func last(in text: String) -> Number? { all(in: text).last }
}

/// Finds numbers from the left to the right.
private struct NumberScanner {
    private let text: [Unicode.Scalar]
    private var at = 0

    init(_ text: String) {
        self.text = Array(Self.plain(text).unicodeScalars)
    }

    /// LaTeX's thousands separators and fractions as plain signs.
    private static func plain(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) || text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        return text.replacing("{,}", with: ",").replacing("\\,", with: "\u{2009}").replacing("\\!", with: "")
            .replacing("\\dfrac", with: "\\frac").replacing("\\tfrac", with: "\\frac")
    }

    private func scalar(_ place: Int) -> Unicode.Scalar? { text.indices.contains(place) ? text[place] : nil }

    /// The digit at a place, of any script, 0 … 9.
    private func digit(_ place: Int) -> Character? {
        guard let scalar = scalar(place) else { return nil }
        if scalar.isASCII { return ("0"..."9").contains(scalar) ? Character(scalar) : nil }
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return Character("\(Int(value))")
    }

    private func digits(from place: Int) -> String {
        var found = ""
        var place = place
        while let digit = digit(place) {
            found.append(digit)
            place += 1
        }
        return found
    }

    private func isLetter(_ place: Int) -> Bool {
        scalar(place).map { $0.properties.isAlphabetic || $0 == "_" } ?? false
    }

    mutating func next() -> Number? {
        while at < text.count {
            if let fraction = latexFraction() { return fraction }
            let beginsWithStop = scalar(at) == "." && digit(at + 1) != nil && scalar(at - 1) != "."
            guard digit(at) != nil || vulgarFraction(at) != nil || beginsWithStop else {
                at += 1
                continue
            }
            let start = at
            // Letters of scripts that are written without blanks may stand before a number.
            if let before = scalar(start - 1), before == "_" || before.properties.isCased {
                skipName()
                continue
            }
            if let number = number(from: start) { return number }
        }
        return nil
    }

    private mutating func skipName() {
        at += 1
        while digit(at) != nil || isLetter(at) || (scalar(at) == "." && digit(at + 1) != nil) { at += 1 }
    }

    /// The number that begins here, signed; nil where what stands here is none, behind which the search goes on.
    private mutating func number(from start: Int) -> Number? {
        guard var value = unsigned() else { return nil }
        if let whole = value.integer, scalar(at) == " ", let part = mixedFraction(at + 1) {
            value = .double(Double(whole) + part.value)
            at = part.end
        }
        if isOrdinal() {
            skipName()
            return nil
        }
        if scalar(at) == ".", digit(at + 1) != nil {
            skipName()
            return nil
        }
        return isNegative(start) ? value.negated : value
    }

    /// Digits with separators, decimals, exponent, or a fraction.
    private mutating func unsigned() -> Number? {
        var written = wholePart()
        if let part = vulgarFraction(at) {
            at += 1
            return .double((Double(written) ?? 0) + part)
        }
        var isWhole = true
        if scalar(at) == "." || scalar(at) == "٫", digit(at + 1) != nil {
            let decimals = digits(from: at + 1)
            at += 1 + decimals.count
            written += "." + decimals
            isWhole = false
        }
        let sign = scalar(at + 1) == "-" || scalar(at + 1) == "+" ? 1 : 0
        if scalar(at) == "e" || scalar(at) == "E" {
            let exponent = digits(from: at + 1 + sign)
            if !exponent.isEmpty, !isLetter(at + 1 + sign + exponent.count) {
                written += "e" + (sign == 1 && scalar(at + 1) == "-" ? "-" : "") + exponent
                at += 1 + sign + exponent.count
                isWhole = false
            }
        }
        if isWhole, let fraction = slashFraction(Double(written)) { return fraction }
        if isWhole, let whole = Int64(written) { return .integer(whole) }
        guard let value = Double(written.hasPrefix(".") ? "0\(written)" : written), value.isFinite else { return nil }
        return .double(value)
    }

    /// Digits, with separators between thousands.
    private mutating func wholePart() -> String {
        let first = digits(from: at)
        at += first.count
        guard (1...3).contains(first.count), first.first != "0", let separator = scalar(at),
            [",", "'", "’", "٬", "\u{A0}", "\u{202F}", "\u{2009}"].contains(separator)
        else { return first }
        var all = first
        var place = at
        while scalar(place) == separator {
            let group = digits(from: place + 1)
            // 1,23 and 1,2345 are no thousands: the comma stands between two numbers.
            guard group.count == 3 else { return digit(place + 1) == nil ? finish(all, place) : first }
            all += group
            place += 4
        }
        return finish(all, place)
    }

    private mutating func finish(_ digits: String, _ place: Int) -> String {
        at = place
        return digits
    }

    /// `3/4`, unless it is part of a date such as 3/4/2026.
    private mutating func slashFraction(_ numerator: Double?) -> Number? {
        guard let numerator, scalar(at) == "/" else { return nil }
        let below = digits(from: at + 1)
        let isDate = scalar(at + 1 + below.count) == "/" || wasSlash
        guard let denominator = Double(below), denominator > 0, !isDate else { return nil }
        at += 1 + below.count
        return quotient(numerator, denominator)
    }

    /// Whether the digits before this place stand behind a slash.
    private var wasSlash: Bool {
        var place = at - 1
        while digit(place) != nil { place -= 1 }
        return scalar(place) == "/"
    }

    /// The `1/2` of `1 1/2`.
    private func mixedFraction(_ place: Int) -> (value: Double, end: Int)? {
        var inner = self
        inner.at = place
        let above = digits(from: place)
        guard !above.isEmpty else { return nil }
        inner.at += above.count
        guard inner.scalar(inner.at) == "/", let number = inner.slashFraction(Double(above)) else { return nil }
        return number.double < 1 ? (number.double, inner.at) : nil
    }

    private mutating func latexFraction() -> Number? {
        let name = Array("\\frac{".unicodeScalars)
        guard scalar(at) == "\\", text[at...].starts(with: name) else { return nil }
        let above = digits(from: at + name.count)
        let middle = at + name.count + above.count
        guard scalar(middle) == "}", scalar(middle + 1) == "{" else { return nil }
        let below = digits(from: middle + 2)
        let end = middle + 2 + below.count
        guard scalar(end) == "}", let a = Double(above), let b = Double(below), b > 0 else { return nil }
        let start = at
        at = end + 1
        let value = quotient(a, b)
        return isNegative(start) ? value.negated : value
    }

    private func quotient(_ numerator: Double, _ denominator: Double) -> Number {
        let value = numerator / denominator
        return Int64(exactly: value).map { .integer($0) } ?? .double(value)
    }

    /// ½, ¾ and their like.
    private func vulgarFraction(_ place: Int) -> Double? {
        guard let scalar = scalar(place), !scalar.isASCII, scalar.properties.numericType == .numeric,
            let value = scalar.properties.numericValue, value > 0, value < 1
        else { return nil }
        return value
    }

    private func isOrdinal() -> Bool {
        let ending = String(String.UnicodeScalarView(text[min(at, text.count)..<min(at + 2, text.count)])).lowercased()
        return ["st", "nd", "rd", "th"].contains(ending) && !isLetter(at + 2)
    }

    /// Whether a minus that is a sign stands before the number, or before its currency.
    private func isNegative(_ start: Int) -> Bool {
        var place = start - 1
        if scalar(place)?.properties.generalCategory == .currencySymbol { place -= 1 }
        guard let sign = scalar(place), ["-", "−", "－", "﹣"].contains(sign) else { return false }
        guard let before = scalar(place - 1) else { return true }
        // In 3-5 and x-5 it is a dash or an operation.
        return !(before.properties.isAlphabetic || digit(place - 1) != nil || before == ")" || before == "]")
    }
}

extension Number {
    fileprivate var negated: Number {
        switch self {
        case .integer(let value): .integer(0 - value)
        case .double(let value): .double(-value)
        }
    }
}

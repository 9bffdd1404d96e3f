/// Cuts a template into tokens, and takes out the white space that tags control.
///
/// As Jinja's own lexer does it with `trim_blocks` (the line break behind a block or a comment goes) and
/// `lstrip_blocks` (blanks before a block or a comment that begins its line go); `-` strips all white space on its
/// side of a tag, `+` switches the two off.
struct Lexer {
    private let source: [Unicode.Scalar]
    private var at = 0
    private var found: [Token] = []
    /// Whether the last tag's match ended with a line break, as the beginning of the template counts.
    private var startsLine = true

    init(_ source: [Unicode.Scalar]) { self.source = source }

    /// Every line break as U+000A, without the last one, which Jinja drops.
    static func normalizingLines(_ source: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        var afterReturn = false
        for scalar in source.unicodeScalars {
            if !(afterReturn && scalar == "\n") { scalars.append(scalar == "\r" ? "\n" : scalar) }
            afterReturn = scalar == "\r"
        }
        if scalars.last == "\n" { scalars.removeLast() }
        return scalars
    }

    /// All tokens; the last one is the end.
    mutating func tokens() throws(PlacedFailure) -> [Token] {
        while at < source.count { try readPart() }
        add(.end, at: source.count)
        return found
    }

    private mutating func add(_ kind: Token.Kind, at offset: Int) { found.append(Token(kind: kind, offset: offset)) }

    private func failure(_ message: String, at offset: Int) -> PlacedFailure {
        PlacedFailure(failure: Failure(message, kind: .syntax), offset: offset)
    }

    private func scalar(_ offset: Int) -> Unicode.Scalar? { offset < source.count ? source[offset] : nil }

    private func isSpace(_ offset: Int) -> Bool { scalar(offset).map { TemplateText.isSpace($0.value) } ?? false }

    private func starts(_ text: StaticString, at offset: Int) -> Bool {
        guard offset + text.utf8CodeUnitCount <= source.count else { return false }
        for index in 0..<text.utf8CodeUnitCount where source[offset + index].value != UInt32(text.utf8Start[index]) {
            return false
        }
        return true
    }

    // MARK: Outside of tags

    /// Text up to a tag, and the tag.
    private mutating func readPart() throws(PlacedFailure) {
        let start = at
        var tag = start
        while tag < source.count {
            if source[tag] == "{", let next = scalar(tag + 1), next == "{" || next == "%" || next == "#" { break }
            tag += 1
        }
        guard tag < source.count else {
            addData(start..<source.count)
            at = source.count
            return
        }
        let kind = source[tag + 1]
        let sign = scalar(tag + 2)
        let isSigned = sign == "-" || sign == "+"
        addData(start..<dataEnd(start..<tag, sign: sign, isVariable: kind == "{"))
        at = tag + (isSigned ? 3 : 2)
        startsLine = false
        switch kind {
        case "#": try skipComment(from: tag)
        case "%":
            if let body = rawBegin() {
                try readRaw(from: tag, body: body)
            } else {
                add(.blockBegin, at: tag)
                try readExpression(from: tag, closing: "%")
            }
        default:
            add(.variableBegin, at: tag)
            try readExpression(from: tag, closing: "}")
        }
    }

    private mutating func addData(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        add(.data(source[range].map(\.value)), at: range.lowerBound)
    }

    /// Where the text before a tag ends once the tag has stripped it.
    private func dataEnd(_ range: Range<Int>, sign: Unicode.Scalar?, isVariable: Bool) -> Int {
        var end = range.upperBound
        if sign == "-" {
            while end > range.lowerBound, isSpace(end - 1) { end -= 1 }
            return end
        }
        guard sign != "+", !isVariable else { return end }
        var line = end
        while line > range.lowerBound, source[line - 1] != "\n" { line -= 1 }
        guard line > range.lowerBound || startsLine else { return end }
        return (line..<end).allSatisfy(isSpace) ? line : end
    }

    /// Skips what a tag's end takes with it. `at` stands at the end, on its sign if it has one.
    /// - Parameter trims: whether the line break behind it goes.
    private mutating func endTag(sign: Unicode.Scalar?, trims: Bool) {
        at += sign == nil ? 2 : 3
        if sign == "-" {
            while isSpace(at) { at += 1 }
        } else if sign == nil, trims, scalar(at) == "\n" {
            at += 1
        }
        startsLine = at > 0 && source[at - 1] == "\n"
    }

    private mutating func skipComment(from tag: Int) throws(PlacedFailure) {
        // The sign of the end may be the sign of the beginning: `{#-#}`.
        while at < source.count {
            if starts("#}", at: at) { return endTag(sign: nil, trims: true) }
            if starts("-#}", at: at) { return endTag(sign: "-", trims: true) }
            if starts("+#}", at: at) { return endTag(sign: "+", trims: true) }
            at += 1
        }
        throw failure("this comment is never closed with `#}`", at: tag)
    }

    // MARK: Raw

    /// Where the body of a raw block begins, if the tag that begins at `at` opens one.
    private func rawBegin() -> Int? {
        guard var place = skippingWord("raw", from: at) else { return nil }
        if starts("-%}", at: place) {
            place += 3
            while isSpace(place) { place += 1 }
            return place
        }
        return starts("%}", at: place) ? place + 2 : nil
    }

    /// Behind a word with blanks around it.
    private func skippingWord(_ word: StaticString, from start: Int) -> Int? {
        var place = start
        while isSpace(place) { place += 1 }
        guard starts(word, at: place) else { return nil }
        place += word.utf8CodeUnitCount
        while isSpace(place) { place += 1 }
        return place
    }

    private mutating func readRaw(from tag: Int, body: Int) throws(PlacedFailure) {
        var place = body
        startsLine = source[body - 1] == "\n"
        while place < source.count {
            defer { place += 1 }
            guard starts("{%", at: place) else { continue }
            let sign = scalar(place + 2)
            guard let end = skippingWord("endraw", from: place + (sign == "-" || sign == "+" ? 3 : 2)) else { continue }
            let closing: Unicode.Scalar? = starts("-%}", at: end) ? "-" : starts("+%}", at: end) ? "+" : nil
            guard closing != nil || starts("%}", at: end) else { continue }
            addData(body..<dataEnd(body..<place, sign: sign, isVariable: false))
            at = end
            return endTag(sign: closing, trims: true)
        }
        throw failure("this raw block is never closed with `{% endraw %}`", at: tag)
    }

    // MARK: Inside of tags

    private static let signs: [StaticString] = [
        "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";",
    ]

    /// Tokens up to the tag's end. Within brackets a `}}` closes mappings, not the tag.
    private mutating func readExpression(from tag: Int, closing: Unicode.Scalar) throws(PlacedFailure) {
        var brackets: [Unicode.Scalar] = []
        while at < source.count {
            if isSpace(at) {
                at += 1
                continue
            }
            if brackets.isEmpty {
                let hasSign = source[at] == "-" || (source[at] == "+" && closing == "%")
                let place = hasSign ? at + 1 : at
                if scalar(place) == closing, scalar(place + 1) == "}" {
                    add(closing == "%" ? .blockEnd : .variableEnd, at: at)
                    return endTag(sign: hasSign ? source[at] : nil, trims: closing == "%")
                }
            }
            let start = at
            let first = source[at]
            if first == "'" || first == "\"" {
                try readText(first)
            } else if first.properties.isXIDStart || first == "_" {
                while let next = scalar(at), next.properties.isXIDContinue { at += 1 }
                add(.name(string(start..<at)), at: start)
            } else if ("0"..."9").contains(first) {
                try readNumber()
            } else if let sign = Self.signs.first(where: { starts($0, at: at) }) {
                at += sign.utf8CodeUnitCount
                try balance(first, &brackets, at: start)
                add(.sign(sign.description), at: start)
            } else {
                throw failure("`\(first)` has no meaning here", at: at)
            }
        }
        throw failure("this tag is never closed with `\(closing)}`", at: tag)
    }

    private func balance(_ sign: Unicode.Scalar, _ brackets: inout [Unicode.Scalar], at offset: Int)
        throws(PlacedFailure)
    {
        switch sign {
        case "(": brackets.append(")")
        case "[": brackets.append("]")
        case "{": brackets.append("}")
        case ")", "]", "}":
            guard let expected = brackets.popLast() else {
                throw failure("`\(sign)` closes nothing", at: offset)
            }
            guard expected == sign else { throw failure("expected `\(expected)`, found `\(sign)`", at: offset) }
        default: break
        }
    }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: source[range])
        return String(view)
    }

    private mutating func readNumber() throws(PlacedFailure) {
        let start = at
        while let next = scalar(at), ("0"..."9").contains(next) || next == "_" { at += 1 }
        var isDouble = false
        if scalar(at) == ".", let next = scalar(at + 1), ("0"..."9").contains(next) {
            isDouble = true
            at += 1
            while let next = scalar(at), ("0"..."9").contains(next) || next == "_" { at += 1 }
        }
        if let letter = scalar(at), letter == "e" || letter == "E" {
            var place = at + 1
            if let sign = scalar(place), sign == "+" || sign == "-" { place += 1 }
            if let next = scalar(place), ("0"..."9").contains(next) {
                isDouble = true
                at = place
                while let next = scalar(at), ("0"..."9").contains(next) || next == "_" { at += 1 }
            }
        }
        let spelling = String(string(start..<at).filter { $0 != "_" })
        if isDouble, let number = Double(spelling) {
            add(.double(number), at: start)
        } else if !isDouble, let number = Int(spelling) {
            add(.integer(number), at: start)
        } else {
            throw failure("`\(spelling)` is too large a number", at: start)
        }
    }

    /// A text in quotes, with Python's escapes.
    private mutating func readText(_ quote: Unicode.Scalar) throws(PlacedFailure) {
        let start = at
        var units: [UInt32] = []
        at += 1
        while at < source.count {
            let next = source[at]
            at += 1
            if next == quote {
                add(.text(units), at: start)
                return
            }
            guard next == "\\", at < source.count else {
                units.append(next.value)
                continue
            }
            try readEscape(into: &units)
        }
        throw failure("this text is never closed with `\(quote)`", at: start)
    }

    private mutating func readEscape(into units: inout [UInt32]) throws(PlacedFailure) {
        let start = at - 1
        let letter = source[at]
        at += 1
        switch letter {
        case "\n": break
        case "\\", "'", "\"": units.append(letter.value)
        case "n": units.append(0x0A)
        case "t": units.append(0x09)
        case "r": units.append(0x0D)
        case "a": units.append(0x07)
        case "b": units.append(0x08)
        case "f": units.append(0x0C)
        case "v": units.append(0x0B)
        case "x": units.append(try hexadecimal(2, from: start))
        case "u": units.append(try hexadecimal(4, from: start))
        case "U": units.append(try hexadecimal(8, from: start))
        case "0"..."7":
            var value = letter.value - 0x30
            var digits = 1
            while digits < 3, let next = scalar(at), ("0"..."7").contains(next) {
                value = value * 8 + next.value - 0x30
                at += 1
                digits += 1
            }
            units.append(value)
        case "N": throw Failure("`\\N{…}` is not supported", kind: .unsupported).placed(start)
        default: units += [0x5C, letter.value]
        }
    }

    private mutating func hexadecimal(_ count: Int, from start: Int) throws(PlacedFailure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = scalar(at).flatMap({ Character($0).hexDigitValue }), source[at].isASCII else {
                throw failure("expected \(count) hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        guard Unicode.Scalar(value) != nil else { throw failure("this escape is no character", at: start) }
        return value
    }
}

import SeededRandom

/// Right programs at random, the same for the same seed: trees of every kind, written with odd blanks, line breaks,
/// comments, trailing commas and semicolons.
struct ProgramGenerator {
    private var random: SeededRandom
    private var text = ""
    private var brackets = 0
    private var comments = 0

    init(seed: Int) { random = SeededRandom(seed: seed) }

    /// A program of a few statements.
    mutating func program() -> String {
        text = ""
        if chance(4) { comment() }
        for index in 0...random.below(4) {
            if index > 0 { text += pick(["\n", "\n\n", "; ", "\n\n\n\n", " ;\n", ";;\n", "\r\n"]) }
            if chance(5) { comment() }
            statement()
            if chance(5) { text += " # behind \(random.below(100))" + pick(["\n", "  \n", "\t\n\n"]) }
        }
        if chance(3) { text += pick(["\n", "\n\n\n", " # last", "\n# last\n", ";"]) }
        return text
    }

    private mutating func statement() {
        switch random.below(6) {
        case 0, 1:
            text += pick(["let", "param"]) + pick([" ", "  "]) + name() + pick([" ", ""]) + "="
            free()
            pipeline(3)
        case 2:
            text += "fn " + name() + "("
            brackets += 1
            list(random.below(3)) { generator in
                if generator.chance(2) { return generator.text += generator.name() }
                generator.text += generator.name() + ":"
                generator.free()
                generator.expression(1)
            }
            brackets -= 1
            text += ")" + pick([" ", ""]) + "="
            free()
            pipeline(2)
        default: pipeline(3)
        }
    }

    private mutating func pipeline(_ depth: Int) {
        if chance(3) {
            text += name()
            blank()
            arguments(depth)
        } else {
            expression(depth)
        }
        guard chance(2) else { return }
        for _ in 0...random.below(4) {
            if chance(2) { text += pick(["\n  ", " ", "", "\n\n", "\n # between\n", " # behind\n  "]) } else { gap() }
            text += "|"
            free()
            text += chance(12) ? "___" : name()
            switch random.below(4) {
            case 0: actuals(depth)
            case 1: break
            default:
                blank()
                arguments(depth)
            }
        }
    }

    private mutating func arguments(_ depth: Int) {
        for index in 0...random.below(4) {
            if index > 0 {
                gap()
                text += ","
                free()
            }
            argument(depth, isFirst: index == 0)
        }
    }

    private mutating func argument(_ depth: Int, isFirst: Bool = false) {
        if chance(3) {
            text += name() + ":"
            free()
            return expression(depth - 1)
        }
        // A first argument that begins with a sign would make an operator of it.
        if isFirst { primary(depth - 1) } else { expression(depth - 1) }
    }

    private mutating func actuals(_ depth: Int) {
        text += "("
        brackets += 1
        list(random.below(4)) { $0.argument(depth) }
        brackets -= 1
        text += ")"
    }

    private mutating func list(_ count: Int, element: (inout ProgramGenerator) -> Void) {
        gap()
        for index in 0..<count {
            if index > 0 {
                text += ","
                free()
            }
            element(&self)
            gap()
        }
        if count > 0, chance(4) {
            text += ","
            gap()
        }
    }

    private mutating func expression(_ depth: Int) {
        guard depth > 0 else { return primary(0) }
        switch random.below(12) {
        case 0:
            text += "if"
            blank()
            expression(depth - 1)
            blank()
            text += "then"
            blank()
            expression(depth - 1)
            blank()
            text += "else"
            blank()
            expression(depth - 1)
        case 1:
            text += "not"
            blank()
            primary(depth - 1)
        case 2:
            text += "-" + pick(["", " "])
            primary(depth - 1)
        case 3:
            primary(depth - 1)
            blank()
            text += pick(["is null", "is not error", "is  text", "is not null"])
        case 4:
            primary(depth - 1)
            blank()
            text += pick(["in", "not in"])
            blank()
            primary(depth - 1)
        case 5, 6, 7:
            let sign = pick([
                "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "??", "..", "and", "or", "and", "+",
            ])
            let isChain = !["==", "!=", "<", "<=", ">", ">=", ".."].contains(sign)
            for index in 0...(isChain ? random.below(5) + 1 : 1) {
                if index > 0 {
                    blank()
                    text += sign
                    blank()
                }
                primary(depth - 1)
            }
        default: primary(depth)
        }
    }

    private mutating func primary(_ depth: Int) {
        guard depth > 0 else { return leaf() }
        switch random.below(10) {
        case 0:
            text += "["
            inBrackets { generator in
                generator.list(generator.random.below(6)) { $0.expression(depth - 1) }
            }
            text += "]"
        case 1:
            text += "{"
            inBrackets { generator in
                generator.list(generator.random.below(4)) { $0.entry(depth - 1) }
            }
            text += "}"
        case 2:
            text += name()
            actuals(depth)
        case 3:
            text += "("
            inBrackets { generator in
                generator.gap()
                generator.pipeline(depth - 1)
                generator.gap()
            }
            text += ")"
        case 4:
            text += name() + pick([".a", ".b.c", "[0]", "[-1].x"])
        case 5:
            text += pick([
                "\"${\(name())}\"", "\"a ${ .x | f(2) } b\"", "\"\"\"\n  one\n    ${two}\n  \"\"\"", "\"\"\"x\"\"\"",
            ])
        default: leaf()
        }
    }

    private var entryNumber = 0

    private mutating func entry(_ depth: Int) {
        entryNumber += 1
        switch random.below(4) {
        case 0: text += "n\(entryNumber)"
        case 1: text += ".n\(entryNumber)"
        case 2:
            text += pick(["\"", "'"]) == "\"" ? "\"n \(entryNumber)\"" : "'n \(entryNumber)'"
            gap()
            text += ":"
            free()
            expression(depth)
        default:
            text += "n\(entryNumber):"
            free()
            expression(depth)
        }
    }

    private mutating func leaf() {
        text += pick([
            "1", "20", "1_000", "0.5", "5e-4", "true", "false", "null", ".x", ".label", ".", ".\"Order ID\"",
            "\"text\"",
            "'raw \\s'", name(), name(), "\"a longer text that takes a part of the line\"", "___", "\"\"", "''",
        ])
    }

    private mutating func name() -> String {
        pick(["rows", "student", "f", "a_longer_name", "x", "questions", "größe", "take", "is_it", "lessons"])
    }

    // MARK: Blanks

    private mutating func inBrackets(_ content: (inout ProgramGenerator) -> Void) {
        brackets += 1
        content(&self)
        brackets -= 1
    }

    /// Where blanks may stand, and line breaks only inside brackets.
    private mutating func gap() {
        if brackets > 0 { free() } else { text += pick(["", " "]) }
    }

    /// Where at least a blank must stand.
    private mutating func blank() {
        text += " "
        gap()
    }

    /// Where line breaks may stand as well.
    private mutating func free() {
        switch random.below(12) {
        case 0: text += "\n"
        case 1: text += "\n\n   "
        case 2 where chance(2):
            text += " "
            comment()
        case 3 where chance(2):
            text += "\n"
            comment()
        case 4, 5: break
        default: text += " "
        }
    }

    private mutating func comment() {
        comments += 1
        text +=
            pick(["# note \(comments)", "#\(comments)", "# a \"quoted\" [bracket", "#"])
            + pick(["\n", "  \n", "\n\n", "\n    "])
    }

    private mutating func chance(_ of: Int) -> Bool { random.below(of) == 0 }

    private mutating func pick(_ choices: [String]) -> String { choices[random.below(choices.count)] }
}

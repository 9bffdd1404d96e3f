/// A part of a layout: what stands there, and where lines may be broken.
///
/// Groups are on one line where they fit; where they don't, each of their own `line`s is a line break. The scheme is
/// Wadler's ("A prettier printer", 2003), as a stream instead of a tree, so that comments go where the reader is.
enum LayoutItem {
    /// Written as it is; only texts of the program have line breaks in them.
    case text(String)
    /// A comment behind something.
    case trailingComment(String)
    /// A comment on a line of its own.
    case comment(String)
    /// A line break where the group is broken, else this text.
    case line(flat: String)
    /// A blank, or a line break where what follows would not fit up to the next place to break; `wraps` as `wrap` does.
    case fill(wraps: Bool)
    /// A line break; breaks all groups around it.
    case hardLine(afterBlankLine: Bool)
    /// Breaks all groups around it.
    case breaksGroups
    case open, close
    case indent, dedent
    /// Around arguments without parentheses: from the first `wrap` in between on, all is indented.
    case openArguments, closeArguments
    case wrap
}

/// Writes a layout.
struct LayoutPrinter {
    private let items: [LayoutItem]
    private let width: Int
    /// Groups that must be broken, by the place of their `open`.
    private let forced: Set<Int>
    private var output = ""
    private var column = 0
    private var depth = 0
    /// Whether each group that is open is broken.
    private var isBroken: [Bool] = []
    /// Whether each row of arguments that is open is indented by now.
    private var isWrapped: [Bool] = []

    private static let indentation = 2

    init(_ items: [LayoutItem], width: Int) {
        self.items = items
        self.width = width
        var forced: Set<Int> = []
        var open: [Int] = []
        for (index, item) in items.enumerated() {
            switch item {
            case .open: open.append(index)
            case .close:
                guard let start = open.popLast() else { break }
                if forced.contains(start), let outer = open.last { forced.insert(outer) }
            case .hardLine, .breaksGroups, .comment, .trailingComment:
                if let inner = open.last { forced.insert(inner) }
            default: break
            }
        }
        self.forced = forced
    }

    /// The whole text, without a line break at its end.
    var text: String {
        var printer = self
        for index in items.indices { printer.write(index) }
        return printer.output
    }

    private mutating func write(_ index: Int) {
        switch items[index] {
        case .text(let text): put(text)
        case .trailingComment(let text): put(" " + text)
        case .comment(let text): put(text)
        case .line(let flat): if isBroken.last ?? true { breakLine() } else { put(flat) }
        case .fill(let wraps):
            guard isBroken.last ?? true, !staysOnLine(after: index) else { return put(" ") }
            if wraps { wrap() }
            breakLine()
        case .hardLine(let afterBlankLine):
            if afterBlankLine { output += "\n" }
            breakLine()
        case .breaksGroups: break
        case .open:
            let isInBroken = isBroken.last ?? true
            isBroken.append(
                isInBroken && (forced.contains(index) || !fits(index + 1, in: width - column, isGroup: true)))
        case .close: isBroken.removeLast()
        case .indent: depth += 1
        case .dedent: depth -= 1
        case .openArguments: isWrapped.append(false)
        case .closeArguments: if isWrapped.popLast() == true { depth -= 1 }
        case .wrap: wrap()
        }
    }

    /// Indents the innermost arguments that are open, once.
    private mutating func wrap() {
        guard isWrapped.last == false else { return }
        isWrapped[isWrapped.count - 1] = true
        depth += 1
    }

    private mutating func put(_ text: String) {
        output += text
        if let line = text.utf8.lastIndex(of: 0x0A) {
            column = text[text.utf8.index(after: line)...].count
        } else {
            column += text.count
        }
    }

    private mutating func breakLine() {
        output += "\n" + String(repeating: " ", count: depth * Self.indentation)
        column = depth * Self.indentation
    }

    /// Whether what follows a `fill` stands on this line: it fits, or it does not fit a fresh line either and can be
    /// broken further on.
    private func staysOnLine(after index: Int) -> Bool {
        let left = width - column - 1
        if fits(index + 1, in: left, isGroup: false) { return true }
        let isTooLong = !fits(index + 1, in: width - depth * Self.indentation, isGroup: false)
        return isTooLong && fits(index + 1, in: left, isGroup: false, breakingGroups: true)
    }

    /// Whether what begins at a place fits up to the next possible line break.
    /// - Parameters:
    ///   - isGroup: whether the place is inside a group that would be on one line.
    ///   - breakingGroups: whether groups that begin there count as broken.
    private func fits(_ start: Int, in columns: Int, isGroup: Bool, breakingGroups: Bool = false) -> Bool {
        var left = columns
        var flat = isGroup ? [true] : []
        var index = start
        while left >= 0, index < items.count {
            switch items[index] {
            case .text(let text):
                if let line = text.utf8.firstIndex(of: 0x0A) { return text[..<line].count <= left }
                left -= text.count
            case .line(let text):
                guard flat.last == true else { return true }
                left -= text.count
            case .fill:
                guard flat.last == true else { return true }
                left -= 1
            case .hardLine, .comment, .trailingComment: return true
            case .open:
                // Groups behind the one that is measured can be broken when their turn comes.
                let mayBreak = isGroup || breakingGroups || forced.contains(index)
                flat.append(flat.last == true || !mayBreak)
            case .close: if !flat.isEmpty { flat.removeLast() }
            case .breaksGroups, .indent, .dedent, .openArguments, .closeArguments, .wrap: break
            }
            index += 1
        }
        return left >= 0
    }
}

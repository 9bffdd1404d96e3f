/// The line that opens a fenced code block (CommonMark 0.31, section 4.5).
struct MarkdownFence {
    /// `` ` `` or `~`.
    let sign: UInt8
    /// How many signs; the closing line has as many or more.
    let length: Int
    /// Blanks before it; lines inside lose as many.
    let indent: Int
    /// The info string: `dist`, `text output`.
    let info: String

    /// Nil where the line opens none.
    init?(opening line: ArraySlice<UInt8>) {
        let rest = line.drop { $0 == 0x20 }
        guard line.count - rest.count <= 3, let sign = rest.first,
            sign == UInt8(ascii: "`") || sign == UInt8(ascii: "~")
        else { return nil }
        let after = rest.drop { $0 == sign }
        guard rest.count - after.count >= 3, sign == UInt8(ascii: "~") || !after.contains(sign) else { return nil }
        self.sign = sign
        length = rest.count - after.count
        indent = line.count - rest.count
        info = TextLines.trimmed(after)
    }

    /// Whether a line ends the block.
    func isClosed(by line: ArraySlice<UInt8>) -> Bool {
        let rest = line.drop { $0 == 0x20 }
        let after = rest.drop { $0 == sign }
        return line.count - rest.count <= 3 && rest.count - after.count >= length && TextLines.isBlank(after)
    }

    /// A line of the block without the fence's own indent.
    func content(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blanks = line.prefix(indent).prefix { $0 == 0x20 }.count
        return line.dropFirst(blanks)
    }

    /// A block around a text that the text cannot end.
    static func block(_ text: String, info: String) -> String {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return "\(fence)\(info)\n\(text)\n\(fence)"
    }

    /// The fence that a text opens and does not close.
    static func leftOpen(in text: String) -> MarkdownFence? {
        var open: MarkdownFence?
        for line in TextLines.of(text) {
            if let fence = open {
                if fence.isClosed(by: line) { open = nil }
            } else {
                open = MarkdownFence(opening: line)
            }
        }
        return open
    }

    /// The line that closes it.
    var closing: String { String(repeating: sign == UInt8(ascii: "~") ? "~" : "`", count: length) }
}

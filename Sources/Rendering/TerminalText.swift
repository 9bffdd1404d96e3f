/// Text of files on its way to a terminal: what a stranger saved must not move the cursor, set titles or hide lines.
public enum TerminalText {
    /// The text without control characters, but for line breaks and tabs; escape sequences (ECMA-48) go whole.
    public static func safe(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var kept = String.UnicodeScalarView()
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "\u{1B}" {
                skipSequence(&scalars)
            } else if !isControl(scalar) {
                kept.append(scalar)
            }
        }
        return String(kept)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        // C0, delete, C1, and the marks that reorder text (a Trojan source).
        case ..<0x20, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func skipSequence(_ scalars: inout Substring.UnicodeScalarView) {
        switch scalars.first {
        case "[":
            scalars.removeFirst()
            while let next = scalars.first, (0x20...0x3F).contains(next.value) { scalars.removeFirst() }
            if let last = scalars.first, (0x40...0x7E).contains(last.value) { scalars.removeFirst() }
        case "]", "P", "X", "^", "_":
            // A string sequence, such as a window's title: up to BEL or ESC \.
            while let next = scalars.popFirst() {
                if next == "\u{07}" { return }
                if next == "\u{1B}" {
                    if scalars.first == "\\" { scalars.removeFirst() }
                    return
                }
            }
        case .some: scalars.removeFirst()
        case nil: return
        }
    }
}

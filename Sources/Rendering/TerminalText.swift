/// Text of files on its way to a terminal: what a stranger saved must not move the cursor, set titles or hide lines.
public enum TerminalText {
    /// The text with its control characters made visible (`␛` for escape), but for line breaks and tabs. Nothing of the
    /// text is left out: what runs must be what is seen.
    public static func safe(_ text: String) -> String { filtered(text, keepsOwnColours: false) }

    /// The same for text that we coloured ourselves: our few colour sequences pass.
    public static func shown(_ text: String) -> String { filtered(text, keepsOwnColours: true) }

    /// The text without colour sequences, as other kernels put them into outputs, and with the rest made visible.
    public static func withoutColours(_ text: String) -> String {
        guard text.utf8.contains(0x1B) else { return safe(text) }
        var kept = String.UnicodeScalarView()
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "\u{1B}", let length = sequenceLength(scalars) {
                scalars.removeFirst(length)
            } else {
                kept.append(scalar)
            }
        }
        return safe(String(kept))
    }

    /// How many characters a sequence `[…m` takes (ECMA-48, SGR); nil where none stands here.
    private static func sequenceLength(_ scalars: Substring.UnicodeScalarView) -> Int? {
        guard scalars.first == "[" else { return nil }
        var length = 1
        for scalar in scalars.dropFirst() {
            length += 1
            if scalar == "m" { return length }
            guard ("0"..."9").contains(scalar) || scalar == ";" else { return nil }
        }
        return nil
    }

    private static func filtered(_ text: String, keepsOwnColours: Bool) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var kept = String.UnicodeScalarView()
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard isControl(scalar) else {
                kept.append(scalar)
                continue
            }
            // A line's end of Windows is no trick.
            if scalar == "\r", scalars.first == "\n" { continue }
            if keepsOwnColours, scalar == "\u{1B}",
                let own = TextStyle.sequences.first(where: { scalars.starts(with: $0.unicodeScalars) })
            {
                kept.append(scalar)
                kept.append(contentsOf: own.unicodeScalars)
                scalars.removeFirst(own.unicodeScalars.count)
            } else {
                kept.append(contentsOf: visible(scalar).unicodeScalars)
            }
        }
        return String(kept)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        // C0, delete, C1, and the marks that reorder text (a Trojan source).
        case ..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Unicode's pictures of control characters; a code point in brackets for those that have none.
    private static func visible(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case ..<0x20: String(Unicode.Scalar(0x2400 + scalar.value) ?? "�")
        case 0x7F: "␡"
        default: "⟨U+\(String(scalar.value, radix: 16, uppercase: true))⟩"
        }
    }
}

import OrderedCollections
import Tables

@testable import Notebook

/// Texts that break careless formats, made anew from a seed, the same each time.
struct HostileTexts: IteratorProtocol, Sequence {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private static let pieces = [
        "", "\n", "\n\n", "\r\n", "\r", " ", "\t", "#", "# ", "##", "# %%", "#%%", "## %%", "###\t%%", "%%", " %%",
        "# %% [markdown]", "# %% [raw]", "[markdown]", "# kernel: x", "\n# %%\n", "\n# %%", "# %%\n", "```", "````",
        "~~~", "```dist\n", "```text output", "\n```\n", "<!-- output -->", "\n<!-- /output -->\n", "<!-- cell -->",
        "let a = 1", "\"\"\"", "'", "\"${", "é", "e\u{301}", "\u{338}", "\u{2028}", "\u{85}", "\u{0}", "\u{FEFF}",
        "😀", "<script>", "</pre>", "|", "\\", "a b",
    ]

    /// SplitMix64 (Steele, Lea, Flood 2014).
    private mutating func random(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }

    mutating func next() -> String? {
        (0..<random(below: 9)).map { _ in Self.pieces[random(below: Self.pieces.count)] }.joined()
    }

    /// A notebook of up to five cells.
    mutating func document() -> NotebookDocument {
        var document = NotebookDocument.empty(kernel: ["embedded", "openai", "a b\n# %%"][random(below: 3)])
        document.cells = (0..<random(below: 6)).map { index in
            let kind: NotebookCell.Kind = [.code, .markdown, .raw][random(below: 3)]
            return NotebookCell(
                id: "c\(index)", kind: kind, source: next() ?? "",
                metadata: random(below: 4) == 0 ? ["title": .string(next() ?? "")] : [:])
        }
        return document
    }
}

import OrderedCollections
import Tables
import Testing

@testable import Notebook

@Suite struct ScriptCodecTests {
    @Test func everySourceReadsBackToTheByte() throws {
        var texts = HostileTexts(seed: 20_261_121)
        for _ in 0..<3_000 {
            let document = texts.document()
            let script = ScriptCodec.encode(document)
            let back = try ScriptCodec.decode(Array(script.utf8))
            #expect(back.cells.map(\.kind) == document.cells.map(\.kind), "\(script.debugDescription)")
            #expect(
                back.cells.map { Array($0.source.utf8) } == document.cells.map { Array($0.source.utf8) },
                "\(script.debugDescription)")
            #expect(ScriptCodec.encode(back) == script || back.kernel != document.kernel)
        }
    }

    @Test(arguments: [
        "", "\n", "\n\n", "a", "a\n", "a\r\nb\r\n", "\r", "# %%", "#%%\n", "## %%\n# %% [raw]", "\u{FEFF}",
    ])
    func aSourceReadsBackWhereverItStands(_ source: String) throws {
        for kind in [NotebookCell.Kind.code, .markdown, .raw] {
            for places in [[0], [0, 1], [0, 1, 2]] {
                var document = NotebookDocument.empty(kernel: "embedded")
                document.cells = places.map { NotebookCell(id: "c\($0)", kind: kind, source: source) }
                let back = try ScriptCodec.decode(Array(ScriptCodec.encode(document).utf8))
                #expect(back.cells.map { Array($0.source.utf8) } == places.map { _ in Array(source.utf8) })
                #expect(back.cells.allSatisfy { $0.kind == kind })
            }
        }
    }

    @Test func aScriptLooksAsItIsDescribed() {
        var document = NotebookDocument.empty(kernel: "openai")
        document.cells = [
            NotebookCell(id: "a", kind: .markdown, source: "# Hi\n\nthere"),
            NotebookCell(id: "b", kind: .code, source: "1\n# %% no cell", metadata: ["title": "One"]),
            NotebookCell(id: "c", kind: .raw, source: "r"),
        ]
        #expect(
            ScriptCodec.encode(document) == """
                # kernel: openai

                # %% [markdown]
                # # Hi
                #
                # there

                # %% One
                1
                ## %% no cell

                # %% [raw]
                # r

                """)
    }

    @Test func scriptsThatPeopleWriteAreRead() throws {
        let document = try ScriptCodec.decode(
            Array("\u{FEFF}let a = 1\r\n\r\n#%% Load [md] key=\"x\"\r\n# text\r\nbare\r\n# %%\r\na".utf8))
        #expect(document.kernel == "embedded")
        #expect(document.cells.map(\.source) == ["let a = 1", "text\nbare", "a"])
        #expect(document.cells.map(\.kind) == [.code, .markdown, .code])
        #expect(document.cells[1].metadata["title"] == "Load")
        #expect(try ScriptCodec.decode(Array("1 + 1\n".utf8)).cells.map(\.source) == ["1 + 1"])
        #expect(try ScriptCodec.decode([]).cells.isEmpty)
        #expect(throws: NotebookError.self) { try ScriptCodec.decode([0x61, 0xFF]) }
    }
}

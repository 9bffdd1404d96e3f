import Foundation
import Testing

@Suite struct ExchangeTests {
    private let cells = ["let a = 2\n# %%", "a * 21", "a | tkae 5"]

    @Test(arguments: ["ipynb", "md", "dist"]) func whatIsExportedCanBeImported(_ format: String) throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", cells)
        let exported = try Binary.run(["export", "a.distnb", "--to", format], in: folder.path)
        #expect(exported.output == "a.\(format) is written.\n", "\(exported.errors)")
        let imported = try Binary.run(["import", "a.\(format)", "-o", "b.distnb"], in: folder.path)
        #expect(imported.output == "b.distnb is written: 3 cells.\n", "\(imported.errors)")
        let script = try Binary.run(["export", "b.distnb", "--to", "dist", "-o", "-"], in: folder.path)
        #expect(script.output == "# kernel: embedded\n\n# %%\nlet a = 2\n## %%\n\n# %%\na * 21\n\n# %%\na | tkae 5\n")
    }

    @Test func aPageSaysWhatIsCurrentAndIsWellFormed() throws {
        let folder = try Folder()
        try folder.notebook("a.distnb", cells)
        _ = try Binary.run(["run", "a.distnb"], in: folder.path)
        let saved = try folder.read("a.distnb")
        let result = try Binary.run(["export", "a.distnb", "--to", "html"], in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        #expect(try folder.read("a.distnb") == saved)
        let page = try folder.read("a.html")
        #expect(page.contains("<pre class=\"output result\" tabindex=\"0\">\n42</pre>"))
        #expect(page.contains("<span class=\"badge\">current</span>"))
        #expect(page.contains("E0201 cell 3"))
        try folder.write(
            "check.py",
            """
            import html.parser
            class Parser(html.parser.HTMLParser):
                empty = {"meta", "img", "br", "hr"}
                stack = []
                def handle_starttag(self, tag, attributes):
                    assert tag not in {"script", "iframe", "link", "object", "form"}, tag
                    assert not any(name.startswith("on") for name, _ in attributes), attributes
                    if tag not in self.empty: self.stack.append(tag)
                def handle_endtag(self, tag):
                    assert self.stack.pop() == tag, tag
            parser = Parser()
            parser.feed(open("a.html", encoding="utf-8").read())
            assert not parser.stack, parser.stack
            print("well formed")
            """)
        guard let checked = system(["python3", "check.py"], in: folder.path) else {
            print("SKIPPED: no python3")
            return
        }
        #expect(checked == "well formed\n")
    }

    private func system(_ command: [String], in folder: String) -> String? {
        EndToEndTests.system(["sh", "-c", "cd '\(folder)' && \(command.joined(separator: " "))"])?.output
    }

    @Test func nothingIsOverwrittenWithoutForce() throws {
        let folder = try Folder(["a.md": "mine"])
        try folder.notebook("a.distnb", cells)
        let before = try folder.read("a.distnb")
        let export = try Binary.run(["export", "a.distnb", "--to", "md"], in: folder.path)
        #expect(export.code == 1)
        #expect(export.errors == "a.md is there already; --force overwrites it.\n")
        let imported = try Binary.run(["import", "a.md"], in: folder.path)
        #expect(imported.code == 1)
        #expect(imported.errors == "a.distnb is there already; --force overwrites it.\n")
        #expect(try folder.read("a.distnb") == before)
        #expect(try Binary.run(["import", "a.distnb", "--force"], in: folder.path).code == 1)
        #expect(try Binary.run(["export", "a.distnb", "--to", "md", "--force"], in: folder.path).code == 0)
        #expect(try folder.read("a.md").contains("```dist\n"))
    }

    @Test(arguments: [
        (
            ["import", "a.txt"], 2,
            "a.txt has no ending that says what it is; expected one of .distnb, .ipynb, .md, .dist."
        ),
        (["import", "nope.md"], 1, "There is no file nope.md."),
        (["import", "bad.ipynb"], 1, "bad.ipynb cannot be read as .ipynb: it is no JSON"),
        (["import", "old.ipynb"], 1, "jupyter nbconvert"),
        (["import", "folder.md"], 1, "folder.md is a folder"),
        (["export", "a.distnb", "--to", "pdf"], 2, "Expected one of ipynb, md, html, dist."),
        (["export", "nope.distnb", "--to", "md"], 1, "There is no file nope.distnb."),
        (["export", "a.distnb", "--to", "md", "-o", "folder.md"], 1, "folder.md is a folder; name a file."),
        (["export", "a.distnb", "--to", "md", "-o", "no/where.md"], 1, "cannot be written"),
    ]) func wrongUsesAreToldInWords(_ arguments: [String], _ code: Int32, _ words: String) throws {
        let folder = try Folder([
            "a.txt": "x", "bad.ipynb": "{", "folder.md/x": "", "old.ipynb": #"{"nbformat":3,"worksheets":[]}"#,
        ])
        try folder.notebook("a.distnb", cells)
        let result = try Binary.run(arguments, in: folder.path)
        #expect(result.code == code)
        #expect(result.errors.contains(words), "\(result.errors)")
    }
}

import Foundation
import OrderedCollections
import Rendering
import Tables
import Testing

@testable import Notebook

@Suite struct HTMLExportTests {
    private static let payloads = [
        "<script>alert(1)</script>", "</pre></code><script src=//x.example></script>", "<img src=x onerror=alert(1)>",
        "</title><script>1</script>", "\" onmouseover=\"alert(1)", "' onfocus='alert(1)", "<svg/onload=alert(1)>",
        "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))", "[a](<java\tscript:alert(1)>)",
        "[a](&#106;avascript:alert(1))", "[a](data:text/html;base64,PHNjcmlwdD4=)", "[a](vbscript:x)",
        "[a](file:///etc/passwd)", "<javascript:alert(1)>", "![a](javascript:alert(1))",
        "![a](http://x.example/track.png)", "![a](//x.example/track.png)", "![a](data:image/svg+xml;base64,PHN2Zz4=)",
        "[![b](http://x.example/1)](javascript:alert(1))", "![a ![b](http://x.example/1)](http://x.example/2)",
        "[a]: javascript:alert(1)\n\n[a]", "<iframe src=\"http://x.example\">", "<style>*{display:none}</style>",
        "<a href=\"javascript:alert(1)\">x</a>", "<!-- --><script>1</script>", "| <script> |\n|---|\n| <b onclick=1> |",
        "<\u{338}script>", "\u{0}<script\u{0}>", "![x](attachment:evil)", "```\"><script>\nx\n```",
        "<base href=//x.example>", "<meta http-equiv=refresh content=0>", "<form action=//x.example><input>",
        "[a](http://x.example/\"onclick=\"alert(1))", "![\"onerror=\"alert(1)](attachment:ok)",
    ]

    /// Every tag of a page with its attributes; the page's own style sheet left out.
    private func tags(_ html: String) -> [Substring] {
        html.split(separator: "<").map { tag in tag.firstIndex(of: ">").map { tag[..<$0] } ?? tag }
    }

    private func expectInert(_ html: String, _ payload: String) {
        let allowed: Set<String> = [
            "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "ul",
            "ol", "li", "section", "div", "a", "span", "pre", "code", "img", "table", "thead", "tbody", "tr", "th",
            "td", "em", "strong", "del", "blockquote", "br", "!--",
        ]
        for tag in tags(html) {
            let name = tag.prefix { $0 != " " && $0 != "\n" && $0 != "/" }
            let plain = tag.hasPrefix("/") ? tag.dropFirst().prefix { $0 != " " } : name
            #expect(allowed.contains(String(plain)), "\(payload) → <\(tag)>")
            // Attributes: names outside of quotes.
            let outside = tag.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 0 }.map(\.element).joined()
            #expect(!outside.contains(" on"), "\(payload) → <\(tag)>")
            for forbidden in ["javascript:", "vbscript:", "file:", "data:text", "data:image/svg"] {
                #expect(!tag.lowercased().contains("=\"\(forbidden)"), "\(payload) → <\(tag)>")
            }
            if name == "img" {
                #expect(
                    tag.contains("src=\"data:image/png;base64,") || tag.contains("src=\"\""), "\(payload) → <\(tag)>")
            }
        }
        #expect(html.components(separatedBy: "<meta").count == 7)
        #expect(html.components(separatedBy: "<style").count == 2)
    }

    @Test(arguments: payloads) func hostileTextsStayInert(_ payload: String) {
        var document = NotebookDocument.empty(kernel: payload)
        let text = Value.string(payload)
        document.cells = [
            NotebookCell(
                id: "a", kind: .markdown, source: payload,
                other: [
                    "attachments": .record([
                        "ok": ["image/png": "iVBORw0K"], payload: ["image/png": "iVBORw0K"],
                        "evil": ["image/png": text, "image/svg+xml": "<svg onload=alert(1)>"],
                    ])
                ]),
            NotebookCell(
                id: "b", kind: .code, source: payload,
                outputs: [
                    ["output_type": "stream", "name": text, "text": text],
                    ["output_type": "error", "ename": text, "evalue": text, "traceback": []],
                    ["output_type": "error", "ename": text, "evalue": text, "traceback": [text]],
                    ["output_type": "display_data", "data": ["text/markdown": text]],
                    ["output_type": "display_data", "data": ["image/png": text, "text/plain": text]],
                    ["output_type": "display_data", "data": ["image/png": "iVBORw0K", "text/plain": text]],
                    ["output_type": "display_data", "data": ["text/html": text, "image/svg+xml": text]],
                    ["output_type": text, "data": text], text,
                ]),
            NotebookCell(id: "c", kind: .raw, source: payload),
        ]
        expectInert(HTMLExport.page(document, title: payload, statuses: [.failed]), payload)
    }

    @Test func hostileMixturesStayInert() {
        for text in HostileTexts(seed: 3).prefix(500) {
            var document = NotebookDocument.empty(kernel: "embedded")
            document.cells = [
                NotebookCell(id: "a", kind: .markdown, source: text), NotebookCell(id: "b", kind: .code, source: text),
            ]
            let html = HTMLExport.page(document, title: text, statuses: [])
            #expect(!html.contains("<script"))
        }
    }

    @Test func colouringKeepsEveryByteOfTheCode() {
        for text in HostileTexts(seed: 11).prefix(3_000) where !text.utf8.contains(0) {
            let html = CodeHTML.render(text)
            var plain = ""
            for piece in html.split(separator: "<", omittingEmptySubsequences: false).enumerated() {
                plain +=
                    piece.offset == 0
                    ? String(piece.element)
                    : String(piece.element.unicodeScalars.drop { $0 != ">" }.dropFirst())
            }
            for (sign, reference) in [("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;"), ("&", "&amp;")] {
                plain = plain.replacingOccurrences(of: reference, with: sign, options: .literal)
            }
            #expect(Array(plain.unicodeScalars) == Array(text.unicodeScalars), "\(text.debugDescription)")
        }
    }

    @Test func codeIsColoured() {
        #expect(
            CodeHTML.render("let a = load \"x\" # why") == """
                <span class="keyword">let</span> <span class="name">a</span> <span class="sign">=</span> \
                <span class="verb">load</span> <span class="text">&quot;</span><span class="text">x</span>\
                <span class="text">&quot;</span> <span class="comment"># why</span>
                """)
    }

    @Test func markdownIsGitHubsWithoutImagesFromElsewhere() {
        #expect(MarkdownHTML.render("~~a~~ https://x.example").contains("<del>a</del> <a href=\"https://x.example\">"))
        #expect(MarkdownHTML.render("|a|\n|-|\n|b|").contains("<td>b</td>"))
        #expect(
            MarkdownHTML.render("![plot](http://x.example/p.png)")
                == "<p><a href=\"http://x.example/p.png\">plot</a></p>\n")
        #expect(
            MarkdownHTML.render("![p](attachment:a%20b.png)", attachments: ["a b.png": "data:image/png;base64,AAAA"])
                == "<p><img src=\"data:image/png;base64,AAAA\" alt=\"p\" /></p>\n")
        #expect(MarkdownHTML.render("") == "")
    }

    @Test func theBestFormOfAnOutputIsShown() {
        var document = NotebookDocument.empty(kernel: "embedded")
        document.cells = [
            NotebookCell(
                id: "a", kind: .code, source: "1",
                outputs: [
                    ["output_type": "execute_result", "data": ["text/markdown": "**b**", "text/plain": "PLAIN"]],
                    ["output_type": "display_data", "data": ["image/png": "iVBO\nRw0K\n", "text/plain": "a < b"]],
                    ["output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\u{1B}[0;31mred\u{1B}[0m"]],
                ])
        ]
        let html = HTMLExport.page(document, title: "t", statuses: [.missingState])
        #expect(html.contains("<strong>b</strong>"))
        #expect(!html.contains("PLAIN"))
        #expect(html.contains("<img src=\"data:image/png;base64,iVBORw0K\" alt=\"a &lt; b\">"))
        #expect(html.contains(">\nred</pre>"))
        #expect(html.contains("<span class=\"badge\">state missing</span>"))
        #expect(html.contains("default-src 'none'; style-src 'unsafe-inline'; img-src data:"))
    }
}

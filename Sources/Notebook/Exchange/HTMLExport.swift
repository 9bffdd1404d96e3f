internal import OrderedCollections
internal import Rendering
internal import Tables

/// Notebooks as one page of HTML that needs nothing else: no script, no font, no network.
///
/// Everything that the notebook says stays text: HTML in its Markdown or outputs is not passed on, and the page's own
/// Content-Security-Policy forbids all that it does not use.
///
/// Source: HTML Living Standard; Content Security Policy Level 3.
public enum HTMLExport {
    /// The page.
    /// - Parameters:
    ///   - title: what the browser calls it.
    ///   - statuses: of the code cells, in order; a cell without one has no badge.
    public static func page(_ document: NotebookDocument, title: String, statuses: [CellStatus]) -> String {
        var body = [header(document, title: title, statuses: statuses)]
        var number = 0
        for cell in document.cells {
            switch cell.kind {
            case .markdown: body.append(markdown(cell))
            case .raw: body.append("<pre class=\"raw\">\(HTMLText.escape(cell.source))</pre>")
            case .code:
                let status = statuses.indices.contains(number) ? statuses[number] : nil
                number += 1
                body.append(code(cell, number: number, status: status))
            }
        }
        return HTMLPage.text(title: title, main: body.joined(separator: "\n"))
    }

    // MARK: Parts of the page

    private static func header(_ document: NotebookDocument, title: String, statuses: [CellStatus]) -> String {
        // A notebook that begins with a heading has its title there; the page's own steps back.
        let hasHeading = document.cells.first.map { $0.kind == .markdown && $0.source.hasPrefix("# ") } ?? false
        let element = hasHeading ? "p" : "h1"
        let cells = document.codeCells.count
        var facts = ["kernel \(document.kernel)", cells == 1 ? "1 code cell" : "\(cells) code cells"]
        if !statuses.isEmpty {
            let others = statuses.count { $0 != .current }
            facts.append(others == 0 ? "all current" : "\(others) not current")
        }
        let items = facts.map { "<li>\(HTMLText.escape($0))</li>" }.joined()
        return """
            <header>
            <\(element) class="title">\(HTMLText.escape(title))</\(element)>
            <ul class="facts">\(items)</ul>
            </header>
            """
    }

    private static func markdown(_ cell: NotebookCell) -> String {
        let html = MarkdownHTML.render(cell.source, attachments: ImageData.attachments(of: cell))
        return "<section class=\"markdown\">\n\(html)</section>"
    }

    private static func code(_ cell: NotebookCell, number: Int, status: CellStatus?) -> String {
        let label = status.map(\.label) ?? ""
        let name = String(label.map { $0.isASCII && $0.isLetter ? $0 : "-" })
        let badge = label.isEmpty ? "" : "<span class=\"badge\">\(HTMLText.escape(label))</span>"
        var lines = [
            "<section class=\"cell\(name.isEmpty ? "" : " is-\(name)")\" id=\"cell-\(number)\">",
            "<div class=\"bar\"><a class=\"place\" href=\"#cell-\(number)\">\(number)</a>\(badge)</div>",
            "<pre class=\"code\" tabindex=\"0\"><code>\(CodeHTML.render(cell.source))</code></pre>",
        ]
        lines += cell.outputs.compactMap(CellOutput.init).map(output)
        lines.append("</section>")
        return lines.joined(separator: "\n")
    }

    private static func output(_ output: CellOutput) -> String {
        switch output {
        case .stream(let text): preformatted(text, "stream")
        case .failure(let text): preformatted(text, "failure")
        case .text(let text): preformatted(text, "result")
        case .markdown(let text): "<div class=\"output markdown\">\n\(MarkdownHTML.render(text))</div>"
        case .image(let image, let alternative):
            "<div class=\"output\"><img src=\"\(image.uri)\" alt=\"\(HTMLText.escape(alternative))\"></div>"
        }
    }

    private static func preformatted(_ text: String, _ name: String) -> String {
        // A `<pre>` swallows the first line break behind its tag; this one is given to it.
        "<pre class=\"output \(name)\" tabindex=\"0\">\n\(HTMLText.escape(text))</pre>"
    }
}

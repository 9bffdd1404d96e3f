internal import OrderedCollections
public import Rendering
internal import Tables

/// What a card can be written as.
public enum CardFormat: String, Sendable, CaseIterable {
    case text
    /// GitHub's Markdown.
    case markdown = "md"
    /// One page for a browser that needs nothing else.
    case html
}

extension Card {
    /// The page's text.
    /// - Parameter style: for plain text: how wide it is, and whether there are colours.
    public func text(as format: CardFormat, style: TextStyle = TextStyle(width: 80)) -> String {
        switch format {
        case .text: plain(style)
        case .markdown: markdown
        case .html: html
        }
    }

    private func plain(_ style: TextStyle) -> String {
        var lines = [style.bold(TextWidth.cut(title, to: style.width)), ""]
        func fold(_ text: String) -> [String] { TextWidth.wrap(text, to: style.width) }
        for section in sections {
            if let title = section.title { lines += [style.bold("── \(title) ──"), ""] }
            for (index, block) in section.blocks.enumerated() {
                if index > 0, !block.continues(section.blocks[index - 1]) { lines.append("") }
                switch block {
                case .text(let text): lines += fold(text)
                case .verdict(let text): lines += fold(text).map(style.bold)
                case .warning(let text): lines += fold(text).map(style.yellow)
                case .table(let table): lines += TableText.render(table, style: style)
                case .chart(let chart): lines.append(ValueText.render(.domain(chart), style: style))
                case .command(let text): lines.append("    " + text)
                }
            }
            lines.append("")
        }
        return lines.dropLast().joined(separator: "\n")
    }

    private var markdown: String {
        var blocks = ["# \(Self.escaped(title))"]
        for section in sections {
            if let title = section.title { blocks.append("## \(Self.escaped(title))") }
            for block in section.blocks {
                switch block {
                case .text(let text): blocks.append(Self.escaped(text))
                case .verdict(let text), .warning(let text): blocks.append("**\(Self.escaped(text))**")
                case .table(let table): blocks.append(Self.table(table))
                case .chart(let chart):
                    let text = ValueText.render(.domain(chart), style: TextStyle(width: 80))
                    blocks.append(MarkdownFence.block(text, info: "text"))
                case .command(let text): blocks.append(MarkdownFence.block(text, info: "sh"))
                }
            }
        }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private var html: String {
        let parts = sections.map { section in
            let heading = section.title.map { "<h2>\(HTMLText.escape($0))</h2>\n" } ?? ""
            return
                "<section class=\"card\">\n\(heading)\(section.blocks.map(Self.html).joined(separator: "\n"))\n</section>"
        }
        return HTMLPage.text(
            title: title,
            main: "<header>\n<h1 class=\"title\">\(HTMLText.escape(title))</h1>\n</header>\n"
                + parts.joined(separator: "\n"))
    }

    private static func html(_ block: Block) -> String {
        switch block {
        case .text(let text): "<p>\(HTMLText.escape(text))</p>"
        case .verdict(let text): "<p class=\"verdict\">\(HTMLText.escape(text))</p>"
        case .warning(let text): "<p class=\"warning\">\(HTMLText.escape(text))</p>"
        case .table(let table): MarkdownHTML.render(self.table(table))
        case .chart(let chart): image(chart)
        case .command(let text): "<pre class=\"code\" tabindex=\"0\"><code>\(HTMLText.escape(text))</code></pre>"
        }
    }

    private static func image(_ chart: Chart) -> String {
        let bundle = OutputBundles.bundles(of: .domain(chart), width: 80).first ?? [:]
        let text = bundle["text/plain"]?.text ?? ""
        guard let image = ImageData.first(in: bundle) else { return "<pre>\n\(HTMLText.escape(text))</pre>" }
        return "<img src=\"\(image.uri)\" alt=\"\(HTMLText.escape(text))\" width=\"640\">"
    }

    private static func table(_ table: TablePresentation) -> String { ValueMarkdown.render([.table(table)]) }

    private static func escaped(_ text: String) -> String { ValueMarkdown.render([.line(text)]) }
}

extension Card.Block {
    /// Whether it stands right below another: paragraphs below each other, and commands.
    fileprivate func continues(_ other: Card.Block) -> Bool {
        switch (other, self) {
        case (.text, .text), (.command, .command): true
        default: false
        }
    }
}

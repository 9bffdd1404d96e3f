internal import Foundation
internal import OrderedCollections
internal import Tables

/// Notebooks as Markdown, to read on GitHub or to edit as text; `MarkdownImport` reads it again.
///
/// - Markdown cells stand as they are, with their attached images as data URIs; a code block that one leaves open is
///   closed. `<!-- cell -->` stands between two of them.
/// - Code cells are blocks marked `dist`, raw cells blocks marked `text raw`.
/// - Outputs are blocks marked `text output`; Markdown and images stand between `<!-- output -->` and
///   `<!-- /output -->`, and so does the line that says where a cell is not current.
public enum MarkdownExport {
    /// The page's text.
    /// - Parameter statuses: of the code cells, in order; a cell without one is not marked.
    public static func text(_ document: NotebookDocument, statuses: [CellStatus]) -> String {
        var blocks: [String] = []
        var number = 0
        var previous: NotebookCell.Kind?
        for cell in document.cells {
            switch cell.kind {
            case .markdown:
                if previous == .markdown { blocks.append(MarkdownMark.cell) }
                blocks.append(markdown(cell))
            case .raw:
                blocks.append(MarkdownFence.block(cell.source, info: MarkdownMark.rawInfo))
            case .code:
                blocks.append(MarkdownFence.block(cell.source, info: MarkdownMark.codeInfo))
                if statuses.indices.contains(number), statuses[number] != .current {
                    blocks.append(marked("*Cell \(number + 1): \(statuses[number].label).*"))
                }
                blocks += cell.outputs.compactMap(CellOutput.init).map(block)
                number += 1
            }
            previous = cell.kind
        }
        return blocks.isEmpty ? "" : blocks.joined(separator: "\n\n") + "\n"
    }

    private static func markdown(_ cell: NotebookCell) -> String {
        var text = cell.source
        for (name, uri) in ImageData.attachments(of: cell).sorted(by: { $0.key < $1.key }) {
            let encoded = name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? name
            for written in [name, "<\(name)>", encoded] where !name.isEmpty {
                let isBracketed = written.hasPrefix("<")
                let target = isBracketed ? "(<attachment:\(name)>" : "(attachment:\(written))"
                text = text.replacingOccurrences(
                    of: target, with: isBracketed ? "(\(uri)" : "(\(uri))", options: .literal)
            }
        }
        guard let open = MarkdownFence.leftOpen(in: text) else { return text }
        return text.utf8.last == 0x0A ? text + open.closing : "\(text)\n\(open.closing)"
    }

    private static func block(_ output: CellOutput) -> String {
        switch output {
        case .stream(let text), .failure(let text), .text(let text): plain(text)
        case .markdown(let text):
            // What would end the output early, or never, is shown as it is written.
            TextLines.of(text).contains { TextLines.trimmed($0) == MarkdownMark.outputEnd }
                || MarkdownFence.leftOpen(in: text) != nil ? plain(text) : marked(text)
        case .image(let image, let alternative): marked("![\(words(alternative))](\(image.uri))")
        }
    }

    private static func plain(_ text: String) -> String {
        MarkdownFence.block(text.utf8.last == 0x0A ? String(text.dropLast()) : text, info: MarkdownMark.outputInfo)
    }

    private static func marked(_ text: String) -> String {
        "\(MarkdownMark.outputStart)\n\(text)\n\(MarkdownMark.outputEnd)"
    }

    /// A text as an image's description: one line, nothing that Markdown has a meaning for.
    private static func words(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 {
                result.append(" ")
            } else {
                if "\\[]<>&`*_!~".unicodeScalars.contains(scalar) { result.append("\\") }
                result.append(scalar)
            }
        }
        return String(result)
    }
}

/// The marks by which an exported page is read again.
enum MarkdownMark {
    static let cell = "<!-- cell -->"
    static let outputStart = "<!-- output -->"
    static let outputEnd = "<!-- /output -->"
    static let codeInfo = "dist"
    static let rawInfo = "text raw"
    static let outputInfo = "text output"

    /// Whether an info string marks a program: `dist` or `distnb` is its first word.
    static func isCode(_ info: String) -> Bool {
        ["dist", "distnb"].contains(info.split(separator: " ").first ?? "")
    }
}

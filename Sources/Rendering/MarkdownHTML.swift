internal import CMarkdown

/// Markdown as HTML that does nothing: CommonMark with GitHub's tables, autolinks and strikethrough, by cmark-gfm.
///
/// HTML in the text is left out. A link stays one only where it leads to `http`, `https`, `mailto` or a relative
/// address. An image stays one only where its data is in the page (PNG, JPEG, GIF, WebP); every other image becomes a
/// link to it, so that opening the page asks no server for anything.
///
/// Source: the GitHub Flavored Markdown specification 0.29, https://github.github.com/gfm/.
public enum MarkdownHTML {
    /// The HTML of a text, blocks only, with no page around them.
    /// - Parameter attachments: data URIs by name, for images that are written `![…](attachment:name)`.
    public static func render(_ markdown: String, attachments: [String: String] = [:]) -> String {
        _ = extensionsAreRegistered
        guard let parser = cmark_parser_new(CMARK_OPT_VALIDATE_UTF8) else { return preformatted(markdown) }
        defer { cmark_parser_free(parser) }
        for name in ["table", "autolink", "strikethrough"] {
            if let found = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, found) }
        }
        var text = markdown
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
        }
        guard let root = cmark_parser_finish(parser) else { return preformatted(markdown) }
        defer { cmark_node_free(root) }
        for node in linksAndImages(in: root) {
            if cmark_node_get_type(node) == CMARK_NODE_IMAGE {
                settleImage(node, attachments: attachments)
            } else if !isSafeLink(address(of: node)) {
                cmark_node_set_url(node, "")
            }
        }
        let rendered = cmark_render_html(root, CMARK_OPT_DEFAULT, cmark_parser_get_syntax_extensions(parser))
        guard let rendered else { return preformatted(markdown) }
        defer { cmark_get_default_mem_allocator()?.pointee.free(rendered) }
        return String(cString: rendered)
    }

    /// cmark's registry is one for the process; `static let` makes it once, whatever the threads do.
    private static let extensionsAreRegistered: Bool = {
        cmark_gfm_core_extensions_ensure_registered()
        return true
    }()

    private static func preformatted(_ text: String) -> String { "<pre>\(HTMLText.escape(text))</pre>\n" }

    /// All links and images, inner ones first. Collected before any is changed: cmark's iterator must not meet changes.
    private static func linksAndImages(in root: OpaquePointer) -> [OpaquePointer] {
        guard let iterator = cmark_iter_new(root) else { return [] }
        defer { cmark_iter_free(iterator) }
        var found: [OpaquePointer] = []
        while true {
            let event = cmark_iter_next(iterator)
            if event == CMARK_EVENT_DONE { return found }
            guard event == CMARK_EVENT_EXIT, let node = cmark_iter_get_node(iterator) else { continue }
            let type = cmark_node_get_type(node)
            if type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE { found.append(node) }
        }
    }

    private static func address(of node: OpaquePointer) -> String {
        cmark_node_get_url(node).map { String(cString: $0) } ?? ""
    }

    private static func settleImage(_ node: OpaquePointer, attachments: [String: String]) {
        let address = address(of: node)
        if address.hasPrefix("attachment:") {
            let name = String(address.dropFirst("attachment:".count))
            // Names with blanks are written with %20, or in <…>.
            let data = attachments[name] ?? PercentEncoding.decode(name).flatMap { attachments[$0] } ?? ""
            cmark_node_set_url(node, isImageData(data) ? data : "")
            return
        }
        if isImageData(address) { return }
        replaceByLink(node, to: isSafeLink(address) ? address : "")
    }

    /// The image's words as a link to it; the words alone where they stand in a link or an image already.
    private static func replaceByLink(_ image: OpaquePointer, to address: String) {
        var parent = cmark_node_parent(image)
        var isInside = address.isEmpty
        while let outer = parent, !isInside {
            let type = cmark_node_get_type(outer)
            isInside = type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE
            parent = cmark_node_parent(outer)
        }
        var words: [OpaquePointer] = []
        var child = cmark_node_first_child(image)
        while let node = child {
            words.append(node)
            child = cmark_node_next(node)
        }
        if !isInside, let link = cmark_node_new(CMARK_NODE_LINK) {
            cmark_node_set_url(link, address)
            for word in words { cmark_node_append_child(link, word) }
            if words.isEmpty, let text = cmark_node_new(CMARK_NODE_TEXT) {
                cmark_node_set_literal(text, address)
                cmark_node_append_child(link, text)
            }
            cmark_node_insert_before(image, link)
        } else {
            for word in words { cmark_node_insert_before(image, word) }
        }
        cmark_node_free(image)
    }

    private static func isImageData(_ address: String) -> Bool {
        ["png", "jpeg", "gif", "webp"].contains { address.hasPrefix("data:image/\($0);base64,") }
    }

    /// A list of what is allowed, not of what is dangerous: new schemes appear.
    private static func isSafeLink(_ address: String) -> Bool {
        guard let end = address.utf8.firstIndex(where: { ":/?#".utf8.contains($0) }), address.utf8[end] == 0x3A else {
            return true
        }
        return ["http", "https", "mailto"].contains(address[..<end].lowercased())
    }
}

/// Percent-encoding of URIs (RFC 3986, section 2.1).
enum PercentEncoding {
    /// The text with its `%xx` resolved; nil where that is no UTF-8 text.
    static func decode(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
                let code = UInt8(String(decoding: bytes[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
            {
                result.append(code)
                at += 3
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return String(validating: result, as: UTF8.self)
    }
}

/// Code as Markdown.
enum CodeMarkdown {
    /// A block of code, fenced so that nothing in it ends it.
    static func block(_ text: String) -> String {
        var fence = "```"
        while text.contains(fence) { fence += "`" }
        return "\(fence)distnb\n\(text)\n\(fence)"
    }
}

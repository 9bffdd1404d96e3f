/// Plain text inside HTML.
public enum HTMLText {
    /// The text with every sign that HTML gives a meaning written as a reference; fit for elements and for quoted
    /// attributes. Works on bytes: a combining mark after a `<` makes another `Character` of it, but not another tag.
    public static func escape(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        append(text.utf8, to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    /// Appends UTF-8 text, escaped.
    static func append(_ text: some Sequence<UInt8>, to result: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): result += Array("&amp;".utf8)
            case UInt8(ascii: "<"): result += Array("&lt;".utf8)
            case UInt8(ascii: ">"): result += Array("&gt;".utf8)
            case UInt8(ascii: "\""): result += Array("&quot;".utf8)
            case UInt8(ascii: "'"): result += Array("&#39;".utf8)
            // A page must not hold NUL; browsers show it as this sign.
            case 0: result += Array("\u{FFFD}".utf8)
            default: result.append(byte)
            }
        }
    }
}

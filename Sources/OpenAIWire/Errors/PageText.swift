/// What a proxy's page of plain text or HTML says: its title where it has one, else its words without tags, scripts
/// and styles.
struct PageText {
    let words: String

    /// As much of a page as is looked at.
    private static let limit = 1 << 16

    init(_ page: [UInt8]) {
        let bytes = Array(page.prefix(Self.limit))
        let title = Self.words(Self.inside("title", bytes))
        let heading = Self.words(Self.inside("h1", bytes))
        let isPage = bytes.first { $0 > 0x20 } == UInt8(ascii: "<")
        words = title.isEmpty ? (isPage && !heading.isEmpty ? heading : Self.words(bytes)) : title
    }

    /// What stands between the first opening tag of a name and its closing one.
    private static func inside(_ tag: String, _ bytes: [UInt8]) -> [UInt8] {
        guard let open = place("<\(tag)", in: bytes, from: 0),
            let start = bytes[open...].firstIndex(of: UInt8(ascii: ">")),
            let end = place("</\(tag)", in: bytes, from: start)
        else { return [] }
        return Array(bytes[(start + 1)..<max(start + 1, end)])
    }

    /// Where an ASCII text stands, in upper or lower case.
    private static func place(_ text: String, in bytes: [UInt8], from start: Int) -> Int? {
        let wanted = Array(text.utf8)
        guard bytes.count >= wanted.count + start else { return nil }
        return (start...(bytes.count - wanted.count)).first { stands(wanted, at: $0, in: bytes) }
    }

    private static func stands(_ wanted: [UInt8], at place: Int, in bytes: [UInt8]) -> Bool {
        place + wanted.count <= bytes.count && wanted.indices.allSatisfy { lowered(bytes[place + $0]) == wanted[$0] }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }

    /// What is dropped with its content, and where that ends.
    private static let skipped = [("script", "</script"), ("style", "</style"), ("!--", "-->")].map {
        (opening: Array("<\($0.0)".utf8), end: $0.1)
    }

    private static func words(_ bytes: [UInt8]) -> String {
        var kept: [UInt8] = []
        var place = 0
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "<") else {
                kept.append(bytes[place])
                place += 1
                continue
            }
            let end = skipped.first { stands($0.opening, at: place, in: bytes) }?.end ?? ">"
            let closing = Self.place(end, in: bytes, from: place + 1) ?? bytes.count
            // The closing tag of a script is dropped in the next round, as any tag.
            place = min(bytes.count, closing + (end.hasSuffix(">") ? end.utf8.count : 0))
            kept.append(0x20)
        }
        let text = String(decoding: kept, as: UTF8.self)
        return text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
    }
}

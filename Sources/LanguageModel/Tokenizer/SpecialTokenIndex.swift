/// The tokens that steer a model and that no ordinary text becomes.
struct SpecialTokenIndex: Sendable {
    enum Part {
        case text(Substring)
        case token(Int32)
    }

    private let spellings: [(bytes: [UInt8], id: Int32)]
    private let ids: Set<Int32>

    init(_ tokens: [(spelling: String, id: Int32)]) {
        // Longest first: where one spelling begins another, the longer one is meant.
        spellings = tokens.map { (Array($0.spelling.utf8), $0.id) }.filter { !$0.0.isEmpty }
            .sorted { ($1.0.count, $0.1) < ($0.0.count, $1.1) }
        ids = Set(tokens.map(\.id))
    }

    func contains(_ token: Int32) -> Bool { ids.contains(token) }

    func id(_ spelling: String) -> Int32? {
        let bytes = Array(spelling.utf8)
        return spellings.first { $0.bytes == bytes }?.id
    }

    /// Cuts a text at the special tokens that it spells, from left to right.
    func forEachPart(of text: String, _ body: (Part) -> Void) {
        let bytes = text.utf8
        var start = text.startIndex
        var index = start
        while index < text.endIndex {
            guard let found = spellings.first(where: { bytes[index...].starts(with: $0.bytes) }) else {
                index = bytes.index(after: index)
                continue
            }
            if start < index { body(.text(text[start..<index])) }
            body(.token(found.id))
            index = bytes.index(index, offsetBy: found.bytes.count)
            start = index
        }
        if start < text.endIndex { body(.text(text[start...])) }
    }
}

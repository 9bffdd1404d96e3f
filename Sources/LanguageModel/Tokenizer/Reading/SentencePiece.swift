/// How SentencePiece models spell their tokens.
enum SentencePiece {
    /// U+2581, which stands for a blank.
    static let blank: [UInt8] = [0xE2, 0x96, 0x81]

    /// The byte that a token such as `<0x0A>` stands for.
    static func byte(_ spelling: some Collection<UInt8>) -> UInt8? {
        let bytes = Array(spelling)
        guard bytes.count == 6, bytes[0] == 0x3C, bytes[1] == 0x30, bytes[2] == 0x78, bytes[5] == 0x3E else {
            return nil
        }
        return UInt8(String(decoding: bytes[3..<5], as: UTF8.self), radix: 16)
    }

    /// What a spelling says: blanks for U+2581.
    static func said(_ spelling: [UInt8]) -> [UInt8] { Normalizer.replacing(blank, by: [0x20], in: spelling) }
}

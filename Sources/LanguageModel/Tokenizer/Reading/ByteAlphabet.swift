/// GPT-2's reversible alphabet: every byte has a printable character by which vocabularies spell it.
///
/// Printable Latin-1 bytes stand for themselves; the other 68 are mapped, in order, to U+0100 and on
/// (`bytes_to_unicode` in https://github.com/openai/gpt-2/blob/master/src/encoder.py).
enum ByteAlphabet {
    private static let bytesByScalar: [UInt32: UInt8] = {
        var table: [UInt32: UInt8] = [:]
        var next: UInt32 = 0x100
        for byte in UInt8.min...UInt8.max {
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE {
                table[UInt32(byte)] = byte
            } else {
                table[next] = byte
                next += 1
            }
        }
        return table
    }()

    /// The bytes that a token's text spells, or nil when it has a character that spells none.
    static func bytes(_ spelling: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(spelling.utf8.count)
        for scalar in spelling.unicodeScalars {
            // The common case without a look-up.
            if (0x21...0x7E).contains(scalar.value) {
                bytes.append(UInt8(scalar.value))
            } else if let byte = bytesByScalar[scalar.value] {
                bytes.append(byte)
            } else {
                return nil
            }
        }
        return bytes
    }
}

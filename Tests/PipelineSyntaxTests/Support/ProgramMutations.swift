import PipelineSyntax
import SeededRandom

/// Programs spoilt at random, the same way for the same seed.
struct ProgramMutations {
    private var random: SeededRandom
    private let programs: [[UInt8]]
    private static let alphabet = Array("|.:,=()[]{}\"'$_#\n;& -+*/%<>!?0a\u{e9}\u{1F600}\r\t\\".utf8)

    init(seed: Int, of programs: [String] = SamplePrograms.all) {
        random = SeededRandom(seed: seed)
        self.programs = programs.map { Array($0.utf8) }
    }

    /// One of the programs with a few bytes changed, added, removed or taken from another place.
    mutating func next() -> SourceText {
        var bytes = programs[random.below(programs.count)]
        for _ in 0...random.below(5) {
            let place = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[place] = anyByte()
            case 1: bytes.insert(anyByte(), at: place)
            case 2:
                let other = random.below(bytes.count)
                bytes.insert(contentsOf: Array(bytes[other..<min(bytes.count, other + random.below(30))]), at: place)
            default: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
            }
            if bytes.isEmpty { bytes = [0x61] }
        }
        return SourceText(name: "mutant", text: String(decoding: bytes, as: UTF8.self))
    }

    /// Bytes of no program at all.
    mutating func noise(length: Int) -> SourceText {
        let bytes = (0..<length).map { _ in random.below(4) == 0 ? UInt8(random.below(256)) : anyByte() }
        return SourceText(name: "noise", text: String(decoding: bytes, as: UTF8.self))
    }

    private mutating func anyByte() -> UInt8 { Self.alphabet[random.below(Self.alphabet.count)] }
}

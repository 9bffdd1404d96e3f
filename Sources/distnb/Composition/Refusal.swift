/// Why a command does not start, in words for people.
struct Refusal: Error, CustomStringConvertible {
    let description: String
    /// Whether the command line was wrong: exit code 2 instead of 1.
    let isUsage: Bool

    init(_ description: String, isUsage: Bool = false) {
        self.description = description
        self.isUsage = isUsage
    }
}

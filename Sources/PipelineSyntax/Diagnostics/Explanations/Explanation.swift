/// What a code means, for those who want to know more than the message says: `distnb explain E0204` and docs/errors.md.
///
/// The programs are run by tests: the wrong one gives this code with this message, the right one no mistake. They stand
/// below a first cell that binds `bank`, `quiz`, `orders`, `questions`, `student`, `cora`, `correct` and `lessons`.
public struct Explanation: Sendable {
    public let code: DiagnosticCode
    /// What happened, in a sentence or two.
    public let meaning: String
    /// A program with the mistake, a text a cell; empty where no program alone makes it.
    public let wrong: [String]
    /// The same program as it should be.
    public let right: [String]
    /// Why the language has it so.
    public let why: String

    init(_ code: DiagnosticCode, _ meaning: String, wrong: [String] = [], right: [String] = [], why: String) {
        self.code = code
        self.meaning = meaning
        self.wrong = wrong
        self.right = right
        self.why = why
    }

    /// The whole message that the wrong program gives; empty where there is none.
    public var message: String { ExplanationMessages.all[code.rawValue] ?? "" }

    /// Every code's explanation, in the order of the codes.
    public static let all: [Explanation] = ofSyntax + ofNames + ofArguments + ofExperiments + ofFiles

    /// The explanation of a code as people write it: `E0204`, `e0204`, `W0212`, `204`.
    public static func named(_ name: String) -> Explanation? {
        let digits = name.drop { !$0.isNumber }
        guard name.count - digits.count <= 1, digits.allSatisfy(\.isNumber), !digits.isEmpty else { return nil }
        let code = "E" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return all.first { $0.code.rawValue == code }
    }

    /// The code that was probably meant.
    public static func suggestion(for name: String) -> DiagnosticCode? {
        let codes = DiagnosticCode.allCases
        let digits = String(name.filter(\.isNumber))
        guard !digits.isEmpty else {
            return Suggestion.closest(to: name, among: codes.map { "\($0)" }).flatMap { close in
                codes.first { "\($0)" == close }
            }
        }
        // Codes of the same hundred are about the same things.
        let code = "E" + digits
        let related = codes.map(\.rawValue).filter { $0.hasPrefix(code.prefix(3)) }
        let close = Suggestion.closest(to: code, among: related.isEmpty ? codes.map(\.rawValue) : related)
        return (close ?? related.first).flatMap(DiagnosticCode.init)
    }
}

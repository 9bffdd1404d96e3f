internal import OrderedCollections
public import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Makes what learners get out of a teacher's notebook: solutions become holes `___`, outputs and state go.
///
/// Solutions are marked in comments. A line that ends in `# solution: CODE` has that code replaced by a hole; between a
/// line `# solution` and a line `# end`, every `let`, `param` and `fn` keeps its name and gets a hole for its value, and
/// a pipeline becomes a hole. Comments that begin with `# teacher:` are left out.
public struct Handout {
    /// What a notebook became.
    public struct Result {
        public let document: NotebookDocument
        /// Numbers of the cells that have a hole or a check.
        public let exercises: [Int]
    }

    private let builtins: BuiltinTable

    public init(builtins: BuiltinTable) { self.builtins = builtins }

    /// The learners' notebook.
    /// - Throws: `HandoutError` where a mark cannot be understood.
    public func make(from document: NotebookDocument) throws(HandoutError) -> Result {
        var result = document
        result.clear()
        var exercises: [Int] = []
        for (offset, index) in result.codeCells.enumerated() {
            let source = try learners(result.cells[index].source, cell: offset + 1)
            result.cells[index].source = source
            result.cells[index].handout = source
            if Exercise.isOne(source, builtins: builtins) { exercises.append(offset + 1) }
        }
        // Kept at the notebook too, so that an exercise that a learner deletes still counts.
        result.exercises = exercises.map { result.cells[result.codeCells[$0 - 1]].id }
        return Result(document: result, exercises: exercises)
    }

    /// A cell's code with holes for its solutions.
    func learners(_ source: String, cell: Int) throws(HandoutError) -> String {
        var lines: [String] = []
        var region: [String]?
        let comments = CommentPlaces(in: source)
        // Files from Windows end their lines with two characters that Swift takes for one.
        let split = source.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (offset, text) in split.enumerated() {
            let start = text.indices.first { text[$0] == "#" && comments.has($0) }
            let mark = start.map { Mark(text[$0...]) } ?? .none
            let code = String(text[..<(start ?? text.endIndex)])
            let isAlone = code.allSatisfy { $0 == " " || $0 == "\t" }
            switch mark {
            case .begin where isAlone:
                guard region == nil else { throw HandoutError(cell, offset + 1, "a solution begins inside another") }
                region = []
            case .end where isAlone && region != nil:
                lines += try holes(for: (region ?? []).joined(separator: "\n"), cell: cell, line: offset + 1)
                region = nil
            case .end where isAlone:
                throw HandoutError(cell, offset + 1, "`# end` without a `# solution` above it")
            case _ where region != nil: region?.append(String(text))
            case .teachersComment where isAlone: continue
            case .teachersComment: lines.append(code.trimmingTrailingBlanks)
            case .inline(let solution): lines.append(try inline(code, solution, cell: cell, line: offset + 1))
            case .begin, .unclear:
                throw HandoutError(
                    cell, offset + 1,
                    "this comment speaks of a solution, but is no mark: `# solution: CODE` at the end of a line, or `# solution` … `# end` on lines of their own"
                )
            case .none, .end: lines.append(String(text))
            }
        }
        guard region == nil else { throw HandoutError(cell, lines.count + 1, "`# solution` without an `# end`") }
        return lines.joined(separator: "\n")
    }

    /// What a comment says of solutions.
    private enum Mark {
        case none, begin, end, teachersComment
        case inline(String)
        /// Better refused than handed out.
        case unclear

        /// - Parameter comment: from its `#` on.
        init(_ comment: Substring) {
            let words = String(comment.drop { $0 == "#" || $0 == " " || $0 == "\t" }).trimmingTrailingBlanks
            let lower = words.lowercased()
            if lower == "solution" {
                self = .begin
            } else if lower == "end" || lower == "end solution" {
                self = .end
            } else if Self.afterColon(words, following: "teacher") != nil {
                self = .teachersComment
            } else if let solution = Self.afterColon(words, following: "solution") {
                self = .inline(solution)
            } else {
                self = lower.contains("solution") ? .unclear : .none
            }
        }

        private static func afterColon(_ words: String, following name: String) -> String? {
            guard words.lowercased().hasPrefix(name) else { return nil }
            let rest = words.dropFirst(name.count).drop { $0 == " " || $0 == "\t" }
            return rest.first == ":" ? String(rest.dropFirst()).trimmingBlanks : nil
        }
    }

    private func inline(_ code: String, _ solution: String, cell: Int, line: Int) throws(HandoutError) -> String {
        guard !solution.isEmpty, let place = code.ranges(of: solution).last else {
            throw HandoutError(cell, line, "`\(solution)` after `# solution:` is not in the code of its line")
        }
        return code.replacingCharacters(in: place, with: "___").trimmingTrailingBlanks
    }

    private func holes(for solution: String, cell: Int, line: Int) throws(HandoutError) -> [String] {
        let parsed = Parser.parse(SourceText(name: "cell \(cell)", text: solution), words: builtins.words())
        guard parsed.diagnostics.isEmpty else {
            throw HandoutError(
                cell, line,
                "the lines between `# solution` and `# end` are no whole statements; mark a part of a line by `# solution: CODE` at its end"
            )
        }
        return parsed.program.statements.map { statement in
            switch statement {
            case .binding(let binding): "\(binding.isParameter ? "param" : "let") \(binding.name) = ___"
            case .function(let function):
                "fn \(function.name)(\(function.parameters.map { parameters(of: $0, in: parsed.program) }.joined(separator: ", "))) = ___"
            case .expression: "___"
            }
        }
    }

    private func parameters(of parameter: FunctionParameter, in program: Program) -> String {
        parameter.defaultValue.map { "\(parameter.name): \(program.source.text(of: $0.span))" } ?? parameter.name
    }
}

/// Where a text is code or text in quotes: a `#` in these begins no comment.
private struct CommentPlaces {
    private let source: String
    private let tokens: [Span]

    init(in source: String) {
        self.source = source
        tokens = Lexer.tokens(of: SourceText(name: "cell", text: source)).tokens
            .filter { $0.kind != .separator && $0.kind != .end }.map(\.span)
    }

    /// Whether a place of the text is in no token.
    func has(_ place: String.Index) -> Bool {
        let offset = source.utf8.distance(from: source.startIndex, to: place)
        return !tokens.contains { $0.start <= offset && offset < $0.end }
    }
}

/// A mark of a solution that cannot be understood.
public struct HandoutError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ cell: Int, _ line: Int, _ what: String) { description = "Cell \(cell), line \(line): \(what)." }
}

extension String {
    fileprivate var trimmingBlanks: String { String(drop { $0 == " " || $0 == "\t" }).trimmingTrailingBlanks }

    fileprivate var trimmingTrailingBlanks: String {
        var text = self
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}

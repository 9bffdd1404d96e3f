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
        return Result(document: result, exercises: exercises)
    }

    /// A cell's code with holes for its solutions.
    func learners(_ source: String, cell: Int) throws(HandoutError) -> String {
        var lines: [String] = []
        var region: [String]?
        for (offset, line) in source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).enumerated() {
            let trimmed = line.trimmingBlanks
            switch Mark(trimmed) {
            case .begin?:
                guard region == nil else { throw HandoutError(cell, offset + 1, "a solution begins inside another") }
                region = []
            case .end?:
                guard let solution = region else {
                    throw HandoutError(cell, offset + 1, "`# end` without a `# solution` above it")
                }
                lines += try holes(for: solution.joined(separator: "\n"), cell: cell, line: offset + 1)
                region = nil
            case .teachersComment?: continue
            case nil:
                if region != nil {
                    region?.append(line)
                } else {
                    lines.append(try inline(line, cell: cell, line: offset + 1))
                }
            }
        }
        guard region == nil else { throw HandoutError(cell, lines.count + 1, "`# solution` without an `# end`") }
        return lines.joined(separator: "\n")
    }

    private enum Mark {
        case begin, end, teachersComment

        init?(_ line: String) {
            guard line.hasPrefix("#") else { return nil }
            let words = line.dropFirst().drop { $0 == " " || $0 == "#" }
            if words == "solution" {
                self = .begin
            } else if words == "end" || words == "end solution" {
                self = .end
            } else if words.hasPrefix("teacher:") {
                self = .teachersComment
            } else {
                return nil
            }
        }
    }

    private func inline(_ line: String, cell: Int, line number: Int) throws(HandoutError) -> String {
        let mark = "# solution:"
        guard let start = line.range(of: mark) else { return line }
        let solution = String(line[start.upperBound...]).trimmingBlanks
        let code = String(line[..<start.lowerBound])
        guard !solution.isEmpty, let place = code.range(of: solution, last: true) else {
            throw HandoutError(cell, number, "`\(solution)` after `# solution:` is not in the code of its line")
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

    /// The first or last place of a text.
    fileprivate func range(of text: String, last: Bool = false) -> Range<String.Index>? {
        last ? ranges(of: text).last : ranges(of: text).first
    }

    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}

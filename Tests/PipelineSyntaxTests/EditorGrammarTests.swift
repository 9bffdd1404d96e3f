import Foundation
import Testing

@testable import PipelineSyntax

/// `editors/vscode`: what the editor is told must be what the lexer knows.
@Suite struct EditorGrammarTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("editors/vscode")

    private func object(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent(name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any], "\(name) is a JSON object")
    }

    private func repository() throws -> [String: Any] {
        try #require(try object("syntaxes/distnb.tmLanguage.json")["repository"] as? [String: Any])
    }

    /// All patterns below a value: the name that they give, and the expression.
    private func patterns(in value: Any) -> [(name: String, expression: String)] {
        if let list = value as? [Any] { return list.flatMap(patterns) }
        guard let object = value as? [String: Any] else { return [] }
        let name = object["name"] as? String ?? ""
        let own = ["match", "begin", "end"].compactMap { key in (object[key] as? String).map { (name, $0) } }
        return own + object.filter { !["match", "begin", "end", "name"].contains($0.key) }.values.flatMap(patterns)
    }

    @Test(arguments: ["package.json", "language-configuration.json", "syntaxes/distnb.tmLanguage.json"])
    func everyFileIsJSON(_ name: String) throws { #expect(try !object(name).isEmpty) }

    @Test func theManifestNamesFilesThatAreThere() throws {
        let contributes = try #require(try object("package.json")["contributes"] as? [String: Any])
        let language = try #require((contributes["languages"] as? [[String: Any]])?.first)
        let grammar = try #require((contributes["grammars"] as? [[String: Any]])?.first)
        #expect(language["extensions"] as? [String] == [".dist"])
        #expect(language["id"] as? String == grammar["language"] as? String)
        for path in [language["configuration"], grammar["path"]].compactMap({ $0 as? String }) {
            #expect(FileManager.default.fileExists(atPath: Self.folder.appendingPathComponent(path).path), "\(path)")
        }
        #expect(
            grammar["scopeName"] as? String == (try object("syntaxes/distnb.tmLanguage.json")["scopeName"] as? String))
    }

    @Test func everyExpressionCompilesAndEveryIncludeIsThere() throws {
        let repository = try repository()
        let all = patterns(in: repository)
        #expect(all.count > 25)
        for pattern in all { _ = try NSRegularExpression(pattern: pattern.expression) }
        let text = try String(
            contentsOf: Self.folder.appendingPathComponent("syntaxes/distnb.tmLanguage.json"), encoding: .utf8)
        for include in text.matches(of: /"include": "#([a-z-]+)"/) {
            #expect(repository[String(include.1)] != nil, "\(include.1)")
        }
    }

    @Test func everyKeywordHasItsColour() throws {
        let repository = try repository()
        let all = patterns(
            in: ["keyword": repository["keyword"], "constant": repository["constant"]].compactMapValues { $0 })
        for keyword in Token.Keyword.allCases {
            let fitting = try all.filter { try matches($0.expression, keyword.rawValue, whole: true) }
            #expect(fitting.count == 1, "\(keyword.rawValue)")
            #expect(fitting.first?.name.contains("reserved") == keyword.isReserved, "\(keyword.rawValue)")
        }
    }

    /// Each token of the sample programs, where its scope is told by one pattern alone.
    @Test(arguments: SamplePrograms.all) func tokensOfSampleProgramsMatchThePatternOfTheirKind(_ program: String) throws
    {
        let repository = try repository()
        let source = SourceText(name: "cell 1", text: program)
        let lexed = Lexer.tokens(of: source)
        for token in lexed.tokens {
            let kind: String
            switch token.kind {
            case .integer, .double: kind = "number"
            case .keyword(let word): kind = [.true, .false, .null].contains(word) ? "constant" : "keyword"
            case .label: kind = "label"
            case .field, .row, .member: kind = "field"
            case .hole: kind = "hole"
            case .raw: kind = "raw-text"
            case .name: kind = "name"
            case .sign(let sign) where sign != .comma && sign != .colon: kind = "operator"
            default: continue
            }
            let word = source.text(of: token.span)
            let fits = try patterns(in: repository[kind] ?? [:]).contains {
                try matches($0.expression, word, whole: true)
            }
            #expect(fits, "`\(word)` is no \(kind)")
        }
        for comment in lexed.trivia where comment.kind == .comment {
            let pattern = try #require(patterns(in: repository["comment"] ?? [:]).first)
            #expect(try matches(pattern.expression, source.text(of: comment.span), whole: true))
        }
    }

    @Test(arguments: [
        ("stage", "| where"), ("binding", "let rows"), ("function", "fn tidy"), ("call", "len"),
        ("cell", "# %% [markdown]"),
    ]) func placesHaveTheirPattern(_ kind: String, _ text: String) throws {
        let line = text + (kind == "binding" ? " = 1" : kind == "function" || kind == "call" ? "(x)" : "")
        let all = patterns(in: try repository()[kind] ?? [:])
        #expect(try all.contains { try first($0.expression, line) == text }, "\(kind)")
    }

    private func first(_ pattern: String, _ text: String) throws -> String? {
        let expression = try NSRegularExpression(pattern: pattern)
        let whole = NSRange(text.startIndex..., in: text)
        return expression.firstMatch(in: text, range: whole).flatMap { Range($0.range, in: text) }.map {
            String(text[$0])
        }
    }

    private func matches(_ pattern: String, _ text: String, whole: Bool) throws -> Bool {
        try first(pattern, text).map { whole ? $0 == text : true } ?? false
    }
}

/// A template in a subset of Jinja, as the chat templates of language models use it (Jinja 3.1's documentation:
/// https://jinja.palletsprojects.com/en/stable/templates/), with the settings of `transformers`: `trim_blocks`,
/// `lstrip_blocks`, no automatic escaping, loop controls, and `{% generation %}` blocks.
///
/// Values are those of Python as Jinja shows them: texts of code points, whole numbers of 64 bits, `None`, `True`.
/// Whatever the template says, rendering ends: its steps, its depth and the text that it makes are bounded.
public struct JinjaTemplate: Sendable {
    let source: [Unicode.Scalar]
    let statements: [Statement]

    /// The longest source that is read, in code points.
    public static let longestSource = 1 << 20

    /// Parses a template.
    /// - Throws: `JinjaError` of kind `syntax`, `unsupported` or `limit`.
    public init(_ source: String) throws(JinjaError) {
        guard source.utf8.count <= Self.longestSource else {
            throw JinjaError(
                kind: .limit, line: 1, column: 1, message: "the template is longer than \(Self.longestSource) bytes")
        }
        let scalars = Lexer.normalizingLines(source)
        self.source = scalars
        let failed: (failure: Failure, offset: Int)
        do throws(PlacedFailure) {
            var lexer = Lexer(scalars)
            var parser = Parser(tokens: try lexer.tokens(), end: scalars.count)
            statements = try parser.parseTemplate()
            return
        } catch {
            failed = (error.failure, error.offset)
        }
        throw Self.error(failed.failure, at: failed.offset, in: scalars)
    }

    /// Renders the template.
    /// - Parameters:
    ///   - variables: what the template can read by name.
    ///   - date: what `strftime_now` tells, a function of the format; nil leaves `strftime_now` undefined.
    /// - Throws: `JinjaError`.
    public func render(
        _ variables: [(name: String, value: TemplateInput)], limits: TemplateLimits = TemplateLimits(),
        date: (@Sendable (String) -> String)? = nil
    ) throws(JinjaError) -> Rendering {
        let failed: (failure: Failure, offset: Int)
        do throws(PlacedFailure) {
            let evaluator = Evaluator(limits: limits, date: date)
            for variable in variables { evaluator.root.names[variable.name] = Value(variable.value) }
            try evaluator.run(statements)
            return Rendering(text: TemplateText(units: evaluator.output), generated: evaluator.generated)
        } catch {
            failed = (error.failure, error.offset)
        }
        throw Self.error(failed.failure, at: failed.offset, in: source)
    }

    private static func error(_ failure: Failure, at offset: Int, in source: [Unicode.Scalar]) -> JinjaError {
        var line = 1
        var column = 1
        for scalar in source.prefix(max(0, offset)) {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return JinjaError(kind: failure.kind, line: line, column: column, message: failure.message)
    }
}

/// A failure with the offset in the source, in code points, at which it happened.
struct PlacedFailure: Error {
    let failure: Failure
    let offset: Int
}

/// What a template may take. The defaults are far above what chat templates need.
public struct TemplateLimits: Sendable {
    /// Nodes that are evaluated, and turns of loops.
    public var steps = 4_000_000
    /// Code points and list elements that are made, in all, along the way and in the result.
    public var made = 1 << 26
    /// Expressions, blocks and macro calls within each other.
    public var depth = 256

    public init() {}
}

/// What a template is given.
public indirect enum TemplateInput: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case double(Double)
    /// Text of the program, such as the name of a special token.
    case text(String)
    /// Text that someone else wrote: its characters stay marked in whatever the template makes of it.
    case foreign(String)
    case list([TemplateInput])
    case mapping([(name: String, value: TemplateInput)])
}

/// What a template made.
public struct Rendering: Sendable {
    public let text: TemplateText
    /// The parts within `{% generation %}` blocks, as ranges of code points.
    public let generated: [Range<Int>]
}

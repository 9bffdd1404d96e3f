internal import ArgumentParser
internal import PipelineRuntime
internal import PipelineSyntax
internal import RemoteModels
internal import Rendering
internal import Terminal
internal import Verbs

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a mistake's code means, with a wrong and a right program; or what a verb does.")

    @ArgumentParser.Argument(
        help: ArgumentHelp("A code such as E0204, or a verb such as join; all codes are listed without one."))
    var code: String?

    @Flag(help: "Print the page of all codes, docs/errors.md.")
    var markdown = false

    @Flag(help: "Print the reference of all verbs and functions, in docs/language.md.")
    var reference = false

    @Flag(help: "Print the page of what services refuse, docs/services.md.")
    var services = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        if markdown { return try TargetOptions.writeToStandardOutput(ExplanationText.page()) }
        if reference {
            return try TargetOptions.writeToStandardOutput(BuiltinReference.markdown(StandardLanguage.builtins))
        }
        if services { return try TargetOptions.writeToStandardOutput(FaultPage.markdown()) }
        guard let code else { return console.page(ExplanationText.list()) }
        guard let explanation = Explanation.named(code) else {
            if let builtin = StandardLanguage.builtins[code] { return console.page(BuiltinHelp.text(builtin)) }
            let close = Explanation.suggestion(for: code)
            throw Refusal(
                "There is no code \(code)"
                    + (close.map { "; did you mean \($0.rawValue), \($0.summary)" }
                        ?? "; distnb explain lists all codes."),
                isUsage: true)
        }
        console.page(ExplanationText.render(explanation, style: console.style))
    }
}

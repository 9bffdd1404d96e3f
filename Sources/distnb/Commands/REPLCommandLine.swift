internal import ArgumentParser
internal import Notebook
internal import Terminal

struct REPLCommandLine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repl", abstract: "Type pipelines and see what they give, with a notebook or without.")

    @Argument(help: ArgumentHelp("The notebook to open.", valueName: "file"))
    var file: String?

    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        let workbench = Workbench(console: console)
        Interrupts.install()
        Home.prepare()
        let session =
            try file.map {
                try workbench.session(
                    file: $0, kernel: options.kernel, parameters: options.parameters, root: options.root)
            }
            ?? workbench.scratchSession(kernel: options.kernel)
        do {
            try session.open()
        } catch let error as SessionError {
            throw Refusal(error.description)
        } catch {
            // A notebook that may not be written can be looked at.
            console.printError("\(REPL.words(for: error))\nWhat you type is not saved.")
        }
        for name in session.rescued {
            console.printError("There is \(name): cells of an earlier session that could not be saved here.")
        }
        let repl = REPL(
            session: session, console: console, progress: workbench.progress, historyPath: Home.history,
            kernels: { KernelFolders.available },
            changeKernel: { [options] in try workbench.session($0, onKernel: $1, options.parameters, options.root) })
        throw ExitCode(repl.run())
    }
}

internal import ArgumentParser
internal import Distillation
internal import Foundation
internal import Notebook
internal import Terminal

struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a notebook: empty, or with the five steps of a lab to fill in.")

    @Argument(help: ArgumentHelp("The file to make; .distnb is added where it is missing.", valueName: "file"))
    var file: String

    @Flag(help: "With the five steps of a distillation lab, as holes to fill in.")
    var lab = false

    @Option(name: .shortAndLong, help: "The kernel that it is for.")
    var kernel = "embedded"

    @OptionGroup var output: OutputOptions

    func run() throws {
        let path = file.hasSuffix(".distnb") ? file : file + ".distnb"
        guard !URL(fileURLWithPath: path).lastPathComponent.hasPrefix("."), !file.isEmpty else {
            throw Refusal("Name the notebook, such as  distnb new lab", isUsage: true)
        }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Refusal("\(path) is there already; nothing was changed.")
        }
        do {
            _ = try KernelFolders.profile(named: kernel)
        } catch let error as KernelError {
            throw Refusal(error.description, isUsage: true)
        }
        let title = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        let document = NotebookTemplate.document(title: title, kernel: kernel, isLab: lab)
        try FileFailure.translating {
            try AtomicFile.replace(path, with: Array(NotebookCodec.encode(document).utf8))
        }
        output.console.print("\(path) is made. Open it:  distnb repl \(path)   Run it:  distnb run \(path)")
    }
}

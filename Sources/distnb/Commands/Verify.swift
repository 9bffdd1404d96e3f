internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import Rendering
internal import Tables
internal import Terminal
internal import Verbs

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a notebook anew in a scratch copy and hold what it says against the saved outputs.",
        discussion: """
            Numbers may differ by the tolerance, times are ignored. The notebook and its folder are left as they are. \
            Exit code 0 where everything says the same again, else 1.
            """)

    @OptionGroup var notebook: NotebookArgument

    @Option(help: "How far apart two fractions may be, relative to the larger; whole numbers must be equal.")
    var tolerance = 1e-6

    @Flag(help: "Use the stored completions instead of asking the models again.")
    var stored = false

    @Option(help: ArgumentHelp("Write a JSON report; - for standard output.", valueName: "file"))
    var report: String?

    @Flag(help: "Overwrite the report where it is there.")
    var force = false

    @Option(name: .shortAndLong, help: "The kernel to use instead of the notebook's own.")
    var kernel: String?

    @Option(
        name: [.customShort("p"), .customLong("parameter")],
        help: ArgumentHelp("Replace a `param`; a file that it names may be read.", valueName: "name=value"))
    var parameters: [String] = []

    @Option(help: ArgumentHelp("The folder that the notebook may read, instead of its own.", valueName: "dir"))
    var root: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(tolerance >= 0) { throw ValidationError("--tolerance takes a number from 0.") }
    }

    func run() throws {
        let console = output.console
        let workbench = Workbench(console: console)
        Interrupts.install()
        let (saved, _) = try Workbench.read(notebook.file)
        guard Verification.isPossible(saved) else {
            throw Refusal("\(notebook.file) has no saved outputs to compare with; run it first.")
        }
        try checkReport()
        let folder = FileManager.default.temporaryDirectory.path + "/distnb-verify-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder + "/.distnb", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        if stored { copyStore(to: folder) }
        var copy = saved
        let parameters = copy.parameters
        copy.clear()
        copy.parameters = parameters
        let session = try workbench.scratchCopy(
            copy, of: notebook.file, in: folder, kernel: kernel, parameters: self.parameters, root: root)
        let printer = ProgressOnlyPrinter(console: console, progress: workbench.progress)
        let summary = try FileFailure.translating { try session.run(.all, observer: printer) }
        if summary.wasInterrupted { throw ExitCode(130) }
        let verification = Verification(saved: saved, fresh: session.document, tolerance: tolerance)
        if let report { try write(verification, to: report) }
        if report != "-" { VerificationPrinter(console: console).print(verification, file: notebook.file) }
        if !verification.holds { throw ExitCode(1) }
    }

    /// Told before anything runs: nothing of the user's is overwritten, and no hour is lost on a folder that is not there.
    private func checkReport() throws {
        guard let report, report != "-" else { return }
        if FileManager.default.fileExists(atPath: report), !force || FilePaths.areSame(report, notebook.file) {
            throw Refusal(
                "\(report) is there already; name another file\(force ? "" : ", or --force overwrites it").",
                isUsage: true)
        }
        let folder = URL(fileURLWithPath: report).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw Refusal(
                "\(report) cannot be written: there is no folder \(folder) that may be written.", isUsage: true)
        }
    }

    private func copyStore(to folder: String) {
        let own = URL(fileURLWithPath: notebook.file).resolvingSymlinksInPath().deletingLastPathComponent().path
        for ending in ["", "-wal", "-journal"] {
            try? FileManager.default.copyItem(
                atPath: own + "/.distnb/completions.sqlite" + ending,
                toPath: folder + "/.distnb/completions.sqlite" + ending)
        }
    }

    private func write(_ verification: Verification, to path: String) throws {
        let text = JSON.text(verification.json, .readable)
        if path == "-" {
            output.console.print(text)
        } else {
            try FileFailure.translating { try AtomicFile.replace(path, with: Array((text + "\n").utf8)) }
        }
    }
}

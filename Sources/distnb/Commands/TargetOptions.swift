internal import ArgumentParser
internal import Foundation

/// Options of commands that write a new file.
struct TargetOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The file to write, instead of one beside it with the same name; - is standard output.", valueName: "file"))
    var output: String?

    @Flag(help: "Overwrite a file that is there.")
    var force = false

    var isStandardOutput: Bool { output == "-" }

    /// The file to write.
    /// - Parameters:
    ///   - source: the file that was read.
    ///   - ending: what the file's name ends with, without the dot, unless the command line names it.
    /// - Throws: `Refusal` where it would take the place of its own source, a folder, or without `--force` of a file.
    func path(for source: String, ending: String) throws -> String {
        let path = output ?? (source as NSString).deletingPathExtension + "." + ending
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return path }
        if isFolder.boolValue { throw Refusal("\(path) is a folder; name a file.") }
        let files = [source, path].map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
        if files[0] == files[1] { throw Refusal("\(path) is the file itself; name another with --output.") }
        guard force else { throw Refusal("\(path) is there already; --force overwrites it.") }
        return path
    }

    /// Writes a whole text.
    /// - Throws: `Refusal` where nobody takes it.
    static func writeToStandardOutput(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw Refusal("Standard output cannot be written.")
        }
    }
}

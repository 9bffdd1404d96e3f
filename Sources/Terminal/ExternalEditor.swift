internal import Foundation

/// The user's own editor, for a cell's text.
public enum ExternalEditor {
    /// Opens `$VISUAL`, else `$EDITOR`, else `vi` with a text.
    /// - Returns: what was saved, without line breaks at its end; nil where the editor failed or cannot be started.
    public static func edit(_ text: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        let path = FileManager.default.temporaryDirectory.path + "/distnb-\(UUID().uuidString).dist"
        defer { unlink(path) }
        guard PrivateFile.write(text + "\n", to: path) else { return nil }
        // By a shell, as git and others do: the variable may hold arguments.
        guard ForegroundCommand.run("\(editor) \"$1\"", path) == 0,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        guard var edited = String(data: data, encoding: .utf8) else { return nil }
        while edited.hasSuffix("\n") { edited.removeLast() }
        return edited
    }
}

import Foundation
import PipelineSyntax
import Rendering

/// A file of wrong programs with the whole message of each.
///
///     === what the person wants
///     bank | filter .category == "refund"
///     ---
///     E0201 cell 2, 1:8    bank | filter …
///
/// A line `%%` begins another cell. What the cells told when they ran stands behind `note: `.
struct MistakeFile {
    struct Program {
        let title: String
        let cells: [String]
        var message: String
    }

    let url: URL
    var programs: [Program] = []

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Mistakes")

    /// The files' paths inside the folder.
    static let paths: [String] = {
        let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    init(path: String) throws {
        url = Self.folder.appendingPathComponent(path)
        var title: String?
        var code: [String] = []
        var message: [String] = []
        var isMessage = false
        func trimmed(_ lines: [String]) -> String {
            var lines = lines[...]
            while lines.last?.isEmpty == true { lines.removeLast() }
            return lines.joined(separator: "\n")
        }
        func finish(_ programs: inout [Program]) {
            guard let title else { return }
            let cells = code.split(separator: "%%", omittingEmptySubsequences: false).map { trimmed(Array($0)) }
            programs.append(Program(title: title, cells: cells, message: trimmed(message)))
        }
        for line in try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("=== ") {
                finish(&programs)
                (title, code, message, isMessage) = (String(line.dropFirst(4)), [], [], false)
            } else if line == "---" {
                isMessage = true
            } else if isMessage {
                message.append(line)
            } else {
                code.append(line)
            }
        }
        finish(&programs)
    }

    var text: String {
        programs.map { "=== \($0.title)\n\($0.cells.joined(separator: "\n%%\n"))\n---\n\($0.message)\n" }
            .joined(separator: "\n")
    }

    /// What a program's person sees.
    static func message(of outcome: Laboratory.Outcome) -> String {
        let messages = outcome.diagnostics.map { DiagnosticText.render($0) }
        // Where something is wrong, what else was told is not what the person looks at.
        return (messages.isEmpty ? outcome.notes.map { "note: \($0)" } : messages).joined(separator: "\n")
    }
}

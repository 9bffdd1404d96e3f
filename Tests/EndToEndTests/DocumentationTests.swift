import Foundation
import Testing

/// Documentation that runs.
@Suite struct DocumentationTests {
    private static func blocks(_ language: String, in file: String) throws -> [String] {
        let text = try String(contentsOfFile: Binary.root + "/" + file, encoding: .utf8)
        return text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    @Test func everyProgramInTheLanguagesPageRuns() throws {
        let programs = try Self.blocks("distnb", in: "docs/language.md")
        #expect(programs.count >= 4)
        for program in programs {
            let folder = try Folder()
            let result = try Binary.run([], in: folder.path, input: program)
            #expect(result.code == 0, "\(program)\n\(result.errors)")
        }
    }

    /// The tutorial's programs read files that the page shows: blocks whose language is followed by a file's name.
    @Test func everyProgramOnThePagesFilesRuns() throws {
        let page = try String(contentsOfFile: Binary.root + "/docs/language.md", encoding: .utf8)
        var files: [String: String] = [:]
        for block in page.components(separatedBy: "```csv ").dropFirst() {
            let lines = block.components(separatedBy: "```").first?.split(separator: "\n", maxSplits: 1) ?? []
            if let name = lines.first, let text = lines.last { files[String(name)] = String(text) }
        }
        #expect(files.count == 2)
        let programs = try Self.blocks("distnb files", in: "docs/language.md")
        #expect(programs.count >= 10)
        for program in programs {
            let folder = try Folder(files)
            let result = try Binary.run([], in: folder.path, input: program)
            #expect(result.code == 0, "\(program)\n\(result.errors)")
        }
    }

    @Test func theLanguagesPageNamesEveryVerb() throws {
        let page = try String(contentsOfFile: Binary.root + "/docs/language.md", encoding: .utf8)
        let folder = try Folder()
        let help = try Binary.run([], in: folder.path, input: ":help\n").output
        let groups =
            help.components(separatedBy: "\n  Data: ").last?.components(separatedBy: "\nTab completes").first ?? ""
        let words = groups.replacingOccurrences(of: "\n  [A-Z][a-z ]*:", with: ",", options: .regularExpression)
        let names = words.split(whereSeparator: { $0 == "," || $0 == "\n" }).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        #expect(names.count > 60)
        for name in names where !name.isEmpty {
            #expect(
                page.contains("`\(name)`") || page.contains("# \(name)\n"), "\(name) is missing in docs/language.md")
        }
    }

    @Test(arguments: [
        "notebooks/lab-3.3-distillation.distnb", "notebooks/bitext-intents.distnb",
        "kernels/embedded/recipes/teacher.distnb",
    ])
    func notebooksShipClearedAndWithoutMistakes(_ path: String) throws {
        let folder = try Folder()
        let text = try String(contentsOfFile: Binary.root + "/" + path, encoding: .utf8)
        guard !text.contains("\"fingerprint\"") else {
            print("SKIPPED: \(path) was run here; distnb clear gives it back as it ships")
            return
        }
        #expect(!text.contains("\"output_type\""))
        let result = try Binary.run(
            [
                "check", Binary.root + "/" + path, "--root",
                path.hasPrefix("kernels") ? Binary.root : Binary.root + "/notebooks",
            ], in: folder.path)
        #expect(result.code == 0, "\(result.output)")
    }

    @Test func noPathOfOneMachineIsInTheProject() throws {
        guard
            let found = system([
                "git", "-C", Binary.root, "grep", "-lIE", "/(root|home/[a-z]+)/", "--", "Sources", "docs", "README.md",
                "notebooks", "kernels", "tools",
            ])
        else { return }
        #expect(found.output.isEmpty, "\(found.output)")
    }
}

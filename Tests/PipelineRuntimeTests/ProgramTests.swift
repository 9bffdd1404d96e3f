import Foundation
import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Tables
import Testing

@testable import Verbs

/// Programs that say themselves what they give, a file for each part of the language.
///
/// A file is programs with blank lines between them. Behind `# expect:` stands the value of the last statement as JSON,
/// `error: …` for an error value, behind `# mistake:` the code and sentence of its mistake, behind `# note:` each note.
/// Lines of a data file stand behind `#|`, under `# file NAME`. A first program without expectations goes before all.
private struct ProgramFile {
    struct Program {
        let line: Int
        var code = ""
        var value: String?
        var mistakes: [String] = []
        var notes: [String] = []
    }

    private(set) var programs: [Program] = []
    private(set) var files: [String: String] = [:]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Programs")

    static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".dist") }.sorted()

    init(_ name: String) throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
        var file = ""
        var current: Program?
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("# file ") {
                file = String(line.dropFirst(7))
                files[file] = ""
            } else if line.hasPrefix("#|") {
                files[file]? += line.dropFirst(2).drop { $0 == " " } + "\n"
            } else if line.allSatisfy(\.isWhitespace) {
                if let done = current { programs.append(done) }
                current = nil
            } else {
                var program = current ?? Program(line: number + 1)
                Self.read(String(line), into: &program)
                current = program
            }
        }
        if let done = current { programs.append(done) }
        guard let first = programs.first, first.value == nil, first.mistakes.isEmpty, first.notes.isEmpty else {
            return
        }
        programs = programs.dropFirst().map { program in
            var program = program
            program.code = first.code + program.code
            return program
        }
    }

    private static func read(_ line: String, into program: inout Program) {
        func rest(after mark: String) -> String? {
            line.range(of: mark).map { String(line[$0.upperBound...]) }
        }
        if let value = rest(after: "# expect: ") { program.value = value }
        if let mistake = rest(after: "# mistake: ") { program.mistakes.append(mistake) }
        if let note = rest(after: "# note: ") { program.notes.append(note) }
        program.code += line + "\n"
    }
}

@Suite struct ProgramTests {
    @Test func thereAreProgramsToRun() { #expect(ProgramFile.names.count >= 8) }

    @Test(arguments: ProgramFile.names) func programsGiveWhatTheyExpect(_ name: String) throws {
        let file = try ProgramFile(name)
        #expect(!file.programs.isEmpty)
        for program in file.programs {
            let place: Comment = "\(name):\(program.line)\n\(program.code)"
            let outcome = LanguageBench(files: file.files).run(program.code)
            #expect(outcome.mistakes.map { "\($0.code.rawValue) \($0.message)" } == program.mistakes, place)
            if let value = program.value { #expect(outcome.text == value, place) }
            for note in program.notes { #expect(outcome.notes.contains(note), "\(place) notes: \(outcome.notes)") }
        }
    }
}

import Foundation
import PipelineSyntax
import Testing

/// Wrong programs as people write them, with the messages that they get. `DISTNB_RECORD=1` writes the messages into the
/// files; a run that records fails, so that nobody commits what was not read.
@Suite struct MistakeTests {
    private static let isRecording = ProcessInfo.processInfo.environment["DISTNB_RECORD"] != nil

    @Test(arguments: MistakeFile.paths) func eachWrongProgramGetsItsMessage(_ path: String) throws {
        var file = try MistakeFile(path: path)
        for (index, program) in file.programs.enumerated() {
            let outcome = try Laboratory.outcome(of: program.cells)
            let message = MistakeFile.message(of: outcome)
            if Self.isRecording {
                file.programs[index].message = message
            } else {
                #expect(message == program.message, "\(path): \(program.title)")
            }
            #expect(!message.isEmpty, "\(path): \(program.title): nothing is told")
            for diagnostic in outcome.diagnostics where diagnostic.replacement != nil {
                try expectReplacementMends(diagnostic, program, "\(path): \(program.title)")
            }
        }
        if Self.isRecording {
            try file.text.write(to: file.url, atomically: true, encoding: .utf8)
            Issue.record("\(path) was recorded; read it, then run without DISTNB_RECORD.")
        }
    }

    /// A replacement is a promise: with it made, the mistake is gone.
    private func expectReplacementMends(
        _ diagnostic: Diagnostic, _ program: MistakeFile.Program, _ title: String
    ) throws {
        guard let replacement = diagnostic.replacement,
            let number = Int(replacement.place.source.name.drop { !$0.isNumber }), number > 1
        else { return }
        var cells = program.cells
        cells[number - 2] = replacement.changedText
        let left = try Laboratory.outcome(of: cells).diagnostics
        #expect(
            !left.contains { $0.code == diagnostic.code && $0.place?.span.start == diagnostic.place?.span.start },
            "\(title): \(replacement.changedText)")
    }

    @Test func thereAreTwoHundredWrongPrograms() throws {
        let count = try MistakeFile.paths.map { try MistakeFile(path: $0).programs.count }.reduce(0, +)
        #expect(count >= 200)
    }
}

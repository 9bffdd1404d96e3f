internal import ArgumentParser
internal import Foundation
internal import Notebook
internal import OrderedCollections
internal import PipelineSyntax
internal import Rendering
internal import Tables
internal import Terminal

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for mistakes in all cells without running any.",
        discussion:
            "Reads notebooks (.distnb), scripts (.dist) and, as -, a script from standard input. Exit codes: 0 no mistakes, 1 mistakes, 2 usage. docs/errors.md describes the JSON."
    )

    @ArgumentParser.Argument(
        help: ArgumentHelp("Notebooks and scripts; - is standard input.", valueName: "file"),
        completion: .file(extensions: ["distnb", "dist"]))
    var files: [String]

    @Option(help: ArgumentHelp("How mistakes are printed: text or json.", valueName: "format"))
    var format: Format = .text

    @Flag(help: "Take warnings for mistakes.")
    var strict = false

    @OptionGroup var options: SessionOptions
    @OptionGroup var output: OutputOptions

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    /// What was found in a file.
    struct Findings {
        let file: String
        var cells = 0
        /// By cell; those of a script have no cell of their own.
        var diagnostics: [Diagnostic] = []
        /// The numbers of code cells by the names under which messages mention them.
        var numbers: [String: Int] = [:]

        func count(_ severity: Diagnostic.Severity) -> Int { diagnostics.count { $0.severity == severity } }
    }

    func run() throws {
        guard files.count { $0 == "-" } <= 1 else { throw Refusal("Standard input can be read once.", isUsage: true) }
        let console = output.console
        let workbench = Workbench(console: console)
        let findings = try files.map { try check($0, workbench) }
        let hasFailed =
            findings.contains { $0.count(.error) > 0 } || strict && findings.contains { !$0.diagnostics.isEmpty }
        switch format {
        case .text: printText(findings, console, hasFailed: hasFailed)
        case .json: try TargetOptions.writeToStandardOutput(Self.json(findings))
        }
        if hasFailed { throw ExitCode(1) }
    }

    // MARK: Files

    private func check(_ file: String, _ workbench: Workbench) throws -> Findings {
        if file == "-" {
            return try check(
                script: Array(FileHandle.standardInput.readDataToEndOfFile()), "input", folder: nil, workbench)
        }
        guard file.hasSuffix(".dist") else { return try check(notebook: file, workbench) }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue,
            let data = FileManager.default.contents(atPath: file)
        else { throw Refusal(isFolder.boolValue ? "\(file) is a folder." : "There is no file \(file).") }
        let url = URL(fileURLWithPath: file)
        return try check(
            script: Array(data), url.lastPathComponent, folder: url.deletingLastPathComponent().path, workbench, file)
    }

    private func check(notebook file: String, _ workbench: Workbench) throws -> Findings {
        let session = try workbench.session(
            file: file, kernel: options.kernel, parameters: options.parameters, root: options.root)
        // A cell that is meant to fail may have mistakes.
        let found = session.ownMistakes().filter { !session.expectsFailure($0.key) }
        var findings = Findings(file: file, cells: session.cells.count)
        findings.diagnostics = found.keys.sorted().flatMap { found[$0] ?? [] }
        for cell in session.cells { findings.numbers[cell.program.source.name] = cell.number }
        return findings
    }

    private func check(
        script bytes: [UInt8], _ name: String, folder: String?, _ workbench: Workbench, _ file: String = "-"
    ) throws -> Findings {
        let document = try readable(file) { () throws(NotebookError) in try ScriptCodec.decode(bytes) }
        let session = try workbench.scriptSession(
            kernel: options.kernel ?? document.kernel, folder: folder, root: options.root,
            parameters: options.parameters)
        let (cells, found) = try readable(file) { () throws(NotebookError) in
            try session.check(script: bytes, name: name)
        }
        return Findings(file: file, cells: cells, diagnostics: found)
    }

    private func readable<Result>(_ file: String, _ work: () throws(NotebookError) -> Result) throws -> Result {
        do throws(NotebookError) {
            return try work()
        } catch {
            throw Refusal("\(file) is not a script: \(error).")
        }
    }

    // MARK: Printing

    /// More than anyone reads at once.
    private static let mostShown = 200

    private func printText(_ findings: [Findings], _ console: Console, hasFailed: Bool) {
        for item in findings {
            if findings.count > 1, !item.diagnostics.isEmpty { console.print("\(item.file):") }
            for diagnostic in item.diagnostics.prefix(Self.mostShown) {
                console.print(DiagnosticText.render(diagnostic, style: console.style))
            }
            let rest = item.diagnostics.count - Self.mostShown
            if rest > 0 { console.print("… \(rest) more; --format json lists all.") }
        }
        let summary = Self.summary(findings)
        if hasFailed { console.printError(summary) } else { console.print(summary) }
    }

    /// "2 mistakes in 2 of 3 cells." or "3 cells, no mistakes, 1 warning."
    private static func summary(_ findings: [Findings]) -> String {
        func number(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
        let cells = findings.map(\.cells).reduce(0, +)
        let errors = findings.map { $0.count(.error) }.reduce(0, +)
        let warnings = findings.map { $0.count(.warning) }.reduce(0, +)
        let told = warnings > 0 ? ", \(number(warnings, "warning"))" : ""
        let place = findings.count > 1 ? " in \(findings.count) files" : ""
        guard errors > 0 else { return "\(number(cells, "cell"))\(place), no mistakes\(told)." }
        let names = findings.filter { $0.count(.error) > 0 }.map { item in
            Set(item.diagnostics.filter { $0.severity == .error }.compactMap { $0.place?.source }).count
        }
        return "\(number(errors, "mistake"))\(told) in \(names.reduce(0, +)) of \(number(cells, "cell"))\(place)."
    }

    private static func json(_ findings: [Findings]) -> String {
        let value: Value = [
            "version": .integer(DiagnosticJSON.version),
            "files": .list(findings.map { .record(["file": .string($0.file), "cells": .integer($0.cells)]) }),
            "diagnostics": .list(
                findings.flatMap { item -> [Value] in
                    let form = DiagnosticJSON(file: item.file, cells: item.numbers)
                    return item.diagnostics.map { Value.record(form.record(of: $0)) }
                }),
            "summary": [
                "cells": .integer(findings.map(\.cells).reduce(0, +)),
                "errors": .integer(findings.map { $0.count(.error) }.reduce(0, +)),
                "warnings": .integer(findings.map { $0.count(.warning) }.reduce(0, +)),
            ],
        ]
        return JSON.text(value, .readable) + "\n"
    }
}

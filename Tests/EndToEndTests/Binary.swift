import Foundation
import Testing

/// The built program, run as people run it.
struct Binary {
    struct Result {
        let output: String
        let errors: String
        let code: Int32
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let path = ProcessInfo.processInfo.environment["DISTNB_BINARY"] ?? root + "/.build/release/distnb"

    static let home: String = {
        let environment = ProcessInfo.processInfo.environment
        return environment["DISTNB_HOME"] ?? (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache")
            + "/distnb"
    }()

    static let hasWeights = FileManager.default.fileExists(atPath: home + "/weights/SmolLM2-135M-Instruct.Q4_1.gguf")

    /// Starts it; its streams go to files, so that nothing blocks.
    static func start(_ arguments: [String], in folder: String, input: String = "", environment: [String: String] = [:])
        throws -> Process
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        for name in ["in", "out", "err"] {
            FileManager.default.createFile(
                atPath: "\(folder)/.std\(name)", contents: name == "in" ? Data(input.utf8) : nil)
        }
        process.standardInput = FileHandle(forReadingAtPath: folder + "/.stdin")
        process.standardOutput = FileHandle(forWritingAtPath: folder + "/.stdout")
        process.standardError = FileHandle(forWritingAtPath: folder + "/.stderr")
        try process.run()
        return process
    }

    static func finish(_ process: Process, in folder: String) -> Result {
        process.waitUntilExit()
        func text(_ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: "\(folder)/.std\(name)") ?? Data(), as: UTF8.self)
        }
        return Result(output: text("out"), errors: text("err"), code: process.terminationStatus)
    }

    static func run(_ arguments: [String], in folder: String, input: String = "", environment: [String: String] = [:])
        throws -> Result
    {
        finish(try start(arguments, in: folder, input: input, environment: environment), in: folder)
    }
}

/// A folder of its own for a test.
final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-e2e-\(UUID().uuidString)").path

    init(_ files: [String: String] = [:]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

    /// A notebook with these code cells.
    func notebook(_ name: String, _ cells: [String]) throws {
        let encoded = try cells.enumerated().map { index, source in
            let text = String(decoding: try JSONEncoder().encode([source]), as: UTF8.self)
            return
                "{\"cell_type\":\"code\",\"execution_count\":null,\"id\":\"c\(index)\",\"metadata\":{},\"outputs\":[],\"source\":\(text)}"
        }
        try write(
            name, "{\"cells\":[\(encoded.joined(separator: ","))],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}")
    }
}

/// Runs a command of the system; nil where it is not there.
///
/// Its output goes to a file, not a pipe: a daemon that it leaves behind would keep the pipe open for ever.
func system(_ command: [String]) -> (output: String, code: Int32)? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-out-\(UUID().uuidString)").path
    FileManager.default.createFile(atPath: path, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: path) }
    process.standardOutput = FileHandle(forWritingAtPath: path)
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    process.waitUntilExit()
    let output = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    return process.terminationStatus == 127 ? nil : (output, process.terminationStatus)
}

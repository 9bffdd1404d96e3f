import CompletionStore
import Distillation
import Foundation
import PipelineRuntime
import PipelineSyntax
import Rendering
import Tables
import Verbs

@testable import Notebook

/// A notebook in a folder of its own, with a scripted kernel.
final class Scratch {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-notebook-\(UUID().uuidString)")
        .path
    var path: String { folder + "/lab.distnb" }

    init(cells: [String], files: [String: String] = [:]) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, text) }
        try write(cells: cells)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ name: String, _ text: String) throws {
        let url = URL(fileURLWithPath: folder + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: folder + "/" + name) }

    /// A file's bytes.
    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
    }

    /// The names of what is in a folder; none where there is no such folder.
    func names(in name: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + name)) ?? []).sorted()
    }

    func write(cells: [String]) throws {
        var document = NotebookDocument.empty(kernel: "scripted")
        document.cells = cells.enumerated().map { NotebookCell(id: "cell-\($0)", kind: .code, source: $1) }
        try write("lab.distnb", NotebookCodec.encode(document))
    }

    /// The checkpoints that are there.
    var checkpoints: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/.distnb/checkpoints")) ?? []).sorted()
    }

    /// Changes the notebook's file as an editor would.
    func edit(_ change: (inout NotebookDocument) throws -> Void) throws {
        var document = try NotebookCodec.decode(Array(Data(contentsOf: URL(fileURLWithPath: path))))
        try change(&document)
        try write("lab.distnb", NotebookCodec.encode(document))
    }

    /// A session as a new process would have it.
    func session(
        provider: ScriptedProvider = ScriptedProvider { _ in "yes" }, parameters: Bindings = [:],
        kernel: String = "scripted", granted: [String] = [], redaction: Redaction = .shapesOnly,
        cancellation: Cancellation = .never, memory: MemoryLimit? = nil,
        more models: [String: ModelSpecification] = [:],
        price: TokenPrice? = nil, leastTrainingRows: Int? = nil, host: String? = nil,
        now: @escaping @Sendable () -> Double = { 1_000 }
    ) throws -> NotebookSession {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let document = try NotebookCodec.decode(bytes)
        let files = RootedFiles(root: folder, granted: granted)
        let models = [
            "teacher": ModelSpecification(id: "big", price: price),
            "student": ModelSpecification(id: "small", price: price),
        ].merging(models) { $1 }
        let lab = Lab(
            kernel: KernelProfile(
                name: kernel, displayName: kernel, provider: "scripted", models: models, maxTokens: 16, host: host,
                leastTrainingRows: leastTrainingRows),
            provider: provider,
            store: SQLiteCompletionStore(path: folder + "/.distnb/completions.sqlite"),
            blobs: BlobFolder(folder: folder + "/.distnb/blobs", packed: document.packedBlobs),
            files: files, cancellation: cancellation, progress: .none,
            checkpoints: CheckpointFolder(folder: folder + "/.distnb/checkpoints"), memory: memory, now: now)
        return NotebookSession(
            document: document, file: NotebookFile(path: path, bytes: bytes, signature: FileSignature(of: path)),
            lab: lab,
            files: files, parameters: parameters, redaction: redaction)
    }
}

/// Remembers what a session told.
final class Listener: SessionObserver {
    var started: [Int] = []
    var log: [String] = []
    var shown: [Value] = []
    var mistakes: [Diagnostic] = []
    var others: [Diagnostic] = []
    var planned = 0

    func willRun(cells: Int, of total: Int, seconds: Double?) { planned = cells }
    func cellDidStart(number: Int, source: String) { started.append(number) }
    func cellDidLog(_ line: String) { log.append(line) }
    func cellDidShow(_ value: Value) { shown.append(value) }
    func cellDidFail(_ diagnostics: [Diagnostic]) { mistakes += diagnostics }
    func cellDidFinish(number: Int, seconds: Double) {}
    func didFindMistakes(_ diagnostics: [Diagnostic]) { others += diagnostics }

    var messages: [String] { mistakes.map { DiagnosticText.render($0) } }
}

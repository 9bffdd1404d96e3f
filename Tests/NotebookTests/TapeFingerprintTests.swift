import Distillation
import Foundation
import OrderedCollections
import PipelineRuntime
import Tables
import Testing
import Verbs

@testable import Notebook

/// What a kernel gave that is recorded on a tape, the tape gives too: neither makes the other's cells stale.
@Suite struct TapeFingerprintTests {
    private func session(_ scratch: Scratch, kernel: String, tape: TapeProfile? = nil) throws -> NotebookSession {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: scratch.path)))
        let lab = Lab(
            kernel: KernelProfile(
                name: kernel, displayName: kernel, provider: "scripted",
                models: ["teacher": ModelSpecification(id: "big")], maxTokens: 16, tape: tape),
            provider: ScriptedProvider { _ in "yes" }, store: nil,
            blobs: BlobFolder(folder: scratch.folder + "/.distnb/blobs", packed: [:]),
            files: RootedFiles(root: scratch.folder), cancellation: .never, progress: .none, now: { 1_000 })
        return NotebookSession(
            document: try NotebookCodec.decode(bytes),
            file: NotebookFile(path: scratch.path, bytes: bytes, signature: FileSignature(of: scratch.path)), lab: lab,
            files: RootedFiles(root: scratch.folder), redaction: .shapesOnly)
    }

    @Test func stateStaysCurrentBetweenAServiceAndItsTape() throws {
        let scratch = try Scratch(cells: ["ask (model \"teacher\"), \"Where?\""])
        _ = try session(scratch, kernel: "openai").run()
        let tape = TapeProfile(
            file: "cora.jsonl", kernel: "openai", day: "2026-11-22", count: 1,
            models: ["teacher": "big of api.openai.com"])
        #expect(try session(scratch, kernel: "tape:cora.jsonl", tape: tape).run().ran == 0)
        #expect(try session(scratch, kernel: "tape:other.jsonl").run().ran == 1, "another kernel is another kernel")
    }
}

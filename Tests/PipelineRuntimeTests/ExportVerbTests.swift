import Distillation
import PipelineSyntax
import Tables
import Testing

/// What `export` makes of a path and its options; the files themselves are the provider's.
@Suite struct ExportVerbTests {
    private let program = """
        let rows = load "q.jsonl"
        let tuned = rows | finetune (model "student"), target: .answer

        """

    private func bench() -> (LanguageBench, MemoryFiles) {
        let files = MemoryFiles(["q.jsonl": Array("{\"prompt\": \"a\", \"answer\": \"b\"}\n".utf8)])
        return (LanguageBench(files), files)
    }

    @Test(arguments: [
        ("out/a/", "out/a/model.safetensors"), ("out/a", "out/a/model.safetensors"), ("out/a.gguf", "out/a.gguf"),
        ("out/a.safetensors", "out/a.safetensors"), ("out/v1.5/", "out/v1.5/model.safetensors"),
    ]) func theNameSaysWhatIsWritten(_ path: String, _ written: String) {
        let (bench, files) = bench()
        let outcome = bench.run(program + "tuned | export \"\(path)\"")
        #expect(outcome.mistakes.isEmpty)
        #expect(files.exists(written))
        #expect(outcome.notes.contains("17 bytes written to \(path)."), "\(outcome.notes)")
        #expect(outcome.value?.domain(Model.self) != nil)
    }

    @Test func anotherEndingIsAMistakeThatNamesThoseThatThereAre() {
        let outcome = bench().0.run(program + "tuned | export \"out/a.bin\"")
        #expect(
            outcome.mistakes.first?.message
                == "Expected a file that ends in .gguf or .safetensors, or a folder that ends in /, found out/a.bin.")
        #expect(outcome.mistakes.first?.hint == "export \"out/tuned.gguf\"")
    }

    @Test(arguments: [("merged", "kept", "model.safetensors"), ("kept", "merged", "adapter_model.safetensors")])
    func anAdapterIsNotPutBesideMergedWeights(_ first: String, _ second: String, _ other: String) {
        let (bench, _) = bench()
        let exports = [first, second].map { "tuned | export \"out/a/\", adapter: \"\($0)\"" }
        let outcome = bench.run(program + exports.joined(separator: "\n"))
        #expect(
            outcome.mistakes.first?.message
                == "out/a/ has \(other) of another export, which libraries would read too.")
        #expect(bench.run(program + [exports[0], exports[0]].joined(separator: "\n")).mistakes.isEmpty)
    }

    @Test func anAdapterByItselfSaysWhatItNeeds() {
        let outcome = bench().0.run(program + "tuned | export \"out/a/\", adapter: \"kept\"")
        #expect(
            outcome.notes.contains(
                "An adapter needs the model that it stands on: export (model \"student\"), \"out/base/\""))
    }
}

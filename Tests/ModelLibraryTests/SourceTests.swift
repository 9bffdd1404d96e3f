import Foundation
import LanguageModel
import LoopbackServer
import Testing

@testable import ModelLibrary

/// How what is typed after `distnb models add` is understood, and the messages.
@Suite struct SourceTests {
    private let known = KnownModels(entries: [
        KnownModels.Entry(
            name: "Small.gguf", alias: "small-1", sha256: "", bytes: 1, licence: "mit", summary: "", project: "p",
            version: "1", wheel: "w", contents: .file("m"))
    ])

    private func source(_ text: String) throws -> ModelSource {
        try ModelSource(text, hub: try #require(URL(string: "https://hub.example")), known: known) { word, names in
            names.first { $0.hasPrefix(word.prefix(3)) }
        }
    }

    @Test(arguments: [
        ("maker/tiny", HubReference(owner: "maker", name: "tiny")),
        ("maker/tiny.v1/sub/t-Q4_0.gguf", HubReference(owner: "maker", name: "tiny.v1", file: "sub/t-Q4_0.gguf")),
        ("https://huggingface.co/maker/tiny", HubReference(owner: "maker", name: "tiny")),
        ("https://hf.co/maker/tiny/tree/v2", HubReference(owner: "maker", name: "tiny", revision: "v2")),
        (
            "https://huggingface.co/maker/tiny/blob/main/t.gguf",
            HubReference(owner: "maker", name: "tiny", file: "t.gguf", revision: "main")
        ),
        (
            "https://hub.example/maker/tiny/resolve/main/t.gguf?download=true",
            HubReference(owner: "maker", name: "tiny", file: "t.gguf", revision: "main")
        ),
    ]) func aRepositoryIsKnownByItsNameAndByItsPages(_ text: String, _ reference: HubReference) throws {
        #expect(try source(text) == .repository(reference))
    }

    @Test func aPathIsAPathWhereSomethingLies() throws {
        let bench = try Bench()
        try bench.write("a/b", Data())
        #expect(try source(bench.path + "/a") == .path(bench.path + "/a"))
        #expect(throws: ModelLibraryError.noSuchPath(path: "/none/here.gguf")) { try source("/none/here.gguf") }
        #expect(throws: ModelLibraryError.noSuchPath(path: "../none")) { try source("../none") }
    }

    @Test func aKnownNameMayBeWrittenInAnyCase() throws {
        guard case .known(let entry) = try source("SMALL-1") else { Issue.record("not known"); return }
        #expect(entry.name == "Small.gguf")
    }

    @Test(arguments: ["maker//tiny", "maker/..", "ma ker/tiny", "smal-1", "ftp://x/y", "", "maker/~tiny"])
    func whatIsNothingOfTheKindIsTold(_ text: String) throws {
        #expect(throws: ModelLibraryError.self) { try source(text) }
    }

    @Test(arguments: ["http://127.0.0.1.example/m.gguf", "http://example.org/m.gguf", "http://localhost.example/m"])
    func anOpenConnectionIsRefusedExceptOnThisMachine(_ text: String) throws {
        #expect(throws: ModelLibraryError.openConnection(url: text)) { try source(text) }
        #expect(
            try source("http://127.0.0.1:80/m.gguf")
                == .address(try #require(URL(string: "http://127.0.0.1:80/m.gguf"))))
    }

    @Test func aTokenIsNotEvenHeldForAnOpenConnection() throws {
        let open = try #require(URL(string: "http://mirror.example"))
        #expect(HTTPClient.Credential(token: "t", for: open) == nil)
        #expect(HTTPClient.Credential(token: "t", for: try #require(URL(string: "https://mirror.example"))) != nil)
    }

    @Test func anEndpointThatIsNoAddressIsTold() throws {
        #expect(try Endpoints.hub("https://mirror.example//").absoluteString == "https://mirror.example")
        #expect(try Endpoints.hub("").absoluteString == "https://huggingface.co")
        #expect(try Endpoints.packageIndex(nil).absoluteString == "https://pypi.org/simple")
        let error = #expect(throws: ModelLibraryError.self) { try Endpoints.hub("mirror.example") }
        #expect(
            error?.description
                == "HF_ENDPOINT should be an address such as https://huggingface.co, but is mirror.example.")
    }

    @Test func aServerThatCannotShowWhoItIsIsNotBelieved() throws {
        let bench = try Bench()
        let made = try Self.run(
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "c.pem",
                "-days", "1",
                "-subj", "/CN=localhost",
            ], in: bench.path)
        guard made.waitForEnd() == 0 else {
            print("SKIPPED: no openssl to make a certificate")
            return
        }
        let server = try Self.run(
            [
                "python3", "-c",
                """
                import http.server, ssl
                server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain("c.pem", "k.pem")
                server.socket = context.wrap_socket(server.socket, server_side=True)
                open("port.new", "w").write(str(server.server_port))
                import os; os.rename("port.new", "port")
                server.serve_forever()
                """,
            ], in: bench.path)
        defer { server.terminate() }
        while server.isRunning, bench.read("port") == nil {}
        let port = String(decoding: bench.read("port") ?? Data(), as: UTF8.self)
        let url = try #require(URL(string: "https://localhost:\(port)/c.pem"))
        let error = #expect(throws: HTTPFailure.self) {
            try HTTPClient(transport: CurlTransport()).get(url) { _ in
            } onBody: { _ in
            }
        }
        guard case .untrusted("localhost", _)? = error else { Issue.record("\(String(describing: error))"); return }
    }

    private static func run(_ command: [String], in folder: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// A record of each message, as people read it.
    @Test func messagesReadAsTheyShould() {
        let messages: [(ModelLibraryError, String)] = [
            (
                .notUnderstood(text: "smol", suggestion: nil, builtIn: ["a", "b"]),
                "There is no file, repository or model smol. Known by name: a, b."
            ),
            (.needsHash(url: "https://x/y"), "What comes from https://x/y cannot be checked without its SHA-256."),
            (
                .badName(name: "a/b"),
                "A model's name has letters, digits, dots, dashes and underscores, and begins with none of the signs; a/b is none."
            ),
            (
                .unknown(name: "x", suggestion: nil, known: ["a.gguf", "b"]),
                "There is no model x here; there are a.gguf, b."
            ),
            (.unknown(name: "x", suggestion: "y", known: ["y"]), "There is no model x here; did you mean y?"),
            (.busyElsewhere(name: "m"), "Another distnb is adding m at this moment."),
            (
                .untrusted(host: "h", reason: "certificate expired"),
                "h could not show that it is h: certificate expired. Nothing was fetched."
            ),
            (
                .cut(host: "h", reason: "reset", kept: 41_000_000, size: 98_362_432),
                "The connection to h broke again and again (reset); 41 MB of 98 MB are kept."
            ),
            (
                .wrongSize(file: "m", expected: 10000, found: 10001),
                "m should have 10,000 bytes and has 10,001; nothing of it was kept."
            ),
            (.damagedArchive(file: "w.whl", reason: "it is cut off"), "w.whl is damaged: it is cut off."),
            (.cannotWrite(path: "p", reason: "Permission denied"), "p cannot be written: Permission denied."),
            (.noLibrary, "There is no libcurl on this machine, by which models are fetched."),
        ]
        for (error, words) in messages { #expect(error.description == words) }
        #expect(ModelLibraryError.noLibrary.hint == "install libcurl (Debian: libcurl4)")
    }

    @Test(arguments: [
        (0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (98_362_432, "98 MB"), (1_234_567_890, "1.2 GB"),
    ])
    func bytesReadWell(_ bytes: Int, _ words: String) { #expect(ByteText.of(bytes) == words) }
}

extension Process {
    fileprivate func waitForEnd() -> Int32 {
        waitUntilExit()
        return terminationStatus
    }
}

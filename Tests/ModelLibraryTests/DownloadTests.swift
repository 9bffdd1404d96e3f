import Distillation
import Foundation
import LoopbackServer
import Testing

@testable import ModelLibrary

/// Fetching from a real server that behaves as badly as servers do.
@Suite struct DownloadTests {
    private let body = noise(300_000)

    private func item(_ server: LoopbackServer, sized: Bool = true, hash: String? = nil) throws -> Download.Item {
        Download.Item(
            url: try #require(URL(string: server.address + "/m.gguf")), name: "m.gguf", size: sized ? body.count : nil,
            digest: .sha256(hash ?? sha256(body)))
    }

    @Test func aFileComesWholeAndIsHashed() throws {
        let bench = try Bench()
        let server = try LoopbackServer { .file(body, tag: "\"a\"", for: $0) }
        var last = 0
        let hashes = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { last = $0 }
        #expect(hashes.sha256 == sha256(body))
        #expect(bench.read("m") == body)
        #expect(bench.names() == ["m"])
        #expect(last == body.count)
        #expect(server.requests.first?.headers["range"] == nil)
        #expect(server.requests.first?.headers["accept-encoding"] == "identity")
    }

    @Test func aCutConnectionGoesOnWhereItWasByRangeAndTag() throws {
        let bench = try Bench()
        let server = try LoopbackServer { .file(body, tag: "\"a\"", for: $0, cutAfter: $0.ordinal < 4 ? 80_000 : nil) }
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(bench.read("m") == body)
        #expect(
            server.requests.map { $0.headers["range"] } == [nil, "bytes=80000-", "bytes=160000-", "bytes=240000-"])
        #expect(server.requests.map { $0.headers["if-range"] } == [nil, "\"a\"", "\"a\"", "\"a\""])
        // Each try brought something, so the waits never grow.
        #expect(bench.waits == [1, 1, 1])
        #expect(bench.notices.first == "The connection broke after 80 kB of 300 kB; trying again in 1 s.")
    }

    @Test func anotherProcessGoesOnToo() throws {
        let bench = try Bench()
        let server = try LoopbackServer { request in
            request.ordinal < 7
                ? .file(body, tag: "\"a\"", for: request, cutAfter: request.ordinal == 1 ? 100_000 : 0)
                : .file(body, tag: "\"a\"", for: request)
        }
        #expect(throws: ModelLibraryError.self) {
            _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        }
        #expect(bench.names() == ["m.part", "m.part.json"])
        #expect(bench.read("m.part") == body.prefix(100_000))
        #expect(bench.waits == [1, 2, 4, 8, 16])
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(server.requests.last?.headers["range"] == "bytes=100000-")
        #expect(bench.read("m") == body)
        #expect(bench.names() == ["m"])
    }

    @Test func aServerThatIgnoresRangesSendsAllAnew() throws {
        let bench = try Bench()
        let server = try LoopbackServer { .init(200, body, cutAfter: $0.ordinal == 1 ? 80_000 : nil) }
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(bench.read("m") == body)
        #expect(server.requests.count == 2)
    }

    @Test func aFileThatChangedMeanwhileComesAnew() throws {
        let bench = try Bench()
        let old = noise(300_000, seed: 9)
        let server = try LoopbackServer { request in
            request.ordinal == 1
                ? .file(old, tag: "\"old\"", for: request, cutAfter: 90_000) : .file(body, tag: "\"new\"", for: request)
        }
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(bench.read("m") == body)
        #expect(server.requests.map { $0.headers["if-range"] } == [nil, "\"old\""])
    }

    @Test func aServerThatMixesTwoFilesIsNotBelieved() throws {
        let bench = try Bench()
        let old = noise(300_000, seed: 9)
        // The second answer is a part of another file under no tag: only the hash can tell.
        let server = try LoopbackServer { request in
            switch request.ordinal {
            case 1: .init(200, old, cutAfter: 90_000)
            case 2: .file(body, for: request)
            default: .init(200, body)
            }
        }
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(bench.read("m") == body)
        #expect(bench.notices.last == "The pieces of m.gguf do not fit together; fetching it anew.")
    }

    @Test func aPartThatBeginsElsewhereIsNotAppended() throws {
        let bench = try Bench()
        let server = try LoopbackServer { request in
            switch request.ordinal {
            case 1: .init(200, body, cutAfter: 90_000)
            case 2:
                .init(206, body.dropFirst(10), headers: ["Content-Range": "bytes 10-299999/300000"])
            default: .file(body, for: request)
            }
        }
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(bench.read("m") == body)
        #expect(server.requests.map { $0.headers["range"] } == [nil, "bytes=90000-", nil])
    }

    @Test func wrongBytesAreToldWithBothHashesAndNothingIsKept() throws {
        let bench = try Bench()
        let other = noise(300_000, seed: 2)
        let server = try LoopbackServer { .file(other, tag: "\"a\"", for: $0) }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        }
        #expect(
            error?.description == """
                m.gguf came damaged or is another file; nothing of it was kept.
                  expected SHA-256 \(sha256(body))
                  found            \(sha256(other))
                """)
        #expect(bench.names() == [])
        #expect(server.requests.count == 1)
    }

    @Test func moreBytesThanAnnouncedAreNotTaken() throws {
        let bench = try Bench()
        let server = try LoopbackServer { _ in .init(200, body + noise(10)) }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        }
        guard case .wrongSize? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(bench.names() == [])
    }

    @Test func anOverloadedServerIsAskedAgainAsItWishes() throws {
        let bench = try Bench()
        let server = try LoopbackServer { request in
            switch request.ordinal {
            case 1: .init(503)
            case 2: .init(429, headers: ["Retry-After": "7"])
            case 3: .init(500)
            default: .file(body, for: request)
            }
        }
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(bench.waits == [1, 7, 4])
        #expect(bench.notices[1] == "127.0.0.1 answered 429; trying again in 7 s.")
    }

    @Test func afterSixTriesItIsTold() throws {
        let bench = try Bench()
        let server = try LoopbackServer { _ in .init(502) }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        }
        #expect(error?.description == "127.0.0.1 is overloaded or out of order: it answered 502, 6 times in a row.")
        #expect(error?.hint == "the same command goes on where it stopped")
        #expect(server.requests.count == 6)
    }

    @Test func aServerThatWantsAnHourIsNotWaitedFor() throws {
        let bench = try Bench()
        let server = try LoopbackServer { _ in .init(429, headers: ["Retry-After": "3600"]) }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        }
        #expect(error?.description == "127.0.0.1 asks to come back in 60 minutes.")
        #expect(bench.waits == [])
    }

    @Test(arguments: [
        (404, "127.0.0.1 has no m.gguf."), (401, "127.0.0.1 does not let everybody have m.gguf (401)."),
        (403, "127.0.0.1 does not let everybody have m.gguf (403)."),
        (418, "127.0.0.1 answered with the status 418, which was not expected."),
    ]) func whatNoOtherTryWouldChangeIsToldAtOnce(_ status: Int, _ words: String) throws {
        let bench = try Bench()
        let server = try LoopbackServer { _ in .init(status) }
        let error = #expect(throws: ModelLibraryError.self) {
            _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        }
        #expect(error?.description == words)
        #expect(server.requests.count == 1)
    }

    @Test func aHostWhereNobodyListensIsToldAtOnce() throws {
        let bench = try Bench()
        let server = try LoopbackServer { _ in .init(200) }
        server.stop()
        let error = #expect(throws: HTTPFailure.self) {
            _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        }
        guard case .unreachable("127.0.0.1", _)? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(bench.waits == [])
    }

    @Test func aPartThatIsWholeAlreadyNeedsNoMoreThanALook() throws {
        let bench = try Bench()
        let server = try LoopbackServer { .file(body, tag: "\"a\"", for: $0) }
        // As after a kill between the last byte and the rename.
        let part = try PartFile(
            for: bench.path + "/m", url: server.address + "/m.gguf", digest: .sha256(sha256(body)))
        try body.withUnsafeBytes { try part.append($0) }
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(bench.read("m") == body)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=300000-"])
    }

    @Test func aFinishedFileIsNotFetchedAgainAndADamagedOneIs() throws {
        let bench = try Bench()
        let server = try LoopbackServer { .file(body, for: $0) }
        try bench.write("m", body)
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(server.requests.isEmpty)
        try bench.write("m", noise(300_000, seed: 3))
        _ = try bench.download(server).fetch(try item(server), to: bench.path + "/m") { _ in }
        #expect(bench.read("m") == body)
    }

    @Test func withoutAHashOnlyTheSameTagGoesOn() throws {
        let bench = try Bench()
        // No tag and no hash beforehand: nothing says that the rest belongs to what is here.
        let server = try LoopbackServer { request in
            .init(
                200, body, headers: ["X-Linked-ETag": "\"\(sha256(body))\""],
                cutAfter: request.ordinal < 7 ? 50_000 : nil)
        }
        let item = Download.Item(
            url: try #require(URL(string: server.address + "/m.gguf")), name: "m.gguf", digest: .fromServer)
        #expect(throws: ModelLibraryError.self) {
            _ = try bench.download(server).fetch(item, to: bench.path + "/m") { _ in }
        }
        _ = try bench.download(server).fetch(item, to: bench.path + "/m") { _ in }
        #expect(bench.read("m") == body)
        #expect(server.requests.last?.headers["range"] == nil)
    }

    @Test func anInterruptKeepsThePart() throws {
        let bench = try Bench()
        let server = try LoopbackServer { .file(body, tag: "\"a\"", for: $0, cutAfter: 100_000) }
        let part = bench.path + "/m.part"
        let cancellation = Cancellation {
            (try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int ?? 0 >= 100_000
        }
        #expect(throws: Interrupted.self) {
            _ = try bench.download(server, cancellation: cancellation).fetch(try item(server), to: bench.path + "/m") {
                _ in
            }
        }
        #expect(bench.read("m.part") == body.prefix(100_000))
        #expect(server.requests.count == 1)
    }

    @Test func anInterruptIsHeardWhileAServerIsSilent() throws {
        let bench = try Bench()
        let server = try LoopbackServer { _ in .init(200, body, cutAfter: 1_000, stalls: true) }
        defer { server.stop() }
        let part = bench.path + "/m.part"
        let cancellation = Cancellation {
            (try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int ?? 0 >= 1_000
        }
        let client = HTTPClient(transport: CurlTransport(), isCancelled: cancellation.isRequested)
        let download = Download(client: client, surroundings: bench.surroundings(cancellation: cancellation))
        #expect(throws: Interrupted.self) { _ = try download.fetch(try item(server), to: bench.path + "/m") { _ in } }
    }
}

import Foundation
import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

/// What is in the notebook's file and its blobs, which people hand on.
@Suite struct SavedSecretsTests {
    private static let secret = "correct-horse-battery"
    private static let token = "sk-abcdefghijklmnopqrstuvwx"
    private let redaction = Redaction(secrets: [secret], home: "/home/ann")

    private func expectNoSecret(in scratch: Scratch, _ names: [String]) throws {
        for name in names {
            let text = String(decoding: try scratch.read(name), as: UTF8.self)
            for secret in [Self.secret, Self.token, "/home/ann"] {
                #expect(!text.contains(secret), "\(name) holds \(secret)")
            }
        }
    }

    @Test func outputsExportsAndParametersHoldNone() throws {
        let row = "{\"a\":\"\(Self.secret) at /home/ann/x\",\"\(Self.token)\":1,\"b\":[\"\(Self.token)\"]}\n"
        let scratch = try Scratch(
            cells: ["let rows = load \"rows.jsonl\"\nrows", "param key = \"none\"\n\"is ${key}\"", "rows | take 1"],
            files: ["rows.jsonl": row])
        let session = try scratch.session(parameters: ["key": .string(Self.secret)], redaction: redaction)
        #expect(try session.run().ran == 3)
        try expectNoSecret(in: scratch, ["lab.distnb"])
        #expect(try scratch.session().document.parameters == ["key": "[redacted]"])
    }

    @Test func messagesHoldNone() throws {
        let scratch = try Scratch(
            cells: ["param key = \"none\"\nload \"${key}.jsonl\""])
        let session = try scratch.session(parameters: ["key": .string(Self.token)], redaction: redaction)
        let listener = Listener()
        #expect(try session.run(observer: listener).failed == 1)
        #expect(listener.messages.joined().contains(Self.token))
        try expectNoSecret(in: scratch, ["lab.distnb"])
    }

    @Test func mistakesFoundBeforeRunningHoldNone() throws {
        let scratch = try Scratch(cells: ["load \"rows.jsonl\""], files: ["rows.jsonl": "{\"a\":\(Self.token)}\n"])
        let listener = Listener()
        #expect(try scratch.session(redaction: redaction).run(observer: listener).failed == 1)
        #expect(listener.messages.joined().contains("sk"))
        try expectNoSecret(in: scratch, ["lab.distnb"])
    }

    @Test func blobsHoldNoneAndCanBeReadBack() throws {
        let rows = (0..<3_000).map {
            "{\"n\":\($0),\"text\":\"\($0 == 1_700 ? Self.token : "an ordinary text of a row")\",\"p\":\"/home/ann/\($0)\"}\n"
        }.joined()
        let scratch = try Scratch(cells: ["let rows = load \"rows.jsonl\""], files: ["rows.jsonl": rows])
        #expect(try scratch.session(redaction: redaction).run().ran == 1)
        let blobs = scratch.names(in: ".distnb/blobs").filter(SHA256Name.isName)
        #expect(blobs.count == 1)
        try expectNoSecret(in: scratch, blobs.map { ".distnb/blobs/" + $0 } + ["lab.distnb"])
        let session = try scratch.session(redaction: redaction)
        #expect(session.statuses().map(\.status) == [.current])
        #expect(session.value(of: "rows")?.rows?.value(1_700, "text") == "[redacted]")
        #expect(session.value(of: "rows")?.rows?.count == 3_000)
    }

    @Test func cellsBelowSeeWhatTheFileHolds() throws {
        let scratch = try Scratch(cells: ["param key = \"none\"", "key == \"\(Self.secret)\""])
        let session = try scratch.session(parameters: ["key": .string(Self.secret)], redaction: redaction)
        let listener = Listener()
        _ = try session.run(observer: listener)
        // With or without a new start in between, the second cell says the same.
        #expect(listener.shown == [false])
        #expect(listener.log.contains { $0.contains("Saved without what looks like keys") })
    }

    @Test func aRedactedParameterMakesNothingStale() throws {
        let scratch = try Scratch(cells: ["param path = \"a\"\nlen(path)"])
        let session = try scratch.session(parameters: ["path": "/home/ann/rows.jsonl"], redaction: redaction)
        _ = try session.run()
        let saved = try scratch.session().document.parameters
        #expect(saved == ["path": "~/rows.jsonl"])
        let again = try scratch.session(
            parameters: Bindings(uniqueKeysWithValues: saved.map { ($0.key, $0.value) }), redaction: redaction)
        #expect(again.statuses().map(\.status) == [.current])
        let given = try scratch.session(parameters: ["path": "/home/ann/rows.jsonl"], redaction: redaction)
        #expect(given.statuses().map(\.status) == [.current])
    }

    @Test func codeThatHoldsATokenIsKeptAndTold() throws {
        let scratch = try Scratch(cells: ["1", "let key = \"\(Self.token)\""])
        let session = try scratch.session(redaction: redaction)
        _ = try session.run()
        #expect(session.cellsWithSecrets == [2])
        #expect(session.document.cells[1].source.contains(Self.token))
    }

    @Test func keysThatAreLearntWhileItRunsAreKeptOutToo() throws {
        let ledger = SecretLedger()
        let redaction = Redaction(ledger: ledger)
        let scratch = try Scratch(cells: ["\"it is printed-by-a-command\""])
        #expect(redaction.apply(to: "it is printed-by-a-command") == "it is printed-by-a-command")
        ledger.insert("printed-by-a-command")
        ledger.insert("printed-by-a-command-too")
        ledger.insert("short")
        #expect(redaction.apply(to: "a printed-by-a-command-too, short") == "a [redacted], short")
        _ = try scratch.session(redaction: redaction).run()
        let output = try #require(try scratch.session().document.cells.first?.outputs.first)
        #expect(!JSON.text(output).contains("printed-by"))
    }
}

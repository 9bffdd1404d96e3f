import Distillation
import Foundation
import RemoteModels
import Synchronization
import Testing

/// Where keys come from.
@Suite struct ServiceSecretTests {
    private func read(_ source: ServiceProfile.SecretSource, _ environment: [String: String] = [:]) throws -> String? {
        try ServiceSecret(environment: environment).read(source, for: "openai")
    }

    @Test func aVariableOfTheEnvironmentHoldsTheKey() throws {
        #expect(try read(.environment("OPENAI_API_KEY"), ["OPENAI_API_KEY": " sk-1\n"]) == "sk-1")
        #expect(try read(.none) == nil)
    }

    @Test func aCommandPrintsTheKeyInItsFirstLine() throws {
        #expect(try read(.command(["printf", "sk-2\nmore"])) == "sk-2")
    }

    @Test func whatIsNotThereIsToldByItsName() throws {
        let missing = #expect(throws: ProviderError.self) { try read(.environment("OPENAI_API_KEY")) }
        #expect(missing?.description.contains("OPENAI_API_KEY is not set") == true)
        let failing = #expect(throws: ProviderError.self) { try read(.command(["false"])) }
        #expect(failing?.description.contains("`false` printed no key") == true)
        let unknown = #expect(throws: ProviderError.self) { try read(.command(["no-such-program-here"])) }
        #expect(unknown?.description.contains("no-such-program-here") == true)
    }

    @Test func aKeyThatWouldBreakTheHeadIsRefusedWithoutShowingIt() throws {
        let refused = #expect(throws: ProviderError.self) {
            try read(.environment("OPENAI_API_KEY"), ["OPENAI_API_KEY": "sk-3\r\nX: y"])
        }
        #expect(refused?.description.contains("sk-3") == false)
    }

    @Test func anOptionalVariableNeedNotBeSet() throws {
        #expect(try read(.optional("DISTNB_API_KEY")) == nil)
        #expect(try read(.optional("DISTNB_API_KEY"), ["DISTNB_API_KEY": " "]) == nil)
        #expect(try read(.optional("DISTNB_API_KEY"), ["DISTNB_API_KEY": "k1"]) == "k1")
        #expect(throws: ProviderError.self) { try read(.optional("DISTNB_API_KEY"), ["DISTNB_API_KEY": "a b"]) }
    }

    @Test func aCommandIsAskedOnceInFiveMinutesAndItsKeyIsTold() throws {
        let clock = Mutex(1_000.0)
        let told = Mutex<[String]>([])
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-key-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let source = ServiceProfile.SecretSource.command(["sh", "-c", "echo x >> \(file.path); wc -l < \(file.path)"])
        let secret = ServiceSecret(environment: [:], now: { clock.withLock { $0 } }) { key in
            told.withLock { $0.append(key) }
        }
        #expect(try secret.read(source, for: "k") == "1")
        clock.withLock { $0 += 299 }
        #expect(try secret.read(source, for: "k") == "1")
        clock.withLock { $0 += 2 }
        #expect(try secret.read(source, for: "k") == "2")
        #expect(told.withLock { $0 } == ["1", "1", "2"])
    }

    @Test func whereAKeyComesFromIsSaidAndNeverTheKey() {
        let secret = ServiceSecret(environment: ["A_KEY": "very-secret"])
        #expect(secret.isThere(.environment("A_KEY")) == true && secret.isThere(.environment("B_KEY")) == false)
        #expect(secret.isThere(.none) == true && secret.isThere(.optional("B_KEY")) == false)
        #expect(secret.isThere(.command(["pass"])) == nil)
        #expect(ServiceSecret.place(.environment("A_KEY")) == "the variable A_KEY")
        #expect(ServiceSecret.place(.command(["pass", "show", "x"])) == "the command `pass show x`")
        #expect(ServiceSecret.place(.none) == nil)
    }
}

import Distillation
import RemoteModels
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
}

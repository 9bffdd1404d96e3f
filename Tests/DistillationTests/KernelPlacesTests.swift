import Foundation
import OrderedCollections
import Tables
import Testing

@testable import Distillation

/// Kernels whose models run in two places, and the kernels that are shipped.
@Suite struct KernelPlacesTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func shipped(_ name: String, _ environment: [String: String] = [:]) throws -> KernelProfile {
        let folder = Self.root.appendingPathComponent("kernels/\(name)")
        let json = try JSON.parse(Array(Data(contentsOf: folder.appendingPathComponent("kernel.json"))))
        let base = try KernelProfile.extended(by: json).map { try shipped($0, environment) }
        return try KernelProfile(name: name, json: json, folder: folder.path, base: base, environment: environment)
    }

    private func kernel(_ profile: String, base: KernelProfile? = nil) throws -> KernelProfile {
        try KernelProfile(name: "k", json: try JSON.parse("{\"metadata\":{\"distnb\":\(profile)}}"), base: base)
    }

    @Test(arguments: ["embedded", "openai", "azure", "compatible"])
    func everyShippedKernelIsAKernelspecWithTheLabsModels(_ name: String) throws {
        let profile = try shipped(name, ["AZURE_OPENAI_ENDPOINT": "https://zava.openai.azure.com/"])
        #expect(profile.models.keys.contains("teacher") && profile.models.keys.contains("student"))
        #expect(profile.models.keys.contains("base") && profile.embedding != nil)
        let json = try JSON.parse(
            Array(Data(contentsOf: Self.root.appendingPathComponent("kernels/\(name)/kernel.json"))))
        #expect(
            json[field: "argv"].list?.compactMap(\.text)
                == ["distnb", "jupyter-kernel", "--kernel", name, "{connection_file}"])
        #expect(json[field: "language"].text == "distnb" && json[field: "interrupt_mode"].text == "message")
    }

    @Test func openAIsPricesAreDatedAndSourced() throws {
        let openai = try shipped("openai")
        for (alias, model) in openai.models {
            let price = try #require(model.price, "\(alias)")
            #expect(price.asOf != nil && price.source != nil, "\(alias)")
        }
        #expect(openai.embedding?.price == nil || openai.embedding?.price?.asOf != nil)
        #expect(openai.models["student"]?.price?.training == 5)
        #expect(openai.models["teacher"]?.id != openai.models["judge"]?.id)
        #expect(openai.service?.key == .environment("OPENAI_API_KEY"))
        #expect(openai.host == "https://api.openai.com/v1", "OpenAI's key goes nowhere else")
    }

    @Test func azuresModelsAreDeploymentsFromVariablesWithoutPrices() throws {
        #expect(throws: KernelError.self) { try shipped("azure") }
        let azure = try shipped(
            "azure",
            [
                "AZURE_OPENAI_ENDPOINT": "https://zava.openai.azure.com/", "DISTNB_STUDENT": "small",
                "AZURE_OPENAI_RESOURCE":
                    "/subscriptions/1/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/zava",
            ])
        #expect(azure.host == "https://zava.openai.azure.com/openai/v1")
        #expect(azure.models["student"]?.id == "small" && azure.models["teacher"]?.id == "gpt-4.1")
        #expect(azure.models.values.allSatisfy { $0.price == nil })
        #expect(azure.tariff(of: "teacher") == .unknown)
        let deployment = try #require(azure.service?.deployment)
        #expect(deployment.account.hasPrefix("https://management.azure.com/subscriptions/1/"))
        guard case .command(let words) = deployment.token else { return #expect(Bool(false), "no command") }
        #expect(words.prefix(3) == ["az", "account", "get-access-token"])
        #expect(azure.leastTrainingRows(of: try #require(azure.models["student"])) == 10)
    }

    @Test func compatiblesStudentsAreTrainedOnThisMachineLikeTheEmbeddedKernels() throws {
        let embedded = try shipped("embedded")
        let mixed = try shipped("compatible", ["DISTNB_TEACHER": "qwen3"])
        #expect(mixed.host == "http://localhost:8080/v1")
        #expect(mixed.aliasesAway == ["judge", "teacher"])
        for alias in ["base", "student"] {
            let (mine, theirs) = (try #require(mixed.models[alias]), try #require(embedded.models[alias]))
            #expect(mixed.provider(of: mine) == "embedded" && mixed.host(of: mine) == nil)
            #expect(mine.id == theirs.id && mine.sha256 == theirs.sha256 && mine.layers == theirs.layers)
            #expect(mixed.service(of: mine) == nil)
        }
        #expect(mixed.models["teacher"]?.id == "qwen3" && mixed.models["judge"]?.id == "*")
        #expect(mixed.models["teacher"]?.sha256 == nil && mixed.models["teacher"]?.adapter == nil)
        #expect(mixed.embedding.map { mixed.provider(of: $0) } == "embedded")
        #expect(mixed.folders.count == 2 && mixed.folders[1].hasSuffix("kernels/embedded"))
        #expect(mixed.service?.key == .optional("DISTNB_API_KEY"), "OpenAI's key is not sent to another server")
    }

    @Test func whatAServiceDemandsHoldsForItsModelsAlone() throws {
        let mixed = try kernel(
            #"""
            {"provider": "openai", "endpoint": "https://api.example.com/v1", "limits": {"training_rows": 10},
             "models": {"teacher": {"id": "t", "price": {"input": 1, "output": 2}},
                        "student": {"id": "s.gguf", "provider": "embedded"}, "far": {"id": "f"}}}
            """#)
        let (student, far) = (try #require(mixed.models["student"]), try #require(mixed.models["far"]))
        #expect(mixed.leastTrainingRows(of: student) == nil && mixed.leastTrainingRows(of: far) == 10)
        #expect(mixed.tariff(of: "student") == .machine && mixed.tariff(of: "far") == .unknown)
        #expect(mixed.tariff(of: "teacher") == .tokens(TokenPrice(input: 1, output: 2)))
        #expect(mixed.tariff(of: "nobody") == .unknown)
    }

    @Test func aFineTunedModelOfAServiceHasItsOwnPrice() throws {
        let profile = try kernel(
            #"""
            {"provider": "openai", "endpoint": "https://api.example.com/v1", "models": {
              "student": {"id": "s", "price": {"input": 0.4, "output": 1.6, "training": 5,
                                               "tuned": {"input": 0.8, "output": 3.2}}},
              "here": {"id": "h", "provider": "embedded", "price": {"input": 0, "output": 0}}}}
            """#)
        let specification = try #require(profile.models["student"])
        let identity = ModelIdentity(endpoint: "e", id: "s")
        let base = Model(alias: "student", specification: specification, identity: identity)
        let tuned = Model(
            alias: "student", specification: specification.trained(as: "ft:s"), identity: identity, trainedWeights: "r")
        #expect(profile.price(of: base)?.input == 0.4 && profile.price(of: tuned)?.input == 0.8)
        #expect(profile.price(of: tuned)?.output == 3.2)
        guard case .tokens(let price) = profile.tariff(of: tuned) else { return #expect(Bool(false)) }
        #expect(price.input == 0.8 && price.training == 5)
        let here = Model(
            alias: "here", specification: try #require(profile.models["here"]), identity: identity, trainedWeights: "w")
        #expect(profile.tariff(of: here) == .machine)
        #expect(throws: KernelError.self) {
            try kernel(
                #"{"provider": "p", "models": {"a": {"id": "a", "price": {"input": 1, "output": 1, "tuned": {"input": 1}}}}}"#
            )
        }
    }

    @Test func theProviderOfAModelIsTheKernelsOrThisProcess() {
        #expect(throws: KernelError.self) {
            try kernel(
                #"{"provider": "openai", "endpoint": "https://a.example", "models": {"a": {"id": "a", "provider": "azure"}}}"#
            )
        }
    }

    @Test func aKeyThatStandsInTheFileIsRefused() {
        for key in [
            #""sk-1""#, #"{"value": "sk-1"}"#, #"{"environment": ""}"#, #"{"command": []}"#, #"{"command": [1]}"#,
        ] {
            let refused = #expect(throws: KernelError.self) {
                try kernel(
                    #"{"provider": "openai", "endpoint": "https://a.example", "key": \#(key), "models": {"a": {"id": "a"}}}"#
                )
            }
            #expect(refused?.description.contains("sk-1") == false)
        }
    }

    @Test(arguments: [
        ("http://localhost:8080/v1", true), ("http://127.0.0.1/v1", true), ("http://[::1]:1/v1", true),
        ("https://localhost.example.com/v1", false), ("https://api.example.com/?x=localhost", false),
        ("http://mylocalhost:1", false),
    ]) func thisMachineIsKnownByItsName(_ address: String, _ isHere: Bool) {
        #expect(KernelProfile.isThisMachine(address) == isHere)
    }
}

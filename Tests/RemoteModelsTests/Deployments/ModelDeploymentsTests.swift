import Distillation
import Foundation
import OpenAIWire
import OrderedCollections
import Synchronization
import Testing

@testable import RemoteModels

struct ModelDeploymentsTests {
    private func deployments(_ world: JobsWorld) throws -> ModelDeployments {
        _ = world.client()
        return ModelDeployments(
            try #require(world.profile.deployment), kernel: "lab", surroundings: world.surroundings())
    }

    @Test func aTrainedModelIsDeployedAndAnswersByTheDeploymentsName() throws {
        let world = JobsWorld(.azure)
        let told = JobsWorld.Told()
        let result = try world.client().run(.lesson(), supervision: world.supervision(told))
        #expect(result.specification?.id == "distnb-ftjob-0")
        #expect(world.read { $0.deployments["distnb-ftjob-0"]?.model } == "gpt-4.1-mini-2025-04-14.ft-0")
        #expect(told.stages.contains("deploying: creating"))
        #expect(
            told.notes.last
                == "gpt-4.1-mini-2025-04-14.ft-0 is deployed as distnb-ftjob-0: that costs by the hour until it is deleted, "
                + "whether it is asked or not. distnb deployments delete distnb-ftjob-0 --kernel lab")
    }

    @Test func eachEndpointSeesItsOwnSecretOnly() throws {
        let world = JobsWorld(.azure)
        _ = try world.client().run(.lesson(), supervision: world.supervision())
        let heads = world.read(\.heads)
        #expect(Set(heads["authorization"] ?? []) == ["Bearer token-test"])
        #expect(Set(heads["api-key"] ?? []) == ["sk-test"])
    }

    @Test func aKernelThatNamesADeploymentTrainsItsModel() throws {
        let world = JobsWorld(.azure)
        world.state.withLock { $0.deployments["mini"] = ("gpt-4.1-mini", 0) }
        // The double's deployments have the version 1.
        _ = try world.client().run(.lesson(model: "mini"), supervision: world.supervision())
        #expect(world.read { $0.jobs.first?.model } == "gpt-4.1-mini-1")
    }

    @Test func namesAreLegalAndAlwaysTheSame() {
        #expect(DeploymentName.of(job: "ftjob-abc123") == "distnb-ftjob-abc123")
        for odd in [String(repeating: "x", count: 80), "a b", "", "ä"] {
            let name = DeploymentName.of(job: odd)
            #expect(name == DeploymentName.of(job: odd))
            #expect(name.count <= 64 && DeploymentName.isOurs(name))
            #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        }
        #expect(DeploymentName.of(job: "a b") != DeploymentName.of(job: "ab"))
    }

    @Test func deploymentsAreListedAndDeleted() throws {
        let world = JobsWorld(.azure)
        let deployments = try deployments(world)
        _ = try world.client().run(.lesson(), supervision: world.supervision())
        world.state.withLock { $0.deployments["theirs"] = ("gpt-4.1", 0) }
        #expect(try deployments.all().compactMap(\.name) == ["distnb-ftjob-0", "theirs"])
        #expect(try deployments.delete("distnb-ftjob-0"))
        #expect(try !deployments.delete("distnb-ftjob-0"))
        #expect(try deployments.all().compactMap(\.name) == ["theirs"])
    }

    @Test func aTokenThatIsRefusedIsToldBeforeTheTraining() throws {
        let world = JobsWorld(.azure)
        let body =
            #"{"error": {"code": "ExpiredAuthenticationToken", "message": "The access token expiry UTC time is earlier"}}"#
        world.state.withLock { $0.answers["GET /accounts/lab/deployments/gpt-4.1-mini-2025-04-14"] = (401, body) }
        let error = try #require(throws: ProviderError.self) {
            try world.client().run(.lesson(), supervision: world.supervision())
        }
        #expect(error.description.contains("The access token expiry"))
        #expect(error.hint?.contains("az account get-access-token") == true)
        #expect(world.read { $0.jobs.isEmpty } && world.read(\.uploads) == 0)
    }

    @Test func anAccountThatIsNotThereIsToldBeforeTheTraining() throws {
        let world = JobsWorld(.azure)
        let body = #"{"error": {"code": "ParentResourceNotFound", "message": "no account"}}"#
        world.state.withLock { $0.answers["GET /accounts/lab/deployments/gpt-4.1-mini-2025-04-14"] = (404, body) }
        let error = try #require(throws: ProviderError.self) {
            try world.client().run(.lesson(), supervision: world.supervision())
        }
        #expect(error.hint == "check the names in deployment.account of kernel.json")
        #expect(world.read { $0.jobs.isEmpty })
    }

    @Test func aDeploymentThatFailsCostsNoSecondTraining() throws {
        let world = JobsWorld(.azure)
        let body = #"{"error": {"code": "InsufficientQuota", "message": "This operation require 1 new capacity"}}"#
        world.state.withLock { $0.answers["PUT /accounts/lab/deployments/distnb-ftjob-0"] = (400, body) }
        let error = try #require(throws: ProviderError.self) {
            try world.client().run(.lesson(), supervision: world.supervision())
        }
        #expect(error.hint?.contains("distnb deployments list --kernel lab") == true)
        world.state.withLock { $0.answers = [:] }
        let result = try world.client(seed: 2).run(.lesson(), supervision: world.supervision())
        #expect(result.specification?.id == "distnb-ftjob-0")
        #expect(world.read { $0.jobs.count } == 1)
    }
}

import Distillation
import Foundation
import OpenAIWire
import OrderedCollections
import RemoteModels
import Synchronization
import Tables
import Testing

struct RemoteFineTuningTests {
    @Test func aModelIsTrainedAndKnowsHow() throws {
        let world = JobsWorld()
        let told = JobsWorld.Told()
        let options = FineTuneOptions(epochs: 4, batchSize: 2, seed: 7)
        let job = FineTuneJob.lesson(options: options, given: ["epochs", "batch_size", "seed"], suffix: "cora")
        let result = try world.client().run(job, supervision: world.supervision(told))

        let sent = try #require(world.read { $0.jobs.first })
        #expect(sent.model == "gpt-4.1-mini-2025-04-14")
        #expect(sent.method.kind == .supervised)
        #expect(sent.method.hyperparameters == Hyperparameters(epochs: .value(4), batchSize: .value(2)))
        #expect(sent.seed == 7)
        #expect(sent.suffix == "cora")
        #expect(sent.metadata["distnb_key"]?.count == 64)
        #expect(result.specification?.id == "ft:gpt-4.1-mini-2025-04-14:org:cora:0")
        // Losses of batches are no validation losses where there are some of all rows.
        #expect(result.steps.map(\.validationLoss) == [nil, nil, 0.5 + 1.0 / 3, nil, nil, 0.5 + 1.0 / 6])
        #expect(result.steps.map(\.epoch) == [1, 1, 2, 3, 3, 4])
        #expect(result.steps.allSatisfy { $0.totalSteps == 6 })
        #expect(told.steps.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(result.receipt?.tokens == 1_234)
        #expect(result.receipt?.seconds == 80)
        #expect(result.receipt?.options[field: "epochs"] == 4)
        #expect(
            told.stages.contains("validating files") && told.stages.contains("queued")
                && told.stages.contains("running"))
        #expect(told.notes == ["The job ftjob-0 trains gpt-4.1-mini-2025-04-14 at api.openai.com on 12 rows."])
    }

    @Test func whatACellDoesNotGiveTheServiceChooses() throws {
        let world = JobsWorld()
        _ = try world.client().run(.lesson(), supervision: world.supervision())
        let sent = try #require(world.read { $0.jobs.first })
        #expect(sent.method.hyperparameters == Hyperparameters())
        #expect(sent.suffix == nil)
        // A seed is sent nevertheless, always the same one: so the job can be told from others.
        let again = JobsWorld()
        _ = try again.client(seed: 9).run(.lesson(), supervision: again.supervision())
        #expect(sent.seed == again.read { $0.jobs.first?.seed })
    }

    @Test func theRecordOfAModelHasNoKeys() throws {
        let world = JobsWorld(.azure)
        let result = try world.client().run(.lesson(), supervision: world.supervision())
        let text = String(decoding: result.weights, as: UTF8.self)
        #expect(text.contains("\"job\":\"ftjob-0\""))
        #expect(!text.contains("sk-test") && !text.contains("token-test"))
        for data in world.read(\.checkpoints).values {
            let kept = String(decoding: data, as: UTF8.self)
            #expect(!kept.contains("sk-test") && !kept.contains("token-test"))
        }
    }

    @Test func unknownStatusesAreShownAndFollowed() throws {
        let world = JobsWorld(course: [
            (0, "pending"), (5, "warming_up"), (30, "paused"), (90, "running"), (120, "succeeded"),
        ])
        let told = JobsWorld.Told()
        _ = try world.client().run(.lesson(), supervision: world.supervision(told))
        #expect(told.stages.suffix(4) == ["pending", "warming up", "paused at the service", "running"])
    }

    @Test func aModelsNameMayComeAfterItsJobsEnd() throws {
        let soon = JobsWorld(nameDelay: 60)
        #expect(try soon.client().run(.lesson(), supervision: soon.supervision()).specification != nil)
        let late = JobsWorld(nameDelay: 5_000)
        let error = try #require(throws: ProviderError.self) {
            try late.client().run(.lesson(), supervision: late.supervision())
        }
        #expect(error.description == "The job ftjob-0 has succeeded, but api.openai.com names no model.")
        late.state.withLock { $0.time += 10_000 }
        _ = try late.client(seed: 2).run(.lesson(), supervision: late.supervision())
        #expect(late.read { $0.jobs.count } == 1)
    }

    @Test func pausesGrowAndBeginAnewWhenSomethingChanges() throws {
        let world = JobsWorld(course: [(0, "queued"), (3_000, "succeeded")])
        _ = try world.client().run(.lesson(), supervision: world.supervision())
        // 2, 3, 4.5 … up to 30 seconds: far fewer looks than seconds.
        let looks = world.read { state in state.log.count { $0 == "GET /v1/fine_tuning/jobs/ftjob-0" } }
        #expect((100...130).contains(looks))
    }

    @Test(arguments: [
        (
            "exceeded_quota", "Creating this fine-tuning job would exceed your hard limit, please check your plan.",
            "would cost more than the account", "billing pages"
        ),
        (
            "invalid_training_file", "The job failed due to an invalid training file. Example 3 is broken.",
            "could not use the training file", "names the row"
        ),
        (
            "invalid_n_examples", "Training file has 7 example(s), but must have at least 10 examples",
            "10 rows at the least", "keep more rows"
        ),
        ("something_new", "Nobody knows it.", "Nobody knows it.", "asks for a new job"),
    ])
    func aFailedJobGivesItsReasonAndWhatToDo(
        _ code: String, _ message: String, _ words: String, _ hint: String
    ) throws {
        let world = JobsWorld(
            course: [(0, "queued"), (10, "failed")],
            failure: FineTuningJob.Failure(code: code, message: message, param: "training_file"))
        let error = try #require(throws: ProviderError.self) {
            try world.client().run(.lesson(), supervision: world.supervision())
        }
        #expect(error.description.hasPrefix("The fine-tuning job ftjob-0 failed because of `training_file`. "))
        #expect(error.description.contains(words) && error.description.contains(message))
        #expect(error.hint?.contains(hint) == true)
        // The next run asks for a new job.
        #expect(world.read(\.checkpoints.isEmpty))
    }

    @Test func aRefusedJobKeepsItsFilesAndLeavesNoJob() throws {
        let world = JobsWorld()
        let body = #"{"error": {"message": "Model is not available for fine-tuning", "code": "model_not_available"}}"#
        world.state.withLock { $0.answers["POST /v1/fine_tuning/jobs"] = (400, body) }
        let error = try #require(throws: ProviderError.self) {
            try world.client().run(.lesson(), supervision: world.supervision())
        }
        #expect(error.description.contains("not available for fine-tuning"))
        world.state.withLock { $0.answers = [:] }
        _ = try world.client(seed: 2).run(.lesson(), supervision: world.supervision())
        #expect(world.read(\.uploads) == 2)
        #expect(world.read { $0.jobs.count } == 1)
    }

    @Test func aServiceThatFallsSilentIsLeftToItself() throws {
        let world = JobsWorld()
        #expect(throws: Interrupted.self) {
            try world.client(killedAt: (16, .after)).run(.lesson(), supervision: world.supervision())
        }
        world.state.withLock { $0.answers["GET /v1/fine_tuning/jobs/ftjob-0"] = (503, "{}") }
        let told = JobsWorld.Told()
        #expect(throws: ProviderError.self) {
            try world.client(seed: 2).run(.lesson(), supervision: world.supervision(told))
        }
        #expect(told.notes.last?.contains("Running the cell again picks it up") == true)
        world.state.withLock { $0.answers = [:] }
        _ = try world.client(seed: 3).run(.lesson(), supervision: world.supervision())
        #expect(world.read { $0.jobs.count } == 1)
    }

    @Test func anInterruptLeavesTheJobToTheServiceAndSaysSo() throws {
        let world = JobsWorld()
        let told = JobsWorld.Told()
        let client = world.client()
        world.state.withLock { $0.interruptAt = $0.time + 40 }
        #expect(throws: Interrupted.self) { try client.run(.lesson(), supervision: world.supervision(told)) }
        #expect(world.read(\.cancelled).isEmpty)
        #expect(told.notes.suffix(2).first?.hasPrefix("? The job ftjob-0 goes on at api.openai.com") == true)
        #expect(told.notes.last?.contains("Running the cell again picks it up") == true)
        let again = JobsWorld.Told()
        _ = try world.client(seed: 2).run(.lesson(), supervision: world.supervision(again))
        #expect(world.read { $0.jobs.count } == 1)
        #expect(again.steps.map(\.step) == [1, 2, 3, 4, 5, 6])
    }

    @Test func anInterruptIsHeardAtOnce() throws {
        let world = JobsWorld(course: [(0, "queued"), (1e6, "succeeded")])
        let client = world.client()
        let moment = world.read(\.time) + 1_000
        world.state.withLock { $0.interruptAt = moment }
        #expect(throws: Interrupted.self) { try client.run(.lesson(), supervision: world.supervision()) }
        #expect(world.read(\.time) - moment < 0.2)
    }

    @Test func whoWantsAJobToEndIsAskedAndItIsCancelled() throws {
        let world = JobsWorld()
        let client = world.client()
        world.state.withLock { $0.interruptAt = $0.time + 40 }
        let error = try #require(throws: ProviderError.self) {
            try client.run(.lesson(), supervision: world.supervision(offer: { _ in true }))
        }
        #expect(error.description.hasPrefix("The job ftjob-0 was cancelled, as you asked"))
        #expect(world.read(\.cancelled) == [0])
        _ = try world.client(seed: 2).run(.lesson(), supervision: world.supervision())
        #expect(world.read { $0.jobs.count } == 2)
    }

    @Test func aJobThatSomebodyElseCancelledIsNoModel() throws {
        let world = JobsWorld(course: [(0, "queued"), (10, "cancelled")])
        let error = try #require(throws: ProviderError.self) {
            try world.client().run(.lesson(), supervision: world.supervision())
        }
        #expect(error.description == "The fine-tuning job ftjob-0 was cancelled at the service.")
    }

    @Test func probabilitiesAreNotToBeHad() throws {
        let world = JobsWorld()
        let job = FineTuneJob.lesson(options: FineTuneOptions(method: .soft(SoftLabelOptions())), given: ["method"])
        let error = try #require(throws: ProviderError.self) {
            try world.client().run(job, supervision: world.supervision())
        }
        #expect(error.description.contains("needs the teacher's probabilities"))
        #expect(world.read(\.log).isEmpty)
    }

    @Test func aServiceWithoutJobsSaysSoBeforeAnythingIsSent() throws {
        let world = JobsWorld()
        var profile = world.profile
        profile.features = []
        let client = RemoteFineTuning(profile, kernel: "lab", surroundings: world.surroundings())
        let error = try #require(throws: ProviderError.self) {
            try client.run(.lesson(), supervision: world.supervision())
        }
        #expect(error.description == "The service of the kernel lab trains no models.")
        #expect(world.read(\.log).isEmpty)
    }

    @Test func anAzureKernelThatCannotDeployDoesNotTrain() throws {
        let world = JobsWorld(.azure)
        var profile = world.profile
        profile.deployment = nil
        let client = RemoteFineTuning(profile, kernel: "lab", surroundings: world.surroundings())
        let error = try #require(throws: ProviderError.self) {
            try client.run(.lesson(), supervision: world.supervision())
        }
        #expect(error.description.contains("answers only once it is deployed"))
        #expect(error.hint?.contains("get-access-token") == true)
        #expect(world.read(\.log).isEmpty)
    }

    @Test func aTunedModelIsTunedFurtherByItsOwnName() throws {
        let world = JobsWorld(.azure)
        let first = try world.client().run(.lesson(model: "gpt-4.1-mini-2025-04-14"), supervision: world.supervision())
        let before = FineTuneJob.lesson(rows: 11)
        let specification = try #require(first.specification)
        let second = FineTuneJob(
            base: Model(
                alias: "student", specification: specification,
                identity: ModelIdentity(endpoint: "lab", id: specification.id), trainedWeights: "blob"),
            baseWeights: first.weights, examples: before.examples, validation: [], options: FineTuneOptions())
        _ = try world.client().run(second, supervision: world.supervision())
        #expect(world.read { $0.jobs.last?.model } == "gpt-4.1-mini-2025-04-14.ft-0")
    }
}

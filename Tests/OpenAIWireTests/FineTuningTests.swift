import OpenAIWire
import OrderedCollections
import Tables
import Testing

/// Jobs as OpenAI and Azure write them.
@Suite struct FineTuningTests {
    @Test(arguments: [
        (#"{"suffix": ""}"#, "1 to 64 characters in `suffix`, found 0"),
        (#"{"suffix": "\#(String(repeating: "x", count: 65))"}"#, "found 65"),
        (#"{"seed": -1}"#, "from 0 to 2147483647 in `seed`, found -1"), (#"{"seed": 2147483648}"#, "found 2147483648"),
        (
            #"{"method": {"type": "supervised", "supervised": {"hyperparameters": {"batch_size": 257}}}}"#,
            "a whole number from 1 to 256 or \"auto\" in `batch_size`, found 257"
        ),
        (
            #"{"method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 0}}}}"#,
            "from 1 to 50 or \"auto\" in `n_epochs`, found 0"
        ),
        (#"{"hyperparameters": {"n_epochs": 1.5}}"#, "in `n_epochs`, found 1.5"),
        (#"{"hyperparameters": {"n_epochs": "some"}}"#, "in `n_epochs`, found \"some\""),
        (#"{"hyperparameters": {"learning_rate_multiplier": 0}}"#, "a number above 0"),
        (#"{"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 2.5}}}}"#, "above 0, at most 2"),
        (#"{"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0}}}}"#, "above 0, at most 2"),
        (#"{"metadata": {"k": "\#(String(repeating: "v", count: 513))"}}"#, "metadata.k"),
    ])
    func whatIsOutOfBoundsIsNamed(text: String, part: String) throws {
        let others = try #require(JSON.parse(text).record).mapValues(Optional.some)
        let request = try FineTuningJobRequest(model: "m", trainingFile: "f").setting(others)
        do throws(WireError) {
            try request.checkBounds()
            Issue.record("it was let pass")
        } catch {
            #expect(error.description.contains(part), "\(error)")
        }
    }

    @Test func theBoundsThemselvesAreAllowed() throws {
        for (epochs, batch, seed) in [(1, 1, 0), (50, 256, 2_147_483_647)] {
            try FineTuningJobRequest(
                model: "m", trainingFile: "f", suffix: String(repeating: "x", count: 64), seed: seed,
                method: FineTuningMethod(
                    .dpo, Hyperparameters(epochs: .value(epochs), batchSize: .value(batch), beta: .value(2)))
            ).checkBounds()
        }
        try FineTuningJobRequest(
            model: "m", trainingFile: "f",
            method: FineTuningMethod(.supervised, Hyperparameters(epochs: .auto, learningRateMultiplier: .auto))
        ).checkBounds()
    }

    /// Azure: a status of its own, a batch size of -1, an empty error, where it trains.
    @Test func azuresJobsAreRead() throws {
        let job = try FineTuningJob(
            bytes: Array(
                #"{"id":"ftjob-1","object":"fine_tuning.job","status":"pending","trainingType":"GlobalStandard","hyperparameters":{"n_epochs":-1,"batch_size":-1,"learning_rate_multiplier":1},"error":{"code":null,"message":null},"fine_tuned_model":null,"suffix":"cora"}"#
                    .utf8))
        #expect(job.status == .pending && !job.status.isFinal && job.failure == nil)
        #expect(job.hyperparameters?.batchSize == .auto && job.hyperparameters?.epochs == .auto)
        #expect(job.hyperparameters?.learningRateMultiplier == .value(1) && job.trainingType == "GlobalStandard")
        #expect(job.fineTunedModel == nil && job.suffix == "cora" && job.method.kind == .supervised)
        let request = FineTuningJobRequest(model: "m", trainingFile: "f", trainingType: "Standard")
        #expect(JSON.text(request.json) == #"{"model":"m","training_file":"f","trainingType":"Standard"}"#)
    }

    @Test func aFailedJobSaysWhy() throws {
        let job = try FineTuningJob([
            "id": "j", "status": "failed",
            "error": ["code": "invalid_training_file", "message": "Too few rows.", "param": "training_file"],
        ])
        #expect(
            job.failure
                == .init(code: "invalid_training_file", message: "Too few rows.", param: "training_file"))
        #expect(try FineTuningJob(["id": "j", "status": "running", "error": [:]]).failure == nil)
    }

    @Test func metricsAreReadFromEventsAndCheckpoints() throws {
        let event = try FineTuningEvent([
            "id": "e", "message": "Step 1", "type": "metrics",
            "data": ["step": 1, "train_loss": 0.5, "validation_mean_token_accuracy": 0.75],
        ])
        #expect(event.metrics?.step == 1 && event.metrics?.loss == 0.5 && event.metrics?.validAccuracy == 0.75)
        #expect(event.metrics?.fullValidLoss == nil && event.level == .info)
        #expect(try FineTuningEvent(["message": "x", "type": "message", "data": ["step": 1]]).metrics == nil)
        let checkpoint = try FineTuningCheckpoint([
            "id": "c", "fine_tuned_model_checkpoint": "ft:m", "step_number": 10,
            "metrics": ["full_valid_loss": 0.25],
        ])
        #expect(checkpoint.metrics?.fullValidLoss == 0.25 && checkpoint.step == 10 && checkpoint.model == "ft:m")
    }

    @Test func deploymentsAreWrittenAndRead() throws {
        let body = Deployment(model: "gpt-4.1-nano.ft-1", sku: "developertier", capacity: 250)
        #expect(
            JSON.text(body.json) == #"{"sku":{"name":"developertier","capacity":250},"properties":{"model":"#
                + #"{"format":"OpenAI","name":"gpt-4.1-nano.ft-1","version":"1"}}}"#)
        let answer = Deployment(id: "/subscriptions/1/d", name: "d", state: .creating, as: body)
        let read = try DeploymentList(bytes: DeploymentList([answer], next: "https://x/2").bytes)
        #expect(read.next == "https://x/2" && read.deployments == [answer])
        #expect(answer.model == "gpt-4.1-nano.ft-1" && answer.version == "1" && answer.capacity == 250)
        #expect(answer.sku == "developertier" && answer.name == "d" && answer.state == .creating && body.state == nil)
        #expect(ProvisioningState.succeeded.isFinal && !ProvisioningState.deleting.isFinal)
        #expect(DeploymentList([]).next == nil)
    }
}

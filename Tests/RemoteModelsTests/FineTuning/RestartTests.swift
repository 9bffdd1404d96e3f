import Distillation
import Foundation
import OpenAIWire
import OrderedCollections
import RemoteModels
import Synchronization
import Testing

/// The process is killed at each of its effects in turn, before and after it took place; a new process runs the cell again.
struct RestartTests {
    /// How many effects a run has that nobody disturbs.
    private func effects(_ flavour: ServiceProfile.Flavour) throws -> Int {
        let world = JobsWorld(flavour)
        _ = try world.client().run(.lesson(), supervision: world.supervision())
        return world.read(\.effects)
    }

    private func check(_ world: JobsWorld, killedAt count: Int, _ death: JobsWorld.Death) throws {
        #expect(throws: Interrupted.self) {
            try world.client(killedAt: (count, death), seed: 1).run(.lesson(), supervision: world.supervision())
        }
        let result = try world.client(seed: 2).run(.lesson(), supervision: world.supervision())
        let note = Comment(rawValue: "killed \(death) effect \(count)")
        #expect(world.read { $0.jobs.count } == 1, note)
        #expect(world.read(\.uploads) == 2, note)
        #expect(result.steps.map(\.step) == [1, 2, 3, 4, 5, 6], note)
        #expect(result.receipt?.tokens == 1_234, note)
    }

    @Test(arguments: [JobsWorld.Death.before, .after])
    func aKillAtAnyInstantLeavesOneJob(_ death: JobsWorld.Death) throws {
        // Death after the last effect is no death that the run could notice.
        for count in 1..<(try effects(.openai)) { try check(JobsWorld(), killedAt: count, death) }
    }

    @Test(arguments: [JobsWorld.Death.before, .after])
    func aKillAtAnyInstantLeavesOneJobWhereTheServiceKeepsNoMetadata(_ death: JobsWorld.Death) throws {
        for count in 1..<(try effects(.openai)) { try check(JobsWorld(keepsMetadata: false), killedAt: count, death) }
    }

    @Test(arguments: [JobsWorld.Death.before, .after])
    func aKillAtAnyInstantLeavesOneJobAndOneDeploymentOnAzure(_ death: JobsWorld.Death) throws {
        for count in 1..<(try effects(.azure)) {
            let world = JobsWorld(.azure)
            try check(world, killedAt: count, death)
            #expect(world.read(\.deployments.count) == 1)
            #expect(world.read(\.puts) == 1)
        }
    }

    @Test func aRunThatIsKilledAgainAndAgainGetsThere() throws {
        let world = JobsWorld(.azure)
        var result: FineTuneResult?
        var runs = 0
        while result == nil, runs < 200 {
            runs += 1
            let client = world.client(
                killedAt: (3 + runs * 7 % 40, runs % 2 == 0 ? .before : .after), seed: UInt64(runs))
            result = try? client.run(.lesson(), supervision: world.supervision())
        }
        #expect(result != nil)
        #expect(runs > 3)
        #expect(world.read { $0.jobs.count } == 1)
        #expect(world.read(\.deployments.count) == 1)
    }

    @Test func aJobWhoseAnswerIsLostIsLookedForBeforeItIsAskedForAgain() throws {
        let world = JobsWorld()
        world.state.withLock { $0.lost["POST /v1/fine_tuning/jobs"] = 1 }
        _ = try world.client().run(.lesson(), supervision: world.supervision())
        #expect(world.read { $0.jobs.count } == 1)
    }

    @Test func aFileWhoseAnswerIsLostIsNotSentAgain() throws {
        let world = JobsWorld()
        world.state.withLock { $0.lost["POST /v1/files"] = 1 }
        _ = try world.client().run(.lesson(), supervision: world.supervision())
        #expect(world.read(\.uploads) == 2)
    }

    @Test func aFileOfTheSameRowsIsUsedByAnotherJob() throws {
        let world = JobsWorld()
        _ = try world.client().run(.lesson(), supervision: world.supervision())
        let options = FineTuneOptions(epochs: 5)
        _ = try world.client().run(.lesson(options: options, given: ["epochs"]), supervision: world.supervision())
        #expect(world.read(\.uploads) == 2)
        #expect(world.read { $0.jobs.count } == 2)
    }

    @Test func aDamagedCheckpointIsNoReasonForASecondJob() throws {
        let world = JobsWorld()
        let key = try world.client().key(of: .lesson())
        #expect(throws: Interrupted.self) {
            try world.client(killedAt: (14, .after)).run(.lesson(), supervision: world.supervision())
        }
        #expect(world.read { $0.jobs.count } == 1)
        world.state.withLock { $0.checkpoints[key] = Data("{".utf8) }
        _ = try world.client(seed: 2).run(.lesson(), supervision: world.supervision())
        #expect(world.read { $0.jobs.count } == 1)
    }

    @Test func aJobThatTheServiceHasNoMoreIsAskedForAnew() throws {
        let world = JobsWorld()
        #expect(throws: Interrupted.self) {
            try world.client(killedAt: (16, .after)).run(.lesson(), supervision: world.supervision())
        }
        let gone = (404, #"{"error": {"message": "No such job", "code": "fine_tune_not_found"}}"#)
        world.state.withLock { $0.answers["GET /v1/fine_tuning/jobs/ftjob-0"] = gone }
        // The listing has it no more either.
        world.state.withLock { state in
            state.jobs[0] = FineTuningJobRequest(model: "other", trainingFile: "other")
        }
        let told = JobsWorld.Told()
        let result = try world.client(seed: 2).run(.lesson(), supervision: world.supervision(told))
        #expect(result.specification?.id == "ft:gpt-4.1-mini-2025-04-14:org::1")
        #expect(told.notes.contains { $0.contains("has no job ftjob-0 any more") })
    }
}

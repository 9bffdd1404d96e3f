import Distillation
import Foundation
import OpenAIWire
import OrderedCollections
import RemoteModels
import Synchronization
import Tables
import Testing

/// What is sent, and what is refused before it is.
struct TrainingRowsTests {
    private func sent(_ job: FineTuneJob, _ flavour: ServiceProfile.Flavour = .openai) throws -> (
        files: [String: [UInt8]], notes: [String], request: FineTuningJobRequest
    ) {
        let world = JobsWorld(flavour)
        let told = JobsWorld.Told()
        _ = try world.client().run(job, supervision: world.supervision(told))
        let names = world.read { state in
            Dictionary(uniqueKeysWithValues: state.files.map { ($0.name ?? "", state.contents[$0.id] ?? []) })
        }
        return (names, told.notes, try #require(world.read { $0.jobs.first }))
    }

    private func failure(_ job: FineTuneJob, _ flavour: ServiceProfile.Flavour = .openai) throws -> ProviderError {
        let world = JobsWorld(flavour)
        let error = try #require(throws: ProviderError.self) {
            try world.client().run(job, supervision: world.supervision())
        }
        #expect(world.read(\.log).isEmpty)
        return error
    }

    @Test func rowsAreChatRowsAndTheNameSaysWhatIsInThem() throws {
        let files = try sent(.lesson()).files
        let (name, bytes) = try #require(files.first { $0.key.contains("training") })
        #expect(name == "distnb-training-\(SHA256Name.of(bytes)).jsonl")
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 12)
        #expect(
            lines.first
                == #"{"messages":[{"role":"system","content":"You are Cora."},{"role":"user","content":"training question 0?"},{"role":"assistant","content":"Answer 0."}]}"#
        )
        #expect(files.keys.contains { $0.contains("validation") })
    }

    @Test func turnsThatAreNotLearntHaveNoWeight() throws {
        let before = FineTuneJob.lesson()
        let turns = [
            ChatMessage(role: "user", content: "Hello"), ChatMessage(role: "assistant", content: "Hi", isLearnt: false),
            ChatMessage(role: "user", content: "Bye"), ChatMessage(role: "assistant", content: "Bye"),
        ]
        let job = FineTuneJob(
            base: before.base, examples: before.examples + [turns], validation: [], options: before.options)
        let bytes = try #require(try sent(job).files.values.first)
        #expect(
            String(decoding: bytes, as: UTF8.self).hasSuffix(
                #"{"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi","weight":0},{"role":"user","content":"Bye"},{"role":"assistant","content":"Bye"}]}"#
                    + "\n"))
    }

    @Test func azureGetsAByteOrderMarkAndNobodyElse() throws {
        for (flavour, has) in [(ServiceProfile.Flavour.azure, true), (.openai, false)] {
            let files = try sent(.lesson(), flavour).files
            #expect(files.values.allSatisfy { $0.starts(with: [0xEF, 0xBB, 0xBF]) == has })
        }
    }

    @Test func tooFewRowsAreRefusedBeforeAnythingIsSent() throws {
        #expect(try failure(.lesson(rows: 9)).description == "The service trains on 10 rows and more; these are 9.")
    }

    @Test func aRowWithoutAnythingToLearnIsNamed() throws {
        let before = FineTuneJob.lesson()
        let job = FineTuneJob(
            base: before.base, examples: before.examples + [[ChatMessage(role: "user", content: "Hello")]],
            validation: [], options: before.options)
        #expect(try failure(job).description == "Row 13 of the training rows has no reply that is to be learnt.")
    }

    @Test func aRowWithATextOfTheVocabularyIsNamed() throws {
        let before = FineTuneJob.lesson()
        let row = [
            ChatMessage(role: "user", content: "a"), ChatMessage(role: "assistant", content: "b <|fim_suffix|>"),
        ]
        let job = FineTuneJob(
            base: before.base, examples: before.examples + [row], validation: [], options: before.options)
        #expect(try failure(job).description.contains("Row 13 of the training rows has the text `<|fim_suffix|>`"))
    }

    @Test func optionsThatAServiceDoesNotHaveAreToldInOneSentence() throws {
        let options = FineTuneOptions(learningRate: 1e-4, rank: 8, watch: ["Hello"])
        let notes = try sent(.lesson(options: options, given: ["learning_rate", "rank", "schedule", "watch"])).notes
        let expected = """
            Not all that the cell says goes into the job: `rank` and `schedule` are the service's own choice; \
            `learning_rate` can't be sent, as the service only takes a factor of a rate that it doesn't tell; \
            `watch` needs the weights while they are trained, which stay at the service. \
            It takes `epochs`, `batch_size`, `seed` and `suffix`.
            """
        #expect(notes.first == expected)
    }

    @Test(arguments: [
        ("cora", ServiceProfile.Flavour.openai, "cora"), ("Cora's 2nd try!", .openai, "Cora-s-2nd-try"),
        ("café", .openai, "caf"), (String(repeating: "a", count: 70), .openai, String(repeating: "a", count: 64)),
        (String(repeating: "a", count: 70), .azure, String(repeating: "a", count: 40)),
    ])
    func suffixesGetLegalLetters(_ wanted: String, _ flavour: ServiceProfile.Flavour, _ expected: String) throws {
        let sent = try sent(.lesson(suffix: wanted), flavour)
        #expect(sent.request.suffix == expected)
        #expect(sent.notes.contains { $0.contains("is sent as") } == (wanted != expected))
    }

    @Test func seedsAreCutToWhatServicesTakeAndThatIsTold() throws {
        let options = FineTuneOptions(seed: 1 << 40 | 5)
        let sent = try sent(.lesson(options: options, given: ["seed"]))
        #expect(sent.request.seed == 5)
        #expect(sent.notes.first == "The service takes seeds from 0 to 2147483647; yours is sent as 5.")
    }

    @Test func theKeyChangesWithWhatIsSentAndWithNothingElse() throws {
        let client = JobsWorld().client()
        let key = try client.key(of: .lesson())
        #expect(try client.key(of: .lesson(options: FineTuneOptions(epochs: 9, rank: 4))) == key)
        #expect(try client.key(of: .lesson(options: FineTuneOptions(epochs: 9), given: ["epochs"])) != key)
        #expect(try client.key(of: .lesson(rows: 13)) != key)
        #expect(try client.key(of: .lesson(validation: 0)) != key)
        #expect(try client.key(of: .lesson(suffix: "a")) != key)
        #expect(try client.key(of: .lesson(model: "gpt-4o-mini")) != key)
        #expect(try JobsWorld(.azure).client().key(of: .lesson()) != key)
    }
}

import Distillation
import Foundation
import OpenAIWire
import Testing

@testable import RemoteModels

struct TrainingStepsTests {
    /// As Azure writes it, with -1 for what was not measured.
    private let azure = """
        step,train_loss,train_mean_token_accuracy,valid_loss,validation_mean_token_accuracy,full_valid_loss,full_valid_mean_token_accuracy
        1,3.5,0.4,-1.0,-1.0,-1.0,-1.0
        2,2.5,0.5,3.0,0.4,-1.0,-1.0
        3,1.5,0.6,,,2.25,0.5
        """

    @Test func theFileWithTheMetricsIsReadAsTextAndAsBase64() throws {
        let lines = MetricsTable(bytes: Array(azure.utf8)).lines
        #expect(
            lines == [
                .init(step: 1, loss: 3.5), .init(step: 2, loss: 2.5, validLoss: 3.0),
                .init(step: 3, loss: 1.5, fullValidLoss: 2.25),
            ])
        let encoded = Data(azure.utf8).base64EncodedData()
        #expect(MetricsTable(bytes: Array(encoded)).lines == lines)
    }

    @Test(arguments: ["", "step", "step,train_loss", "<html>no</html>", "step,train_loss\nx,y\n,\n9e99,1", "\u{FEFF}"])
    func aFileThatSaysNothingHasNoSteps(_ text: String) {
        #expect(MetricsTable(bytes: Array(text.utf8)).lines.isEmpty)
    }

    @Test func stepsKnowTheirEpochAndTheLastOneIsTheEnd() {
        var steps = TrainingSteps(epochs: 3)
        steps.add(MetricsTable(bytes: Array(azure.utf8)))
        #expect(steps.finished.map(\.epoch) == [1, 2, 3])
        #expect(steps.finished.map(\.totalSteps) == [3, 3, 3])
        #expect(steps.finished.map(\.validationLoss) == [nil, nil, 2.25])
        #expect(!steps.validatesByBatch)
    }

    @Test func lossesOfBatchesAreTakenWhereThereAreNoOthers() {
        var steps = TrainingSteps(epochs: nil)
        steps.add(MetricsTable(bytes: Array("step,train_loss,valid_loss\n1,1,2\n2,0.5,1.5".utf8)))
        #expect(steps.finished.map(\.validationLoss) == [2, 1.5])
        #expect(steps.validatesByBatch)
    }

    @Test func anEventsMessageSaysHowManyStepsThereAre() throws {
        var steps = TrainingSteps(epochs: 2)
        let event = FineTuningEvent(
            id: "e", created: 0, message: "Step 5/10: training loss=0.5", metrics: TrainingMetrics(step: 5, loss: 0.5))
        let added = steps.add(event, now: 100, finish: 160)
        let step = try #require(added)
        #expect((step.step, step.totalSteps, step.epoch, step.secondsLeft) == (5, 10, 1, 60))
    }

    @Test func numbersThatNoLossCanBeAreLeftOut() {
        var steps = TrainingSteps(epochs: nil)
        for loss in [-1.0, .nan, .infinity] {
            let event = FineTuningEvent(id: "e", created: 0, message: "", metrics: TrainingMetrics(step: 1, loss: loss))
            let added = steps.add(event, now: 0, finish: nil)
            #expect(added == nil)
        }
        #expect(steps.finished.isEmpty)
    }
}

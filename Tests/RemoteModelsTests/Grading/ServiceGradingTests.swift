import Distillation
import Foundation
import OrderedCollections
import ServiceDouble
import Tables
import Testing

@testable import RemoteModels

/// Graders that run at a service, against the double of one.
struct ServiceGradingTests {
    private func grades(
        _ grader: Value, _ rows: [ServiceGradingJob.Row], _ flavour: ServiceProfile.Flavour = .openai,
        has: Set<ServiceProfile.Feature>
    ) throws -> ServiceGrades? {
        let double = try ServiceDouble(.init(key: "sk-lab-test-key", flavour: flavour == .azure ? .azure : .openAI))
        return try ServiceGrading(
            profile: ServiceProfile(
                flavour: flavour, endpoint: double.baseURL, key: .environment("KEY"), features: has),
            kernel: "lab", surroundings: .hasty(["KEY": "sk-lab-test-key"]), cancellation: .never
        ).grades(ServiceGradingJob(grader: grader, rows: rows)) { _, _ in }
    }

    private let exact: Value = [
        "type": "string_check", "name": "exact", "operation": "eq", "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
    ]

    private let rows = [
        ServiceGradingJob.Row(item: ["answer": "Paris"], output: "Paris"),
        ServiceGradingJob.Row(item: ["answer": "Rome"], output: "Milan"),
        // Nothing to compare with: not a 0.
        ServiceGradingJob.Row(item: ["answer": nil], output: "Oslo"),
    ]

    private func scores(_ grades: ServiceGrades?) -> [Double?]? {
        grades?.grades.map { grade in
            if case .success(let score) = grade.score { score } else { Double?.none }
        }
    }

    @Test(arguments: [ServiceProfile.Flavour.openai, .azure])
    func anEvalGradesRowByRowAndFailuresAreErrors(_ flavour: ServiceProfile.Flavour) throws {
        #expect(try scores(grades(exact, rows, flavour, has: [.evals])) == [1, 0, nil])
    }

    @Test func gradersGradeWhereThereAreNoEvals() throws {
        #expect(try scores(grades(exact, rows, has: [.graders])) == [1, 0, nil])
    }

    @Test func moreRowsThanAPageComeInTheirOrder() throws {
        let rows = (0..<230).map { number in
            ServiceGradingJob.Row(item: ["answer": "0"], output: number % 3 == 0 ? "0" : "1")
        }
        let found = try scores(grades(exact, rows, has: [.evals]))
        #expect(found == (0..<230).map { $0 % 3 == 0 ? 1 : 0 })
    }

    @Test func aServiceWithoutGradersGradesNothing() throws {
        #expect(try grades(exact, rows, has: [.fineTuning])?.grades.count == nil)
    }

    @Test func aKindThatTheServiceDoesNotTakeIsGradedHere() throws {
        let label: Value = [
            "type": "label_model", "name": "tone", "model": "gpt-4.1", "labels": ["good", "bad"],
            "passing_labels": ["good"], "input": [["role": "user", "content": "{{sample.output_text}}"]],
        ]
        #expect(try grades(label, rows, has: [.graders])?.grades.count == nil)
        let multi: Value = [
            "type": "multi", "name": "both", "graders": ["exact": exact], "calculate_output": "exact",
        ]
        #expect(try grades(multi, rows, has: [.evals])?.grades.count == nil)
    }

    @Test func aServiceThatHasClosedItsEvalsGradesNothing() throws {
        let double = try ServiceDouble(.init(key: "sk-lab-test-key", flavour: .compatible))
        let found = try ServiceGrading(
            profile: ServiceProfile(
                flavour: .compatible, endpoint: double.baseURL, key: .environment("KEY"), features: [.evals]),
            kernel: "lab", surroundings: .hasty(["KEY": "sk-lab-test-key"]), cancellation: .never
        ).grades(ServiceGradingJob(grader: exact, rows: rows)) { _, _ in }
        #expect(found?.grades.count == nil)
    }
}

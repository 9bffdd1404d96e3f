internal import Foundation
internal import OpenAIWire

/// The `results.csv` that a job leaves: what was measured, a line a step.
struct MetricsTable: Sendable {
    /// In the order of the lines.
    let lines: [Line]

    /// What a line says; nil where it says nothing. Losses are in nats per token.
    struct Line: Sendable, Equatable {
        var step: Int
        var loss: Double?
        /// Of a batch of the validation rows.
        var validLoss: Double?
        /// Of all validation rows.
        var fullValidLoss: Double?
    }

    /// Reads the file; lines that cannot be read are left out.
    ///
    /// OpenAI answers it in base64 since 2024 (github.com/openai/openai-cookbook, How_to_finetune_chat_models), Azure as
    /// text. Azure writes -1 for what was not measured.
    init(bytes: [UInt8]) {
        var text = String(decoding: bytes, as: UTF8.self)
        if !text.contains(","), let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) {
            text = String(decoding: data, as: UTF8.self)
        }
        let rows = text.split(whereSeparator: \.isNewline).map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map {
                String($0.filter { !" \"\u{FEFF}".contains($0) })
            }
        }
        guard let header = rows.first else {
            lines = []
            return
        }
        var places: [String: Int] = [:]
        for (place, name) in header.enumerated() where places[name] == nil { places[name] = place }
        func number(_ row: [String], _ name: String) -> Double? {
            guard let place = places[name], row.indices.contains(place) else { return nil }
            return Double(row[place]).flatMap(TrainingSteps.measured)
        }
        lines = rows.dropFirst().compactMap { row in
            guard let step = number(row, "step").flatMap({ Int(exactly: $0) }) else { return nil }
            return Line(
                step: step, loss: number(row, "train_loss"), validLoss: number(row, "valid_loss"),
                fullValidLoss: number(row, "full_valid_loss"))
        }
    }
}

internal import Distillation
internal import Foundation

/// The file of a fine-tuned model, read back.
enum TrainedFile {
    /// An adapter where the file has low-rank matrices, whole weights otherwise.
    /// - Parameter name: what messages call the file.
    /// - Throws: `ProviderError` for a damaged file or another model's.
    static func read(_ bytes: [UInt8], for base: LanguageModelWeights, name: String) throws -> TrainingResult {
        do {
            let data = Data(bytes)
            let header = try Safetensors(data, name: name)
            if header.tensors.keys.contains(where: { $0.contains("lora_A") }) {
                return .adapter(try LoRAAdapter(decoding: data, for: base.configuration, name: name))
            }
            return .weights(try base.replacing(decoding: data, name: name))
        } catch let error as any CustomStringConvertible & Error {
            throw ProviderError("\(error)", hint: "run the cell that trained it again")
        }
    }
}

public import Distillation
internal import Foundation
internal import OrderedCollections
public import Tables

extension EmbeddedProvider {
    public func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] {
        try translating {
            let language = try language(of: model.specification)
            let base = try language.weights(model.specification)
            let trainedOn = model.lineage.rows.map(\.text).sorted().joined(separator: " ")
            var weights = base
            var adapter: LoRAAdapter?
            if let name = model.trainedWeights {
                let file = try TrainedFile.read(
                    try blobs.get(name), for: base, name: "the weights of \(model.displayName)")
                switch file {
                case .adapter(let trained): adapter = trained
                case .weights(let trained): weights = trained
                }
            } else if let shipped = model.specification.adapter {
                adapter = try adapters.adapter(shipped, for: base.configuration)
            }
            let isKept = export.adapter == .kept || (export.adapter == nil && export.format == .safetensors)
            if let adapter, isKept {
                return try files(of: adapter, trainedOn: trainedOn, on: model, as: export)
            }
            guard export.adapter != .kept else {
                throw ProviderError(
                    "`\(model.displayName)` has no adapter that could be kept: its own weights were trained, or none.",
                    hint: "adapter: \"merged\" writes all weights")
            }
            let exporter = ModelExporter(
                source: language.source, weights: try adapter.map(weights.merging) ?? weights,
                tokenizer: language.tokenizer, trainedOn: trainedOn, encoding: TensorEncoding(export.precision))
            return try exporter.files(export.format)
        }
    }

    /// An adapter by itself, as PEFT has it.
    private func files(
        of adapter: LoRAAdapter, trainedOn: String, on model: Model, as export: ModelExport
    ) throws -> [ExportedFile] {
        guard export.precision != .q8_0 else {
            throw ProviderError("An adapter is written with 16 or 32 bits.", hint: "precision: \"f16\"")
        }
        var adapter = adapter
        if !trainedOn.isEmpty { adapter.metadata[Lineage.metadataKey] = trainedOn }
        let bytes = Array(try adapter.encode(export.precision == .f32 ? .single : .half))
        switch export.format {
        case .safetensors: return [ExportedFile(bytes: bytes)]
        case .folder:
            let fields = adapter.peftFields(base: model.specification.id)
            return [
                ModelExporter.file("adapter_config.json", fields),
                ExportedFile("adapter_model.safetensors", bytes: bytes),
            ]
        case .gguf:
            throw ProviderError(
                "A GGUF file holds a whole model.", hint: "adapter: \"merged\", or a folder for the adapter alone")
        }
    }
}

extension TensorEncoding {
    init(_ precision: ModelExport.Precision) {
        self =
            switch precision {
            case .f32: .single
            case .f16: .half
            case .q8_0: .q8_0
            }
    }
}

extension LoRAAdapter {
    /// The fields of PEFT's `adapter_config.json`.
    /// - Parameter base: what the model that it stands on is called.
    fileprivate func peftFields(base: String) -> Value {
        let modules = Projection.allCases.map { projection in
            Value.string(String(projection.rawValue.split(separator: ".").last ?? ""))
        }
        return [
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": .string(base),
            "r": .integer(rank), "lora_alpha": .double(Double(alpha)), "lora_dropout": .double(0), "bias": "none",
            "target_modules": .list(modules), "fan_in_fan_out": false, "inference_mode": true,
            "init_lora_weights": true,
        ]
    }
}

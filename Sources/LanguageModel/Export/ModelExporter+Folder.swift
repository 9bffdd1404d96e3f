internal import Distillation
internal import Foundation
internal import OrderedCollections
internal import Tables

extension ModelExporter {
    /// The model as a folder in Hugging Face's layout.
    func folderFiles() throws -> [ExportedFile] {
        var files: [ExportedFile]
        switch source {
        case .gguf(let file):
            let tokenizer = try TokenizerFiles(file, stopTokens: self.tokenizer.stopTokens)
            files = [
                Self.file("config.json", try shape.huggingFaceFields(dtype: dtype, tokenizer.ids, file: file.name)),
                Self.file("generation_config.json", tokenizer.generation),
                ExportedFile("tokenizer.json", bytes: tokenizer.tokenizer),
                Self.file("tokenizer_config.json", tokenizer.configuration(contextLength: shape.contextLength)),
            ]
        case .folder(let folder):
            files = [Self.file("config.json", .record(changed(try folder.json("config.json")?.record ?? [:])))]
            for name in SafetensorsFolder.companions {
                if let bytes = try folder.contents(name) { files.append(ExportedFile(name, bytes: bytes)) }
            }
        }
        files.append(try weightsFile("model.safetensors"))
        return files
    }

    private var dtype: String { encoding == .single ? "float32" : "float16" }

    static func file(_ name: String, _ value: Value) -> ExportedFile {
        ExportedFile(name, bytes: JSON.bytes(value, JSONStyle(indent: 2, sortsFields: false)) + [UInt8(ascii: "\n")])
    }

    /// The source's `config.json` with what selecting layers changed.
    private func changed(_ fields: Record) -> Record {
        var fields = fields
        // The weights are no longer as these say.
        fields.removeValue(forKey: "quantization_config")
        // The newer name of the two, where the source has it.
        let key = fields["dtype"] == nil ? "torch_dtype" : "dtype"
        fields[key] = .string(dtype)
        // Said aloud: what stands in for it where it is left out differs between versions.
        fields["tie_word_embeddings"] = .bool(shape.tiedEmbeddings)
        guard let before = fields["num_hidden_layers"]?.integer, weights.sourceLayers != Array(0..<before) else {
            return fields
        }
        fields["num_hidden_layers"] = .integer(shape.layers)
        // A list with a value for each layer, such as `layer_types`.
        for (name, value) in fields {
            guard let values = value.list, values.count == before else { continue }
            fields[name] = .list(weights.sourceLayers.map { values[$0] })
        }
        if let first = fields["max_window_layers"]?.integer {
            fields["max_window_layers"] = .integer(weights.sourceLayers.count { $0 < first })
        }
        return fields
    }
}

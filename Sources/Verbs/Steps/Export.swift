internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import Tables

extension Builtin {
    static let export = Builtin(
        "export", .steps,
        "Writes what fine-tuning made to a file under out/ (safetensors, 16 bit): an adapter as PEFT's, or all weights as Hugging Face's.",
        [
            Parameter("model", .domain(Model.self, "a model"), isSubject: true, "a fine-tuned model"),
            Parameter("path", .text, file: .writes, "a file under out/"),
        ], example: "tuned | export \"out/adapter.safetensors\"", reachesModel: true, result: { _ in .model },
        run: { call in
            let lab = try call.lab
            guard let model = call.value("model").domain(Model.self) else { return .null }
            let path = call.value("path").text ?? ""
            let bytes = try call.withProviderFailures { try lab.provider.export(model, blobs: lab.blobs) }
            do {
                try lab.files.write(path, bytes)
            } catch let error as FileError {
                throw call.fileFailure(error, at: "path")
            }
            call.note("\(Number.integer(Int64(bytes.count)).grouped) bytes written to \(path).")
            return call.value("model")
        })
}

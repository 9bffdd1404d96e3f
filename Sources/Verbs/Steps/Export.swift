internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let export = Builtin(
        "export", .steps,
        "Writes a model for other programs, or graders as OpenAI's JSON, under out/: a name that ends in .gguf for llama.cpp, a folder (\"out/name/\") for Hugging Face's libraries, .safetensors for the weights alone, or the adapter where one was trained.",
        [
            Parameter(
                "model", Acceptance.domain(Model.self, "a model").or(.graders, as: "a model or graders"),
                isSubject: true, "fine-tuned or not; or a grader, or a list of them for OpenAI's testing_criteria"),
            Parameter("path", .text, file: .writes, "a file or folder under out/"),
            .option(
                "precision", .oneOf(ModelExport.Precision.allCases.map(\.rawValue)),
                "how numbers are stored: \"f16\" unless given, \"f32\" exactly as trained, \"q8_0\" (GGUF) in half the space of \"f16\""
            ),
            .option(
                "adapter", .oneOf(ModelExport.Adapter.allCases.map(\.rawValue)),
                "\"merged\" into the weights, or \"kept\" by itself as PEFT has it; merged unless given, but kept in a .safetensors file"
            ),
        ], example: "tuned | export \"out/tuned.gguf\"", reachesModel: true, result: { $0.type("model") },
        run: { call in
            let graders = call.value("model").graders
            guard graders.isEmpty else { return try GraderExport(call, graders).write() }
            guard let model = call.value("model").domain(Model.self) else { return .null }
            let path = call.value("path").text ?? ""
            let export = ModelExport(
                try format(of: path, call),
                precision: call.value("precision").text.flatMap(ModelExport.Precision.init) ?? .f16,
                adapter: call.value("adapter").text.flatMap(ModelExport.Adapter.init))
            let lab = try call.lab
            let files = try call.withProviderFailures {
                try lab.provider.export(model, as: export, blobs: lab.blobs)
            }
            let folder = path.hasSuffix("/") ? path : path + "/"
            try refuseMixing(files, in: folder, call)
            var bytes = 0
            do throws(FileError) {
                for file in files { bytes += try lab.files.write(file.name.isEmpty ? path : folder + file.name, file) }
            } catch {
                throw call.fileFailure(error, at: "path")
            }
            let count = files.count == 1 ? "" : "\(files.count) files, "
            call.note("\(count)\(Number.integer(Int64(bytes)).grouped) bytes written to \(path).")
            if export.format == .folder, export.adapter == .kept {
                call.note(
                    "An adapter needs the model that it stands on: export (model \"\(model.alias)\"), \"out/base/\"")
            }
            return call.value("model")
        })

    private static func format(of path: String, _ call: Invocation) throws -> ModelExport.Format {
        let name = path.split(separator: "/").last ?? ""
        if path.hasSuffix("/") || !name.contains(".") { return .folder }
        if name.hasSuffix(".gguf") { return .gguf }
        if name.hasSuffix(".safetensors") { return .safetensors }
        throw call.failure(
            .unknownFormat, at: "path",
            "Expected a file that ends in .gguf or .safetensors, or a folder that ends in /, found \(path).",
            hint: "export \"out/tuned.gguf\"")
    }

    /// A folder that has weights of both kinds is read as a model with an adapter, which it is not.
    private static func refuseMixing(_ files: [ExportedFile], in folder: String, _ call: Invocation) throws {
        let names = Set(files.map(\.name))
        let weights = ["adapter_model.safetensors", "model.safetensors", "model.safetensors.index.json"]
        guard !names.isDisjoint(with: weights),
            let other = try weights.first(where: { try !names.contains($0) && call.lab.files.exists(folder + $0) })
        else { return }
        throw call.failure(
            .cannotWrite, at: "path", "\(folder) has \(other) of another export, which libraries would read too.",
            hint: "name another folder, or remove that one")
    }
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

/// Writes graders as OpenAI's JSON: one by itself, several as the list that `testing_criteria` is.
struct GraderExport {
    private let call: Invocation
    private let graders: [Grader]

    init(_ call: Invocation, _ graders: [Grader]) {
        self.call = call
        self.graders = graders
    }

    func write() throws -> Value {
        let path = call.value("path").text ?? ""
        guard path.hasSuffix(".json") else {
            throw call.failure(
                .unknownFormat, at: "path", "Expected a file that ends in .json for graders, found \(path).",
                hint: "export \"out/graders.json\"")
        }
        for option in ["precision", "adapter"] where call.has(option) {
            throw call.failure(
                .unknownArgument, at: option, "Expected no `\(option):` for graders; they have no weights.",
                hint: "export \"out/graders.json\"")
        }
        let json = try graders.map { grader -> Value in
            let json = grader.json
            guard let error = json.rowError else { return json }
            throw call.failure(
                .wrongType, at: "model", "`\(grader.column)` cannot be written: \(error.message).",
                hint:
                    "export the graders that OpenAI knows: string_check, text_similarity, score_model, label_model, multi"
            )
        }
        let whole = call.value("model").grader == nil ? Value.list(json) : json.first ?? .null
        let files = try call.lab.files
        do throws(FileError) {
            try files.write(path, JSON.bytes(whole, .readable) + [0x0A])
        } catch {
            throw call.fileFailure(error, at: "path")
        }
        call.note("\(json.count == 1 ? "1 grader" : "\(json.count) graders") written to \(path).")
        return call.value("model")
    }
}

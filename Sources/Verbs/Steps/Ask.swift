internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import Tables

extension Builtin {
    static let ask = Builtin(
        "ask", .steps, "Asks one or more models one question and shows their answers.",
        [
            Parameter(
                "models", Acceptance.domain(Model.self, "a model").or(.list(of: Model.self, "a list of models")),
                "the models"),
            Parameter("question", .text, "what to ask"),
        ] + SamplingArguments.parameters, example: "ask [student, cora], \"Where is my order 10441?\"",
        reachesModel: true,
        result: { _ in .rows(["model": .text, "answer": .text, "time": .text]) },
        run: { call in
            let models =
                call.value("models").domain(Model.self).map { [$0] }
                ?? (call.value("models").list ?? []).compactMap { $0.domain(Model.self) }
            let sampling = try SamplingArguments.sampling(call)
            let tags = try SamplingArguments.tags(call)
            let question = call.value("question")
            var lines: [Record] = []
            for model in models {
                let messages = try Conversation.messages(prompt: question, messages: .null, system: model.system)
                let request = CompletionRequest(model: model.identity, messages: messages, sampling: sampling)
                let answers = try call.withProviderFailures {
                    try SamplingArguments.run(call, model, metadata: tags).completions([request])
                }
                var line: Record = ["model": .string(model.displayName)]
                switch answers.first {
                case .success(let completion)?:
                    line["answer"] = .string(completion.text)
                    line["time"] = .string(LatencySummary.text(completion.seconds))
                case .failure(let error)?:
                    line["answer"] = .error(error)
                    line["time"] = .null
                case nil: continue
                }
                lines.append(line)
            }
            return .domain(Shown(rows: DataSet(rows: lines), limit: 100, wraps: true))
        })
}

internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let model = Builtin(
        "model", .steps, "A model of the kernel by its alias, perhaps with a system prompt.",
        [
            Parameter("alias", .text, isAlias: true, "an alias of the kernel: \"teacher\", \"student\", …"),
            .option("system", .text, "the system prompt that goes before every conversation"),
            .option("name", .text, "what tables call it; the first `let` name unless given"),
        ], example: "model \"student\", system: \"Answer as JSON.\"", reachesModel: true, result: { _ in .model },
        run: { call in
            let lab = try call.lab
            let alias = call.value("alias").text ?? ""
            guard let specification = lab.kernel.models[alias] else {
                throw lab.kernel.unknownModel(alias, at: call.span("alias"), in: call.context.source)
            }
            let identity = try call.withProviderFailures {
                try lab.provider.identity(of: specification, trainedWeights: nil)
            }
            let lineage = try call.withProviderFailures { try lab.provider.lineage(of: specification) }
            return .domain(
                Model(
                    name: call.value("name").text, alias: alias, specification: specification, identity: identity,
                    system: call.value("system").text, lineage: lineage))
        })
}

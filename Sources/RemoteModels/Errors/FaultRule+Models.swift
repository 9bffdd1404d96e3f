internal import Distillation

extension FaultRule {
    /// Which model, deployment and address.
    static let models: [FaultRule] = [
        FaultRule(
            name: "no-deployment", place: .models, services: "Azure", flavours: [.azure], statuses: 404...404,
            codes: ["deploymentnotfound"], words: ["deployment for this resource does not exist"], kind: .endsRun,
            sentence: "The resource {host} has no deployment for {model}.",
            hint:
                "the kernel's models are deployments' names: set DISTNB_TEACHER, DISTNB_STUDENT, DISTNB_JUDGE; a new deployment takes five minutes",
            source: FaultSource.azureDeploying),
        FaultRule(
            name: "model-retired", place: .models, services: "OpenAI, Azure", statuses: 400...410,
            codes: ["model_deprecated", "model_retired", "deprecatedmodel", "modeldeprecated"],
            words: ["has been deprecated", "has been retired", "has been shut down", "is deprecated and"],
            kind: .endsRun,
            sentence: "{model} is no longer offered by {host}.",
            hint: "name another one in your own kernel.json that extends this kernel; see docs/kernels.md",
            quotes: true,
            source: FaultSource.openaiEnds),
        FaultRule(
            name: "ollama-model", place: .models, services: "Ollama", flavours: [.compatible], statuses: 404...404,
            words: ["try pulling it first", "not found, try pulling", "model '", "model \""], kind: .endsRun,
            sentence: "The server at {host} does not have {model}.",
            hint: "Ollama fetches it with `ollama pull NAME`; `ollama list` says what is there", quotes: true,
            source: FaultSource.ollama),
        FaultRule(
            name: "no-model", place: .models, services: "OpenAI, vLLM", statuses: 400...404,
            codes: ["model_not_found", "invalid_model", "notfounderror", "model_not_available"],
            words: [
                "does not exist or you do not have access", "model does not exist", "` does not exist",
                "invalid model id",
                "is not a valid model", "unknown model",
            ], kind: .endsRun, sentence: "{host} does not have {model}, or this key may not use it.",
            hint:
                "distnb doctor lists what the service has; another model stands in your own kernel.json, or in DISTNB_TEACHER",
            source: FaultSource.openai),
        FaultRule(
            name: "nothing-loaded", place: .models, services: "LM Studio", flavours: [.compatible], statuses: 400...404,
            words: ["no models loaded", "model is unloaded", "failed to load model", "model has unloaded"],
            kind: .endsRun,
            sentence: "The server at {host} has no model loaded, or cannot load {model}.",
            hint: "load one: `lms load NAME` in LM Studio; too little memory is the usual reason", quotes: true,
            source: FaultSource.lmStudio),
        FaultRule(
            name: "not-a-chat-model", place: .models, services: "OpenAI, Ollama, vLLM", statuses: 400...404,
            words: [
                "not a chat model", "does not support chat", "no chat template", "chat template is not",
                "default chat template",
                "only supported in v1/responses",
            ], kind: .endsRun, sentence: "{model} cannot chat: it has no chat template, or answers another interface.",
            hint: "take an instruct or chat model; vLLM takes a template with --chat-template", quotes: true,
            source: FaultSource.vllm),
        FaultRule(
            name: "not-supported-here", place: .models, services: "llama-server", flavours: [.compatible],
            statuses: 400...501,
            codes: ["not_supported_error", "notimplementederror"], words: ["this server does not support"],
            kind: .endsRun,
            sentence: "The server at {host} was started without what this request needs.",
            hint: "start it with the option that it names, or take that feature out of the kernel's \"has\"",
            quotes: true,
            source: FaultSource.llamaServer),
        FaultRule(
            name: "no-such-thing", place: .models, services: "OpenAI", statuses: 404...404,
            words: [
                "no such file", "no such job", "could not find fine tune", "no fine-tuning job", "completion not found",
                "chat completion not found", "stored completion", "no such", "with id '",
            ], kind: .ofRow,
            sentence: "{host} no longer has what was asked for.",
            hint: "stored completions go after 30 days unless they are kept; files and jobs when somebody deletes them",
            quotes: true, source: FaultSource.openaiSchema),
        FaultRule(
            name: "azure-path", place: .models, services: "Azure", flavours: [.azure], statuses: 404...405,
            kind: .endsRun,
            sentence: "{endpoint} does not know this request.",
            hint:
                "AZURE_OPENAI_ENDPOINT is the resource's address, such as https://NAME.openai.azure.com; not every region can train and store",
            source: FaultSource.azureDeploying),
        FaultRule(
            name: "wrong-path", place: .models, services: "all", statuses: 404...405, kind: .endsRun,
            sentence: "Nothing answers at {endpoint}: the address is not that of an OpenAI-compatible interface.",
            hint:
                "it usually ends in /v1, such as http://localhost:8080/v1; or the server lacks this feature (\"has\" in kernel.json)",
            source: FaultSource.openaiSchema),
        FaultRule(
            name: "gone", place: .models, services: "all", statuses: 410...410, kind: .endsRun,
            sentence: "{host} has closed this interface for good.",
            hint: "docs/kernels.md says what closes when, and what takes its place on this machine", quotes: true,
            source: FaultSource.openaiEnds),
        FaultRule(
            name: "moved", place: .models, services: "all", statuses: 300...308, kind: .endsRun,
            sentence: "{endpoint} sends requests on to another address; a key is not sent there.",
            hint: "write the address that it names as the kernel's endpoint", source: FaultSource.http),
    ]
}

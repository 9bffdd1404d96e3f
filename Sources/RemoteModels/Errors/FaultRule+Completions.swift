internal import Distillation

extension FaultRule {
    /// What is wrong with one request for a completion.
    static let completions: [FaultRule] = [
        FaultRule(
            name: "content-filter", place: .completions, services: "Azure, OpenAI", statuses: 400...422,
            codes: [
                "content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked",
            ],
            words: [
                "content management policy", "content filter", "safety system", "flagged as potentially violating",
            ],
            kind: .ofRow, sentence: "A content filter of {host} refused this text.",
            hint: "leave the row out, or say it in other words; on Azure the deployment's filter can be set",
            source: FaultSource.azureFilter),
        FaultRule(
            name: "too-long", place: .completions, services: "OpenAI, Azure, vLLM, llama-server, LM Studio",
            statuses: 400...422,
            codes: ["context_length_exceeded", "exceed_context_size_error", "string_above_max_tokens"],
            words: [
                "maximum context length", "exceeds the available context size", "context length of only",
                "greater than the context length", "input is too long", "prompt is too long", "context window",
                "exceeds the maximum model length", "longer than the maximum model length", "max_model_len",
            ], kind: .ofRow, sentence: "Prompt and reply are longer than {model} can take.",
            hint:
                "shorten the prompt or max_tokens; servers take more with -c (llama-server), --max-model-len (vLLM), OLLAMA_CONTEXT_LENGTH",
            quotes: true, source: FaultSource.vllmLength),
        FaultRule(
            name: "max-tokens", place: .completions, services: "OpenAI, Azure, vLLM", statuses: 400...422,
            words: [
                "max_tokens is too large", "max_completion_tokens is too large", "max_tokens must be at least",
                "could not finish the message because max_tokens",
            ], kind: .endsRun, sentence: "{host} does not take this max_tokens for {model}.",
            hint: "write another max_tokens: into the cell, or max_tokens into the kernel", quotes: true,
            source: FaultSource.openaiSchema),
        FaultRule(
            name: "unsupported-value", place: .completions, services: "OpenAI, Azure", statuses: 400...422,
            codes: ["unsupported_value"], words: ["unsupported value", "only the default (1) value is supported"],
            kind: .endsRun, sentence: "{model} does not take a value that the request has.",
            hint: "reasoning models take no temperature; leave the option out, or ask another model", quotes: true,
            source: FaultSource.openaiSchema),
        FaultRule(
            name: "unsupported-parameter", place: .completions, services: "OpenAI, Azure, vLLM", statuses: 400...422,
            codes: ["unsupported_parameter", "unknown_parameter", "unrecognized_parameter"],
            words: [
                "unsupported parameter", "unrecognized request argument", "unknown parameter",
                "extra inputs are not permitted",
                "extra fields not permitted", "does not support parameters",
            ], kind: .endsRun, sentence: "{model} does not know an option that the request has.",
            hint: "leave the option out of the cell; what a service lacks is left out of the kernel's \"has\"",
            quotes: true, source: FaultSource.openaiSchema),
        FaultRule(
            name: "logprobs", place: .completions, services: "OpenAI, vLLM", statuses: 400...422,
            words: ["logprobs"], kind: .endsRun,
            sentence: "{host} does not give so many log-probabilities.",
            hint: "20 are the most at OpenAI; vLLM has --max-logprobs; leave logprobs out of the kernel's \"has\"",
            quotes: true, source: FaultSource.vllm),
        FaultRule(
            name: "metadata", place: .completions, services: "OpenAI, Azure", statuses: 400...422,
            words: ["metadata"], kind: .endsRun,
            sentence: "{host} does not take these tags.",
            hint: "16 tags at most, names up to 64 characters, values up to 512: shorten what store: says",
            quotes: true,
            source: FaultSource.openaiSchema),
        FaultRule(
            name: "store-refused", place: .completions, services: "OpenAI, Azure", statuses: 400...422,
            words: ["'store'", "`store`", "zero data retention", "data retention"], kind: .endsRun,
            sentence: "{host} may not store completions for this key.",
            hint: "leave stored_completions out of the kernel's \"has\": they are kept on this machine all the same",
            quotes: true, source: FaultSource.openaiSchema),
        FaultRule(
            name: "text-too-long", place: .completions, services: "OpenAI, Azure", statuses: 400...422,
            codes: ["string_above_max_length", "array_above_max_length", "value_above_maximum"],
            words: ["string too long", "array too long"], kind: .ofRow,
            sentence: "A text in the request is longer than {host} takes.",
            hint: "shorten it; a message may have about a million characters", quotes: true,
            source: FaultSource.openaiSchema),
        FaultRule(
            name: "empty-text", place: .completions, services: "OpenAI, Azure, Ollama", statuses: 400...422,
            codes: ["empty_string", "empty_array", "missing_required_parameter"],
            words: [
                "expected a string, got null", "is too short - 'messages'", "messages array is empty",
                "missing request body",
                "expected a non-empty",
            ], kind: .ofRow, sentence: "The row asks nothing: a message is empty.",
            hint: "rows | where .prompt is not null", source: FaultSource.openaiSchema),
        FaultRule(
            name: "roles", place: .completions, services: "vLLM, llama-server, LM Studio", flavours: [.compatible],
            statuses: 400...500,
            words: ["roles must alternate", "system role not supported", "only user and assistant roles", "jinja"],
            kind: .ofRow, sentence: "{model}'s chat template does not take these messages.",
            hint: "some models have no system role, or want user and assistant to alternate", quotes: true,
            source: FaultSource.vllm),
        FaultRule(
            name: "bad-json", place: .completions, services: "all", statuses: 400...422,
            codes: ["json_invalid", "json_parse_error"],
            words: ["could not parse the json body", "failed to parse", "invalid character", "parse error"],
            kind: .ofRow,
            sentence: "{host} could not read the request.",
            hint: "something on the way, such as a proxy, may change requests; if not, please report it", quotes: true,
            source: FaultSource.openai),
        FaultRule(
            name: "too-large", place: .completions, services: "all", statuses: 413...413, kind: .ofRow,
            sentence: "The request is larger than {host} takes.", hint: "shorten the prompt", source: FaultSource.http),
        FaultRule(
            name: "wrong-media", place: .completions, services: "all", statuses: 415...415, kind: .endsRun,
            sentence: "{host} does not take JSON at {endpoint}.",
            hint: "look at the kernel's endpoint, and whether a proxy changes requests", source: FaultSource.http),
        FaultRule(
            name: "head-too-large", place: .access, services: "all", statuses: 431...431, kind: .endsRun,
            sentence: "The head of the request is larger than {host} takes.",
            hint: "look at the kernel's \"headers\" and the length of the key", source: FaultSource.http),
    ]

    /// What a status says where nothing else is known.
    static let refused: [FaultRule] = [
        FaultRule(
            name: "invalid-request", place: .completions, services: "all", statuses: 400...400, kind: .ofRow,
            sentence: "{host} did not take the request.",
            hint: "what it says names the field; options come from the cell, the rest from the row", quotes: true,
            source: FaultSource.openai),
        FaultRule(
            name: "invalid-fields", place: .completions, services: "vLLM, LM Studio", statuses: 422...422, kind: .ofRow,
            sentence: "{host} did not take a field of the request.",
            hint: "what it says names the field; options come from the cell, the rest from the row", quotes: true,
            source: FaultSource.vllm),
    ]
}

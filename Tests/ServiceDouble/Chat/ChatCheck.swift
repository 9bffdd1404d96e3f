internal import OrderedCollections
internal import Tables

/// What a service refuses before it generates.
struct ChatCheck {
    let options: ServiceDouble.Options
    let body: Record

    /// https://platform.openai.com/docs/api-reference/chat/create
    private static let parameters: Set<String> = [
        "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
        "max_tokens", "messages", "metadata", "modalities", "model", "n", "parallel_tool_calls", "prediction",
        "presence_penalty", "prompt_cache_key", "prompt_cache_retention", "reasoning_effort", "response_format",
        "safety_identifier", "seed", "service_tier", "stop", "store", "stream", "stream_options", "temperature",
        "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity", "web_search_options",
    ]

    private static let roles: Set<String> = ["developer", "system", "user", "assistant", "tool", "function"]

    func run(models: Set<String>) throws(Refusal) {
        try checkModel(models)
        try checkMessages()
        try checkNumbers()
        if options.flavour != .compatible {
            if let unknown = body.keys.first(where: { !ChatCheck.parameters.contains($0) }) {
                throw Refusal(400, "Unrecognized request argument supplied: \(unknown)", code: "unknown_parameter")
            }
            try checkReasoning()
            try checkMetadata()
        }
        if body["stream_options"]?.isNull == false, body["stream"]?.bool != true {
            throw Refusal(400, "'stream_options' is only allowed when 'stream' is enabled.", param: "stream_options")
        }
        if (body["top_logprobs"]?.integer ?? 0) > 0, body["logprobs"]?.bool != true {
            throw Refusal(400, "'top_logprobs' is only allowed when 'logprobs' is enabled.", param: "top_logprobs")
        }
        if let stops = body["stop"]?.list, stops.count > 4 {
            throw Refusal(400, "Invalid 'stop': at most 4 sequences.", param: "stop")
        }
    }

    private func checkModel(_ models: Set<String>) throws(Refusal) {
        guard let model = body["model"]?.text, !model.isEmpty else {
            throw Refusal(400, "You must provide a model parameter.", param: "model")
        }
        guard options.takesAnyModel || models.contains(model) else {
            if options.flavour == .azure {
                throw Refusal(404, "The API deployment for this resource does not exist.", code: "DeploymentNotFound")
            }
            throw Refusal(
                404, "The model `\(model)` does not exist or you do not have access to it.", code: "model_not_found")
        }
    }

    private func checkMessages() throws(Refusal) {
        guard let messages = body["messages"]?.list else {
            throw Refusal(
                400, "Missing required parameter: 'messages'.", param: "messages", code: "missing_required_parameter")
        }
        guard !messages.isEmpty else {
            throw Refusal(
                400, "Invalid 'messages': empty array. Expected at least 1 message.", param: "messages",
                code: "empty_array")
        }
        for (index, message) in messages.enumerated() {
            let place = "messages[\(index)]"
            guard let role = message[field: "role"].text, ChatCheck.roles.contains(role) else {
                throw Refusal(400, "Invalid value for '\(place).role'.", param: place + ".role", code: "invalid_value")
            }
            switch message[field: "content"] {
            case .string, .list: break
            case .null where role == "assistant": break
            default:
                throw Refusal(
                    400, "Invalid type for '\(place).content': expected a string or a list of parts.",
                    param: place + ".content", code: "invalid_type")
            }
        }
    }

    private func checkNumbers() throws(Refusal) {
        for (name, range) in [
            ("temperature", 0.0...2), ("top_p", 0...1), ("n", 1...128), ("top_logprobs", 0...20),
            ("max_tokens", 1...1e9), ("max_completion_tokens", 1...1e9), ("presence_penalty", -2...2),
            ("frequency_penalty", -2...2),
        ] {
            guard let value = body[name], !value.isNull else { continue }
            guard let number = value.double else {
                throw Refusal(400, "Invalid type for '\(name)': expected a number.", param: name, code: "invalid_type")
            }
            guard range.contains(number) else {
                let isBelow = number < range.lowerBound
                throw Refusal(
                    400, "Invalid '\(name)': expected a value from \(range.lowerBound) to \(range.upperBound).",
                    param: name, code: isBelow ? "decimal_below_min_value" : "decimal_above_max_value")
            }
        }
    }

    private func checkReasoning() throws(Refusal) {
        guard let model = body["model"]?.text, options.reasoningModels.contains(model) else { return }
        if body["max_tokens"]?.isNull == false {
            throw Refusal(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                    + "Use 'max_completion_tokens' instead.",
                param: "max_tokens", code: "unsupported_parameter")
        }
        for name in ["temperature", "top_p"] {
            guard let value = body[name], !value.isNull, value.double != 1 else { continue }
            throw Refusal(
                400, "Unsupported value: '\(name)' does not support \(JSON.text(value)) with this model; only 1.",
                param: name, code: "unsupported_value")
        }
    }

    private func checkMetadata() throws(Refusal) {
        guard let metadata = body["metadata"], !metadata.isNull else { return }
        try ChatCheck.checkMetadata(metadata)
        guard body["store"]?.bool == true else {
            throw Refusal(400, "The 'metadata' parameter is only allowed when 'store' is enabled.", param: "metadata")
        }
    }

    /// At most 16 pairs of texts; a key of at most 64, a value of at most 512 characters.
    static func checkMetadata(_ metadata: Value) throws(Refusal) {
        guard let pairs = metadata.record else {
            throw Refusal(
                400, "Invalid type for 'metadata': expected an object.", param: "metadata", code: "invalid_type")
        }
        guard pairs.count <= 16 else {
            throw Refusal(
                400, "Invalid 'metadata': too many properties. Expected at most 16, got \(pairs.count).",
                param: "metadata", code: "object_above_max_properties")
        }
        for (name, value) in pairs {
            guard let text = value.text else {
                throw Refusal(
                    400, "Invalid type for 'metadata.\(name)': expected a string.", param: "metadata.\(name)",
                    code: "invalid_type")
            }
            guard name.unicodeScalars.count <= 64, text.unicodeScalars.count <= 512 else {
                throw Refusal(
                    400,
                    "Invalid 'metadata.\(name)': string too long (64 characters for a name, 512 for a value).",
                    param: "metadata.\(name)", code: "string_above_max_length")
            }
        }
    }
}

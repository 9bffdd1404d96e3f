internal import Distillation

extension FaultRule {
    /// How much and how fast.
    static let limits: [FaultRule] = [
        FaultRule(
            name: "credit-spent", place: .limits, services: "OpenAI", statuses: 402...429,
            codes: ["credit_balance_exhausted", "insufficient_quota", "billing_not_active"],
            words: ["exceeded your current quota", "no credits remaining", "account is not active"], kind: .endsRun,
            sentence: "The account at {host} has no credit left, or its monthly budget is spent.",
            hint: "add credit or raise the budget there; what was answered is kept, so run again afterwards",
            source: FaultSource.openai),
        FaultRule(
            name: "spend-limit", place: .limits, services: "OpenAI", statuses: 402...429,
            codes: [
                "billing_hard_limit_reached", "organization_spend_limit_exceeded", "project_spend_limit_exceeded",
                "organization_usage_limit_exceeded",
            ], words: ["billing hard limit", "spend limit", "usage limit has been reached"], kind: .endsRun,
            sentence: "The monthly limit of the organisation or project at {host} is reached.",
            hint: "raise the limit there, or wait for the next month; what was answered is kept", quotes: true,
            source: FaultSource.openai),
        FaultRule(
            name: "request-above-limit", place: .limits, services: "OpenAI", statuses: 429...429,
            words: ["request too large"], kind: .ofRow,
            sentence: "This one request has more tokens than {host} allows in a minute.",
            hint: "shorten the prompt or max_tokens, or ask for a higher limit", quotes: true,
            source: FaultSource.openaiLimits),
        FaultRule(
            name: "day-limit", place: .limits, services: "OpenAI, OpenRouter", statuses: 429...429,
            words: ["per day", "(rpd)", "(tpd)", "daily limit"], kind: .endsRun,
            sentence: "The limit for one day at {host} is reached.",
            hint: "run again when it says so; what was answered is kept", quotes: true, source: FaultSource.openaiLimits
        ),
        FaultRule(
            name: "token-limit", place: .limits, services: "OpenAI, Azure", statuses: 429...429, codes: ["tokens"],
            words: ["tokens per min", "token rate limit"], kind: .again,
            sentence: "{host} takes no more tokens this minute.",
            hint: "limits.tokens_per_minute in the kernel keeps below it; a smaller max_tokens counts too",
            source: FaultSource.openaiLimits),
        FaultRule(
            name: "ramp-limit", place: .limits, services: "OpenAI", statuses: 429...503, codes: ["slow_down"],
            words: ["slow down"], kind: .again, sentence: "{host} wants requests to become more slowly.",
            hint: "a smaller limits.in_flight in the kernel starts more gently", source: FaultSource.openai),
        FaultRule(
            name: "azure-limit", place: .limits, services: "Azure", flavours: [.azure], statuses: 429...429,
            kind: .again,
            sentence: "The deployment of {model} has used up its rate.",
            hint: "give the deployment more tokens per minute (Foundry, Deployments), or set limits.tokens_per_minute",
            source: FaultSource.azure),
        FaultRule(
            name: "engine-overloaded", place: .limits, services: "OpenAI", statuses: 429...429,
            words: ["overloaded"], kind: .again, sentence: "{host} is overloaded.",
            hint: "it will be tried again; its status page may say more", source: FaultSource.openai),
        FaultRule(
            name: "rate-limit", place: .limits, services: "all", statuses: 429...429, kind: .again,
            sentence: "{host} takes no more requests this minute.",
            hint: "limits.requests_per_minute in the kernel keeps below it", source: FaultSource.openaiLimits),
    ]

    /// What the server itself has to mend.
    static let server: [FaultRule] =
        refused + [
            FaultRule(
                name: "request-timeout", place: .server, services: "OpenRouter", statuses: 408...408, kind: .again,
                sentence: "{host} waited too long for the request.",
                hint: "a slow or busy line; a smaller limits.in_flight helps", source: FaultSource.openRouter),
            FaultRule(
                name: "conflict", place: .server, services: "OpenAI, Azure", statuses: 409...409, kind: .again,
                sentence: "Something else at {host} is being changed at the same time.",
                hint: "wait for it to end, such as a deployment that is still being made", quotes: true,
                source: FaultSource.openai),
            FaultRule(
                name: "too-early", place: .server, services: "all", statuses: 425...425, kind: .again,
                sentence: "{host} wants to be asked a little later.", hint: "it will be tried again",
                source: FaultSource.http),
            FaultRule(
                name: "model-loading", place: .server, services: "llama-server", statuses: 503...503,
                words: ["loading model", "model is loading"], kind: .again,
                sentence: "The server at {host} is still loading {model}.",
                hint: "it will be tried again; large models take minutes", source: FaultSource.llamaServer),
            FaultRule(
                name: "queue-full", place: .server, services: "Ollama", statuses: 503...503,
                words: ["maximum pending requests", "server busy"], kind: .again,
                sentence: "The queue of the server at {host} is full.",
                hint: "a smaller limits.in_flight, or OLLAMA_MAX_QUEUE and OLLAMA_NUM_PARALLEL on the server",
                source: FaultSource.ollamaQueue),
            FaultRule(
                name: "out-of-memory", place: .server, services: "Ollama, llama-server, vLLM", statuses: 500...503,
                words: ["out of memory", "requires more system memory", "more system memory", "failed to allocate"],
                kind: .endsRun, sentence: "The server at {host} has too little memory for {model}.",
                hint: "a smaller model, a shorter context, or a stronger quantisation", quotes: true,
                source: FaultSource.ollama),
            FaultRule(
                name: "runner-died", place: .server, services: "Ollama, vLLM", statuses: 500...502,
                words: [
                    "runner process has terminated", "enginedeaderror", "engine process failed",
                    "enginecore encountered",
                ],
                kind: .endsRun, sentence: "What runs {model} on the server at {host} has died.",
                hint: "look at the server's log and start it again; what was answered is kept", quotes: true,
                source: FaultSource.ollama),
            FaultRule(
                name: "server-overloaded", place: .server, services: "OpenAI, OpenRouter", statuses: 503...529,
                codes: ["server_is_overloaded", "overloaded_error", "engine_overloaded"], words: ["overloaded"],
                kind: .again,
                sentence: "{host} is overloaded.", hint: "it will be tried again; its status page may say more",
                source: FaultSource.openai),
            FaultRule(
                name: "overloaded", place: .server, services: "OpenRouter", statuses: 529...529, kind: .again,
                sentence: "{host} is overloaded.", hint: "it will be tried again", source: FaultSource.openRouter),
            FaultRule(
                name: "bad-gateway", place: .server, services: "all", statuses: 502...502, kind: .again,
                sentence: "What stands before {host} did not reach the server itself.",
                hint: "it will be tried again; behind a proxy of your own, look whether the server runs",
                source: FaultSource.http),
            FaultRule(
                name: "unavailable", place: .server, services: "all", statuses: 503...503, kind: .again,
                sentence: "{host} is not available at the moment.",
                hint: "it will be tried again; its status page may say more",
                source: FaultSource.openai),
            FaultRule(
                name: "gateway-timeout", place: .server, services: "all", statuses: 504...504, kind: .again,
                sentence: "{host} took too long to answer.",
                hint: "it will be tried again; a smaller max_tokens or limits.in_flight helps", source: FaultSource.http
            ),
            FaultRule(
                name: "not-implemented", place: .server, services: "all", statuses: 501...501, kind: .endsRun,
                sentence: "{host} does not have this feature.",
                hint: "take it out of the kernel's \"has\": it is done on this machine where that is possible",
                source: FaultSource.http),
            FaultRule(
                name: "server-error", place: .server, services: "all", statuses: 500...599, kind: .again,
                sentence: "{host} failed with an error of its own.",
                hint: "it will be tried again; its status page may say more",
                quotes: true, source: FaultSource.openai),
        ]
}

internal import Distillation

extension FaultRule {
    /// Who may ask at all: keys, organisations, projects, places, money.
    static let access: [FaultRule] = [
        FaultRule(
            name: "wrong-organisation", place: .access, services: "OpenAI", flavours: [.openai], statuses: 401...403,
            codes: ["mismatched_organization", "mismatched_project", "invalid_organization"],
            words: [
                "mismatched organization", "openai-organization header", "openai-project header",
                "no such organization",
            ],
            kind: .endsRun, sentence: "The key does not belong to the organisation or project that the kernel names.",
            hint:
                "take OpenAI-Organization and OpenAI-Project out of the kernel's \"headers\", or use that project's key",
            source: FaultSource.openai),
        FaultRule(
            name: "no-organisation", place: .access, services: "OpenAI", flavours: [.openai], statuses: 401...404,
            words: ["must be a member of an organization"], kind: .endsRun,
            sentence: "The key's account belongs to no organisation any more.",
            hint: "ask the organisation's owner for an invitation, or use another key", source: FaultSource.openai),
        FaultRule(
            name: "address-not-allowed", place: .access, services: "OpenAI", flavours: [.openai], statuses: 401...403,
            codes: ["ip_not_authorized"], words: ["ip not authorized", "ip address is not authorized"], kind: .endsRun,
            sentence: "{host} does not take requests with this key from this machine's address.",
            hint: "the organisation has a list of addresses (Settings, Security): add this one, or ask from another",
            source: FaultSource.openai),
        FaultRule(
            name: "key-may-not", place: .access, services: "OpenAI", statuses: 401...403,
            codes: ["missing_scope"], words: ["missing scopes", "insufficient permissions for this operation"],
            kind: .endsRun, sentence: "The key may not do this: its permissions are restricted.",
            hint: "give the key the permission that the service names, or use a key with all of them", quotes: true,
            source: FaultSource.openai),
        FaultRule(
            name: "key-expired", place: .access, services: "OpenAI, Azure", statuses: 401...403,
            codes: ["token_expired", "expired_api_key", "expiredauthenticationtoken", "key_expired"],
            words: ["has expired", "is expired", "token expired"], kind: .endsRun,
            sentence: "The key or token for {host} has expired.",
            hint: "make a new one; a token of Microsoft Entra lives for an hour: let a command print it",
            source: FaultSource.azureAccess),
        FaultRule(
            name: "azure-role", place: .access, services: "Azure", flavours: [.azure], statuses: 401...403,
            codes: ["permissiondenied", "authorizationfailed"],
            words: ["does not have authorization", "lacks the required data action"], kind: .endsRun,
            sentence: "The account that the token is of may not do this on {host}.",
            hint:
                "it needs the role Cognitive Services OpenAI User; to train and deploy, Cognitive Services Contributor",
            quotes: true, source: FaultSource.azureAccess),
        FaultRule(
            name: "azure-key", place: .access, services: "Azure", flavours: [.azure], statuses: 401...401,
            kind: .endsRun,
            sentence: "{host} does not take the key: it is wrong, or of another resource.",
            hint:
                "AZURE_OPENAI_API_KEY and AZURE_OPENAI_ENDPOINT must be of the same resource (Azure portal, Keys and Endpoint)",
            source: FaultSource.azureAccess),
        FaultRule(
            name: "key-missing", place: .access, services: "OpenAI, vLLM, llama-server, OpenRouter",
            statuses: 401...401,
            words: [
                "didn't provide an api key", "did not provide an api key", "missing bearer", "no auth credentials",
                "no cookie auth", "authorization header is missing", "missing authentication", "missing api key",
            ], kind: .endsRun, sentence: "{host} wants a key, and none was sent.",
            hint: "set the variable that the kernel's \"key\" names; distnb doctor says which",
            source: FaultSource.openai),
        FaultRule(
            name: "key-wrong", place: .access, services: "OpenAI, vLLM, llama-server, OpenRouter", statuses: 401...401,
            kind: .endsRun, sentence: "{host} does not take the key: it is mistyped, withdrawn, or of another service.",
            hint: "distnb doctor says where the key comes from; make a new one if in doubt", source: FaultSource.openai),
        FaultRule(
            name: "country", place: .access, services: "OpenAI", statuses: 403...403,
            codes: ["unsupported_country_region_territory"], words: ["country, region, or territory not supported"],
            kind: .endsRun, sentence: "{host} does not serve the country that this request came from.",
            hint: "a VPN or proxy may make it look so; else choose another service", source: FaultSource.openai),
        FaultRule(
            name: "azure-network", place: .access, services: "Azure", flavours: [.azure], statuses: 403...403,
            words: ["virtual network", "firewall rules", "public access is disabled", "private endpoint"],
            kind: .endsRun,
            sentence: "The resource {host} takes requests from chosen networks only.",
            hint: "add this machine's address under Networking in the Azure portal, or ask from inside that network",
            source: FaultSource.azureAccess),
        FaultRule(
            name: "refused-text", place: .completions, services: "OpenRouter", flavours: [.compatible],
            statuses: 403...403,
            words: ["moderation", "flagged"], kind: .ofRow, sentence: "A filter of {host} refused this text.",
            hint: "leave the row out, or say it in other words", source: FaultSource.openRouter),
        FaultRule(
            name: "model-not-allowed", place: .models, services: "OpenAI", statuses: 403...403,
            codes: ["model_not_found", "model_not_allowed"],
            words: ["does not have access to model", "do not have access to", "must be verified to use the model"],
            kind: .endsRun, sentence: "The key's project may not use {model}.",
            hint: "allow the model in the project's limits, or name another one in your own kernel.json", quotes: true,
            source: FaultSource.openai),
        FaultRule(
            name: "forbidden", place: .access, services: "all", statuses: 403...403, kind: .endsRun,
            sentence: "{host} refuses requests with this key.",
            hint: "look at the key's permissions; Ollama and LM Studio answer so where an origin is not allowed",
            quotes: true, source: FaultSource.http),
        FaultRule(
            name: "no-credit", place: .access, services: "OpenRouter", statuses: 402...402, kind: .endsRun,
            sentence: "The account at {host} has no credit left.",
            hint: "add credit there; what was answered is kept, so run again afterwards", source: FaultSource.openRouter
        ),
        FaultRule(
            name: "proxy-login", place: .access, services: "proxies", statuses: 407...407, kind: .endsRun,
            sentence: "The proxy between this machine and {host} wants a login.",
            hint: "HTTPS_PROXY takes it: http://USER:PASSWORD@PROXY:PORT; NO_PROXY names hosts without proxy",
            source: FaultSource.http),
    ]
}

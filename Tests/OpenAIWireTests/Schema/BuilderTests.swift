import OpenAIWire
import OrderedCollections
import Tables
import Testing

/// What our builders write fits OpenAI's schema, has no field that the schema does not know, and is read back.
@Suite struct BuilderTests {
    private static let usage = TokenUsage(promptTokens: 12, completionTokens: 5, cachedTokens: 4, reasoningTokens: 2)
    private static let call = ToolCall(id: "call_1", name: "look_up", arguments: #"{"order": 7}"#)
    private static let token = TokenLogprob(
        token: "Hi", logprob: -0.25, bytes: [72, 105],
        top: [TokenLogprob(token: "Ho", logprob: -.infinity, bytes: nil, top: nil)])
    private static let completion = ChatCompletion(
        id: "chatcmpl-1", created: 1_700_000_000, model: "gpt-4.1-nano-2025-04-14",
        choices: [
            .init(
                message: ReplyMessage(content: "Hi"), logprobs: ChoiceLogprobs(content: [token])),
            .init(
                index: 1, message: ReplyMessage(content: nil, toolCalls: [call]), finishReason: .toolCalls),
            .init(index: 2, message: ReplyMessage(content: nil, refusal: "I will not."), finishReason: .contentFilter),
        ],
        usage: usage, systemFingerprint: "fp_1", serviceTier: "default", metadata: ["lab": "3.3"])
    private static let grader = #"""
        {"type": "text_similarity", "name": "near", "input": "{{sample.output_text}}", "reference": "{{item.answer}}",
        "evaluation_metric": "fuzzy_match", "pass_threshold": 0.8}
        """#
    private static let config = EvalDataSourceConfig.custom(
        itemSchema: ["type": "object", "properties": ["question": ["type": "string"]]], includesSample: true)
    private static let source = EvalDataSource.completions(
        model: "gpt-4.1-nano", input: .template([.system("Be kind."), .user("{{item.question}}")]),
        source: .rows([.init(item: ["question": "Where is it?"], sample: ["output_text": "There."])]),
        temperature: 0.7, topP: 0.9, maxCompletionTokens: 300, seed: 7, reasoningEffort: .low)

    /// A document that a builder wrote, and the component that it must fit.
    private static func documents() throws -> [(component: String, json: Value)] {
        let criterion = try GraderWire(JSON.parse(grader))
        // Only an eval's criterion has a threshold.
        let wire = try GraderWire(criterion.json.changed(at: ["pass_threshold"], to: nil))
        return chat + files + jobs + [
            ("ValidateGraderRequest", GraderValidation(wire).json),
            ("ValidateGraderResponse", GraderValidation(wire).json),
            ("RunGraderRequest", GraderRunRequest(grader: wire, item: ["answer": "b"], sample: "c").json),
            ("RunGraderRequest", GraderRunRequest(grader: wire, sample: "c").json),
            ("RunGraderResponse", GraderRunResponse(reward: 0.5, name: "near", type: wire.type, seconds: 0.1).json),
            (
                "RunGraderResponse",
                GraderRunResponse(
                    reward: 0, name: "both", type: "multi", errors: ["model_grader_parse_error"], details: "no JSON",
                    seconds: 1, scores: ["near": 0.2], subRewards: ["near": 0.2], tokens: 12, model: "judge",
                    usage: ["judge": 12]
                ).json
            ),
        ] + (try evals(criterion))
    }

    private static let chat: [(component: String, json: Value)] =
        [
            (
                "CreateChatCompletionRequest",
                ChatCompletionRequest(
                    model: "gpt-4.1",
                    messages: [
                        .system("Be kind."), .developer("Be brief."), .user("Hello?"), .assistant("Hi.", weight: nil),
                        .assistant(nil, toolCalls: [call]), .tool("It is late.", callID: "call_1"),
                        ChatMessage(
                            role: .user, content: .parts([.text("This?"), .image(url: "data:image/png;base64,AA==")]),
                            name: "ann"),
                    ],
                    temperature: 0.7, topP: 1, limit: .maxTokens(200), seed: -4, stop: ["\n\n", "END"], n: 2,
                    store: true,
                    metadata: ["lab": "3.3"], stream: true, topLogprobs: 3,
                    responseFormat: .jsonSchema(name: "answer", schema: ["type": "object"], isStrict: true),
                    reasoningEffort: .low, tools: [ChatTool(function: "look_up", parameters: ["type": "object"])]
                ).json
            ),
            (
                "CreateChatCompletionRequest",
                ChatCompletionRequest(
                    model: "o4-mini", messages: [.user("?")], limit: .init(50, model: "o4-mini"),
                    responseFormat: .jsonObject
                ).json
            ),
            (
                "CreateChatCompletionRequest",
                ChatCompletionRequest(model: "m", messages: [.user("?")], responseFormat: .text).json
            ),
            ("CreateChatCompletionResponse", completion.json),
            ("ChatCompletionList", StoredCompletionsPage([completion], hasMore: true).json),
            ("ChatCompletionList", StoredCompletionsPage([]).json),
            ("ChatCompletionDeleted", DeletedObject.completion("chatcmpl-1").json),
            ("Metadata", MetadataUpdate(metadata: ["lab": "3.3"])[field: "metadata"]),
            (
                "CreateEmbeddingRequest",
                EmbeddingRequest(model: "text-embedding-3-small", inputs: ["a", "b"], isBase64: true, dimensions: 8)
                    .json
            ),
            (
                "CreateEmbeddingResponse",
                EmbeddingResponse(
                    model: "e", embeddings: [Embedding(index: 0, vector: [0.5, -1])], promptTokens: 2
                ).json
            ),
            ("Model", ModelObject(id: "m", created: 0, ownedBy: "me").json),
            ("ListModelsResponse", ModelList([ModelObject(id: "m", created: 0, ownedBy: "me")]).json),
            ("DeleteModelResponse", DeletedObject.model("m").json),
            ("ErrorResponse", APIErrorBody(message: "No.", type: "invalid_request_error").json ?? .null),
            (
                "ErrorResponse",
                APIErrorBody(message: "No.", type: "requests", param: "model", code: "rate_limit_exceeded").json
                    ?? .null
            ),
        ] + completion.chunks(length: 1, includesUsage: true).map { ("CreateChatCompletionStreamResponse", $0.json) }

    private static let files: [(component: String, json: Value)] = {
        let file = FileObject(id: "file-1", size: 12, created: 1, expires: 9, name: "a.jsonl", purpose: .fineTune)
        return [
            ("OpenAIFile", file.json), ("ListFilesResponse", FileList([file]).json),
            ("DeleteFileResponse", DeletedObject.file("file-1").json),
            ("FineTuneChatCompletionRequestAssistantMessage", ChatMessage.assistant("Hi.", weight: 1).json),
        ]
    }()

    private static let jobs: [(component: String, json: Value)] = {
        let supervised = FineTuningMethod(
            .supervised, Hyperparameters(epochs: .value(3), batchSize: .auto, learningRateMultiplier: .value(1.5)))
        let dpo = FineTuningMethod(
            .dpo,
            Hyperparameters(
                epochs: .auto, batchSize: .value(4), learningRateMultiplier: .auto, beta: .value(0.1)))
        let running = FineTuningJob(
            id: "ftjob-1", created: 1, model: "gpt-4.1-nano", trainingFile: "file-1", method: dpo, status: .running,
            estimatedFinish: 90, seed: 7, organization: "org-1")
        let done = FineTuningJob(
            id: "ftjob-2", created: 1, model: "gpt-4.1-nano", trainingFile: "file-1", validationFile: "file-2",
            method: supervised, status: .succeeded, fineTunedModel: "ft:gpt-4.1-nano:me::1", finished: 60,
            trainedTokens: 900, resultFiles: ["file-3"], seed: 7, metadata: ["lab": "3.3"], organization: "org-1")
        let failed = FineTuningJob(
            id: "ftjob-3", created: 1, model: "gpt-4.1-nano", trainingFile: "file-1",
            method: FineTuningMethod(.supervised), status: .failed, finished: 2,
            failure: .init(code: "invalid_training_file", message: "No.", param: "training_file"), seed: 7,
            organization: "org-1")
        let metrics = TrainingMetrics(
            step: 3, loss: 0.5, accuracy: 0.9, validLoss: 0.6, validAccuracy: 0.8, fullValidLoss: 0.7,
            fullValidAccuracy: 0.75)
        let events = [
            FineTuningEvent(id: "ftevent-1", created: 1, message: "Begun."),
            FineTuningEvent(id: "ftevent-2", created: 2, level: .warning, message: "Step 3.", metrics: metrics),
        ]
        let checkpoint = FineTuningCheckpoint(
            id: "ftckpt-1", created: 3, job: "ftjob-2", model: "ft:x:ckpt-step-3", step: 3, metrics: metrics)
        return [
            (
                "CreateFineTuningJobRequest",
                FineTuningJobRequest(
                    model: "gpt-4.1-nano", trainingFile: "file-1", validationFile: "file-2", suffix: "cora", seed: 7,
                    method: supervised, metadata: ["lab": "3.3"]
                ).json
            ),
            ("CreateFineTuningJobRequest", FineTuningJobRequest(model: "m", trainingFile: "f", method: dpo).json),
            ("FineTuningJob", running.json), ("FineTuningJob", done.json), ("FineTuningJob", failed.json),
            ("ListPaginatedFineTuningJobsResponse", FineTuningJobList([running, done], hasMore: true).json),
            ("FineTuningJobEvent", events[0].json),
            ("ListFineTuningJobEventsResponse", FineTuningEventList(events).json),
            ("FineTuningJobCheckpoint", checkpoint.json),
            ("ListFineTuningJobCheckpointsResponse", FineTuningCheckpointList([checkpoint]).json),
        ]
    }()

    private static func evals(_ grader: GraderWire) throws -> [(component: String, json: Value)] {
        let eval = EvalObject(
            id: "eval_1", name: "lab", created: 1,
            dataSource: config.answered(schema: ["type": "object", "properties": ["item": ["type": "object"]]]),
            criteria: [grader.json])
        let sources: [EvalDataSource] = [
            source, .jsonl(.file("file-1")),
            .completions(
                model: "m", input: .reference("item.messages"),
                source: .storedCompletions(
                    model: "t", metadata: ["lab": "3.3"], createdAfter: 1, createdBefore: 2, limit: 3)),
        ]
        let run = EvalRun(
            id: "evalrun_1", eval: "eval_1", name: "first", created: 1, status: .completed, model: "m",
            report: "http://localhost/run", counts: .init(total: 4, passed: 1, failed: 2, errored: 1),
            criteria: [.init(name: "near", passed: 1, failed: 3)],
            usage: [.init(model: "m", calls: 4, promptTokens: 9, completionTokens: 3)], dataSource: source,
            metadata: ["lab": "3.3"])
        let failed = EvalRun(
            id: "evalrun_2", eval: "eval_1", name: "second", created: 1, status: .failed, model: "m",
            report: "http://localhost/run", counts: .init(total: 0, passed: 0, failed: 0, errored: 0),
            dataSource: source, failure: EvalFailure(code: "server_error", message: "No."))
        let item = EvalOutputItem(
            id: "outputitem_1", run: "evalrun_1", eval: "eval_1", created: 2, status: "pass", index: 0,
            item: ["question": "Where is it?"],
            results: [
                .init(name: "near", type: "text_similarity", score: 0.9, passed: true),
                .init(name: "judge", type: nil, score: nil, passed: false, sample: ["text": "?"]),
            ],
            sample: EvalSample(
                input: [(.user, "Where is it?")], output: [(.assistant, "There.")], finishReason: .stop, model: "m",
                usage: usage, temperature: 1, maxCompletionTokens: 300, topP: 1, seed: 7))
        return [
            ("CreateEvalRequest", EvalRequest(name: "lab", dataSource: config, criteria: [grader]).json),
            (
                "CreateEvalRequest",
                EvalRequest(metadata: ["a": "b"], dataSource: .logs(metadata: ["lab": "3.3"]), criteria: [grader]).json
            ),
            ("Eval", eval.json), ("EvalList", EvalList([eval], hasMore: true).json), ("EvalRun", run.json),
            ("EvalRun", failed.json), ("EvalRunList", EvalRunList([run, failed]).json),
            ("EvalRunOutputItem", item.json),
            ("EvalRunOutputItemList", EvalOutputItemList([item]).json),
        ]
            + sources.map { ("CreateEvalRunRequest", EvalRunRequest(name: "first", dataSource: $0).json) }
    }

    @Test func whatIsWrittenFitsTheSchema() throws {
        let schema = try OpenAISchema.load()
        for (component, json) in try Self.documents() {
            #expect(schema.mismatch(json, component) == nil, "\(component): \(JSON.text(json))")
        }
    }

    /// Fields that the schema does not know where it lists the fields of an object: ours would be invented.
    @Test func noFieldIsInvented() throws {
        let schema = try OpenAISchema.load()
        for (component, json) in try Self.documents() {
            let invented = schema.strangers(json, component)
            #expect(invented.isEmpty, "\(component): \(invented)")
        }
        // The check finds one.
        let odd = try Self.completion.setting(["x_new": 1])
        #expect(schema.strangers(odd.json, "CreateChatCompletionResponse") == ["$.x_new"])
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var kinds: Set<String> = []
        for (component, json) in try Self.documents() {
            guard let kind = WireKind.byComponent[component] else { continue }
            kinds.insert(component)
            #expect(try JSON.text(kind.roundTrip(json)) == JSON.text(json), "\(component)")
            #expect(try kind.roundTrip(JSON.parse(JSON.text(json))) == json, "\(component)")
        }
        // A message list is no reply of a model's, as the schema has it: see StoredCompletionTests.
        #expect(Set(WireKind.byComponent.keys).subtracting(kinds) == ["ChatCompletionMessageList"])
    }
}

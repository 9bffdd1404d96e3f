import OpenAIWire
import Tables

/// A wire type as the tests of all types see it.
struct WireKind: Sendable {
    let name: String
    /// Reads JSON, touches every accessor, and gives what would be written.
    let roundTrip: @Sendable (Value) throws(WireError) -> Value

    private init<Object: WireObject>(_ type: Object.Type, _ touch: @escaping @Sendable (Object) -> [Any?]) {
        name = "\(type)"
        roundTrip = { json throws(WireError) in
            let object = try Object(json)
            _ = touch(object).count
            return object.json
        }
    }

    /// Which type reads which component of the schema.
    static let byComponent: [String: WireKind] = [
        "CreateChatCompletionRequest": chatRequest, "CreateChatCompletionResponse": chatCompletion,
        "CreateChatCompletionStreamResponse": chunk, "ChatCompletionList": page(chatCompletion, ChatCompletion.self),
        "ChatCompletionDeleted": deleted, "ChatCompletionMessageList": page(storedMessage, StoredMessage.self),
        "OpenAIFile": file, "DeleteFileResponse": deleted, "ListFilesResponse": page(file, FileObject.self),
        "CreateEmbeddingRequest": WireKind(EmbeddingRequest.self) {
            [$0.model, $0.inputs, $0.isBase64, $0.dimensions]
        },
        "CreateEmbeddingResponse": embeddings, "Model": model, "ListModelsResponse": page(model, ModelObject.self),
        "DeleteModelResponse": deleted, "CreateFineTuningJobRequest": jobRequest, "FineTuningJob": job,
        "FineTuningJobEvent": event, "FineTuningJobCheckpoint": checkpoint,
        "ListPaginatedFineTuningJobsResponse": page(job, FineTuningJob.self),
        "ListFineTuningJobEventsResponse": page(event, FineTuningEvent.self),
        "ListFineTuningJobCheckpointsResponse": page(checkpoint, FineTuningCheckpoint.self),
        "RunGraderRequest": WireKind(GraderRunRequest.self) { [$0.item, $0.sample, try? $0.grader()] },
        "RunGraderResponse": WireKind(GraderRunResponse.self) { [$0.reward, $0.errors, $0.subRewards] },
        "ValidateGraderRequest": WireKind(GraderValidation.self) { [try? $0.grader()] },
        "ValidateGraderResponse": WireKind(GraderValidation.self) { [try? $0.grader()] },
        "CreateEvalRequest": WireKind(EvalRequest.self) {
            [$0.name, $0.metadata, $0.dataSource.itemSchema, $0.dataSource.includesSample, try? $0.graders()]
        },
        "Eval": eval, "EvalList": page(eval, EvalObject.self),
        "CreateEvalRunRequest": WireKind(EvalRunRequest.self) {
            [$0.name, $0.metadata, touch($0.dataSource)]
        },
        "EvalRun": evalRun, "EvalRunList": page(evalRun, EvalRun.self), "EvalRunOutputItem": outputItem,
        "EvalRunOutputItemList": page(outputItem, EvalOutputItem.self),
    ]

    /// Types that OpenAI's schema does not have.
    static let others: [WireKind] = [
        WireKind(MetadataUpdate.self) { [$0.metadata] },
        WireKind(ChatTrainingRow.self) { [$0.messages.map(touch)] },
        WireKind(PreferenceTrainingRow.self) { [$0.input, $0.preferred.map(touch), $0.other] },
        WireKind(Deployment.self) { [$0.name, $0.model, $0.version, $0.sku, $0.capacity, $0.state?.isFinal] },
        WireKind(DeploymentList.self) { [$0.deployments.map(\.name), $0.next] },
        WireKind(DeletedEval.self) { [$0.isDeleted] },
    ]

    private static let chatRequest = WireKind(ChatCompletionRequest.self) {
        [
            $0.model, $0.messages.map(touch), $0.temperature, $0.topP, $0.limit?.tokens, $0.seed, $0.stop, $0.count,
            $0.isStored, $0.metadata, $0.isStreaming, $0.includesUsage, $0.logprobs, $0.topLogprobs,
            $0.responseFormat?.schema, $0.reasoningEffort, $0.tools,
        ]
    }
    private static let chatCompletion = WireKind(ChatCompletion.self) { completion in
        [
            completion.id, completion.created, completion.model, completion.choices.map(touch),
            completion.usage.map(touch), completion.systemFingerprint, completion.serviceTier, completion.metadata,
            completion.inputMessages, completion.chunks(includesUsage: true).count,
        ]
    }
    private static let chunk = WireKind(ChatCompletionChunk.self) { chunk in
        var assembly = ChunkAssembly()
        let added = try? assembly.add(ServerSentEvent(data: JSON.text(chunk.json)))
        return [
            chunk.id, chunk.created, chunk.model, chunk.usage.map(touch), added, assembly.ending, assembly.completion,
            chunk.choices.map {
                [$0.index, $0.delta.content, $0.delta.toolCalls.map(touch), $0.finishReason] as [Any?]
            },
        ]
    }
    private static let storedMessage = WireKind(StoredMessage.self) {
        [$0.id, $0.role, $0.content?.plainText, touch($0.message)]
    }
    private static let deleted = WireKind(DeletedObject.self) { [$0.id, $0.isDeleted] }
    private static let file = WireKind(FileObject.self) {
        [$0.id, $0.size, $0.created, $0.expires, $0.name, $0.purpose, $0.status, $0.statusDetails]
    }
    private static let model = WireKind(ModelObject.self) { [$0.id, $0.created, $0.ownedBy] }
    private static let embeddings = WireKind(EmbeddingResponse.self) {
        [$0.embeddings.map(\.vector), $0.model, $0.promptTokens, try? $0.vectors(count: 1)]
    }
    private static let jobRequest = WireKind(FineTuningJobRequest.self) { request in
        var bounds: WireError?
        do throws(WireError) { try request.checkBounds() } catch { bounds = error }
        return [
            request.model, request.trainingFile, request.validationFile, request.suffix, request.seed,
            touch(request.method), request.metadata, bounds,
        ]
    }
    private static let job = WireKind(FineTuningJob.self) {
        [
            $0.id, $0.created, $0.finished, $0.estimatedFinish, $0.model, $0.trainingFile, $0.validationFile,
            $0.status.isFinal, $0.fineTunedModel, $0.trainedTokens, $0.resultFiles, $0.seed, $0.suffix, $0.metadata,
            $0.trainingType, touch($0.method), $0.hyperparameters, $0.failure,
        ]
    }
    private static let event = WireKind(FineTuningEvent.self) {
        [$0.id, $0.created, $0.level, $0.message, $0.metrics.map(touch)]
    }
    private static let checkpoint = WireKind(FineTuningCheckpoint.self) {
        [$0.id, $0.created, $0.model, $0.step, $0.metrics.map(touch)]
    }
    private static let eval = WireKind(EvalObject.self) {
        [$0.id, $0.name, $0.created, $0.dataSource?.itemSchema, $0.dataSource?.type, $0.metadata, try? $0.graders()]
    }
    private static let evalRun = WireKind(EvalRun.self) {
        [
            $0.id, $0.eval, $0.name, $0.created, $0.status.isFinal, $0.model, $0.report, $0.metadata, $0.failure,
            $0.dataSource.map(touch), $0.counts, $0.criteria, $0.usage,
        ]
    }
    private static let outputItem = WireKind(EvalOutputItem.self) {
        [
            $0.id, $0.created, $0.status, $0.index, $0.item, $0.results, $0.sample?.output, $0.sample?.model,
            $0.sample?.finishReason, $0.sample?.usage.map(touch), $0.sample?.failure,
        ]
    }

    private static func page<Element: Listed>(_ kind: WireKind, _ type: Element.Type) -> WireKind {
        WireKind(WirePage<Element>.self) { page in
            [page.hasMore, page.next, page.elements.map { try? kind.roundTrip($0.json) }, page.elements.map(\.id)]
        }
    }

    private static func touch(_ message: ChatMessage) -> [Any?] {
        [
            message.role, message.text, message.name, message.toolCalls.map(touch), message.toolCallID,
            message.refusal, message.weight,
        ]
    }
    private static func touch(_ call: ToolCall) -> [Any?] { [call.id, call.name, call.arguments] }
    private static func touch(_ choice: ChatCompletion.Choice) -> [Any?] {
        let message = choice.message
        return [
            choice.index, choice.finishReason, message.role, message.content, message.refusal, message.reasoning,
            message.toolCalls.map(touch), choice.logprobs?.content.map { $0.map(touch) }, choice.logprobs?.refusal,
        ]
    }
    private static func touch(_ token: TokenLogprob) -> [Any?] {
        [token.token, token.logprob, token.tokenBytes, token.top]
    }
    private static func touch(_ usage: TokenUsage) -> [Any?] {
        [usage.promptTokens, usage.completionTokens, usage.cachedTokens, usage.reasoningTokens]
    }
    private static func touch(_ method: FineTuningMethod) -> [Any?] {
        let parameters = method.hyperparameters
        return [
            method.kind, parameters?.epochs, parameters?.batchSize, parameters?.learningRateMultiplier,
            parameters?.beta,
        ]
    }
    private static func touch(_ metrics: TrainingMetrics) -> [Any?] {
        [
            metrics.step, metrics.loss, metrics.accuracy, metrics.validLoss, metrics.validAccuracy,
            metrics.fullValidLoss, metrics.fullValidAccuracy,
        ]
    }
    private static func touch(_ source: EvalDataSource) -> [Any?] {
        [
            source.type, source.model, source.input, try? source.sampling(), try? source.source?.rows(),
            source.source?.fileID, source.source?.model, source.source?.metadata, source.source?.createdAfter,
            source.source?.createdBefore, source.source?.limit,
        ]
    }
}

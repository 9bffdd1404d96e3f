internal import Foundation
internal import OrderedCollections
internal import Synchronization
internal import Tables

extension Route {
    static let chat = [
        Route("POST", "/chat/completions") { service, call throws(Refusal) in try service.chat(call) }
    ]

    static let models = [
        Route("GET", "/models") { service, call throws(Refusal) in service.listModels() },
        Route("GET", "/models/*") { service, call throws(Refusal) in try service.model(call.argument(0)) },
        Route("DELETE", "/models/*") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard service.world.withLock({ $0.trainedModels.remove(id) }) != nil else {
                throw Refusal(404, "The model '\(id)' does not exist", param: "model", code: "model_not_found")
            }
            return HTTPReply(["id": .string(id), "object": "model", "deleted": true])
        },
    ]
}

extension Service {
    /// Models that chat completions take by now.
    var models: Set<String> {
        let (trained, deployed) = world.withLock { world in
            (world.trainedModels, world.deployments.filter { $0.value.isReady }.keys)
        }
        // On Azure a model is asked by the name under which it is deployed.
        return options.flavour == .azure ? Set(deployed) : Set(options.models).union(trained)
    }

    fileprivate func chat(_ call: Call) throws(Refusal) -> HTTPReply {
        let body = try call.body()
        try ChatCheck(options: options, body: body).run(models: models)
        let key = ledgerKey(body, call)
        ledger.withLock { $0.entries[key, default: .init()].requests += 1 }
        guard options.honoursIdempotencyKeys, let name = call.head.headers["idempotency-key"] else {
            return try generate(body, key, call)
        }
        return try replies.reply(to: name, body: call.request.body) { () throws(Refusal) in
            try generate(body, key, call)
        }
    }

    private func ledgerKey(_ body: Record, _ call: Call) -> String {
        (body["metadata"] ?? .null)[field: "distnb_key"].text ?? call.head.headers["idempotency-key"]
            ?? SHA256Name.of(call.request.body)
    }

    private func generate(_ body: Record, _ key: String, _ call: Call) throws(Refusal) -> HTTPReply {
        let messages = body["messages"]?.list ?? []
        let most = (body["max_completion_tokens"] ?? .null).integer ?? (body["max_tokens"] ?? .null).integer
        let tokens = messages.reduce(most ?? 16) { $0 + Words.count(ChatCall.text(of: $1)) }
        let outcome = limiter?.take(tokens: tokens)
        if let outcome, let wait = outcome.wait {
            ledger.withLock { $0.refusedByLimit += 1 }
            let refusal = Refusal.rateLimited(
                "Rate limit reached for \(body["model"]?.text ?? "") on \(wait.of) per minute. "
                    + "Try again in \(RateLimiter.text(wait.seconds)).",
                type: wait.of)
            var reply = refusal.reply(options.flavour)
            reply.headers += outcome.headers
            return reply
        }
        let answer = try working {
            let first = ChatCall(
                model: body["model"]?.text ?? "", messages: messages, seed: body["seed"]?.integer, choice: 0,
                body: body, key: key)
            let seconds = options.latency(first)
            if seconds > 0 { Thread.sleep(forTimeInterval: seconds) }
            let answer = ChatAnswer(body: body, key: key, says: options.answer)
            ledger.withLock { ledger in
                ledger.entries[key, default: .init()].generated += 1
                ledger.promptTokens += answer.promptTokens
                ledger.completionTokens += answer.completionTokens
                ledger.latencies.append(seconds)
            }
            return answer
        }
        let created = Int(options.now().timeIntervalSince1970)
        let (flavour, storesIt) = (options.flavour, options.storesCompletions && body["store"]?.bool == true)
        let (id, completion) = world.withLock { world -> (String, Record) in
            let id = world.id("chatcmpl-")
            let completion = answer.completion(id: id, created: created, flavour: flavour)
            if storesIt {
                world.completions.add(
                    completion, request: body, visibleFrom: call.visit.ordinal + 1 + options.storingDelay)
            }
            return (id, completion)
        }
        var reply =
            body["stream"]?.bool == true
            ? HTTPReply(events: answer.events(id: id, created: created, flavour: flavour))
            : HTTPReply(.record(completion))
        reply.headers += outcome?.headers ?? []
        return reply
    }

    // MARK: Models

    fileprivate func listModels() -> HTTPReply {
        HTTPReply(["object": "list", "data": .list(models.sorted().map { .record(modelRecord($0)) })])
    }

    fileprivate func model(_ id: String) throws(Refusal) -> HTTPReply {
        guard models.contains(id) else {
            throw Refusal(404, "The model '\(id)' does not exist", param: "model", code: "model_not_found")
        }
        return HTTPReply(.record(modelRecord(id)))
    }

    private func modelRecord(_ id: String) -> Record {
        ["id": .string(id), "object": "model", "created": 1_700_000_000, "owned_by": "system"]
    }
}

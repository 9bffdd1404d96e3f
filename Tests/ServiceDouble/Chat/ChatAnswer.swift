internal import OrderedCollections
internal import Tables

/// What was generated for one request: all its choices, cut where the request says.
struct ChatAnswer: Sendable {
    struct Choice: Sendable {
        let pieces: [String]
        let finish: String
        var text: String { pieces.joined() }
    }

    let body: Record
    let choices: [Choice]
    let promptTokens: Int

    /// - Parameter says: what the model says to a call.
    init(body: Record, key: String, says: (ChatCall) -> String) {
        self.body = body
        let messages = body["messages"]?.list ?? []
        let most = (body["max_completion_tokens"] ?? .null).integer ?? (body["max_tokens"] ?? .null).integer
        let stops = body["stop"].map { $0.text.map { [$0] } ?? $0.list?.compactMap(\.text) ?? [] } ?? []
        choices = (0..<max(1, body["n"]?.integer ?? 1)).map { index in
            var text = says(
                ChatCall(
                    model: body["model"]?.text ?? "", messages: messages, seed: body["seed"]?.integer, choice: index,
                    body: body, key: key))
            let ends = stops.compactMap { $0.isEmpty ? nil : text.firstRange(of: $0)?.lowerBound }
            if let end = ends.min() { text = String(text[..<end]) }
            let pieces = Words.pieces(of: text)
            guard let most, pieces.count > most else { return Choice(pieces: pieces, finish: "stop") }
            return Choice(pieces: Array(pieces.prefix(most)), finish: "length")
        }
        promptTokens = messages.reduce(0) { $0 + Words.count(ChatCall.text(of: $1)) }
    }

    var completionTokens: Int { choices.reduce(0) { $0 + $1.pieces.count } }

    var usage: Value {
        [
            "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens),
            "total_tokens": .integer(promptTokens + completionTokens),
            "prompt_tokens_details": ["cached_tokens": 0, "audio_tokens": 0],
            "completion_tokens_details": [
                "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            ],
        ]
    }

    // MARK: As JSON

    /// The `chat.completion`.
    func completion(id: String, created: Int, flavour: ServiceDouble.Flavour) -> Record {
        var record: Record = [
            "id": .string(id), "object": "chat.completion", "created": .integer(created),
            "model": body["model"] ?? .null,
            "choices": .list(
                choices.enumerated().map { index, choice in
                    var record: Record = [
                        "index": .integer(index),
                        "message": [
                            "role": "assistant", "content": .string(choice.text), "refusal": nil, "annotations": [],
                        ],
                        "logprobs": logprobs(choice.pieces), "finish_reason": .string(choice.finish),
                    ]
                    if flavour == .azure { record["content_filter_results"] = ChatAnswer.harmless }
                    return .record(record)
                }),
            "usage": usage, "service_tier": "default", "system_fingerprint": "fp_double",
        ]
        if flavour == .azure {
            record["prompt_filter_results"] = [["prompt_index": 0, "content_filter_results": ChatAnswer.harmless]]
        }
        return record
    }

    /// The same as server-sent events, a piece each.
    func events(id: String, created: Int, flavour: ServiceDouble.Flavour) -> [[UInt8]] {
        let tellsUsage = (body["stream_options"] ?? .null)[field: "include_usage"].bool == true
        func event(_ choices: [Value], usage: Value = .null, more: Record = [:]) -> [UInt8] {
            var record: Record = [
                "id": .string(id), "object": "chat.completion.chunk", "created": .integer(created),
                "model": body["model"] ?? .null, "system_fingerprint": "fp_double", "choices": .list(choices),
            ]
            if tellsUsage { record["usage"] = usage }
            record.merge(more) { $1 }
            return Array("data: ".utf8) + JSON.bytes(.record(record)) + Array("\n\n".utf8)
        }
        func part(_ index: Int, _ delta: Value, logprobs: Value = .null, finish: Value = .null) -> Value {
            ["index": .integer(index), "delta": delta, "logprobs": logprobs, "finish_reason": finish]
        }
        var events: [[UInt8]] = []
        if flavour == .azure {
            // Azure begins with what its filter found, and no choice.
            events.append(
                event(
                    [],
                    more: [
                        "prompt_filter_results": [["prompt_index": 0, "content_filter_results": ChatAnswer.harmless]]
                    ]))
        }
        for (index, choice) in choices.enumerated() {
            events.append(event([part(index, ["role": "assistant", "content": "", "refusal": nil])]))
            for piece in choice.pieces {
                events.append(event([part(index, ["content": .string(piece)], logprobs: logprobs([piece]))]))
            }
            events.append(event([part(index, [:], finish: .string(choice.finish))]))
        }
        if tellsUsage { events.append(event([], usage: usage)) }
        return events + [Array("data: [DONE]\n\n".utf8)]
    }

    private static let harmless: Value = ["violence": ["filtered": false, "severity": "safe"]]

    /// Made up, but the same each time: a piece's probability depends on its text.
    private func logprobs(_ pieces: [String]) -> Value {
        guard body["logprobs"]?.bool == true else { return .null }
        let most = body["top_logprobs"]?.integer ?? 0
        func entry(_ token: String, _ logprob: Double) -> Record {
            [
                "token": .string(token), "logprob": .double(logprob),
                "bytes": .list(token.utf8.map { .integer(Int($0)) }),
            ]
        }
        return [
            "content": .list(
                pieces.map { piece in
                    let digits = SHA256Name.of(piece).prefix(4)
                    let first = -Double(Int(digits, radix: 16) ?? 0) / 131_072
                    var record = entry(piece, first)
                    record["top_logprobs"] = .list(
                        (0..<most).map { rank in
                            .record(entry(rank == 0 ? piece : "\(piece)~\(rank)", first - 2 * Double(rank)))
                        })
                    return .record(record)
                }), "refusal": nil,
        ]
    }
}

internal import OrderedCollections
public import Tables

/// A message of a grader's `input`: a role and a text with templates.
public struct GraderMessage: Sendable, Equatable {
    /// `system`, `user` or `assistant`; `developer` is read as `system`.
    public let role: String
    public let content: String

    init(role: String, content: String) {
        self.role = role
        self.content = content
    }

    /// Reads `{role, content}`; the content is text, a part `{type: "input_text", text}`, or a list of these.
    init(_ json: Value) throws(WireError) {
        guard let role = json[field: "role"].text, ["system", "developer", "user", "assistant"].contains(role) else {
            throw WireError("a role in each message of `input`: system, developer, user or assistant")
        }
        self.role = role == "developer" ? "system" : role
        content = try Self.text(of: json[field: "content"])
    }

    private static func text(of content: Value) throws(WireError) -> String {
        switch content {
        case .string(let text): return text
        case .record(let part):
            let type = part["type"]?.text ?? ""
            guard ["input_text", "output_text", "text"].contains(type), let text = part["text"]?.text else {
                throw WireError(
                    type.isEmpty
                        ? "a content part {type: \"input_text\", text} in `input`"
                        : "text in `input`; a part of type `\(type)` is not read by this version")
            }
            return text
        case .list(let parts) where !parts.isEmpty:
            var texts: [String] = []
            for part in parts { texts.append(try text(of: part)) }
            return texts.joined(separator: "\n")
        default: throw WireError("text as `content` of each message of `input`, found \(content.kindName)")
        }
    }
}

/// A grader's `sampling_params`; what is not given is nil.
public struct GraderSampling: Sendable, Equatable {
    public let temperature: Double?
    public let topP: Double?
    public let seed: Int?
    public let maxTokens: Int?
    /// Parameters that are given and not known here, such as `reasoning_effort`.
    public let others: [String]

    /// Reads `sampling_params`; null has none.
    public init(_ json: Value) throws(WireError) {
        guard !json.isNull else {
            self.init(temperature: nil, topP: nil, seed: nil, maxTokens: nil, others: [])
            return
        }
        guard let fields = json.record else {
            throw WireError("a record in `sampling_params`, found \(json.kindName)")
        }
        // OpenAI's schema says max_completions_tokens; the API's own requests say it without the s.
        let limits = ["max_completions_tokens", "max_completion_tokens", "max_tokens"]
        let limit = limits.first { fields[$0]?.isNull == false }
        self.init(
            temperature: try Self.number(fields, "temperature", 0...2), topP: try Self.number(fields, "top_p", 0...1),
            seed: try Self.whole(fields, "seed", Int.min...Int.max),
            maxTokens: try limit.flatMap { name throws(WireError) in try Self.whole(fields, name, 1...100_000) },
            others: fields.filter {
                !(["temperature", "top_p", "seed"] + limits).contains($0.key) && !$0.value.isNull
            }.map(\.key))
    }

    private init(temperature: Double?, topP: Double?, seed: Int?, maxTokens: Int?, others: [String]) {
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
        self.maxTokens = maxTokens
        self.others = others
    }

    private static func number(
        _ fields: Record, _ name: String, _ range: ClosedRange<Double>
    ) throws(WireError) -> Double? {
        guard let value = fields[name], !value.isNull else { return nil }
        guard let number = value.double, range.contains(number) else {
            throw WireError(
                "sampling_params.\(name) from \(Number.double(range.lowerBound).grouped) to "
                    + Number.double(range.upperBound).grouped)
        }
        return number
    }

    private static func whole(_ fields: Record, _ name: String, _ range: ClosedRange<Int>) throws(WireError) -> Int? {
        guard let value = fields[name], !value.isNull else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw WireError("a whole number in sampling_params.\(name), found \(JSON.text(value))")
        }
        return number
    }
}

internal import OrderedCollections
internal import Tables

/// Puts the pieces of a streamed chat completion together.
public struct ChunkAssembly: Sendable {
    /// How a stream ended.
    public enum Ending: Sendable, Equatable {
        /// Every reply said why it ends.
        case finished
        /// The server said `[DONE]`, though a reply never said why it ends.
        case done
        /// Neither: the connection was cut, and the replies may be too.
        case cut
        /// The server told of an error in the middle.
        case failed(APIErrorBody)
    }

    /// How many replies were asked for.
    private let expected: Int
    private var others: Record = [:]
    private var usage: Value?
    private var choices: OrderedDictionary<Int, ChoiceAssembly> = [:]
    private var failure: APIErrorBody?
    private var isDone = false

    /// - Parameter choices: how many replies were asked for with `n`.
    public init(choices: Int = 1) { expected = choices }

    /// Whether nothing more is to come: the server said `[DONE]` or told of an error. What is added after that is
    /// passed over.
    public var isOver: Bool { isDone || failure != nil }

    /// Adds an event of the stream.
    /// - Returns: the piece that it holds; nil of the event that ends the stream and of one that tells of an error.
    /// - Throws: `WireError` where the event is no piece of a completion.
    @discardableResult
    public mutating func add(_ event: ServerSentEvent) throws(WireError) -> ChatCompletionChunk? {
        guard !isOver else { return nil }
        if event.data == ChatCompletionChunk.done {
            isDone = true
            return nil
        }
        let json: Value
        do throws(JSONError) {
            json = try JSON.parse(event.data)
        } catch {
            guard event.type != "error" else {
                failure = APIErrorBody(bytes: Array(event.data.utf8))
                return nil
            }
            throw WireError("\(error.expected) in the JSON of a piece of the stream, found \(error.found)")
        }
        if let error = event.type == "error" ? APIErrorBody(json: json) : APIErrorBody(unexpected: json) {
            failure = error
            return nil
        }
        // Of an event that is something else nobody knows whether it took the place of a piece; a reply with a hole in
        // it must not pass for a whole one.
        guard json[field: "choices"].list != nil || !json[field: "usage"].isNull else {
            throw WireError("a piece of the stream with `choices` or `usage`, found neither")
        }
        let chunk = try ChatCompletionChunk(json)
        add(chunk)
        return chunk
    }

    private mutating func add(_ chunk: ChatCompletionChunk) {
        for (name, value) in chunk.fields.record where !value.isNull || others[name] == nil {
            switch name {
            case "choices", "object", "obfuscation": continue
            case "usage": if !value.isNull { usage = value }
            // Azure's first piece has an empty id and model.
            case "id", "model", "created":
                if let old = others[name], old != "", old != 0 { continue }
                others[name] = value
            default: others[name] = value
            }
        }
        for choice in chunk.choices { choices[choice.index, default: ChoiceAssembly()].add(choice) }
    }

    /// How the stream ended, if it ended now.
    public var ending: Ending {
        if let failure { return .failed(failure) }
        let isFinished = choices.count >= max(1, expected) && choices.values.allSatisfy(\.isFinished)
        return isFinished ? .finished : isDone ? .done : .cut
    }

    /// The completion as far as it has come; nil before the first reply begins.
    public var completion: ChatCompletion? {
        guard !choices.isEmpty else { return nil }
        var record: Record = [:]
        record["id"] = others["id"] ?? ""
        record["object"] = "chat.completion"
        for (name, value) in others { record[name] = value }
        record["choices"] = .list(choices.sorted { $0.key < $1.key }.map { $0.value.json(index: $0.key) })
        if let usage { record["usage"] = usage }
        return ChatCompletion(fields: WireFields(record))
    }
}

/// Puts one reply together.
private struct ChoiceAssembly: Sendable {
    private var role: Value = "assistant"
    /// The texts that grow from piece to piece; what was never said is absent.
    private var texts: OrderedDictionary<String, String> = [:]
    private var others: Record = [:]
    private var calls: [CallAssembly] = []
    private var tokens: OrderedDictionary<String, [Value]> = [:]
    private var outer: Record = [:]
    private var finishReason: Value = .null

    var isFinished: Bool { !finishReason.isNull }

    mutating func add(_ choice: ChatCompletionChunk.Choice) {
        for (name, value) in choice.fields.record where !value.isNull {
            switch name {
            case "index", "delta": continue
            case "finish_reason": finishReason = value
            case "logprobs":
                for list in ["content", "refusal"] {
                    guard let added = value[field: list].list else { continue }
                    tokens[list, default: []] += added
                }
            default: outer[name] = value
            }
        }
        add(choice.delta)
    }

    private mutating func add(_ delta: ChatCompletionChunk.Delta) {
        for (name, value) in delta.fields.record where !value.isNull {
            switch name {
            case "role": if value.text != "" { role = value }
            case "content": texts[name, default: ""] += delta.content ?? ""
            case "refusal", "reasoning_content", "reasoning": texts[name, default: ""] += value.text ?? ""
            case "tool_calls": for call in delta.toolCalls { add(call) }
            default: others[name] = value
            }
        }
    }

    private mutating func add(_ piece: ToolCall) {
        let index = piece.fields.whole("index")
        // Servers that send whole calls leave the index out: such a call is a new one, unless its id is known.
        let place = calls.firstIndex { index == nil ? $0.id != nil && $0.id == piece.id : $0.index == index }
        guard let place else {
            var call = CallAssembly(index: index)
            call.add(piece)
            calls.append(call)
            return
        }
        calls[place].add(piece)
    }

    func json(index: Int) -> Value {
        var message: Record = ["role": role, "content": texts["content"].map(Value.string).orNull]
        message["refusal"] = texts["refusal"].map(Value.string).orNull
        for (name, text) in texts where message[name] == nil { message[name] = .string(text) }
        for (name, value) in others where message[name] == nil { message[name] = value }
        if !calls.isEmpty { message["tool_calls"] = .list(calls.map(\.json)) }
        var choice: Record = ["index": .integer(index), "message": .record(message)]
        let lists = ["content", "refusal"].map { ($0, tokens[$0].map(Value.list).orNull) }
        choice["logprobs"] = tokens.isEmpty ? .null : .record(Record(uniqueKeysWithValues: lists))
        choice["finish_reason"] = finishReason
        for (name, value) in outer where choice[name] == nil { choice[name] = value }
        return .record(choice)
    }
}

/// Puts a tool call together, whose arguments come in pieces.
private struct CallAssembly: Sendable {
    let index: Int?
    private(set) var id: String?
    private var name: String?
    private var arguments = ""
    private var others: Record = [:]

    init(index: Int?) { self.index = index }

    mutating func add(_ piece: ToolCall) {
        for (field, value) in piece.fields.record where !value.isNull && !["index", "function"].contains(field) {
            if field == "id" { id = value.text.flatMap { $0.isEmpty ? nil : $0 } ?? id } else { others[field] = value }
        }
        name = name ?? piece.name.flatMap { $0.isEmpty ? nil : $0 }
        arguments += piece.arguments ?? ""
    }

    var json: Value {
        var call: Record = ["id": .string(id ?? ""), "type": "function"]
        for (field, value) in others { call[field] = value }
        if name != nil || !arguments.isEmpty {
            call["function"] = ["name": .string(name ?? ""), "arguments": .string(arguments)]
        }
        return .record(call)
    }
}

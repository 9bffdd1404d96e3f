internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import PipelineSyntax
internal import Tables

extension Builtin {
    static let completions = Builtin(
        "completions", .steps, "Stored completions as rows: prompt, output, sample and the tags they were stored with.",
        [
            .option("where", .record, "tags that must all be there: {lab: \"3.3\"}"),
            .option("since", .text, "not before this day, such as \"2026-11-01\""),
            .option("limit", .whole(1...Int.max), "at most so many"),
        ], example: "completions where: {lab: \"3.3\"}", readsStore: true,
        result: { _ in
            var columns: Columns = ["prompt": .text, "metadata": .record(nil), "created": .text]
            for (name, type) in GeneratedColumns.types { columns[name] = type }
            return .rows(columns)
        },
        run: { call in
            var filter = CompletionFilter(metadata: try SamplingArguments.tags(call, "where"))
            if let text = call.value("since").text {
                guard let seconds = Day.seconds(text) else {
                    throw call.failure(
                        .wrongType, at: "since", "Expected a day, found \(text).", hint: "since: \"2026-11-01\"")
                }
                filter.since = seconds
            }
            filter.limit = call.value("limit").integer
            guard let store = try call.lab.store else { return .domain(DataSet(rows: [])) }
            return .domain(DataSet(rows: try store.completions(filter).map(row)))
        })

    private static func row(_ stored: StoredCompletion) -> Record {
        let completion = stored.completion
        var tags = Record()
        for name in stored.metadata.keys.sorted() { tags[name] = .string(stored.metadata[name] ?? "") }
        return [
            "prompt": .string(stored.request.messages.last { $0.role == "user" }?.content ?? ""),
            "output": .string(completion.text), "output_json": Conversation.json(in: completion.text),
            "sample": [
                "model": .string(stored.modelName), "model_id": .string(stored.request.model.id),
                "messages": .list(stored.request.messages.map(\.value)),
                "usage": [
                    "prompt_tokens": .integer(completion.usage.promptTokens),
                    "completion_tokens": .integer(completion.usage.completionTokens),
                ], "finish_reason": .string(completion.finishReason), "latency": .double(completion.seconds),
                "cached": .bool(true),
                "error": .null,
            ], "metadata": .record(tags), "created": .string(Day.text(stored.createdAt)),
        ]
    }
}

/// Days of the calendar (proleptic Gregorian, UTC), after Howard Hinnant's `days_from_civil`.
enum Day {
    /// Seconds from 1970 to the start of a day written `2026-11-01`.
    static func seconds(_ text: String) -> Double? {
        let parts = text.prefix(10).split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, (1...12).contains(parts[1]), (1...31).contains(parts[2]), (0...9_999).contains(parts[0])
        else { return nil }
        let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (parts[1] + (parts[1] > 2 ? -3 : 9)) + 2) / 5 + parts[2] - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Double(era * 146_097 + dayOfEra - 719_468) * 86_400
    }

    /// The moment as `2026-11-01T09:30:00Z`.
    static func text(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 2e11 else { return "" }
        let total = Int(seconds.rounded(.down))
        let days = total >= 0 ? total / 86_400 : -((86_399 - total) / 86_400)
        let rest = total - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3_600)):\(two(rest % 3_600 / 60)):\(two(rest % 60))Z"
    }
}

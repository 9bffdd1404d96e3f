internal import OrderedCollections
public import Tables

/// How a model's answers to watched prompts changed while it was trained: a table for each prompt, a line for each time.
public struct FilmStrip: Sendable {
    /// By prompt, then by step.
    public let answers: [WatchedAnswer]
    /// The step whose weights were kept.
    public let keptStep: Int?

    public init(_ answers: [WatchedAnswer], keptStep: Int?) {
        let order = OrderedSet(answers.map(\.prompt))
        self.answers = order.flatMap { prompt in
            answers.filter { $0.prompt == prompt }.sorted { $0.step < $1.step }
        }
        self.keptStep = keptStep
    }

    private func text(_ answer: WatchedAnswer) -> String { answer.answer + (answer.isCut ? " …" : "") }
}

extension FilmStrip: DomainValue {
    public static let tag = "film_strip"

    public var kindName: String { "watched answers" }

    public var summary: String {
        let prompts = Set(answers.map(\.prompt)).count
        let times = Set(answers.map(\.step)).count
        return "\(prompts) prompt\(prompts == 1 ? "" : "s") answered at \(times) step\(times == 1 ? "" : "s")"
    }

    /// A row an answer: prompt, step, loss, answer.
    public var asRows: DataSet? {
        DataSet(
            rows: answers.map { answer in
                [
                    "prompt": .string(answer.prompt), "step": .integer(answer.step),
                    "loss": answer.loss.map { .double($0) } ?? .null, "answer": .string(text(answer)),
                ]
            })
    }

    public var memberNames: [String] { asRows?.memberNames ?? [] }

    public func member(_ name: String) -> Value? { asRows?.member(name) }

    public var presentation: [PresentationBlock] {
        var blocks: [PresentationBlock] = []
        for prompt in OrderedSet(answers.map(\.prompt)) {
            let frames = answers.filter { $0.prompt == prompt }
            if !blocks.isEmpty { blocks.append(.line("")) }
            blocks.append(.line("› \(prompt)"))
            blocks.append(
                .table(TablePresentation(DataSet(rows: frames.map(frame)), limit: max(1, frames.count), wraps: true)))
        }
        return blocks
    }

    /// A line of the table: the step that is kept has a tick, and an answer's lines stand behind each other.
    private func frame(_ answer: WatchedAnswer) -> Record {
        [
            "step": .string(answer.step == keptStep ? "\(answer.step) ✓" : "\(answer.step)"),
            "loss": .string(answer.loss.map { Number.fixed($0, decimals: 3) } ?? "–"),
            "answer": .string(text(answer).split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")),
        ]
    }

    public func encoded(with encoder: inout ValueEncoder) throws -> Value {
        [
            "kept_step": keptStep.map { .integer($0) } ?? .null,
            "answers": .list(
                answers.map { answer in
                    [
                        "step": .integer(answer.step), "loss": answer.loss.map { .double($0) } ?? .null,
                        "prompt": .string(answer.prompt), "answer": .string(answer.answer),
                        "is_cut": .bool(answer.isCut),
                    ]
                }),
        ]
    }

    public static func decode(_ state: Value, codec: ValueCodec, blobs: any BlobStoring) throws -> Value {
        guard let answers = state[field: "answers"].list else { throw StateError("a film strip without answers") }
        return .domain(
            FilmStrip(
                answers.map { answer in
                    WatchedAnswer(
                        step: answer[field: "step"].integer ?? 0, loss: answer[field: "loss"].double,
                        prompt: answer[field: "prompt"].text ?? "", answer: answer[field: "answer"].text ?? "",
                        isCut: answer[field: "is_cut"].bool ?? false)
                }, keptStep: state[field: "kept_step"].integer))
    }
}

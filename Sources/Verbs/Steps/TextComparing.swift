internal import Distillation
internal import OrderedCollections
internal import PipelineRuntime
internal import Tables

/// Applies a `text_similarity` grader to rows.
struct TextComparing {
    private let call: Invocation
    private let similarity: TextSimilarity
    private let title: String

    /// - Parameter title: what remarks call the grader.
    init(_ call: Invocation, _ similarity: TextSimilarity, title: String) {
        self.call = call
        self.similarity = similarity
        self.title = title
    }

    /// A number or an error for each row.
    func scores(_ rows: DataSet) throws -> [Value] {
        let texts = rows.indices.map { index -> Result<(input: String, reference: String), RowError> in
            if let error = rows.value(index, GeneratedColumns.output).rowError { return .failure(error) }
            do throws(RowError) {
                return .success(try similarity.texts(of: rows.row(index)))
            } catch {
                return .failure(error)
            }
        }
        switch similarity.metric {
        case .text(let metric):
            return try texts.map { texts in
                switch texts {
                case .failure(let error): return .error(error)
                case .success(let (input, reference)):
                    if let blindness = metric.blindness(to: reference) { return .error(RowError(blindness)) }
                    return .double(
                        try metric.score(input, reference: reference, pause: { try call.checkInterrupt() }))
                }
            }
        case .cosine: return try cosines(texts)
        }
    }

    /// The cosine between the embeddings of the kernel's model; each text is embedded once.
    private func cosines(_ texts: [Result<(input: String, reference: String), RowError>]) throws -> [Value] {
        var all = OrderedSet<String>()
        for case .success(let (input, reference)) in texts {
            all.append(input)
            all.append(reference)
        }
        guard !all.isEmpty else {
            return texts.map { if case .failure(let error) = $0 { .error(error) } else { .null } }
        }
        let lab = try call.lab
        let embeddings = try call.withProviderFailures {
            try lab.provider.embeddings(of: Array(all), cancellation: lab.cancellation) { done, total in
                lab.progress.report(Progress("embed", done: done, total: total, unit: "texts"))
            }
        }
        if !embeddings.cut.isEmpty {
            call.note(
                "\(title): \(embeddings.cut.count) texts are longer than the model for embeddings reads; their beginnings count."
            )
        }
        func vector(_ text: String) -> [Float]? {
            all.firstIndex(of: text).flatMap { embeddings.vectors.indices.contains($0) ? embeddings.vectors[$0] : nil }
        }
        return texts.map { texts in
            switch texts {
            case .failure(let error): return .error(error)
            case .success(let (input, reference)):
                guard let one = vector(input), let other = vector(reference),
                    let cosine = TextEmbeddings.cosine(one, other)
                else { return .error(RowError("the texts have no embedding")) }
                return .double(cosine)
            }
        }
    }
}

internal import Distillation
internal import OpenAIWire

/// A row of the table of what services refuse: how it is known, what people are told, and what a run does about it.
struct FaultRule: Sendable {
    /// What the refused request was about.
    enum Place: String, Sendable, CaseIterable {
        case access, models, completions, limits, server
        case fineTuning = "files and fine-tuning"
    }

    /// The rule's name, for docs and tests.
    let name: String
    let place: Place
    /// Which services answer so, for people.
    let services: String
    /// Only for services of these flavours; nil for all.
    var flavours: Set<ServiceProfile.Flavour>?
    /// HTTP statuses.
    let statuses: ClosedRange<Int>
    /// The error's `code` or `type`, in lower case; one of them is enough.
    var codes: Set<String> = []
    /// Parts of the service's message, in lower case; one of them is enough. Without codes and words the status decides.
    var words: [String] = []
    let kind: ServiceFault.Kind
    /// What happened; `{model}`, `{host}` and `{endpoint}` are filled in.
    let sentence: String
    let hint: String
    /// Whether the service's own words say more than the sentence can.
    var quotes = false
    /// Where it is documented.
    let source: String

    /// Whether an answer is meant by the rule.
    func fits(_ status: Int, _ body: APIErrorBody, _ flavour: ServiceProfile.Flavour) -> Bool {
        statuses.contains(status) && flavours?.contains(flavour) ?? true && fits(body)
    }

    /// Whether an error is meant by the rule, whatever the status that it came with.
    func fits(_ body: APIErrorBody) -> Bool {
        if codes.isEmpty, words.isEmpty { return true }
        if [body.code, body.type].contains(where: { $0.map { codes.contains($0.lowercased()) } ?? false }) {
            return true
        }
        guard !words.isEmpty else { return false }
        let message = body.message.lowercased()
        return words.contains { message.contains($0) }
    }

    /// All rules; the first that fits counts, so what is special stands before what is general.
    static let all: [FaultRule] = closed + access + models + completions + fineTuning + limits + server

    /// The rules of a job that failed, which has no status.
    static let jobs: [FaultRule] = closed + fineTuning
}

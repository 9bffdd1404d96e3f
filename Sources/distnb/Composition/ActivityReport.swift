internal import LanguageModel
internal import Tables

/// What the engine computed for a session, in words.
final class ActivityReport {
    private var watched: [EngineActivity] = []

    func watch(_ activity: EngineActivity) { watched.append(activity) }

    /// "computed here: 812 forward passes, 384 optimizer steps"; nil where nothing was.
    var sentence: String? {
        func count(_ number: Int, _ one: String, _ many: String) -> String? {
            number == 0 ? nil : "\(Number.integer(Int64(number)).grouped) \(number == 1 ? one : many)"
        }
        let parts = [
            count(watched.reduce(0) { $0 + $1.forwardPasses }, "forward pass", "forward passes"),
            count(watched.reduce(0) { $0 + $1.optimizerSteps }, "optimizer step", "optimizer steps"),
        ].compactMap { $0 }
        return parts.isEmpty ? nil : "computed here: \(parts.joined(separator: ", "))"
    }
}

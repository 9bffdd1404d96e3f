internal import Distillation

/// The page of all that services refuse, docs/services.md.
package enum FaultPage {
    package static func markdown() -> String {
        var text = """
            <!-- Written by `distnb explain --services > docs/services.md`; a test compares. -->
            # What services refuse, and what distnb says

            Every documented error of OpenAI, Azure OpenAI, vLLM, Ollama, llama-server, LM Studio and OpenRouter has a \
            sentence, a hint, and one of three meanings for a run:

            - **\(ServiceFault.Kind.endsRun.rawValue)**: every other request would fail as well. What was answered is kept; \
            run again once it is mended.
            - **\(ServiceFault.Kind.ofRow.rawValue)**: the request becomes an error value in its row, excluded and counted; \
            the others go on.
            - **\(ServiceFault.Kind.again.rawValue)**: after as long as `Retry-After`, `retry-after-ms` or the message asks, \
            else after a growing, jittered wait.

            The first rule that fits counts. Where the service's own words say more, they follow (“It says: …”), without \
            what they hold of a key. In a sentence, {host}, {endpoint} and {model} stand for the kernel's.

            """
        for place in FaultRule.Place.allCases {
            text += "\n## \(title(place))\n\n"
            text += "| Rule | Of | Status | Known by | Meaning | Sentence | Hint |\n|---|---|---|---|---|---|---|\n"
            for rule in FaultRule.all where rule.place == place { text += row(rule) }
        }
        text += "\n## The way there\n\n"
        text += "| Failure | libcurl's codes | Meaning | Sentence | Hint |\n|---|---|---|---|---|\n"
        for failure in NetworkFailure.allCases {
            let (before, after) = (failure.kind(hasAnswered: false), failure.kind(hasAnswered: true))
            let kind =
                before == after ? before.rawValue : "\(before.rawValue); once it has answered, \(after.rawValue)"
            let codes = failure == .other ? "all others" : failure.codes.map(String.init).joined(separator: ", ")
            text +=
                "| [\(failure.rawValue)](\(NetworkFailure.source)) | \(codes) | \(kind) | \(cell(failure.sentence)) | \(cell(failure.hint)) |\n"
        }
        text += """

            What no rule knows is told as it is: “{host} answered 418: …”, above 499 tried again, else the row's own.

            """
        return text
    }

    private static func title(_ place: FaultRule.Place) -> String {
        switch place {
        case .access: "Who may ask"
        case .models: "Which model, which address"
        case .completions: "The request itself"
        case .limits: "How much, how fast"
        case .server: "The server's own trouble"
        case .fineTuning: "Files, fine-tuning, deployments"
        }
    }

    private static func row(_ rule: FaultRule) -> String {
        let statuses = rule.statuses
        let status =
            statuses.lowerBound == statuses.upperBound
            ? "\(statuses.lowerBound)" : "\(statuses.lowerBound)–\(statuses.upperBound)"
        let known =
            (rule.codes.sorted().map { "`\($0)`" } + rule.words.map { "“\($0)”" }).joined(separator: ", ")
        let sentence = rule.sentence + (rule.quotes ? " It says: …" : "")
        return
            "| [\(rule.name)](\(rule.source)) | \(rule.services) | \(status) | \(cell(known)) | \(rule.kind.rawValue) | \(cell(sentence)) | \(cell(rule.hint)) |\n"
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}

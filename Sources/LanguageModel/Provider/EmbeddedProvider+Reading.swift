public import Distillation

extension EmbeddedProvider {
    public func tokenCount(of messages: [ChatMessage], for specification: ModelSpecification) throws -> Int? {
        try translating { try language(of: specification).template.encode(messages, addGenerationPrompt: true).count }
    }

    public func contextLength(of specification: ModelSpecification) throws -> Int? {
        try translating { try language(of: specification).weights(specification).configuration.contextLength }
    }

    public func reading(
        of conversation: [ChatMessage], for specification: ModelSpecification
    ) throws -> [TokenRun]? {
        try translating {
            let language = try language(of: specification)
            let row = try language.template.example(conversation)
            var runs: [TokenRun] = []
            var (tokens, isTraining) = ([Int32](), false)
            func close() {
                guard !tokens.isEmpty else { return }
                runs.append(
                    TokenRun(
                        text: language.tokenizer.decode(tokens), count: tokens.count, isSpecial: false,
                        isTrained: isTraining))
                tokens = []
            }
            for (token, isTrained) in zip(row.tokens, row.trained) {
                let isSpecial = language.tokenizer.special.contains(token)
                if isSpecial || isTraining != isTrained { close() }
                isTraining = isTrained
                guard isSpecial else {
                    tokens.append(token)
                    continue
                }
                runs.append(
                    TokenRun(
                        text: language.tokenizer.decode([token], skippingSpecial: false), count: 1, isSpecial: true,
                        isTrained: isTrained))
            }
            close()
            return runs
        }
    }
}

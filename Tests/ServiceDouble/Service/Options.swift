public import Foundation

extension ServiceDouble {
    /// Whose API is spoken.
    public enum Flavour: String, Sendable, CaseIterable {
        /// `/v1/…` with `Authorization: Bearer`.
        case openAI = "openai"
        /// `/openai/v1/…` with `api-key` or a bearer token; `model` is a deployment.
        case azure
        /// `/v1/…` as vLLM, Ollama and llama-server have it: chat, models and embeddings only, a key where one is set.
        case compatible
    }

    /// At most so many requests are worked on at once.
    public struct Capacity: Sendable {
        public var slots: Int
        /// Whether what comes beyond waits; else it gets 429.
        public var queues: Bool

        public init(slots: Int, queues: Bool = true) {
            self.slots = slots
            self.queues = queues
        }
    }

    /// What an account may use.
    public struct RateLimit: Sendable {
        public var requestsPerMinute: Int
        public var tokensPerMinute: Int
        /// How many real seconds a minute of the service lasts, so that tests need not wait.
        public var secondsPerMinute: Double

        public init(requestsPerMinute: Int, tokensPerMinute: Int = .max, secondsPerMinute: Double = 60) {
            self.requestsPerMinute = requestsPerMinute
            self.tokensPerMinute = tokensPerMinute
            self.secondsPerMinute = secondsPerMinute
        }
    }

    /// What lets jobs, runs of evals and deployments go on.
    public enum Progress: Sendable {
        /// Each look at one brings it on by one step, which the next look sees.
        case byPolls
        /// `ServiceDouble.step()`.
        case bySteps
        /// The first look finds them at their end.
        case atOnce
    }

    /// How fine-tuning jobs go.
    public struct Training: Sendable {
        /// What a job fails with.
        public struct Failure: Sendable {
            public var code: String
            public var message: String

            public init(code: String, message: String) {
                self.code = code
                self.message = message
            }
        }

        /// In how many steps the training itself is done.
        public var runningSteps = 2
        public var failure: Failure?
        /// In which of these steps it fails, where it does.
        public var failsAfter = 1

        public init(runningSteps: Int = 2, failure: Failure? = nil, failsAfter: Int = 1) {
            self.runningSteps = runningSteps
            self.failure = failure
            self.failsAfter = failsAfter
        }
    }

    /// How a service behaves; the defaults are a good one of OpenAI's.
    public struct Options: Sendable {
        /// The key that is wanted; nil takes any and none.
        public var key: String?
        public var flavour = Flavour.openAI
        /// The port; 0 takes a free one.
        public var port = 0
        /// Models that exist; on Azure names of deployments.
        public var models = [
            "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4o-mini", "o4-mini", "text-embedding-3-small",
            "text-embedding-3-large",
        ]
        /// Whether any name of a model is taken.
        public var takesAnyModel = false
        /// Models that reason: they want `max_completion_tokens` and leave the temperature at 1.
        public var reasoningModels: Set<String> = ["o4-mini"]
        public var faults = FaultPlan.none
        /// What a 429 says to wait, in seconds, where it says it.
        public var retryAfter = 1.0
        public var limit: RateLimit?
        public var capacity: Capacity?
        /// How long a call takes, in seconds.
        public var latency: @Sendable (ChatCall) -> Double = { _ in 0 }
        /// What the model says.
        public var answer: @Sendable (ChatCall) -> String = { $0.echo }
        /// Whether `store` keeps completions; services that don't know it ignore it.
        public var storesCompletions = true
        /// After how many further requests a stored completion can be found.
        public var storingDelay = 0
        /// Whether `Idempotency-Key` is honoured.
        public var honoursIdempotencyKeys = false
        /// Models that can be fine-tuned, and deployed on Azure.
        public var trainableModels: Set<String> = [
            "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4o-mini", "gpt-4.1-2025-04-14", "gpt-4.1-mini-2025-04-14",
            "gpt-4.1-nano-2025-04-14", "gpt-4o-mini-2024-07-18",
        ]
        public var progress = Progress.byPolls
        public var training = Training()
        /// After how many looks a file is processed.
        public var filePolls = 0
        /// How many steps it takes to deploy on Azure.
        public var deployingSteps = 2
        /// The bearer token that Azure's management endpoint wants; nil takes any and none.
        public var managementToken: String?
        /// What judges say.
        public var score: @Sendable (ScoreCall) -> Double = { $0.echo }
        /// Whether refusals repeat the key whole, as careless proxies do.
        public var repeatsKey = false
        /// How slow a slow reply is: so many bytes, then a pause of so many seconds.
        public var pace = (bytes: 16, seconds: 0.002)
        /// How many requests are kept whole in the ledger; more are only counted.
        public var recorded = 20_000
        /// The time that the service's objects carry.
        public var now: @Sendable () -> Date = { Date() }

        public init(
            key: String? = nil, flavour: Flavour = .openAI, faults: FaultPlan = .none,
            answer: (@Sendable (ChatCall) -> String)? = nil
        ) {
            self.key = key
            self.flavour = flavour
            self.faults = faults
            if let answer { self.answer = answer }
            if flavour == .compatible {
                storesCompletions = false
                takesAnyModel = true
            }
        }
    }
}

internal import ArgumentParser
internal import Foundation
internal import ServiceDouble

/// The double of a service as a program, for benchmarks and for trying by hand.
///
/// It prints its base URL on the first line, and its counters as JSON when it ends by SIGINT or SIGTERM;
/// `GET /double/report` gives them meanwhile.
@main
struct ServiceDoubleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service-double", abstract: "A service on 127.0.0.1 that speaks OpenAI's API and fails as told.",
        discussion: """
            Faults are given as NAME=RATE, such as 429-seconds=0.1; "passing=0.2" spreads a rate over all faults after \
            which the same request may succeed. Names: \(Fault.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    @Option(help: "The port; 0 takes a free one.")
    var port = 0

    @Option(help: "The key that is wanted; any where none is given.")
    var key: String?

    @Option(help: "openai, azure or compatible.")
    var flavour = "openai"

    @Option(help: "How long a call takes on average.")
    var latencyMs = 0.0

    @Option(help: "How far latencies are from the mean at most, as a share of it.")
    var latencySpread = 0.5

    @Option(help: "At most so many calls are worked on at once; others wait.")
    var capacity: Int?

    @Flag(help: "What comes beyond the capacity gets 429 instead of waiting.")
    var refuse = false

    @Option(help: "Requests per minute.")
    var rpm: Int?

    @Option(help: "Tokens per minute.")
    var tpm: Int?

    @Option(help: "How many seconds a minute of the limits lasts.")
    var secondsPerMinute = 60.0

    @Option(help: "The seed of the faults.")
    var seed = 0

    @Option(parsing: .upToNextOption, help: "Faults and their rates, NAME=RATE.")
    var faults: [String] = []

    @Option(help: "What 429s say to wait, in seconds.")
    var retryAfter = 1.0

    @Flag(help: "Idempotency-Key is honoured.")
    var idempotency = false

    @Option(help: "After how many requests a stored completion can be found.")
    var storingDelay = 0

    @Option(help: "How many words an answer has.")
    var words: Int?

    func run() throws {
        guard let flavour = ServiceDouble.Flavour(rawValue: flavour) else {
            throw ValidationError("--flavour is openai, azure or compatible.")
        }
        var options = ServiceDouble.Options(key: key, flavour: flavour, faults: try plan())
        options.port = port
        options.latency = Latency.even(mean: latencyMs / 1000, spread: latencySpread)
        options.capacity = capacity.map { .init(slots: $0, queues: !refuse) }
        if rpm != nil || tpm != nil {
            options.limit = .init(
                requestsPerMinute: rpm ?? 1_000_000, tokensPerMinute: tpm ?? .max, secondsPerMinute: secondsPerMinute)
        }
        options.retryAfter = retryAfter
        options.honoursIdempotencyKeys = idempotency
        options.storingDelay = storingDelay
        options.recorded = 0
        if let words {
            options.answer = { call in ([call.echo] + (1...max(1, words)).map { "w\($0)" }).joined(separator: " ") }
        }
        // Blocked before there are threads, which take this over; shells start background jobs with SIGINT ignored.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_DFL)
            sigaddset(&signals, number)
        }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let service = try ServiceDouble(options)
        // A pipe must show the address at once.
        FileHandle.standardOutput.write(Data((service.baseURL + "\n").utf8))
        var caught: Int32 = 0
        sigwait(&signals, &caught)
        FileHandle.standardOutput.write(Data((service.ledger.reportText + "\n").utf8))
    }

    private func plan() throws -> FaultPlan {
        var rates: [Fault: Double] = [:]
        for text in faults {
            let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, let rate = Double(sides[1]), (0...1).contains(rate) else {
                throw ValidationError("--faults wants NAME=RATE with a rate from 0 to 1, not `\(text)`.")
            }
            let named = sides[0] == "passing" ? Fault.passing : Fault(rawValue: sides[0]).map { [$0] } ?? []
            guard !named.isEmpty else { throw ValidationError("There is no fault `\(sides[0])`; see --help.") }
            for fault in named { rates[fault, default: 0] += rate / Double(named.count) }
        }
        return FaultPlan(seed: seed, rates: rates)
    }
}

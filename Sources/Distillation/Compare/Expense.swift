internal import OrderedCollections
internal import Tables

extension Comparison {
    /// What a model takes: tokens, time, memory, money; and for a trained one what making it took.
    public struct Expense: Sendable, Hashable {
        public let model: String
        /// Test requests that were answered, from the store or not.
        public let calls: Int
        /// Tokens of them.
        public let usage: Usage
        /// What was measured; nil where no request was timed.
        public let fresh: FreshCalls?
        /// How many numbers the model consists of, where its provider knows.
        public let parameters: Int?
        /// Bytes of its weights in memory, where its provider knows.
        public let weightBytes: Int?
        /// How its calls are paid for.
        public let tariff: Tariff
        /// What an hour of the machine costs, where that was said.
        public var machineHour: Double?
        /// For a trained model: what making it took.
        public var making: Making?

        public init(
            model: String, calls: Int, usage: Usage, fresh: FreshCalls?, parameters: Int? = nil,
            weightBytes: Int? = nil, tariff: Tariff = .unknown, machineHour: Double? = nil, making: Making? = nil
        ) {
            self.model = model
            self.calls = calls
            self.usage = usage
            self.fresh = fresh
            self.parameters = parameters
            self.weightBytes = weightBytes
            self.tariff = tariff
            self.machineHour = machineHour
            self.making = making
        }

        public var latency: LatencySummary? { fresh?.latency }

        /// What a call costs on average: by the tokens of all test requests, or by the time of the fresh ones.
        public var costPerCall: Cost? {
            guard calls > 0 else { return nil }
            switch tariff {
            case .tokens: return tariff.cost(of: usage, seconds: nil).map { $0 * (1 / Double(calls)) }
            case .machine, .unknown: return tariff.cost(of: usage, seconds: fresh?.secondsPerCall)
            }
        }

        /// Dollars for a call; nil where they are not known.
        public var dollarsPerCall: Double? { costPerCall?.dollars(machineHour: machineHour) }

        /// Dollars for all test requests; nil where they are not known.
        public var cost: Double? { dollarsPerCall.map { $0 * Double(calls) } }
    }

    /// What making a trained model took.
    public struct Making: Sendable, Hashable {
        /// Its teacher among the models that are compared.
        public let teacher: String?
        /// nil for a model that was trained before this was kept.
        public let effort: TrainingEffort?
        /// What the teachers' answers cost; nil where that is not known.
        public let lessons: Cost?
        /// What the training cost; nil where that is not known.
        public let training: Cost?

        public init(teacher: String?, effort: TrainingEffort?, lessons: Cost?, training: Cost?) {
            self.teacher = teacher
            self.effort = effort
            self.lessons = lessons
            self.training = training
        }
    }

    /// The expenses with what making the trained models took.
    /// - Parameters:
    ///   - models: those whose expenses they are, in the same order.
    ///   - tariff: how a model is paid for that is not among them, by its `ModelIdentity.id`; nil where nobody knows.
    public static func withMaking(
        _ expenses: [Expense], of models: [Model], tariff: (String) -> Tariff?
    ) -> [Expense] {
        let roles = GapRoles(models)
        func priced(_ id: String) -> (tariff: Tariff?, seconds: Double?) {
            guard let index = models.firstIndex(where: { $0.identity.id == id }), index < expenses.count
            else { return (tariff(id), nil) }
            return (expenses[index].tariff, expenses[index].fresh?.secondsPerCall)
        }
        return zip(expenses.indices, models).map { index, model in
            var expense = expenses[index]
            guard model.trainedWeights != nil else { return expense }
            let effort = model.training?.effort
            let costs = (effort?.lessons ?? []).map { lessons in
                let teacher = priced(lessons.teacherID)
                return teacher.tariff?.cost(
                    of: lessons.batch.usage, seconds: teacher.seconds.map { $0 * Double(lessons.batch.calls) })
            }
            expense.making = Making(
                teacher: roles.teacher(of: index).map { expenses[$0].model }, effort: effort,
                lessons: effort == nil || costs.contains { $0 == nil }
                    ? nil : costs.compactMap(\.self).reduce(.nothing, +),
                training: effort.flatMap { expense.tariff.costOfTraining(tokens: $0.tokens, seconds: $0.seconds) })
            return expense
        }
    }

    /// When a trained model has paid for itself; nil for the others.
    public func breakEven(of expense: Expense) -> BreakEven? {
        guard let making = expense.making else { return nil }
        guard let effort = making.effort else {
            return .unknown("what it was made of was not kept; train it anew")
        }
        guard let teacher = making.teacher.flatMap({ name in expenses.first { $0.model == name } }) else {
            return .unknown("its teacher is not compared; add it to the list")
        }
        guard let call = teacher.costPerCall, let own = expense.costPerCall else {
            let missing = teacher.costPerCall == nil ? teacher : expense
            return .unknown(
                missing.tariff == .machine
                    ? "no request to \(missing.model) was timed; leave out latency: 0"
                    : "the kernel names no price for \(missing.model)")
        }
        guard let lessons = making.lessons else {
            let names = Set(effort.lessons.map(\.teacher)).sorted().joined(separator: ", ")
            return .unknown("what the answers of \(names) cost is not known; compare it, or give it a price")
        }
        guard let training = making.training else {
            return .unknown(
                expense.tariff == .machine
                    ? "how long its training took was not measured" : "the kernel names no price for training it")
        }
        return BreakEven(
            spent: lessons + training, teacher: call, student: own, machineHour: expense.machineHour)
    }

    /// The same figures at another price of the machine's hour.
    /// - Parameter machineHour: nil leaves what was said when they were measured.
    public func priced(machineHour: Double?) -> Comparison {
        guard let machineHour else { return self }
        var copy = self
        for index in copy.expenses.indices { copy.expenses[index].machineHour = machineHour }
        return copy
    }
}

// MARK: State

extension Comparison.Expense {
    var value: Value {
        var fields: Record = [
            "model": .string(model), "calls": .integer(calls), "prompt_tokens": .integer(usage.promptTokens),
            "completion_tokens": .integer(usage.completionTokens), "fresh": fresh?.value ?? .null,
            "parameters": parameters.map { .integer($0) } ?? .null,
            "weight_bytes": weightBytes.map { .integer($0) } ?? .null, "tariff": tariff.value,
            "machine_hour": machineHour.map { .double($0) } ?? .null,
        ]
        if let making {
            fields["making"] = [
                "teacher": making.teacher.map { .string($0) } ?? .null, "effort": making.effort?.value ?? .null,
                "lessons": Self.state(making.lessons), "training": Self.state(making.training),
            ]
        }
        return .record(fields)
    }

    init?(_ value: Value) {
        guard let model = value[field: "model"].text else { return nil }
        let making = value[field: "making"]
        self.init(
            model: model, calls: max(0, value[field: "calls"].integer ?? 0), usage: Usage(sample: value),
            fresh: FreshCalls(value[field: "fresh"]), parameters: value[field: "parameters"].integer,
            weightBytes: value[field: "weight_bytes"].integer, tariff: Tariff(value[field: "tariff"]),
            machineHour: value[field: "machine_hour"].double,
            making: making.isNull
                ? nil
                : Comparison.Making(
                    teacher: making[field: "teacher"].text, effort: TrainingEffort(making[field: "effort"]),
                    lessons: Self.cost(making[field: "lessons"]), training: Self.cost(making[field: "training"])))
    }

    /// What notebooks of before saved: a row of the comparison's table.
    init(table row: Record) {
        let latency = row["p50_seconds"]?.double.map {
            LatencySummary(n: row["latency_n"]?.integer ?? 0, median: $0, p95: row["p95_seconds"]?.double ?? $0)
        }
        self.init(
            model: row["model"]?.text ?? "", calls: row["n"]?.integer ?? 0, usage: Usage(sample: .record(row)),
            fresh: latency.map {
                FreshCalls(latency: $0, seconds: $0.median * Double($0.n), usage: Usage())
            }, parameters: row["parameters"]?.integer)
    }

    private static func state(_ cost: Cost?) -> Value {
        cost.map { ["dollars": .double($0.dollars), "seconds": .double($0.seconds)] } ?? .null
    }

    private static func cost(_ value: Value) -> Cost? {
        guard let dollars = value[field: "dollars"].double, let seconds = value[field: "seconds"].double
        else { return nil }
        return Cost(dollars: dollars, seconds: seconds)
    }
}

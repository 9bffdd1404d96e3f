internal import Tables

/// A place of the API: a row that says what answers there.
struct Route: Sendable {
    let method: String
    /// The parts after the base path; `*` stands for an argument.
    let pattern: [String]
    /// Whether it is Azure's management endpoint, which has no base path and wants a bearer token.
    let isManagement: Bool
    let answer: @Sendable (Service, Call) throws(Refusal) -> HTTPReply

    init(
        _ method: String, _ pattern: String, isManagement: Bool = false,
        _ answer: @escaping @Sendable (Service, Call) throws(Refusal) -> HTTPReply
    ) {
        self.method = method
        self.pattern = pattern.split(separator: "/").map(String.init)
        self.isManagement = isManagement
        self.answer = answer
    }

    /// What stands at the placeholders, where the parts fit.
    func arguments(of segments: some Collection<String>) -> [String]? {
        guard segments.count == pattern.count else { return nil }
        var arguments: [String] = []
        for (part, segment) in zip(pattern, segments) {
            if part == "*" { arguments.append(segment) } else if part != segment { return nil }
        }
        return arguments
    }
}

extension Service {
    private var routes: [Route] {
        var routes = Route.chat + Route.models + Route.embeddings
        if options.storesCompletions { routes += Route.storedCompletions }
        if options.flavour != .compatible {
            routes += Route.files + Route.fineTuning + Route.graders + Route.evals
        }
        if options.flavour == .azure { routes += Route.deployments }
        return routes
    }

    /// Who answers a request.
    func route(for head: HTTPHead) throws(Refusal) -> (Route, [String]) {
        let base = options.flavour.base
        let isBelow = head.segments.starts(with: base)
        var other: String?
        for route in routes where route.isManagement || isBelow {
            let segments = route.isManagement ? head.segments[...] : head.segments.dropFirst(base.count)
            guard let arguments = route.arguments(of: segments) else { continue }
            if route.method == head.method { return (route, arguments) }
            other = route.method
        }
        if let other { throw Refusal(405, "Not allowed to \(head.method) on \(head.path) (try \(other)).") }
        throw Refusal(404, "Invalid URL (\(head.method) \(head.path))")
    }
}

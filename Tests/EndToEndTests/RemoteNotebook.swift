import Foundation
import ServiceDouble

/// A notebook on a kernel of its own that points at a double of a service.
final class RemoteNotebook {
    let service: ServiceDouble
    let folder: Folder
    /// With characters that encodings write otherwise.
    let key = "sk-double-Qx7+Vt/9mZ=aLr4KpT0wYcB2eHuJ6sNd"

    /// The flavours of services that keep a request from being paid twice, and one that doesn't.
    enum Service: String, CaseIterable {
        /// `store` and `metadata`: what was answered can be looked up.
        case stores
        /// `Idempotency-Key`.
        case idempotent
        /// Neither, as most servers.
        case forgetful
    }

    /// - Parameters:
    ///   - rows: how many rows `rows.jsonl` has, with `row`, `prompt` and, for fine-tuning, `output`.
    ///   - inFlight: the most requests at once.
    init(
        _ kind: Service, rows: Int, cells: [String], inFlight: Int = 16, timeout: Double = 30,
        faults: FaultPlan = .none,
        change: (inout ServiceDouble.Options) -> Void = { _ in }
    ) throws {
        var options = ServiceDouble.Options(
            key: key, flavour: kind == .forgetful ? .compatible : .openAI, faults: faults)
        options.answer = { "answer to \($0.prompt)" }
        options.retryAfter = 0.05
        options.honoursIdempotencyKeys = kind == .idempotent
        options.storesCompletions = kind == .stores
        // As many as the looks for a lost answer get over when nobody else asks.
        options.storingDelay = kind == .stores ? 2 : 0
        change(&options)
        service = try ServiceDouble(options)
        let has =
            switch kind {
            case .stores: #""stored_completions", "seed", "fine_tuning""#
            case .idempotent: #""idempotency", "seed""#
            case .forgetful: #""seed""#
            }
        folder = try Folder([
            "rows.jsonl": (0..<rows).map { row in
                "{\"row\": \(row), \"prompt\": \"question \(row)?\"}\n"
            }.joined(),
            "lessons.jsonl": (0..<rows).map { row in
                "{\"prompt\": \"question \(row)?\", \"output\": \"lesson \(row)\"}\n"
            }.joined(),
            "home/kernels/double/kernel.json": """
            {
              "display_name": "the double", "language": "distnb", "argv": ["distnb"],
              "metadata": {"distnb": {
                "provider": "\(kind == .forgetful ? "compatible" : "openai")", "endpoint": "\(service.baseURL)",
                "key": {"environment": "DISTNB_DOUBLE_KEY"}, "has": [\(has)], "max_tokens": 32,
                "limits": {"in_flight": \(inFlight), "tries": 20, "success": 0.5, "timeout": \(timeout)},
                "models": {
                  "teacher": {"id": "gpt-4.1", "price": {"input": 2, "output": 8}},
                  "student": {"id": "gpt-4.1-nano", "price": {"input": 0.1, "output": 0.4}}
                }
              }}
            }
            """,
        ])
        try folder.notebook("work/a.distnb", cells)
        for name in ["rows.jsonl", "lessons.jsonl"] {
            try FileManager.default.moveItem(atPath: folder.path + "/" + name, toPath: work + "/" + name)
        }
    }

    /// The notebook's folder; the user's own lies beside it.
    var work: String { folder.path + "/work" }

    func environment(key: String? = nil) -> [String: String] {
        ["DISTNB_HOME": folder.path + "/home", "DISTNB_DOUBLE_KEY": key ?? self.key, "COLUMNS": "160"]
    }

    /// Starts a run of the notebook.
    func start() throws -> Process {
        try Binary.start(["run", "a.distnb", "--kernel", "double"], in: work, environment: environment())
    }

    /// Runs a command to its end.
    func run(_ arguments: [String] = ["run", "a.distnb", "--kernel", "double"], key: String? = nil) throws
        -> Binary.Result
    {
        try Binary.run(arguments, in: work, environment: environment(key: key))
    }

    /// Runs the notebook and kills it once so many more requests have come and so many microseconds have gone.
    /// - Returns: the result where it ended before that.
    func runKilled(afterRequests count: Int, microseconds: Int) throws -> Binary.Result? {
        let process = try start()
        let reached = DispatchSemaphore(value: 0)
        service.notify(atRequest: service.requestCount + count) { reached.signal() }
        process.terminationHandler = { _ in reached.signal() }
        reached.wait()
        let end = DispatchTime.now() + .microseconds(microseconds)
        while process.isRunning, DispatchTime.now() < end {}
        guard process.isRunning else { return Binary.finish(process, in: work) }
        kill(process.processIdentifier, SIGKILL)
        let result = Binary.finish(process, in: work)
        return process.terminationReason == .exit ? result : nil
    }

    // MARK: What came of it

    /// A row that was saved, as far as tests look at it.
    struct Row: Decodable {
        let row: Int
        /// Nil where it is an error.
        let output: String?

        private enum Field: String, CodingKey {
            case row, output
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Field.self)
            row = try fields.decode(Int.self, forKey: .row)
            output = try? fields.decode(String.self, forKey: .output)
        }
    }

    /// The rows of a file that the notebook saved.
    func saved(_ name: String = "out/answers.jsonl") throws -> [Row] {
        try String(contentsOfFile: work + "/" + name, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8))
        }
    }

    /// Files of the notebook's folder and of the user's own, what was printed among them, that hold a key in any form.
    func leaks(of key: String) throws -> [String] {
        let forms = Self.forms(of: key)
        var found: [String] = []
        let files = FileManager.default.enumerator(atPath: folder.path)
        while let name = files?.nextObject() as? String {
            guard let data = FileManager.default.contents(atPath: folder.path + "/" + name) else { continue }
            for (form, bytes) in forms where data.range(of: bytes) != nil { found.append("\(name): \(form)") }
        }
        return found
    }

    /// A key as it stands, a part of it, and as encodings write it.
    private static func forms(of key: String) -> [(String, Data)] {
        let middle = String(key.dropFirst(key.count / 2 - 6).prefix(12))
        var forms = [("plain", key), ("a part", middle)]
        forms.append(("percent", key.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? key))
        forms.append(("JSON", key.replacingOccurrences(of: "/", with: "\\/")))
        forms.append(("hexadecimal", key.utf8.map { String($0, radix: 16) }.joined()))
        for offset in 0..<3 {
            // Where a text begins in base64 depends on what stands before it; its first and last digits too.
            let encoded = Data(String(repeating: "x", count: offset).utf8 + Array(key.utf8)).base64EncodedString()
            forms.append(("base64", String(encoded.dropFirst(4).dropLast(4))))
        }
        return forms.map { ($0.0, Data($0.1.utf8)) }
    }
}

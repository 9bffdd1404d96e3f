import Distillation
import Foundation
import Notebook
import OrderedCollections
import PipelineRuntime
import PipelineSyntax
import Tables
import Verbs

/// A notebook in a folder of its own on which programs, right or wrong, are tried as a person would: checked, and run
/// where nothing is wrong with them. Its first cell has the names and its folder the files that the programs need.
struct Laboratory {
    /// The first cell.
    static let setup = """
        let bank = load "bank.csv"
        let quiz = load "quiz.jsonl"
        let orders = load "orders.csv"
        let questions = load "questions.jsonl" | split {train: 0.5, test: 0.5}, seed: 7
        let student = model "student"
        let cora = model "teacher", system: read("cora.md")
        let correct = grader .output_json.intent == .intent
        let lessons = questions.train | generate cora | grade correct
        """

    /// The files by name.
    static let files: [String: [UInt8]] = {
        let texts = [
            "bank.csv": """
            text,category
            Where is my card?,card_arrival
            I want my money back,refund
            My top up failed,top_up_failed
            Give me a refund please,refund

            """,
            "quiz.jsonl": """
            {"id": "q1", "question": {"stem": "Where do fish live?", "choices": [{"label": "A", "text": "water"}, {"label": "B", "text": "trees"}]}, "answerKey": "A"}
            {"id": "q2", "question": {"stem": "What barks?", "choices": [{"label": "A", "text": "cats"}, {"label": "B", "text": "dogs"}]}, "answerKey": "B"}

            """,
            "orders.csv": """
            Order ID,customer,total,paid,date
            A-1,Ann,12.5,true,2026-11-01
            A-2,Bob,8,false,2026-11-02
            A-3,Ann,99.9,true,2026-11-03

            """,
            "questions.jsonl": (1...8).map {
                "{\"prompt\": \"question \($0)\", \"intent\": \"\($0 % 2 == 0 ? "refund" : "track")\", \"answer\": \"\($0)\"}\n"
            }.joined(),
            "mixed.jsonl": "{\"n\": 1}\n{\"n\": \"two\"}\n{\"n\": null}\n{\"n\": 4}\n",
            "broken.jsonl": "{\"n\": 1}\n{\"n\": refund}\n{\"n\": 3}\n",
            "open.jsonl": "{\"n\": 1}\n{\"n\": \"two\n",
            "list.json": "{\"rows\": [{\"n\": 1}]}\n",
            "broken.csv": "a,b\n1,2\n3,4,5\n6,7\n",
            "quoted.csv": "a,b\n1,\"two\n3,4\n",
            "semicolons.csv": "name;city\nAnn;Rome\nBob;Oslo\n",
            "empty.jsonl": "",
            "notes.txt": "just text\n",
            "cora.md": "You are Cora.",
            "grader.json":
                "{\"type\": \"string_check\", \"name\": \"same\", \"input\": \"{{sample.output_text}}\", \"reference\": \"{{item.intent}}\", \"operation\": \"eq\"}",
        ]
        var files = texts.mapValues { Array($0.utf8) }
        // "Café" in Latin-1.
        files["latin1.csv"] = Array("name,n\nCaf".utf8) + [0xE9] + Array(",1\n".utf8)
        return files
    }()

    /// What became of a program.
    struct Outcome {
        /// Mistakes and warnings of the program's cells, in order.
        var diagnostics: [Diagnostic] = []
        /// What its cells told when they ran.
        var notes: [String] = []
    }

    /// Checks and runs cells below the first one.
    static func outcome(of cells: [String]) throws -> Outcome {
        // Messages name the folder, so its own name is always the same.
        let outer = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-\(UUID().uuidString)")
        let folder = outer.appendingPathComponent("lab")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: outer) }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("more"), withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        var document = NotebookDocument.empty(kernel: "scripted")
        document.cells = ([setup] + cells).enumerated().map {
            NotebookCell(id: "cell-\($0)", kind: .code, source: $1)
        }
        let session = session(document, folder.path)
        var outcome = Outcome()
        let found = session.ownMistakes().filter { $0.key > 1 }
        outcome.diagnostics = found.keys.sorted().flatMap { found[$0] ?? [] }
        guard !outcome.diagnostics.contains(where: { $0.severity == .error }) else { return outcome }
        let listener = ProgramListener()
        _ = try session.run(.all, observer: listener)
        outcome.diagnostics += listener.mistakes
        outcome.notes = listener.notes
        return outcome
    }

    private static func session(_ document: NotebookDocument, _ folder: String) -> NotebookSession {
        let files = RootedFiles(root: folder)
        let models = [
            "teacher": ModelSpecification(id: "big"), "student": ModelSpecification(id: "small"),
            "broken": ModelSpecification(id: "broken"), "silent": ModelSpecification(id: "silent"),
        ]
        let lab = Lab(
            kernel: KernelProfile(
                name: "scripted", displayName: "Scripted", provider: "scripted", models: models, maxTokens: 16),
            provider: EchoProvider(), store: nil, blobs: BlobFolder(folder: folder + "/.distnb/blobs"), files: files,
            cancellation: .never, progress: .none, now: { 1_000 })
        return NotebookSession(document: document, file: nil, lab: lab, files: files)
    }
}

/// Remembers what the program's cells told.
private final class ProgramListener: SessionObserver {
    var mistakes: [Diagnostic] = []
    var notes: [String] = []
    private var number = 0

    func willRun(cells: Int, of total: Int, seconds: Double?) {}
    func cellDidStart(number: Int, source: String) { self.number = number }
    func cellDidLog(_ line: String) { if number > 1 { notes.append(line) } }
    func cellDidShow(_ value: Value) {}
    func cellDidFail(_ diagnostics: [Diagnostic]) { mistakes += diagnostics }
    func cellDidFinish(number: Int, seconds: Double) {}
    func didFindMistakes(_ diagnostics: [Diagnostic]) {}
}

/// Answers every question with the same JSON; the model `broken` cannot be loaded.
private final class EchoProvider: ModelProvider {
    func identity(of specification: ModelSpecification, trainedWeights: String?) throws -> ModelIdentity {
        ModelIdentity(endpoint: "scripted", id: specification.id + (trainedWeights.map { "+\($0)" } ?? ""))
    }

    func lineage(of specification: ModelSpecification) throws -> Lineage { Lineage() }

    func parameterCount(of model: Model) throws -> Int? { 1_000 }

    func export(_ model: Model, as export: ModelExport, blobs: any BlobStoring) throws -> [ExportedFile] { [] }

    func complete(
        _ requests: [CompletionRequest], with model: Model, blobs: any BlobStoring, cancellation: Cancellation,
        deliver: (Int, Result<Distillation.Completion, RowError>) throws -> Void
    ) throws {
        if model.alias == "broken" {
            throw ProviderError("The weights of `broken` are damaged.", hint: "remove the file; it is fetched again")
        }
        for index in requests.indices {
            if model.alias == "silent" {
                try deliver(index, .failure(RowError("no answer within 60 s")))
                continue
            }
            let usage = Usage(promptTokens: 3, completionTokens: 2)
            try deliver(
                index,
                .success(
                    Distillation.Completion(
                        text: "{\"intent\": \"refund\"}", finishReason: "stop", usage: usage, seconds: 0.5)))
        }
    }

    func checkpointKey(of job: FineTuneJob) throws -> String { "\(job.examples.count) rows" }

    func fineTune(_ job: FineTuneJob, supervision: TrainingSupervision) throws -> FineTuneResult {
        FineTuneResult(weights: Array("adapter of \(job.examples.count) rows".utf8), steps: [])
    }
}

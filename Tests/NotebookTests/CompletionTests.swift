import OrderedCollections
import Testing

@testable import Notebook

@Suite struct CompletionTests {
    private static let rows = "{\"prompt\":\"q\",\"answer\":\"a\",\"size\":1}\n"

    private let scratch: Scratch

    init() throws {
        scratch = try Scratch(
            cells: [
                "let rows = load \"rows.jsonl\"", "let parts = rows | split {train: 0.5, test: 0.5}",
                "let m = model \"teacher\"", "fn tidy(x) = trim(x)", "let größe = 5",
            ], files: ["rows.jsonl": Self.rows, "data/a.csv": "x\n1\n", "data/b.csv": "x\n1\n", "data/.hidden": ""])
        _ = try scratch.session().run()
    }

    /// A session that has the cells' values.
    private func session() throws -> NotebookSession {
        let session = try scratch.session()
        _ = try session.run(.all)
        return session
    }

    private func texts(_ text: String) throws -> [String] { try session().completion(of: text).items.map(\.text) }

    @Test func afterAPipeComeVerbs() throws {
        #expect(try texts("rows | gen") == ["generate"])
        #expect(try texts("rows | ").contains("where"))
        #expect(try texts("rows | t").contains("tidy"))
        // What begins a pipeline stands behind none.
        let stages = try Set(texts("rows | "))
        #expect(stages.isDisjoint(with: ["task", "model", "load", "grader", "compare", "ask", "read"]))
        #expect(stages.isSuperset(of: ["grade", "embed", "plot", "count", "len", "scores", "prefer"]))
        #expect(try texts("rows\n  | gra") == ["grade", "grader"] || texts("rows\n  | gra").contains("grade"))
    }

    @Test func afterADotComeTheColumnsOfThePipedRows() throws {
        #expect(try texts("rows | where .") == ["prompt", "answer", "size"])
        #expect(try texts("rows | where .a") == ["answer"])
        #expect(try texts("rows | where .size > 1 and .p") == ["prompt"])
        #expect(try texts("let x = rows | sort desc(.s") == ["size"])
        #expect(try texts("parts.train | where .an") == ["answer"])
    }

    @Test func columnsThatAStepMadeOrTookAwayAreKnown() throws {
        #expect(try texts("rows | derive length: len(.prompt) | where .le") == ["length"])
        #expect(try texts("rows | rename question: .prompt | where .") == ["question", "answer", "size"])
        #expect(try texts("rows | select .size | where .") == ["size"])
        #expect(try texts("rows | generate m | where .out").contains("output"))
    }

    @Test func afterANameAndADotComeItsMembers() throws {
        #expect(try texts("parts.") == ["train", "test"])
        #expect(try texts("parts.te") == ["test"])
        #expect(try texts("len(m.na") == ["name"])
    }

    @Test func amongAVerbsArgumentsComeItsLabelsAndNames() throws {
        #expect(try texts("rows | generate m, temp") == ["temperature:"])
        #expect(try texts("rows | generate ").contains("m"))
        #expect(try texts("rows | sample 5, se").first == "seed:")
    }

    @Test func whereAValueBeginsComeNames() throws {
        #expect(try texts("row") == ["rows"])
        #expect(try texts("let x = pa").contains("parts"))
        #expect(try texts("ti").contains("tidy"))
        #expect(try texts("") != [])
    }

    @Test func inQuotesComesWhatTheArgumentTakes() throws {
        #expect(try texts("model \"") == ["student", "teacher"])
        #expect(try texts("model \"t") == ["teacher"])
        #expect(try texts("load \"da") == ["data/"])
        #expect(try texts("load \"data/") == ["data/a.csv", "data/b.csv"])
        #expect(try texts("load \"../") == [])
        #expect(try texts("load \"/et") == [])
        #expect(try texts("rows | finetune m, update: \"") == ["lora", "full"])
        #expect(try texts("rows | finetune m, update: \"f") == ["full"])
        #expect(try texts("\"") == [])
    }

    @Test(arguments: ["# ro", "rows # | ge", "rows | where .size > 1 # .a"])
    func inCommentsComesNothing(_ text: String) throws {
        #expect(try texts(text) == [])
    }

    @Test func aSignInQuotesBeginsNoComment() throws {
        #expect(try texts("let x = \"# a\" + row") == ["rows"])
    }

    @Test func insideAnInterpolationIsCode() throws {
        #expect(try texts("rows | derive both: \"q: ${.an") == ["answer"])
        #expect(try texts("rows | derive both: \"q: ${.answer} and ${.pr") == ["prompt"])
        #expect(try texts("rows | derive both: \"${len({a: 1}) + .si") == ["size"])
        #expect(try texts("\"${tid") == ["tidy"])
        #expect(try texts("\"${tidy(x)} ti") == [])
        #expect(try texts("'${tid") == [])
        #expect(try texts("\"\\${tid") == [])
    }

    @Test func columnsWhoseNamesAreNotPlainAreInsertedInQuotes() throws {
        let items = try session().completion(of: "rows | derive x: 1 | where .").items
        #expect(items.map(\.insertion) == items.map(\.text))
        #expect(Completion.Item(text: "Order ID", kind: .column, detail: "").insertion == "\"Order ID\"")
    }

    @Test func whatIsReplacedIsCountedInBytes() throws {
        let session = try session()
        #expect(session.completion(of: "\"é😀\" + ro").replaced == 2)
        #expect(session.completion(of: "grö").items.map(\.text) == ["größe"])
        #expect(session.completion(of: "grö").replaced == 4)
        #expect(session.completion(of: "load \"data/a").replaced == 6)
        #expect(session.completion(of: "rows | where .").replaced == 0)
    }

    @Test func afterALeadingPipeTheLastValueIsMeant() throws {
        let session = try session()
        _ = try session.runNewCell("rows | select .size")
        #expect(session.completion(of: "| where .").items.map(\.text) == ["size"])
    }

    @Test func aWholeWordIsNotOffered() throws {
        #expect(try !texts("rows | where").contains("where"))
    }

    @Test(arguments: UInt64(0)..<40) func anyTextCanBeAskedAbout(_ seed: UInt64) throws {
        let session = try session()
        for text in HostileTexts(seed: seed).prefix(10) {
            for input in [text, "rows | " + text, "rows | where ." + text, "load \"" + text] {
                #expect(session.completion(of: input).replaced <= input.utf8.count)
            }
        }
    }
}

import OrderedCollections
import Testing

@testable import Tables

@Suite struct ConversationRowsTests {
    private func read(_ text: String, _ format: TableFormat? = nil) throws -> TableFile {
        try TableFile(Array(text.utf8), path: "x.jsonl", options: .init(format: format))
    }

    private func lines(_ rows: DataSet, _ format: TableFormat) throws -> String {
        String(
            decoding: try format.bytes(of: ConversationRows.written(rows, as: format).rows, path: "x.jsonl"),
            as: UTF8.self)
    }

    private let openAI = """
        {"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"}]}
        {"messages":[{"role":"user","content":"Bye"},{"role":"assistant","content":"Good bye."},{"role":"user","content":"?"}]}

        """

    @Test func openAIsRowsBecomeMessagesAndTheLastReply() throws {
        let file = try read(openAI)
        #expect(file.format == .openai)
        #expect(file.rows.columnNames == ["messages", "output"])
        #expect(file.rows[column: "output"]?.values == ["Hello!", nil])
        #expect(file.rows.value(0, "messages").list?.count == 2)
        #expect(file.remarks.count == 2)
        #expect(try lines(file.rows.selecting([0]), .openai) == openAI.split(separator: "\n")[0] + "\n")
    }

    @Test func rowsWithColumnsOfTheirOwnAreNotTakenForChatRows() throws {
        let file = try read("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"intent\":\"greet\"}\n")
        #expect(file.format == .jsonl && file.remarks.isEmpty)
        let asked = try read("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"intent\":\"greet\"}\n", .openai)
        #expect(asked.rows.columnNames == ["messages", "intent"])
    }

    @Test func aReplyWithMoreThanTextStaysInItsConversation() throws {
        let row =
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},"
            + "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"1\"}]}]}\n"
        let file = try read(row)
        #expect(file.rows.value(0, "output").isNull)
        #expect(try lines(file.rows, .openai) == row)
    }

    @Test(arguments: [("1", "Hello!"), ("0", nil), ("2", nil)] as [(String, String?)])
    func aLastReplyThatIsLearntIsTheOutput(_ weight: String, _ output: String?) throws {
        let file = try read(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},"
                + "{\"role\":\"assistant\",\"content\":\"Hello!\",\"weight\":\(weight)}]}\n")
        #expect(file.rows.value(0, "output").text == output)
        #expect(file.rows.value(0, "messages").list?.count == (output == nil ? 2 : 1))
    }

    @Test func shareGPTsTurnsBecomeMessages() throws {
        let text =
            "{\"id\":\"a\",\"conversations\":[{\"from\":\"system\",\"value\":\"Be brief.\"},"
            + "{\"from\":\"human\",\"value\":\"Hi\"},{\"from\":\"gpt\",\"value\":\"Hello!\"}]}\n"
        let file = try read(text)
        #expect(file.format == .sharegpt)
        #expect(
            file.rows.rows == [
                [
                    "id": "a",
                    "messages": [
                        ["role": "system", "content": "Be brief."], ["role": "user", "content": "Hi"],
                    ],
                    "output": "Hello!",
                ]
            ])
        #expect(try lines(file.rows, .sharegpt) == text)
    }

    @Test func aTurnOfAnUnknownSpeakerIsABadRow() throws {
        let text = "{\"conversations\":[{\"from\":\"dog\",\"value\":\"Wuff\"}]}\n"
        let error = #expect(throws: ContentError.self) { try read(text) }
        #expect(error?.description == "row 1 has no list `conversations` of turns")
        let file = try TableFile(Array(text.utf8), path: "x.jsonl", options: .init(badRows: .skip))
        #expect(file.rows.count == 0 && file.skipped.count == 1)
    }

    @Test func alpacasRowsGetAPromptOfInstructionAndInput() throws {
        let text =
            "{\"instruction\":\"Add\",\"input\":\"1 2\",\"output\":\"3\"}\n"
            + "{\"instruction\":\"Greet\",\"input\":\"\",\"output\":\"Hi\"}\n"
        let file = try read(text)
        #expect(file.format == .alpaca)
        #expect(file.rows[column: "prompt"]?.values == ["Add\n\n1 2", "Greet"])
        #expect(try lines(file.rows, .alpaca) == text)
    }

    @Test func rowsOfPromptAndOutputAreWrittenAsAnyOfThem() throws {
        let rows = DataSet(rows: [
            ["prompt": "Hi", "output": "Hello!", "intent": "greet"], ["prompt": "?", "output": nil],
        ])
        let written = ConversationRows.written(rows, as: .openai)
        #expect(written.skipped == 1 && written.leftOut == ["intent"])
        #expect(
            try lines(rows, .openai)
                == "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hello!\"}]}\n"
        )
        #expect(
            try lines(rows, .sharegpt)
                == "{\"conversations\":[{\"from\":\"human\",\"value\":\"Hi\"},{\"from\":\"gpt\",\"value\":\"Hello!\"}]}\n"
        )
        #expect(try lines(rows, .alpaca) == "{\"instruction\":\"Hi\",\"input\":\"\",\"output\":\"Hello!\"}\n")
    }
}

internal import OrderedCollections

/// What rows for training mean in the formats of OpenAI, ShareGPT and Alpaca.
///
/// In the language `.messages` is what is said to a model and `.output` its reply. So reading takes the last reply of
/// a conversation out of it, and writing puts it back.
public enum ConversationRows {
    /// Rows that were understood as conversations.
    struct Understood {
        var rows: DataSet
        var skipped: [String] = []
        /// Conversations that do not end with a reply in plain text.
        var withoutReply = 0
    }

    /// The format whose rows these are beyond doubt: they have its columns and no others; nil where they are just rows.
    static func format(of rows: DataSet) -> TableFormat? {
        let names = Set(rows.columnNames)
        if names.contains("messages"), names.isSubset(of: ["messages", "tools", "functions", "parallel_tool_calls"]),
            isConversation(rows, "messages", "role", "content")
        {
            return .openai
        }
        if names.contains("conversations"), names.isSubset(of: ["conversations", "id", "system", "tools", "source"]),
            isConversation(rows, "conversations", "from", "value")
        {
            return .sharegpt
        }
        if names.isSuperset(of: ["instruction", "output"]),
            names.isSubset(of: ["instruction", "input", "output", "system"]),
            names.allSatisfy({ rows[column: $0].map { ["text", "empty"].contains($0.typeName) } ?? false })
        {
            return .alpaca
        }
        return nil
    }

    private static func isConversation(_ rows: DataSet, _ column: String, _ speaker: String, _ words: String) -> Bool {
        guard let first = rows[column: column]?.values.first(where: { !$0.isNull })?.list?.first?.record else {
            return false
        }
        return first[speaker]?.text != nil && first.keys.contains(words)
    }

    /// The rows as the language has them.
    /// - Throws: `ContentError` at the first row that is not of the format, unless bad rows are skipped.
    static func understand(
        _ rows: DataSet, as format: TableFormat, badRows: BadRows
    ) throws(ContentError) -> Understood {
        switch format {
        case .openai: try conversations(rows, "messages", badRows: badRows) { message in message }
        case .sharegpt: try conversations(rows, "conversations", badRows: badRows, turn)
        case .alpaca: try instructions(rows, badRows: badRows)
        case .jsonl, .json, .csv, .tsv: Understood(rows: rows)
        }
    }

    /// Turns a column of conversations into `.messages` and `.output`, in its place.
    private static func conversations(
        _ rows: DataSet, _ name: String, badRows: BadRows, _ message: (Record) -> Record?
    ) throws(ContentError) -> Understood {
        var understood = Understood(rows: rows)
        var kept: [Int] = []
        var messages: [Value] = []
        var outputs: [Value] = []
        for row in rows.indices {
            guard let turns = read(rows.value(row, name), message) else {
                let trouble = "row \(row + 1) has no list `\(name)` of turns"
                if badRows == .fail { throw ContentError(trouble, hint: "add bad_rows: \"skip\" (counted)") }
                understood.skipped.append(trouble)
                continue
            }
            kept.append(row)
            if rows[column: "output"] == nil, let reply = reply(turns) {
                messages.append(.list(turns.dropLast().map { .record($0) }))
                outputs.append(.string(reply))
            } else {
                understood.withoutReply += 1
                messages.append(.list(turns.map { .record($0) }))
                outputs.append(.null)
            }
        }
        let selected = rows.selecting(kept)
        var columns: OrderedDictionary<String, Column> = [:]
        for (column, values) in selected.columns where column != "messages" || name == "messages" {
            columns[column == name ? "messages" : column] = column == name ? Column(messages) : values
        }
        // Prompts that nobody answered yet have no replies to take out: generating will add the column.
        if rows[column: "output"] == nil, outputs.contains(where: { !$0.isNull }) {
            columns["output"] = Column(outputs)
        }
        understood.rows = DataSet(columns: columns, count: kept.count)
        return understood
    }

    private static func read(_ value: Value, _ message: (Record) -> Record?) -> [Record]? {
        guard let list = value.list, !list.isEmpty else { return nil }
        var turns: [Record] = []
        for element in list {
            guard let record = element.record, let turn = message(record), turn["role"]?.text != nil else { return nil }
            turns.append(turn)
        }
        return turns
    }

    /// The last reply, where it is nothing but text after something that it replies to. A `weight` of 1 says that it is
    /// learnt, as it is without one; a reply of another weight stays where it is.
    private static func reply(_ turns: [Record]) -> String? {
        guard turns.count > 1, let last = turns.last, last["role"]?.text == "assistant",
            last.keys.allSatisfy({ ["role", "content", "weight"].contains($0) }),
            last["weight"].map({ $0.isNull || $0.double == 1 }) ?? true
        else { return nil }
        return last["content"]?.text
    }

    /// ShareGPT's names of who speaks. The first of each role is what is written.
    private static let speakers: [(role: String, names: [String])] = [
        ("user", ["human", "user"]), ("assistant", ["gpt", "assistant", "chatgpt", "bing", "bard", "model"]),
        ("system", ["system"]), ("tool", ["tool", "observation"]),
    ]

    private static func turn(_ record: Record) -> Record? {
        guard let from = record["from"]?.text?.lowercased(), let value = record["value"],
            let role = speakers.first(where: { $0.names.contains(from) })?.role
        else { return nil }
        var message: Record = ["role": .string(role), "content": value]
        for (name, field) in record where name != "from" && name != "value" { message[name] = field }
        return message
    }

    private static func instructions(_ rows: DataSet, badRows: BadRows) throws(ContentError) -> Understood {
        var understood = Understood(rows: rows)
        var kept: [Int] = []
        var prompts: [Value] = []
        for row in rows.indices {
            guard let instruction = rows.value(row, "instruction").text else {
                let trouble = "row \(row + 1) has no text `instruction`"
                if badRows == .fail { throw ContentError(trouble, hint: "add bad_rows: \"skip\" (counted)") }
                understood.skipped.append(trouble)
                continue
            }
            let input = rows.value(row, "input").text ?? ""
            kept.append(row)
            prompts.append(.string(input.isEmpty ? instruction : "\(instruction)\n\n\(input)"))
        }
        understood.rows = rows.selecting(kept)
        if rows[column: "prompt"] == nil { understood.rows = understood.rows.setting("prompt", Column(prompts)) }
        return understood
    }
}

extension ConversationRows {
    /// Rows as a format has them, how many had nothing to write, and the columns that were left out.
    public struct Written {
        public var rows: DataSet
        public var skipped = 0
        public var leftOut: [String] = []
    }

    /// The rows as a format for training has them; as they are for any other format.
    public static func written(_ rows: DataSet, as format: TableFormat) -> Written {
        var written = Written(rows: rows)
        let used: Set<String>
        let record: (DataSet, Int) -> Record?
        switch format {
        case .jsonl, .json, .csv, .tsv: return written
        case .openai: (used, record) = (["messages", "tools"], openAI)
        case .sharegpt: (used, record) = (["messages", "id", "system", "tools", "source"], shareGPT)
        case .alpaca: (used, record) = (["instruction", "input", "system"], alpaca)
        }
        let common: Set<String> = ["prompt", "output", "sample", "output_json"]
        written.leftOut = rows.columnNames.filter { !used.contains($0) && !common.contains($0) }
        let records = rows.indices.compactMap { record(rows, $0) }
        written.skipped = rows.count - records.count
        written.rows = DataSet(rows: records)
        return written
    }

    /// The conversation of a row with its reply: what was really sent, else its messages, else its prompt.
    private static func conversation(_ rows: DataSet, _ row: Int) -> [Value]? {
        let output = rows.value(row, "output")
        let own = rows.value(row, "messages").list
        // A conversation that brings all its replies needs none.
        if output.isNull, let own, own.last?[field: "role"].text == "assistant" { return own }
        guard let reply = output.text else { return nil }
        let sent = rows.value(row, "sample")[field: "messages"].list ?? own
        let asked = sent ?? rows.value(row, "prompt").text.map { [["role": "user", "content": .string($0)]] }
        return asked.map { $0 + [["role": "assistant", "content": .string(reply)]] }
    }

    private static func extras(_ rows: DataSet, _ row: Int, _ names: [String], into record: inout Record) {
        for name in names {
            let value = rows.value(row, name)
            if !value.isNull { record[name] = value }
        }
    }

    private static func openAI(_ rows: DataSet, _ row: Int) -> Record? {
        guard let messages = conversation(rows, row) else { return nil }
        var record: Record = ["messages": .list(messages)]
        extras(rows, row, ["tools"], into: &record)
        return record
    }

    private static func shareGPT(_ rows: DataSet, _ row: Int) -> Record? {
        guard let messages = conversation(rows, row) else { return nil }
        var record = Record()
        extras(rows, row, ["id"], into: &record)
        var turns: [Value] = []
        for message in messages {
            guard let role = message[field: "role"].text,
                let from = speakers.first(where: { $0.role == role })?.names.first
            else { return nil }
            var turn: Record = ["from": .string(from), "value": message[field: "content"]]
            for (name, field) in message.record ?? [:] where name != "role" && name != "content" { turn[name] = field }
            turns.append(.record(turn))
        }
        record["conversations"] = .list(turns)
        extras(rows, row, ["system", "tools", "source"], into: &record)
        return record
    }

    private static func alpaca(_ rows: DataSet, _ row: Int) -> Record? {
        guard let output = rows.value(row, "output").text,
            let instruction = rows.value(row, "instruction").text ?? rows.value(row, "prompt").text
        else { return nil }
        var record: Record = [
            "instruction": .string(instruction), "input": .string(rows.value(row, "input").text ?? ""),
            "output": .string(output),
        ]
        extras(rows, row, ["system"], into: &record)
        return record
    }
}

internal import OrderedCollections
internal import Tables

/// A row of a file for supervised fine-tuning: `{"messages": […]}`, the last message being what is learnt.
public struct ChatTrainingRow: WireObject {
    public static let form = WireForm("a training row", .needs("messages", .objects(ChatMessage.self)))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    public init(messages: [ChatMessage], tools: [ChatTool] = []) {
        fields = WireFields([
            "messages": .objects(messages), "tools": .when(!tools.isEmpty, .objects(tools)),
        ])
    }

    public var messages: [ChatMessage] { fields.children("messages") }
}

/// A row of a file for preference fine-tuning (DPO): what was said, and two replies of which one is better.
public struct PreferenceTrainingRow: WireObject {
    public static let form = WireForm(
        "a preference row", .needs("input", .object(ChatTrainingRow.self)),
        .needs("preferred_output", .objects(ChatMessage.self)),
        .needs("non_preferred_output", .objects(ChatMessage.self)))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    public init(input: [ChatMessage], preferred: ChatMessage, other: ChatMessage) {
        fields = WireFields([
            "input": ["messages": .objects(input)], "preferred_output": .objects([preferred]),
            "non_preferred_output": .objects([other]),
        ])
    }

    public var input: [ChatMessage] { (fields.child("input") as ChatTrainingRow).messages }
    public var preferred: [ChatMessage] { fields.children("preferred_output") }
    public var other: [ChatMessage] { fields.children("non_preferred_output") }
}

/// Files of rows, an object a line.
public enum TrainingFile {
    /// The fewest rows that the services train on.
    public static let leastRows = 10

    /// A row that cannot be read, and its line, from 1.
    public struct BadRow: Error, Sendable, Equatable, CustomStringConvertible {
        public let line: Int
        public let error: WireError

        public var description: String { "line \(line): \(error)" }
    }

    /// The file's bytes.
    /// - Parameter hasByteOrderMark: whether it begins with the mark that Azure asks for.
    public static func bytes(_ rows: [some WireObject], hasByteOrderMark: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = hasByteOrderMark ? [0xEF, 0xBB, 0xBF] : []
        for row in rows {
            bytes += row.bytes
            bytes.append(0x0A)
        }
        return bytes
    }

    /// Reads a file, with or without a byte order mark; empty lines are let pass.
    /// - Throws: `BadRow` at the first line that is no such row.
    public static func rows<Row: WireObject>(
        _ bytes: [UInt8], as type: Row.Type = Row.self
    ) throws(BadRow) -> [Row] {
        var rows: [Row] = []
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var line = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            line += 1
            let text = bytes[start..<end]
            start = end + 1
            guard text.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
            do throws(WireError) {
                rows.append(try Row(bytes: Array(text)))
            } catch {
                throw BadRow(line: line, error: error)
            }
        }
        return rows
    }
}

internal import OrderedCollections
public import Tables

/// What a message says: one text, or parts of which some may be images.
public enum ChatContent: Sendable, Equatable {
    case text(String)
    case parts([ContentPart])

    /// The texts of all parts, joined without anything between them, as services join them.
    public var plainText: String {
        switch self {
        case .text(let text): text
        case .parts(let parts): parts.compactMap(\.text).joined()
        }
    }

    /// Whether it is nothing but text, in parts or not.
    public var isText: Bool {
        switch self {
        case .text: true
        case .parts(let parts): parts.allSatisfy { $0.text != nil }
        }
    }

    /// As it stands in `content`.
    public var json: Value {
        switch self {
        case .text(let text): .string(text)
        case .parts(let parts): .objects(parts)
        }
    }

    /// Reads `content`; nil where it is null or no content.
    init?(_ json: Value) {
        switch json {
        case .string(let text): self = .text(text)
        case .list(let list):
            var parts: [ContentPart] = []
            for element in list {
                guard let part = Self.part(element) else { return nil }
                parts.append(part)
            }
            self = .parts(parts)
        default: return nil
        }
    }

    private static func part(_ json: Value) -> ContentPart? {
        // Some servers take bare texts among the parts.
        if let text = json.text { return .text(text) }
        return try? ContentPart(json)
    }

    static let form = WireForm.Kind.other("text or a list of content parts") { ChatContent($0) != nil }
}

/// A part of a message's content.
public struct ContentPart: WireObject {
    public static let form = WireForm("a content part", .mayHave("type", .text))

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A text.
    public static func text(_ text: String) -> ContentPart {
        ContentPart(fields: WireFields(["type": "text", "text": .string(text)]))
    }

    /// An image by its address, which may be a `data:` one.
    public static func image(url: String) -> ContentPart {
        ContentPart(fields: WireFields(["type": "image_url", "image_url": ["url": .string(url)]]))
    }

    /// `text`, `image_url`, `input_audio`, `file`, `refusal` or what a server adds.
    public var type: String { fields.text("type") ?? "" }

    /// The text; nil of a part that is none, such as an image or a model's thinking.
    public var text: String? { ["text", "input_text", "output_text", ""].contains(type) ? fields.text("text") : nil }
}

internal import OrderedCollections
internal import Rendering
internal import Tables

/// What of an nbformat output is shown: of several forms of the same result, the one that says most and is safe.
enum CellOutput: Equatable {
    /// What a cell printed.
    case stream(String)
    /// An error's traceback.
    case failure(String)
    case markdown(String)
    case image(ImageData, alternative: String)
    case text(String)

    /// Nil where nothing can be shown: scripts, widgets, HTML without a text beside it.
    init?(_ output: Value) {
        switch output[field: "output_type"].text {
        case "stream":
            guard let text = output[field: "text"].text else { return nil }
            self = .stream(TerminalText.withoutColours(text))
        case "error":
            let lines = (output[field: "traceback"].list ?? []).compactMap(\.text)
            let name = "\(output[field: "ename"].text ?? "Error"): \(output[field: "evalue"].text ?? "")"
            self = .failure(TerminalText.withoutColours(lines.isEmpty ? name : lines.joined(separator: "\n")))
        default:
            let data = output[field: "data"].record ?? [:]
            let plain = data["text/plain"]?.text.map(TerminalText.withoutColours)
            if let markdown = data["text/markdown"]?.text {
                self = .markdown(markdown)
            } else if let image = ImageData.first(in: data) {
                self = .image(image, alternative: plain ?? "")
            } else if let plain {
                self = .text(plain)
            } else {
                return nil
            }
        }
    }
}

/// An image with its data, as notebooks have them in outputs and attachments.
struct ImageData: Equatable {
    /// `data:image/png;base64,…`, nothing in it that HTML or Markdown could take for anything else.
    let uri: String

    /// Image types that a browser shows and that cannot hold a program.
    static let types = ["image/png", "image/jpeg", "image/gif", "image/webp"]

    /// Nil where the type is another one or the text is no base64 (RFC 4648).
    init?(type: String, base64: String) {
        let digits = base64.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0x20 }
        let isBase64 = digits.allSatisfy { byte in
            (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || "+/=".utf8.contains(byte)
        }
        guard Self.types.contains(type), isBase64, !digits.isEmpty else { return nil }
        uri = "data:\(type);base64,\(String(decoding: digits, as: UTF8.self))"
    }

    /// The best image of a bundle of MIME types.
    static func first(in bundle: Record) -> ImageData? {
        for type in types {
            if let image = bundle[type]?.text.flatMap({ ImageData(type: type, base64: $0) }) { return image }
        }
        return nil
    }

    /// The data URIs of a cell's attachments, by name.
    static func attachments(of cell: NotebookCell) -> [String: String] {
        var found: [String: String] = [:]
        for (name, bundle) in cell.other["attachments"]?.record ?? [:] {
            found[name] = bundle.record.flatMap(first)?.uri
        }
        return found
    }
}

public import Distillation
internal import OrderedCollections
internal import Tables

/// Completions that were recorded to be replayed: by whom a lab is handed out that needs no key.
///
/// A tape is JSON Lines. The first line is the header with the digest, each other a completion with its request as
/// `CompletionJSON` writes it. The digest is the SHA-256 of all lines in canonical JSON (fields sorted, no blanks), each
/// followed by a line feed, the header without its `sha256`: laying a tape out anew does not change it, changing a word
/// does. Decision 0041.
public struct Tape: Sendable {
    /// The file's name, for messages.
    public let name: String
    public let header: TapeHeader
    public let completions: [StoredCompletion]

    /// Puts a tape together.
    /// - Parameter completions: of the header's models; those whose request is not known in full are left out.
    public init(
        name: String, recorded: String, kernel: String, maxTokens: Int, models: [TapeHeader.RecordedModel],
        completions: [StoredCompletion]
    ) {
        let identities = Set(models.map(\.identity))
        let playable = completions.filter { $0.key == $0.request.key && identities.contains($0.request.model) }
        let recordedModels = Set(playable.map(\.request.model))
        self.name = name
        self.completions = playable
        header = TapeHeader(
            recorded: recorded, kernel: kernel, maxTokens: maxTokens,
            models: models.filter { recordedModels.contains($0.identity) }, count: playable.count)
    }

    /// Whether a file begins as a tape does.
    public static func isTape(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.split(separator: newline, maxSplits: 1).first, let json = try? JSON.parse(Array(first))
        else { return false }
        return json.record?.keys.contains(TapeHeader.mark) == true
    }

    /// Reads a tape.
    /// - Throws: `ProviderError` where it is none, was changed or cut, or is of a newer program.
    public init(_ bytes: [UInt8], name: String) throws {
        let lines = bytes.split(separator: Self.newline).filter { $0.contains { $0 > 0x20 } }
        guard let first = lines.first, let head = try? JSON.parse(Array(first)),
            let version = head.record?[TapeHeader.mark]
        else {
            throw ProviderError(
                "\(name) is no tape: its first line does not say `\(TapeHeader.mark)`.",
                hint: "a tape is made by distnb completions record FILE")
        }
        guard version.integer == TapeHeader.version else {
            throw ProviderError("\(name) is a tape of another version of distnb.", hint: "update distnb")
        }
        guard let header = TapeHeader(head), let digest = head[field: "sha256"].text else {
            throw Self.damaged(name, "its header is not whole")
        }
        var values: [Value] = []
        for (index, line) in lines.dropFirst().enumerated() {
            do throws(JSONError) {
                values.append(try JSON.parse(Array(line)))
            } catch {
                throw Self.damaged(name, "line \(index + 2) is no JSON")
            }
        }
        guard values.count == header.count else {
            throw Self.damaged(name, "it holds \(values.count) of \(header.count) answers")
        }
        guard Self.digest(header, values) == digest else {
            throw Self.damaged(name, "it was changed since it was recorded; its digest does not fit")
        }
        var completions: [StoredCompletion] = []
        for (index, value) in values.enumerated() {
            do throws(CompletionJSON.Unusable) {
                completions += try CompletionJSON.completions(value, endpoint: nil, now: 0)
            } catch {
                throw Self.damaged(name, "line \(index + 2) is a completion \(error.reason)")
            }
        }
        self.name = name
        self.header = header
        self.completions = completions
    }

    /// The file.
    public var bytes: [UInt8] {
        let values = completions.map(CompletionJSON.json)
        var head = header.record
        head["sha256"] = .string(Self.digest(header, values))
        var bytes: [UInt8] = []
        for value in [.record(head)] + values { bytes += JSON.bytes(value) + [Self.newline] }
        return bytes
    }

    private static let newline = UInt8(ascii: "\n")

    private static func damaged(_ name: String, _ how: String) -> ProviderError {
        ProviderError(
            "The tape \(name) is not used: \(how).",
            hint: "take it anew from where it came from, or record it again: distnb completions record")
    }

    private static func digest(_ header: TapeHeader, _ values: [Value]) -> String {
        var bytes: [UInt8] = []
        for value in [.record(header.record)] + values { bytes += JSON.bytes(value, .canonical) + [newline] }
        return SHA256Name.of(bytes)
    }
}

import Crypto
import Distillation
import Foundation
import LoopbackServer
import Synchronization
import Testing

@testable import ModelLibrary

/// A folder of its own for a test, and what transfers need of the world, without waiting.
final class Bench: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("distnb-models-\(UUID().uuidString)").path
    private let heard = Mutex<(waits: [Double], notices: [String])>(([], []))

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// How long it would have waited, each time.
    var waits: [Double] { heard.withLock { $0.waits } }
    var notices: [String] { heard.withLock { $0.notices } }

    func surroundings(free: Int? = nil, cancellation: Cancellation = .never) -> TransferSurroundings {
        TransferSurroundings(
            waiting: Waiting { [self] seconds, cancellation in
                try cancellation.check()
                heard.withLock { $0.waits.append(seconds) }
            }, cancellation: cancellation, notice: { [self] text in heard.withLock { $0.notices.append(text) } },
            freeBytes: { _ in free ?? 1 << 50 })
    }

    func client(_ server: LoopbackServer, token: String? = nil) throws -> HTTPClient {
        let url = try #require(URL(string: server.address))
        return HTTPClient(
            transport: CurlTransport(), credential: token.flatMap { HTTPClient.Credential(token: $0, for: url) })
    }

    func download(_ server: LoopbackServer, free: Int? = nil, cancellation: Cancellation = .never) throws -> Download {
        Download(client: try client(server), surroundings: surroundings(free: free, cancellation: cancellation))
    }

    var folder: ModelFolder { ModelFolder(path: path + "/weights") }

    func addition(
        _ server: LoopbackServer, token: String? = nil, free: Int? = nil, cancellation: Cancellation = .never
    ) throws -> ModelAddition {
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let url = try #require(URL(string: server.address))
        return ModelAddition(
            folder: folder, hub: url, packageIndex: url.appending(path: "simple"), token: token,
            transport: CurlTransport(), surroundings: surroundings(free: free, cancellation: cancellation))
    }

    func read(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(path)/\(name)") }

    func names(_ folder: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
    }

    func write(_ name: String, _ data: Data) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }
}

/// Bytes that look like nothing else, the same each time.
func noise(_ count: Int, seed: UInt64 = 1) -> Data {
    var state = seed
    return Data(
        (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        })
}

func sha256(_ data: Data) -> String {
    SHA256.hash(data: data).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// A git blob's name, as `git hash-object` makes it.
func gitBlob(_ data: Data) -> String {
    Insecure.SHA1.hash(data: Data("blob \(data.count)\u{0}".utf8) + data)
        .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// A small GGUF file: a header that can be described, and one tensor.
func tinyGGUF(architecture: String = "llama", layers: UInt32 = 2) -> Data {
    var bytes = Data("GGUF".utf8)
    func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    func string(_ text: String) {
        integer(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
    func entry(_ key: String, _ text: String) {
        string(key)
        integer(UInt32(8))
        string(text)
    }
    func entry(_ key: String, _ value: UInt32) {
        string(key)
        integer(UInt32(4))
        integer(value)
    }
    integer(UInt32(3))
    integer(UInt64(1))
    integer(UInt64(9))
    entry("general.architecture", architecture)
    entry("general.name", "Tiny")
    entry("\(architecture).block_count", layers)
    entry("\(architecture).embedding_length", 64)
    entry("\(architecture).attention.head_count", 4)
    entry("\(architecture).attention.head_count_kv", 2)
    entry("\(architecture).feed_forward_length", 128)
    entry("\(architecture).context_length", 512)
    entry("tokenizer.chat_template", "{% for m in messages %}<|im_start|>{{ m.role }}<|im_end|>{% endfor %}")
    string("token_embd.weight")
    integer(UInt32(2))
    integer(UInt64(64))
    integer(UInt64(32))
    integer(UInt32(0))
    integer(UInt64(0))
    bytes.append(Data(count: (32 - bytes.count % 32) % 32))
    bytes.append(Data(count: 64 * 32 * 4))
    return bytes
}

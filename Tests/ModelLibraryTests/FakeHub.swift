import Foundation
import LoopbackServer
import OrderedCollections
import Synchronization
import Tables
import Testing

/// The hub's programming interface over files in memory, on a real server.
final class FakeHub: Sendable {
    static let commit = String(repeating: "c0ffee12", count: 5)

    let files: [String: Data]
    /// Whether listings tell sizes and hashes, or names only as some mirrors do.
    let tellsHashes: Bool
    /// Whether it has the tree of a repository, a file a page.
    let hasTree: Bool
    let token: String?
    /// Another host's address, to which large files are redirected.
    let storage: String?
    let extra: Value

    init(
        _ files: [String: Data], tellsHashes: Bool = true, hasTree: Bool = false, token: String? = nil,
        storage: String? = nil,
        extra: Value = [:]
    ) {
        self.files = files
        self.tellsHashes = tellsHashes
        self.hasTree = hasTree
        self.token = token
        self.storage = storage
        self.extra = extra
    }

    func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Response {
        if let token, request.headers["authorization"] != "Bearer \(token)" { return .init(401) }
        let path = String(request.path.prefix { $0 != "?" })
        if path == "/api/models/maker/tiny" || path == "/api/models/maker/tiny/revision/v2" { return listing() }
        if path == "/api/models/maker/tiny/tree/\(Self.commit)" { return hasTree ? page(request) : .init(404) }
        let prefix = "/maker/tiny/resolve/\(Self.commit)/"
        guard path.hasPrefix(prefix), let body = files[String(path.dropFirst(prefix.count))] else { return .init(404) }
        let name = String(path.dropFirst(prefix.count))
        guard Self.isLarge(name) else { return .file(body, tag: "\"\(gitBlob(body))\"", for: request) }
        let linked = ["X-Linked-ETag": "\"\(sha256(body))\"", "X-Linked-Size": "\(body.count)"]
        if let storage {
            return .init(302, headers: linked.merging(["Location": "\(storage)/blob/\(name)"]) { $1 })
        }
        var whole = LoopbackServer.Response.file(body, tag: "\"\(sha256(body))\"", for: request)
        whole.headers.merge(linked) { $1 }
        return whole
    }

    static func isLarge(_ name: String) -> Bool { name.hasSuffix(".gguf") || name.hasSuffix(".safetensors") }

    private func listing() -> LoopbackServer.Response {
        var record: Record = [
            "id": "maker/tiny", "sha": .string(Self.commit), "tags": ["license:mit"],
            "siblings": .list(
                files.sorted { $0.key < $1.key }.map { name, body in
                    guard tellsHashes else { return ["rfilename": .string(name)] }
                    var entry: Record = ["rfilename": .string(name), "size": .integer(body.count)]
                    if Self.isLarge(name) {
                        entry["lfs"] = ["sha256": .string(sha256(body)), "size": .integer(body.count)]
                    } else {
                        entry["blobId"] = .string(gitBlob(body))
                    }
                    return .record(entry)
                }),
        ]
        for (name, value) in extra.record ?? [:] { record[name] = value }
        return json(.record(record))
    }

    /// One file a page, the address of the next one in a `Link` field.
    private func page(_ request: LoopbackServer.Request) -> LoopbackServer.Response {
        let number = request.path.split(separator: "cursor=").last.flatMap { Int($0) } ?? 0
        let entries = files.sorted { $0.key < $1.key }.dropFirst(number)
        guard let (name, body) = entries.first else { return json([]) }
        var entry: Record = ["type": "file", "path": .string(name), "size": .integer(body.count)]
        entry["oid"] = .string(gitBlob(body))
        if Self.isLarge(name) { entry["lfs"] = ["oid": .string(sha256(body)), "size": .integer(body.count)] }
        var response = json([["type": "directory", "path": "sub"], .record(entry)])
        if entries.count > 1 {
            let next = "/api/models/maker/tiny/tree/\(Self.commit)?recursive=true&cursor=\(number + 1)"
            response.headers["Link"] = "<\(next)>; rel=\"next\""
        }
        return response
    }

    private func json(_ value: Value) -> LoopbackServer.Response {
        .init(200, Data(JSON.text(value).utf8), headers: ["Content-Type": "application/json"])
    }
}

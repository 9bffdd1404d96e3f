internal import Distillation
package import Foundation
internal import Tables

/// The programming interface of Hugging Face's hub, as far as it is needed to find a model's files:
/// https://huggingface.co/docs/hub/api
package struct Hub: Sendable {
    /// `HF_ENDPOINT`, or the hub itself.
    package let endpoint: URL
    let client: HTTPClient
    let surroundings: TransferSurroundings

    /// A file of a repository.
    struct File: Sendable, Hashable {
        let path: String
        let size: Int?
        let digest: ExpectedDigest
    }

    /// What a repository has at one commit.
    struct Listing: Sendable {
        let commit: String
        let files: [File]
        let licence: String?
        /// As the hub tells it: `model_type` of the configuration, or the architecture of GGUF files.
        let architecture: String?
    }

    /// Where a file of a repository is fetched.
    func address(of file: String, in reference: HubReference, commit: String) -> URL {
        endpoint.appending(path: "\(reference.repository)/resolve/\(commit)/\(file)")
    }

    /// What a repository has.
    /// - Throws: `ModelLibraryError`, `HTTPFailure`, `Interrupted`.
    func listing(_ reference: HubReference) throws -> Listing {
        var path = "api/models/\(reference.repository)"
        if let revision = reference.revision { path += "/revision/\(revision)" }
        let url = endpoint.appending(path: path).appending(queryItems: [URLQueryItem(name: "blobs", value: "true")])
        let what =
            "repository \(reference.repository)" + (reference.revision.map { " at revision \($0)" } ?? "")
        let answer = try json(url, what: what).value
        guard let commit = answer[field: "sha"].text, ExpectedDigest.isHexadecimal(commit, digits: 40),
            let siblings = answer[field: "siblings"].list
        else { throw strange("no listing of a repository") }
        var files = siblings.compactMap { file($0, path: "rfilename", hash: "blobId") }
        // Some mirrors tell names only; sizes and hashes then come from the tree.
        if files.contains(where: { $0.digest == .unknown || $0.size == nil }) {
            let tree = try self.tree(reference, commit: commit)
            files = files.map { tree[$0.path] ?? $0 }
        }
        return Listing(
            commit: commit, files: files.sorted { $0.path < $1.path }, licence: licence(answer),
            architecture: answer[field: "gguf"][field: "architecture"].text
                ?? answer[field: "config"][field: "model_type"].text)
    }

    /// The files by path, page by page.
    private func tree(_ reference: HubReference, commit: String) throws -> [String: File] {
        var found: [String: File] = [:]
        var next: URL? = endpoint.appending(path: "api/models/\(reference.repository)/tree/\(commit)")
            .appending(queryItems: [URLQueryItem(name: "recursive", value: "true")])
        var pages = 0
        while let url = next, pages < 50 {
            pages += 1
            let what = "list of the files of \(reference.repository)"
            // What a mirror does not have is no reason to stop: the hash may come with the file.
            do {
                let page = try json(url, what: what)
                for entry in page.value.list ?? [] where entry[field: "type"].text == "file" {
                    if let file = file(entry, path: "path", hash: "oid") { found[file.path] = file }
                }
                next = following(page.link, url)
            } catch ModelLibraryError.notFound {
                next = nil
            }
        }
        return found
    }

    /// `<https://…>; rel="next"` (RFC 8288); never to another server.
    private func following(_ link: String?, _ url: URL) -> URL? {
        guard let link, link.contains("rel=\"next\""), let start = link.firstIndex(of: "<"),
            let end = link.firstIndex(of: ">"), start < end,
            let next = URL(string: String(link[link.index(after: start)..<end]), relativeTo: url)?.absoluteURL,
            Origin(next) == Origin(url)
        else { return nil }
        return next
    }

    private func file(_ entry: Value, path: String, hash: String) -> File? {
        guard let path = entry[field: path].text, !path.isEmpty, !path.hasPrefix("/"), !path.contains("\\"),
            !path.contains("\u{0}"), !path.split(separator: "/", omittingEmptySubsequences: false).contains("..")
        else { return nil }
        let large = entry[field: "lfs"]
        let size = (large[field: "size"].integer ?? entry[field: "size"].integer).flatMap { $0 >= 0 ? $0 : nil }
        let digest: ExpectedDigest
        if let sha256 = large[field: "sha256"].text ?? large[field: "oid"].text,
            let known = try? ExpectedDigest(sha256: sha256.hasPrefix("sha256:") ? String(sha256.dropFirst(7)) : sha256)
        {
            digest = known
        } else if large.isNull, let sha1 = entry[field: hash].text, ExpectedDigest.isHexadecimal(sha1, digits: 40) {
            digest = .gitBlob(sha1.lowercased())
        } else {
            digest = .unknown
        }
        return File(path: path, size: size, digest: digest)
    }

    private func licence(_ answer: Value) -> String? {
        if let text = answer[field: "cardData"][field: "license"].text { return text }
        let tags = (answer[field: "tags"].list ?? []).compactMap(\.text)
        return tags.first { $0.hasPrefix("license:") }.map { String($0.dropFirst("license:".count)) }
    }

    private func json(_ url: URL, what: String) throws -> (value: Value, link: String?) {
        let (bytes, response) = try client.document(
            url, headers: ["Accept": "application/json"], what: what, surroundings: surroundings)
        guard let value = try? JSON.parse(bytes) else { throw strange("something that is no JSON") }
        return (value, response["link"])
    }

    private func strange(_ what: String) -> ModelLibraryError {
        .strangeAnswer(host: endpoint.host() ?? "", what: what)
    }
}

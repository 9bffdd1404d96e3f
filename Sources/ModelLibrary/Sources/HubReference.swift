internal import Foundation

/// A repository on Hugging Face, or on a mirror of it, and perhaps one file of it.
package struct HubReference: Sendable, Hashable {
    package let owner: String
    package let name: String
    /// A path in the repository.
    package var file: String?
    /// A branch, tag or commit; the default branch where nil.
    package var revision: String?

    package var repository: String { "\(owner)/\(name)" }

    package init(owner: String, name: String, file: String? = nil, revision: String? = nil) {
        self.owner = owner
        self.name = name
        self.file = file
        self.revision = revision
    }

    /// `owner/name`, `owner/name/file`, or the address of one of the hub's pages.
    init?(_ text: String, hub: URL) {
        if let url = URL(string: text), let scheme = url.scheme?.lowercased(), scheme.hasPrefix("http") {
            let hosts = [hub.host()?.lowercased(), "huggingface.co", "hf.co"]
            guard hosts.contains(url.host()?.lowercased()) else { return nil }
            self.init(path: url.path.split(separator: "/").map(String.init))
        } else {
            self.init(path: text.split(separator: "/", omittingEmptySubsequences: false).map(String.init))
        }
    }

    private init?(path: [String]) {
        guard path.count >= 2, path.allSatisfy(Self.isPart) else { return nil }
        self.init(owner: path[0], name: path[1])
        var rest = path.dropFirst(2)
        // Pages are OWNER/NAME/blob/REVISION/FILE and the like.
        if rest.count >= 2, let kind = rest.first, ["blob", "resolve", "tree", "raw"].contains(kind) {
            revision = rest.dropFirst().first
            rest = rest.dropFirst(2)
        }
        if !rest.isEmpty { file = rest.joined(separator: "/") }
    }

    private static func isPart(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "~") else { return false }
        return text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || [0x2D, 0x2E, 0x5F, 0x2B].contains($0)
        }
    }
}

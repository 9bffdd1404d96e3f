internal import Distillation
internal import Foundation
internal import LanguageModel
internal import Tables

/// The models on this machine: `$DISTNB_HOME/weights`, a file or folder each, with a record beside it.
package struct ModelFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// A model that is here.
    package struct Model: Sendable {
        package let name: String
        package let path: String
        /// What was remembered when it was added; nil where somebody put it here by hand.
        package let record: ModelRecord?
        package let bytes: Int
    }

    /// A model that is not whole yet.
    package struct Unfinished: Sendable, Hashable {
        package let name: String
        /// Bytes that are here.
        package let bytes: Int
        /// What to tell `distnb models add` to go on.
        package let source: String?
    }

    /// All models, by name.
    package var models: [Model] { names.map(model) }

    private var names: [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return entries.filter { name in
            guard Self.isName(name), !name.hasSuffix(Self.partial) else { return false }
            guard !name.lowercased().hasSuffix(".gguf"), record(of: name) == nil else {
                return FileManager.default.fileExists(atPath: location(name))
            }
            return FileManager.default.fileExists(atPath: "\(location(name))/config.json")
        }.sorted()
    }

    /// A model by its exact name.
    /// - Throws: `ModelLibraryError.unknown` that says what was perhaps meant.
    package func model(named name: String, closest: (String, [String]) -> String?) throws -> Model {
        let names = names
        guard names.contains(name) else {
            throw ModelLibraryError.unknown(name: name, suggestion: closest(name, names), known: names)
        }
        return model(name)
    }

    private func model(_ name: String) -> Model {
        let bytes = FileSize.of(location(name))
        // A record of what lay here before somebody put another file in its place says nothing.
        let record = record(of: name).flatMap { $0.bytes == bytes ? $0 : nil }
        return Model(name: name, path: location(name), record: record, bytes: bytes)
    }

    /// What an interrupted `add` left.
    package var unfinished: [Unfinished] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return entries.filter { $0.hasSuffix(Self.partial) }.sorted().map { entry in
            let note = FileManager.default.contents(atPath: "\(path)/\(entry)/\(Self.note)")
            let source = note.flatMap { try? JSON.parse(Array($0)) }?[field: "source"].text
            return Unfinished(
                name: String(entry.dropLast(Self.partial.count)), bytes: FileSize.whole("\(path)/\(entry)"),
                source: source)
        }
    }

    /// Takes a model away, and what belongs to it. A link goes, what it leads to stays.
    /// - Returns: the bytes that are free again.
    /// - Throws: `ModelLibraryError.cannotWrite`.
    package func remove(_ model: Model) throws -> Int {
        let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: model.path)) != nil
        // The record last: with it gone a model would count as put here by hand.
        do {
            try FileManager.default.removeItem(atPath: model.path)
        } catch {
            throw ModelLibraryError.cannotWrite(path: model.path, reason: "it cannot be removed")
        }
        unlink(model.path + ".hash")
        unlink(recordPath(model.name))
        return isLink ? 0 : model.bytes
    }

    /// Takes away what an interrupted `add` left.
    package func remove(_ unfinished: Unfinished) throws -> Int {
        let staging = location(unfinished.name) + Self.partial
        let lock = try AddingLock(folder: staging, name: unfinished.name)
        withExtendedLifetime(lock) { try? FileManager.default.removeItem(atPath: staging) }
        return unfinished.bytes
    }

    // MARK: Where things lie

    static let partial = ".partial"
    static let note = "source.json"

    func location(_ name: String) -> String { "\(path)/\(name)" }

    private func recordPath(_ name: String) -> String { location(name) + ".json" }

    func record(of name: String) -> ModelRecord? {
        FileManager.default.contents(atPath: recordPath(name)).flatMap { try? JSON.parse(Array($0)) }
            .flatMap(ModelRecord.init)
    }

    func write(_ record: ModelRecord, for name: String) throws {
        let data = Data((JSON.text(record.value, .readable) + "\n").utf8)
        do {
            try data.write(to: URL(fileURLWithPath: recordPath(name)), options: .atomic)
        } catch {
            throw ModelLibraryError.cannotWrite(path: recordPath(name), reason: error.localizedDescription)
        }
    }

    /// Letters, digits, dots, dashes, underscores; a path is no name.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-"),
            text.utf8.count <= 200
        else { return false }
        return text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || [0x2D, 0x2E, 0x5F, 0x2B].contains($0)
        }
    }
}

/// Keeps two processes from adding the same model; ends with the process however it dies.
final class AddingLock {
    private let descriptor: Int32

    /// - Throws: `ModelLibraryError.busyElsewhere`, `.cannotWrite`.
    init(folder: String, name: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw ModelLibraryError.cannotWrite(path: folder, reason: "the folder cannot be made")
        }
        let opened = open("\(folder)/lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            throw ModelLibraryError.cannotWrite(path: folder, reason: String(cString: strerror(errno)))
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw ModelLibraryError.busyElsewhere(name: name)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}

extension FileSize {
    /// Bytes of all that lies in a folder, folders inside included.
    static func whole(_ path: String) -> Int {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.reduce(0) { sum, name in
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return sum }
            return ModelDescription.sum(sum, Int(status.st_size))
        }
    }
}

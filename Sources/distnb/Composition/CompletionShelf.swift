internal import CompletionStore
internal import Distillation
internal import Foundation
internal import Notebook

/// Puts together what the commands about stored completions need.
enum CompletionShelf {
    /// The store of a notebook's folder.
    /// - Throws: `Refusal` where the environment's retention is none.
    static func store(in folder: String) throws -> SQLiteCompletionStore {
        SQLiteCompletionStore(path: folder + "/.distnb/completions.sqlite", retention: try retention())
    }

    /// For how long completions without tags stay, as the environment says.
    static func retention() throws -> Retention {
        guard let text = ProcessInfo.processInfo.environment[Retention.variable], !text.isEmpty else {
            return .standard
        }
        guard let retention = Retention(text) else {
            throw Refusal("\(Retention.variable) takes days, such as 90, or forever; it is \(text).", isUsage: true)
        }
        return retention
    }

    /// The store of a place that people name: a notebook, or a folder with notebooks.
    /// - Throws: `Refusal` where there is no such place.
    static func store(of place: String) throws -> (store: SQLiteCompletionStore, folder: String) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else {
            throw Refusal("There is no notebook or folder \(place).", isUsage: true)
        }
        let url = URL(fileURLWithPath: place).resolvingSymlinksInPath()
        let folder = isFolder.boolValue ? url.path : url.deletingLastPathComponent().path
        try FileFailure.translating { try StateFolder.refuseLinks(in: folder) }
        return (try store(in: folder), folder)
    }

    /// Says how long completions stay: "30 days".
    static var retentionWords: String {
        switch (try? retention()) ?? .standard {
        case .days(let days): "\(days) day\(days == 1 ? "" : "s")"
        case .forever: "ever"
        }
    }

    /// That expired completions were taken away.
    static func removalNotice(_ count: Int) -> String {
        "\(count) stored completion\(count == 1 ? "" : "s") without tags, not used for \(retentionWords), "
            + "\(count == 1 ? "was" : "were") removed. Tags keep them (store: {…}, distnb completions tag), and so does "
            + "\(Retention.variable)=forever."
    }

    /// The completions of ids as people type them: any beginning that only one has.
    /// - Throws: `Refusal` for one that none or several have.
    static func completions(_ ids: [String], in store: SQLiteCompletionStore) throws -> [StoredCompletion] {
        try ids.map { id in
            let digits = id.lowercased()
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }), !digits.isEmpty
            else {
                throw Refusal(
                    "\(id) is no completion's id: those are of the digits 0-9 and a-f, as distnb completions list shows.",
                    isUsage: true)
            }
            let found = try translating { try store.completions(beginning: digits, limit: 6) }
            guard let first = found.first else {
                throw Refusal("There is no completion \(id); distnb completions list shows those there are.")
            }
            guard found.count == 1 else {
                let others = found.map { String($0.key.description.prefix(digits.count + 4)) }.joined(separator: ", ")
                throw Refusal("\(id) is the beginning of several completions: \(others). Type more of it.")
            }
            return first
        }
    }

    /// Runs work on a store and turns its errors into words.
    static func translating<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as ProviderError {
            throw Refusal(error.description + (error.hint.map { "\n  Hint: \($0)" } ?? ""))
        } catch let error as KernelError {
            throw Refusal(error.description)
        }
    }
}

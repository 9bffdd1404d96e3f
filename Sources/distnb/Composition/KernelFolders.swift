internal import Distillation
internal import Foundation
internal import OrderedCollections
internal import PipelineSyntax
internal import Tables

/// Finds kernels: folders `kernels/NAME/kernel.json`.
///
/// Never in a notebook's folder: a file that someone shares must not choose what runs where.
enum KernelFolders {
    /// The kernel of a name.
    /// - Throws: `KernelError` that names the kernels there are.
    static func profile(named name: String) throws -> KernelProfile { try profile(named: name, extendedBy: []) }

    private static func profile(named name: String, extendedBy users: [String]) throws -> KernelProfile {
        guard !users.contains(name) else {
            throw KernelError("The kernels \(users.joined(separator: ", ")) extend each other in a circle.")
        }
        for folder in folders {
            let path = "\(folder)/\(name)/kernel.json"
            guard isName(name), let data = FileManager.default.contents(atPath: path) else { continue }
            do {
                let json = try JSON.parse(Array(data))
                let base = try KernelProfile.extended(by: json).map {
                    try profile(named: $0, extendedBy: users + [name])
                }
                return try KernelProfile(
                    name: name, json: json, folder: "\(folder)/\(name)", base: base,
                    environment: ProcessInfo.processInfo.environment)
            } catch let error as JSONError {
                throw KernelError("\(path), \(error)")
            }
        }
        let names = available
        guard !names.isEmpty else {
            throw KernelError(
                "There are no kernels: no folder kernels/ beside the program, nor in \(Home.path). Is distnb installed whole?"
            )
        }
        let close = Suggestion.closest(to: name, among: names).map { " Did you mean \($0)?" } ?? ""
        throw KernelError("There is no kernel \(name); there are \(names.joined(separator: ", ")).\(close)")
    }

    /// Whether a kernel came with the program, and so may lack what only some people have.
    static func isShipped(_ name: String) -> Bool {
        let own = Home.path + "/kernels"
        return folders.contains { $0 != own && FileManager.default.fileExists(atPath: "\($0)/\(name)/kernel.json") }
    }

    static var available: [String] {
        var names: Set<String> = []
        for folder in folders {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where FileManager.default.fileExists(atPath: "\(folder)/\(name)/kernel.json") {
                names.insert(name)
            }
        }
        return names.sorted()
    }

    /// The table of the models that are known by name.
    /// - Throws: `KernelError` where the program is not installed whole.
    static func knownModels() throws -> String {
        guard let path = folders.map({ $0 + "/models.json" }).first(where: FileManager.default.fileExists) else {
            throw KernelError("There is no kernels/models.json beside the program. Is distnb installed whole?")
        }
        return path
    }

    /// `kernels` in the folders above the program, and in the user's own folder.
    private static var folders: [String] {
        var found: [String] = []
        var folder = executable.deletingLastPathComponent()
        while folder.path != "/" {
            found.append(folder.path + "/kernels")
            found.append(folder.path + "/share/distnb/kernels")
            folder = folder.deletingLastPathComponent()
        }
        return (found + [Home.path + "/kernels"]).filter { FileManager.default.fileExists(atPath: $0) }
    }

    private static var executable: URL {
        #if os(Linux)
            URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        #else
            (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])).resolvingSymlinksInPath()
        #endif
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x5F
                    || $0 == 0x2E
            }
            && !name.hasPrefix(".")
    }
}

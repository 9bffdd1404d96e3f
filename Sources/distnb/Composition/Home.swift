internal import Foundation

/// The user's own folder for weights and history, outside of every checkout.
enum Home {
    /// `$DISTNB_HOME`, else `distnb` in the user's cache folder.
    static var path: String {
        let environment = ProcessInfo.processInfo.environment
        if let home = environment["DISTNB_HOME"], !home.isEmpty { return home }
        if let cache = environment["XDG_CACHE_HOME"], !cache.isEmpty { return cache + "/distnb" }
        return (environment["HOME"] ?? NSHomeDirectory()) + "/.cache/distnb"
    }

    static var weights: String { path + "/weights" }

    static var history: String { path + "/history" }

    /// Makes the folder, for the user only.
    static func prepare() {
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}

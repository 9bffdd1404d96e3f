internal import Foundation

/// Comparing and checking the paths that people type.
enum FilePaths {
    /// Whether two paths lead to the same file, links followed.
    static func areSame(_ one: String, _ other: String) -> Bool { resolved(one) == resolved(other) }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}

internal import Foundation

/// Why a notebook cannot be worked on.
public enum SessionError: Error, Sendable, CustomStringConvertible {
    case inUse(path: String)
    case changedOnDisk(path: String, rescue: String)
    case noSuchCell(String, count: Int)
    case nothingToUndo
    case noHandout(Int)

    public var description: String {
        switch self {
        case .inUse(let path): "Another distnb has \(path) open; nothing was changed."
        case .changedOnDisk(let path, let rescue):
            "Another program changed \(path) meanwhile; it was left as it is, and this run is in \(rescue)."
        case .noSuchCell(let name, let count):
            "There is no cell \(name); "
                + (count == 0
                    ? "the notebook has no code cells."
                    : "code cells have the numbers 1 to \(count), and every cell has an id; `distnb cell list F` shows them.")
        case .nothingToUndo: "There is nothing to undo."
        case .noHandout(let number):
            "Cell \(number) was not handed out by a workshop, so there is nothing to go back to; :undo and the file's history may help."
        }
    }
}

/// Moments as nbformat and people read them.
enum Moment {
    /// `2026-11-21T09:30:00Z`.
    static func text(_ seconds: Double) -> String {
        let formatter = ISO8601DateFormatter()
        return formatter.string(from: Date(timeIntervalSince1970: seconds.rounded(.down)))
    }
}

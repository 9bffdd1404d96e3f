internal import Foundation
internal import OrderedCollections
internal import Tables

/// What a notebook can be made from; the cases are the files' endings.
public enum ImportFormat: String, Sendable, CaseIterable {
    case distnb, ipynb, md, dist

    /// The format that a file's name tells, in capitals too; nil where it is none of ours.
    public init?(path: String) {
        self.init(rawValue: URL(fileURLWithPath: path).pathExtension.lowercased())
    }
}

/// Makes notebooks from files of other programs.
public enum NotebookImport {
    /// The notebook that a file holds.
    ///
    /// Jupyter notebooks that distnb did not write lose their outputs and get our default kernel; their cells stay,
    /// whatever language they are in.
    /// - Throws: `NotebookError` that says what is wrong with the file.
    public static func document(_ bytes: [UInt8], as format: ImportFormat) throws(NotebookError) -> NotebookDocument {
        switch format {
        case .md: return try MarkdownImport.document(bytes)
        case .dist: return try ScriptCodec.decode(bytes)
        case .distnb, .ipynb:
            var document = try NotebookCodec.decode(bytes)
            if document.own["format"] == nil {
                document.clear()
                document.kernel = NotebookDocument().kernel
            }
            return document
        }
    }

    /// Writes a notebook under a name, whole.
    /// - Throws: `SessionError.inUse` where another distnb works on a notebook of that name; `FileError`.
    public static func save(_ document: NotebookDocument, to path: String) throws {
        let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        var lock: NotebookLock?
        if FileManager.default.fileExists(atPath: url.path) {
            lock = try NotebookLock(
                folder: url.deletingLastPathComponent().path + "/.distnb", notebook: url.lastPathComponent)
            guard lock != nil else { throw SessionError.inUse(path: path) }
        }
        try withExtendedLifetime(lock) {
            try AtomicFile.replace(path, with: Array(NotebookCodec.encode(document).utf8))
        }
    }
}

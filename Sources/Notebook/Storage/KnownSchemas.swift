public import OrderedCollections
public import PipelineRuntime
internal import Synchronization
internal import Verbs

/// Tells the columns of the files below a folder, and reads each again only when it changed: for front ends that check
/// with every key that is typed.
public final class KnownSchemas: SchemaSource {
    private struct Question: Hashable {
        let path: String
        let options: [String: String]
    }

    private let files: RootedFiles
    private let known = Mutex<[Question: (signature: FileSignature, columns: Columns?)]>([:])

    public init(files: RootedFiles) { self.files = files }

    public func columns(ofFile path: String, options: [String: String]) -> Columns? {
        guard let signature = files.signature(of: path) else { return nil }
        let question = Question(path: path, options: options)
        if let found = known.withLock({ $0[question] }), found.signature == signature { return found.columns }
        let columns = FileSchemas(files: files).columns(ofFile: path, options: options)
        known.withLock { $0[question] = (signature, columns) }
        return columns
    }
}

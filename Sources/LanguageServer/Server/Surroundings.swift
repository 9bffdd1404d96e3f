public import Distillation
public import Notebook
public import PipelineRuntime
public import Verbs

/// What the server knows besides what the client sends: the language, kernels and data files. Nothing of it runs
/// anything or writes.
public struct Surroundings: Sendable {
    /// What is known of a folder's data files.
    public struct Folder: Sendable {
        let schemas: any SchemaSource
        let paths: @Sendable (String) -> [String]

        /// - Parameter paths: the paths below the folder that begin with a text.
        public init(schemas: any SchemaSource, paths: @escaping @Sendable (String) -> [String]) {
            self.schemas = schemas
            self.paths = paths
        }

        /// A folder of the file system: its documents read what a notebook there may read.
        public init(path: String) {
            let files = RootedFiles(root: path)
            self.init(schemas: KnownSchemas(files: files), paths: { files.paths(beginning: $0) })
        }

        /// For documents that are in no folder.
        public static let none = Folder(schemas: NoSchemas(), paths: { _ in [] })
    }

    let builtins: BuiltinTable
    let kernel: @Sendable (String) -> KernelProfile?
    let folder: @Sendable (String) -> Folder

    /// - Parameters:
    ///   - kernel: the kernel of a name; nil where there is none.
    ///   - folder: the folder of a path.
    public init(
        builtins: BuiltinTable = StandardLanguage.builtins, kernel: @escaping @Sendable (String) -> KernelProfile?,
        folder: @escaping @Sendable (String) -> Folder = { Folder(path: $0) }
    ) {
        self.builtins = builtins
        self.kernel = kernel
        self.folder = folder
    }
}

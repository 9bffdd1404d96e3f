internal import Distillation

/// A file error for the command line.
struct FileFailure: Error {
    let error: FileError

    var text: String { error.detail + (error.hint.map { "\n  Hint: \($0)" } ?? "") }

    /// Runs work and turns file errors into words.
    static func translating<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as FileError {
            throw FileFailure(error: error)
        }
    }
}

internal import PipelineRuntime
internal import Synchronization

/// Notes which data files were asked for, and asks for each only once.
final class NotedSchemas: SchemaSource {
    /// A file, and how it is to be read.
    struct Question: Hashable {
        let path: String
        let options: [String: String]
    }

    private struct State {
        var known: [Question: Columns?] = [:]
        var notes: [Question: Columns?] = [:]
    }

    private let source: any SchemaSource
    private let state = Mutex(State())

    init(_ source: any SchemaSource) { self.source = source }

    func columns(ofFile path: String, options: [String: String]) -> Columns? {
        answer(Question(path: path, options: options))
    }

    func answer(_ question: Question) -> Columns? {
        if let known = state.withLock({ $0.known[question] }) {
            state.withLock { $0.notes[question] = .some(known) }
            return known
        }
        let columns = source.columns(ofFile: question.path, options: question.options)
        state.withLock {
            $0.known[question] = .some(columns)
            $0.notes[question] = .some(columns)
        }
        return columns
    }

    /// What was asked for since the last time, with the answers.
    func takeNotes() -> [Question: Columns?] {
        state.withLock {
            let notes = $0.notes
            $0.notes = [:]
            return notes
        }
    }
}

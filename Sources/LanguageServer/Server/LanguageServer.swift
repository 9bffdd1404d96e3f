internal import OrderedCollections
public import Tables

/// A language server as a state machine: messages of LSP 3.17 in, messages out, no IO of its own.
///
/// It runs nothing, loads no model and writes no file. What a change means is found out by `settle`, once nothing else
/// is waiting, so that fast typing costs one check.
public struct LanguageServer {
    let surroundings: Surroundings
    let version: String
    var phase = Phase.waiting
    var client = Client()
    /// Notebooks and scripts by their own URI.
    var notebooks: [DocumentURI: OpenNotebook] = [:]
    /// Which notebook a document belongs to.
    var owners: [DocumentURI: DocumentURI] = [:]

    enum Phase: Sendable { case waiting, running, shutDown, over }

    /// What the client said of itself.
    struct Client: Sendable {
        var encoding = PositionEncoding.utf16
        var takesMarkdownHover = false
        var takesMarkdownDocumentation = false
        var takesSymbolTrees = false
    }

    /// - Parameter version: the program's.
    public init(surroundings: Surroundings, version: String) {
        self.surroundings = surroundings
        self.version = version
    }

    /// Whether `exit` came: 0 after `shutdown`, else 1.
    public private(set) var exitCode: Int32?

    /// What the process ends with where the client goes without a word.
    public var exitCodeAtEnd: Int32 { exitCode ?? (phase == .shutDown ? 0 : 1) }

    /// Takes a message's body.
    /// - Returns: what to send.
    public mutating func receive(_ body: [UInt8]) -> [Value] {
        let message: IncomingMessage
        do throws(ResponseError) {
            message = try IncomingMessage(body)
        } catch {
            return [OutgoingMessage.error(error, to: error.id)]
        }
        switch message {
        case .response: return []
        case .notification(let method, let parameters):
            if method == "exit" {
                exitCode = phase == .shutDown ? 0 : 1
                phase = .over
                return []
            }
            guard phase == .running, let notify = Self.notifications[method] else { return [] }
            notify(&self, parameters)
            return takeNotices()
        case .request(let id, let method, let parameters):
            do throws(ResponseError) {
                return [OutgoingMessage.result(try answer(method, parameters), to: id)]
            } catch {
                return [OutgoingMessage.error(error, to: id)]
            }
        }
    }

    /// Takes what is no message.
    public func refuse(_ reason: String) -> [Value] {
        [OutgoingMessage.error(ResponseError(.parseError, reason), to: .null)]
    }

    /// Checks what changed.
    /// - Returns: the diagnostics that the editor doesn't show yet.
    public mutating func settle() -> [Value] {
        guard phase == .running else { return [] }
        var messages: [Value] = []
        for uri in notebooks.keys.sorted(by: { $0.text < $1.text }) { messages += publishDiagnostics(of: uri) }
        return messages
    }

    private mutating func answer(_ method: String, _ parameters: Value) throws(ResponseError) -> Value {
        switch phase {
        case .waiting:
            guard method == "initialize" else {
                throw ResponseError(.serverNotInitialized, "Expected `initialize` before `\(method)`.")
            }
            phase = .running
            return initialize(parameters)
        case .shutDown, .over:
            throw ResponseError(.invalidRequest, "Expected `exit` after `shutdown`, found `\(method)`.")
        case .running: break
        }
        switch method {
        case "initialize": throw ResponseError(.invalidRequest, "Expected `initialize` only once.")
        case "shutdown":
            phase = .shutDown
            return .null
        default:
            guard let request = Self.requests[method] else {
                throw ResponseError(.methodNotFound, "There is no request `\(method)`.")
            }
            return try request(&self, parameters)
        }
    }

    // MARK: The methods

    typealias Request = @Sendable (inout LanguageServer, Value) throws(ResponseError) -> Value
    typealias Notification = @Sendable (inout LanguageServer, Value) -> Void

    private static let requests: [String: Request] = [
        "textDocument/completion": { server, parameters throws(ResponseError) in try server.completion(parameters) },
        "textDocument/hover": { server, parameters throws(ResponseError) in try server.hover(parameters) },
        "textDocument/definition": { server, parameters throws(ResponseError) in try server.definition(parameters) },
        "textDocument/documentSymbol": { server, parameters throws(ResponseError) in try server.symbols(parameters) },
        "textDocument/formatting": { server, parameters throws(ResponseError) in try server.formatting(parameters) },
        "textDocument/codeAction": { server, parameters throws(ResponseError) in try server.codeActions(parameters) },
    ]

    /// What is not listed, such as `initialized` and `$/cancelRequest`, needs nothing done: a request is answered
    /// before the next message is looked at.
    private static let notifications: [String: Notification] = [
        "textDocument/didOpen": { $0.didOpen($1) },
        "textDocument/didChange": { $0.didChange($1) },
        "textDocument/didClose": { $0.didClose($1) },
        "textDocument/didSave": { server, _ in server.lookAgain() },
        "workspace/didChangeWatchedFiles": { server, _ in server.lookAgain() },
        "notebookDocument/didOpen": { $0.didOpenNotebook($1) },
        "notebookDocument/didChange": { $0.didChangeNotebook($1) },
        "notebookDocument/didClose": { $0.didCloseNotebook($1) },
        "notebookDocument/didSave": { server, _ in server.lookAgain() },
    ]

    /// What notifications have to say at once.
    var notices: [Value] = []

    private mutating func takeNotices() -> [Value] {
        defer { notices = [] }
        return notices
    }
}

internal import OrderedCollections
internal import Tables

/// What is open in the editor, and how it changes. What doesn't fit what is open is passed over: a notification has no
/// answer.
extension LanguageServer {
    // MARK: Text documents

    mutating func didOpen(_ parameters: Value) {
        let document = parameters[field: "textDocument"]
        guard let name = document[field: "uri"].text, let text = document[field: "text"].text else { return }
        let uri = DocumentURI(name)
        // The cell of a notebook that is open as cells.
        if let owner = owners[uri], owner != uri {
            notebooks[owner]?.documents[uri] = DocumentText(text)
            notebooks[owner]?.isChanged = true
            return
        }
        var notebook = OpenNotebook(uri: uri, layout: uri.hasEnding(".distnb") ? .file : .script)
        notebook.documents[uri] = DocumentText(text)
        notebook.published = notebooks[uri]?.published ?? [:]
        notebooks[uri] = notebook
        owners[uri] = uri
    }

    mutating func didChange(_ parameters: Value) {
        guard let name = parameters[field: "textDocument"][field: "uri"].text else { return }
        change(DocumentURI(name), parameters[field: "contentChanges"].list ?? [])
    }

    mutating func didClose(_ parameters: Value) {
        guard let name = parameters[field: "textDocument"][field: "uri"].text else { return }
        let uri = DocumentURI(name)
        guard owners[uri] == uri, notebooks[uri]?.layout != .cells else { return }
        close(uri)
    }

    /// Files may have changed: what was asked of them is asked again.
    mutating func lookAgain() {
        for uri in notebooks.keys { notebooks[uri]?.isChanged = true }
    }

    private mutating func change(_ uri: DocumentURI, _ changes: [Value]) {
        guard let owner = owners[uri], var text = notebooks[owner]?.documents[uri] else { return }
        // Not held twice: a change must not copy a large document.
        notebooks[owner]?.documents[uri] = nil
        for change in changes {
            guard let new = change[field: "text"].text else { continue }
            let range = change[field: "range"]
            // A range that is none must not be taken for the whole document.
            if !range.isNull, TextRange(range) == nil { continue }
            text.replace(TextRange(range), with: new, client.encoding)
        }
        notebooks[owner]?.documents[uri] = text
        notebooks[owner]?.isChanged = true
    }

    private mutating func close(_ uri: DocumentURI) {
        guard let notebook = notebooks.removeValue(forKey: uri) else { return }
        for document in notebook.documents.keys { owners[document] = nil }
        owners[uri] = nil
        notices += notebook.published.keys.sorted { $0.text < $1.text }.map(Self.noDiagnostics)
    }

    static func noDiagnostics(of uri: DocumentURI) -> Value {
        OutgoingMessage.notification(
            "textDocument/publishDiagnostics", ["uri": .string(uri.text), "diagnostics": .list([])])
    }

    // MARK: Notebooks as cells

    mutating func didOpenNotebook(_ parameters: Value) {
        let json = parameters[field: "notebookDocument"]
        guard let name = json[field: "uri"].text else { return }
        let uri = DocumentURI(name)
        if notebooks[uri] != nil { close(uri) }
        var notebook = OpenNotebook(uri: uri, layout: .cells)
        notebook.kernelOfMetadata = Self.kernel(json[field: "metadata"])
        notebook.references = (json[field: "cells"].list ?? []).compactMap(OpenNotebook.CellReference.init)
        notebooks[uri] = notebook
        owners[uri] = uri
        open(parameters[field: "cellTextDocuments"].list ?? [], in: uri)
    }

    mutating func didChangeNotebook(_ parameters: Value) {
        guard let name = parameters[field: "notebookDocument"][field: "uri"].text else { return }
        let uri = DocumentURI(name)
        guard notebooks[uri]?.layout == .cells else { return }
        let change = parameters[field: "change"]
        if !change[field: "metadata"].isNull {
            notebooks[uri]?.kernelOfMetadata = Self.kernel(change[field: "metadata"])
        }
        let cells = change[field: "cells"]
        let structure = cells[field: "structure"]
        if structure.record != nil { restructure(uri, structure) }
        for cell in (cells[field: "data"].list ?? []).compactMap(OpenNotebook.CellReference.init) {
            guard let index = notebooks[uri]?.references.firstIndex(where: { $0.document == cell.document }) else {
                continue
            }
            notebooks[uri]?.references[index] = cell
        }
        for content in cells[field: "textContent"].list ?? [] {
            guard let document = content[field: "document"][field: "uri"].text,
                owners[DocumentURI(document)] == uri
            else { continue }
            self.change(DocumentURI(document), content[field: "changes"].list ?? [])
        }
        notebooks[uri]?.isChanged = true
    }

    mutating func didCloseNotebook(_ parameters: Value) {
        guard let name = parameters[field: "notebookDocument"][field: "uri"].text else { return }
        let uri = DocumentURI(name)
        guard notebooks[uri]?.layout == .cells else { return }
        close(uri)
    }

    private mutating func restructure(_ uri: DocumentURI, _ structure: Value) {
        let array = structure[field: "array"]
        let count = notebooks[uri]?.references.count ?? 0
        if let first = array[field: "start"].integer, let deleted = array[field: "deleteCount"].integer {
            let start = min(max(first, 0), count)
            let end = start + min(max(deleted, 0), count - start)
            let new = (array[field: "cells"].list ?? []).compactMap(OpenNotebook.CellReference.init)
            notebooks[uri]?.references.replaceSubrange(start..<end, with: new)
        }
        for closed in structure[field: "didClose"].list ?? [] {
            guard let name = closed[field: "uri"].text, owners[DocumentURI(name)] == uri, name != uri.text else {
                continue
            }
            let document = DocumentURI(name)
            owners[document] = nil
            notebooks[uri]?.documents[document] = nil
            if notebooks[uri]?.published.removeValue(forKey: document) != nil {
                notices.append(Self.noDiagnostics(of: document))
            }
        }
        open(structure[field: "didOpen"].list ?? [], in: uri)
    }

    private mutating func open(_ documents: [Value], in notebook: DocumentURI) {
        for document in documents {
            guard let name = document[field: "uri"].text, let text = document[field: "text"].text else { continue }
            let uri = DocumentURI(name)
            // A document belongs to one notebook; one that has the notebook's own name would be two things.
            guard uri != notebook, owners[uri] == nil || owners[uri] == notebook else { continue }
            owners[uri] = notebook
            notebooks[notebook]?.documents[uri] = DocumentText(text)
        }
    }

    private static func kernel(_ metadata: Value) -> String? {
        metadata[field: "distnb"][field: "kernel"].text ?? metadata[field: "kernelspec"][field: "name"].text
    }
}

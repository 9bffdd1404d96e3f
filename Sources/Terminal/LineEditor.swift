internal import CEditLine
internal import Foundation
internal import Rendering

/// libedit: editing, history, several lines where the parser says that one is not enough.
final class LineEditor: LineSource {
    private let editor: OpaquePointer
    private let history: OpaquePointer?
    private let historyPath: String?
    fileprivate var isIncomplete: (String) -> Bool = { _ in false }
    /// What may follow a text; asked when Tab is pressed.
    var completion: (String) -> LineCompletion = { _ in LineCompletion(replaced: 0, items: []) }
    /// How wide the list of possibilities may be.
    var width: () -> Int = { 80 }
    fileprivate let prompt: UnsafeMutablePointer<CChar>

    /// A key that no keyboard sends, bound to libedit's own end of line.
    private static let accept: UInt8 = 0x1C

    /// - Parameter historyPath: where history is kept; nil keeps none.
    init?(prompt: String, historyPath: String?) {
        // Without the locale, libedit drops every character that is not ASCII.
        distnb_use_locale()
        guard let editor = distnb_el_init("distnb"), let copy = strdup(prompt) else { return nil }
        self.editor = editor
        self.prompt = copy
        self.historyPath = historyPath
        history = history_init()
        distnb_el_set_client(editor, Unmanaged.passUnretained(self).toOpaque())
        distnb_el_set_prompt(editor) { editor in
            guard let editor, let data = distnb_el_client(editor) else { return nil }
            return Unmanaged<LineEditor>.fromOpaque(data).takeUnretainedValue().prompt
        }
        distnb_el_set_signal(editor, 0)
        KeyReader.install(on: editor)
        if let history {
            distnb_history_size(history, 2_000)
            distnb_history_unique(history)
            if let historyPath { _ = distnb_history_load(history, historyPath) }
            distnb_el_set_history(editor, history)
        }
        distnb_el_set_editor(editor, "emacs")
        // After the editor's own bindings, which choosing one resets.
        distnb_el_add(editor, "distnb-enter", "End the statement, or go on in a new line") { editor, _ in
            LineEditor.enter(editor)
        }
        distnb_el_add(editor, "distnb-paste", "Take pasted text as it is") { editor, _ in LineEditor.paste(editor) }
        distnb_el_add(editor, "distnb-complete", "Complete the word") { editor, _ in LineEditor.complete(editor) }
        distnb_el_bind(editor, "^I", "distnb-complete")
        distnb_el_bind(editor, "^M", "distnb-enter")
        distnb_el_bind(editor, "^J", "distnb-enter")
        distnb_el_bind(editor, "^\\", "ed-newline")
        distnb_el_bind(editor, "^R", "em-inc-search-prev")
        distnb_el_bind(editor, "\u{1B}[200~", "distnb-paste")
    }

    deinit {
        if let history {
            if let historyPath { distnb_history_save(history, historyPath) }
            history_end(history)
        }
        el_end(editor)
        free(prompt)
    }

    func next(isIncomplete: @escaping (String) -> Bool) -> LineInput {
        self.isIncomplete = isIncomplete
        // The terminal may have changed its size while a cell ran.
        el_resize(editor)
        Self.setBracketedPaste(true)
        defer { Self.setBracketedPaste(false) }
        var count: Int32 = 0
        _ = KeyReader.takeCancellation()
        let line = el_gets(editor, &count)
        if KeyReader.takeCancellation() {
            el_reset(editor)
            return .cancelled
        }
        guard let line, count > 0 else { return .end }
        let bytes = UnsafeBufferPointer(start: line, count: Int(count)).map { UInt8(bitPattern: $0) }
        var text = String(decoding: bytes, as: UTF8.self)
        while text.hasSuffix("\n") { text.removeLast() }
        if let history, text.contains(where: { !$0.isWhitespace }) { distnb_history_enter(history, text) }
        if let history, let historyPath { distnb_history_save(history, historyPath) }
        return .text(text)
    }

    static func setBracketedPaste(_ on: Bool) {
        let code = Array("\u{1B}[?2004\(on ? "h" : "l")".utf8)
        _ = write(1, code, code.count)
    }

    // MARK: Keys

    private static func enter(_ editor: OpaquePointer?) -> UInt8 {
        guard let editor, let data = distnb_el_client(editor), let info = el_line(editor) else {
            return UInt8(CC_ERROR)
        }
        let object = Unmanaged<LineEditor>.fromOpaque(data).takeUnretainedValue()
        let length = info.pointee.lastchar - info.pointee.buffer
        let text = String(
            decoding: UnsafeBufferPointer(start: info.pointee.buffer, count: max(0, length)).map {
                UInt8(bitPattern: $0)
            }, as: UTF8.self)
        // An empty last line ends a text that cannot be completed.
        if object.isIncomplete(text), !text.hasSuffix("\n") {
            el_insertstr(editor, "\n")
            return UInt8(CC_REFRESH)
        }
        // libedit's own function leaves the cursor below all lines; a function of ours cannot.
        var key: [CChar] = [CChar(accept), 0]
        el_push(editor, &key)
        return UInt8(CC_NORM)
    }

    /// Puts in what all possibilities share; lists them where that is nothing.
    private static func complete(_ editor: OpaquePointer?) -> UInt8 {
        guard let editor, let data = distnb_el_client(editor), let info = el_line(editor) else {
            return UInt8(CC_ERROR)
        }
        let object = Unmanaged<LineEditor>.fromOpaque(data).takeUnretainedValue()
        let length = info.pointee.cursor - info.pointee.buffer
        let before = UnsafeBufferPointer(start: info.pointee.buffer, count: max(0, length)).map {
            UInt8(bitPattern: $0)
        }
        let text = String(decoding: before, as: UTF8.self)
        // At the beginning of a line Tab indents.
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        if text.contains("\n"), line.allSatisfy({ $0 == " " }) {
            el_insertstr(editor, "  ")
            return UInt8(CC_REFRESH)
        }
        let found = object.completion(text)
        guard let first = found.items.first else { return UInt8(CC_REFRESH_BEEP) }
        let typed = String(decoding: before.suffix(found.replaced), as: UTF8.self)
        var common = Substring(first.text)
        for item in found.items.dropFirst() { common = common.prefix(item.text.commonPrefix(with: common).count) }
        if common.count > typed.count {
            var insertion = String(common.dropFirst(typed.count))
            if found.items.count == 1, !first.text.hasSuffix("/"), !object.isInText(text) { insertion += " " }
            el_insertstr(editor, insertion)
            return UInt8(CC_REFRESH)
        }
        object.list(found.items)
        return UInt8(CC_REDISPLAY)
    }

    private func isInText(_ text: String) -> Bool {
        let line = text.split(separator: "\n").last ?? ""
        return line.filter { $0 == "\"" }.count % 2 == 1
    }

    /// Prints the possibilities below the line: in columns, or with their sentences where there are few.
    private func list(_ items: [(text: String, detail: String)]) {
        let width = width()
        var output = "\n"
        let longest = items.map { TextWidth.of($0.text) }.max() ?? 0
        if items.count <= 12, items.contains(where: { !$0.detail.isEmpty }) {
            for item in items {
                output +=
                    TextWidth.cut(TextWidth.fill(item.text, to: longest) + "  " + item.detail, to: width - 1) + "\n"
            }
        } else {
            let columns = max(1, width / (longest + 2))
            let shown = items.prefix(200)
            for start in stride(from: 0, to: shown.count, by: columns) {
                let row = shown[start..<min(shown.count, start + columns)]
                output += row.map { TextWidth.fill($0.text, to: longest) }.joined(separator: "  ") + "\n"
            }
            if items.count > 200 { output += "… \(items.count - 200) more\n" }
        }
        let bytes = Array(output.utf8)
        _ = write(1, bytes, bytes.count)
    }

    private static func paste(_ editor: OpaquePointer?) -> UInt8 {
        guard let editor else { return UInt8(CC_ERROR) }
        var pasted = String.UnicodeScalarView()
        let ending = Array("\u{1B}[201~".unicodeScalars)
        var code: UInt32 = 0
        while distnb_el_next(editor, &code) == 1 {
            if let scalar = Unicode.Scalar(code) { pasted.append(scalar) }
            if pasted.suffix(ending.count).elementsEqual(ending) {
                pasted.removeLast(ending.count)
                break
            }
        }
        var text = String(pasted).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        // A tab would complete; other control characters would be commands.
        text = TerminalText.safe(text.replacing("\t", with: "  "))
        while text.hasSuffix("\n") { text.removeLast() }
        el_insertstr(editor, text)
        return UInt8(CC_REFRESH)
    }
}

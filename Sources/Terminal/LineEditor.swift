internal import CEditLine
internal import Foundation

/// libedit: editing, history, several lines where the parser says that one is not enough.
final class LineEditor: LineSource {
    private let editor: OpaquePointer
    private let history: OpaquePointer?
    private let historyPath: String?
    fileprivate var isIncomplete: (String) -> Bool = { _ in false }
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
        setBracketedPaste(true)
        defer { setBracketedPaste(false) }
        var count: Int32 = 0
        guard let line = el_gets(editor, &count), count > 0 else {
            return count < 0 && distnb_errno() == EINTR ? .cancelled : .end
        }
        let bytes = UnsafeBufferPointer(start: line, count: Int(count)).map { UInt8(bitPattern: $0) }
        var text = String(decoding: bytes, as: UTF8.self)
        while text.hasSuffix("\n") { text.removeLast() }
        if let history, text.contains(where: { !$0.isWhitespace }) { distnb_history_enter(history, text) }
        if let history, let historyPath { distnb_history_save(history, historyPath) }
        return .text(text)
    }

    private func setBracketedPaste(_ on: Bool) {
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

    private static func paste(_ editor: OpaquePointer?) -> UInt8 {
        guard let editor else { return UInt8(CC_ERROR) }
        var bytes: [UInt8] = []
        let ending = Array("\u{1B}[201~".utf8)
        var byte: CChar = 0
        while el_getc(editor, &byte) == 1 {
            bytes.append(UInt8(bitPattern: byte))
            if bytes.suffix(ending.count) == ending[...] {
                bytes.removeLast(ending.count)
                break
            }
        }
        var text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        while text.hasSuffix("\n") { text.removeLast() }
        el_insertstr(editor, text)
        return UInt8(CC_REFRESH)
    }
}

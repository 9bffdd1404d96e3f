internal import CEditLine
internal import Foundation
internal import Synchronization

/// Reads keys for the line editor: whole UTF-8 characters, Ctrl-C as a cancelled line, and a terminal that changes its
/// size in between.
enum KeyReader {
    private static let hasResized = Atomic<Bool>(false)
    private static let hasReturned = Atomic<Bool>(false)
    private static let wasCancelled = Atomic<Bool>(false)

    /// Whether Ctrl-C ended the line that was read last. libedit does not say so where it was in a search.
    static func takeCancellation() -> Bool { wasCancelled.exchange(false, ordering: .relaxed) }

    /// Listens to SIGWINCH. Without SA_RESTART, so that a waiting read comes back and the line is drawn anew.
    static func install(on editor: OpaquePointer) {
        // Touched here, so that the handler never initialises anything.
        hasResized.store(false, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in KeyReader.hasResized.store(true, ordering: .relaxed) }
        sigemptyset(&action.sa_mask)
        action.sa_flags = 0
        sigaction(SIGWINCH, &action, nil)
        // Back from Ctrl-Z: the shell has set the terminal as it likes it.
        action.__sigaction_handler.sa_handler = { _ in KeyReader.hasReturned.store(true, ordering: .relaxed) }
        sigaction(SIGCONT, &action, nil)
        distnb_el_set_reader(editor) { editor, character in
            guard let editor, let character else { return -1 }
            return KeyReader.next(editor, character)
        }
    }

    /// - Returns: 1 with a character, 0 at the end of the input, -1 where Ctrl-C was pressed.
    private static func next(_ editor: OpaquePointer, _ character: UnsafeMutablePointer<wchar_t>) -> Int32 {
        var bytes: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = read(0, &byte, 1)
            if count == 0 { return 0 }
            if count < 0 {
                guard errno == EINTR else { return -1 }
                let isBack = hasReturned.exchange(false, ordering: .relaxed)
                if isBack {
                    distnb_el_prepare(editor)
                    LineEditor.setBracketedPaste(true)
                }
                guard hasResized.exchange(false, ordering: .relaxed) || isBack else {
                    wasCancelled.store(true, ordering: .relaxed)
                    return -1
                }
                el_resize(editor)
                distnb_el_refresh(editor)
                continue
            }
            bytes.append(byte)
            let needed = length(of: bytes[0])
            guard bytes.count >= needed else { continue }
            // What is no UTF-8 is shown as the replacement character instead of ending the line.
            let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
            character.pointee = wchar_t(scalar.value)
            return 1
        }
    }

    /// How many bytes a character has that begins with this one (RFC 3629).
    private static func length(of first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }
}

internal import Foundation
public import Rendering
public import Tables

/// The two streams of a program and what they can show.
public struct Console: Sendable {
    /// Whether standard output is a terminal.
    public let isTerminal: Bool
    /// Whether standard error is a terminal: progress goes there, or nowhere.
    public let errorIsTerminal: Bool
    private let usesColour: Bool
    private let fixedWidth: Int?

    /// - Parameter colour: what the command line says; nil leaves it to the environment and the terminal.
    public init(colour: Bool? = nil) {
        let environment = ProcessInfo.processInfo.environment
        isTerminal = isatty(1) == 1
        errorIsTerminal = isatty(2) == 1
        // Flag, then NO_COLOR (no-color.org), then FORCE_COLOR, then the terminal.
        if let colour {
            usesColour = colour
        } else if environment["NO_COLOR"]?.isEmpty == false {
            usesColour = false
        } else if environment["FORCE_COLOR"]?.isEmpty == false {
            usesColour = true
        } else {
            usesColour = isTerminal && environment["TERM"] != "dumb"
        }
        fixedWidth = isTerminal ? nil : environment["COLUMNS"].flatMap { Int($0) } ?? 100
    }

    /// How text looks now; the width follows the terminal.
    public var style: TextStyle {
        TextStyle(width: fixedWidth ?? Self.terminalWidth, usesColour: usesColour, folds: isTerminal)
    }

    /// Writes a line to standard output.
    ///
    /// Control characters are made visible: much of what is printed comes from files.
    public func print(_ line: String) { Self.write(TerminalText.shown(line) + "\n", to: 1) }

    /// Writes a text; one that is longer than the terminal goes through the pager (`$PAGER`, else `less`).
    public func page(_ text: String) {
        let height = Self.terminalHeight
        let rows = text.split(separator: "\n", omittingEmptySubsequences: false).count
        guard isTerminal, isatty(0) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb", rows >= height else {
            return print(text)
        }
        let pager = ProcessInfo.processInfo.environment["PAGER"].flatMap { $0.isEmpty ? nil : $0 } ?? "less -FRX"
        let path = FileManager.default.temporaryDirectory.path + "/distnb-\(UUID().uuidString).txt"
        defer { unlink(path) }
        guard PrivateFile.write(TerminalText.shown(text) + "\n", to: path),
            ForegroundCommand.run("\(pager) < \"$1\"", path) == 0
        else { return print(text) }
    }

    /// Writes rows as a table, all of them.
    public func printTable(_ rows: DataSet) {
        print(TableText.render(TablePresentation(rows, limit: rows.count), style: style).joined(separator: "\n"))
    }

    /// Writes a line to standard error.
    public func printError(_ line: String) { Self.write(TerminalText.shown(line) + "\n", to: 2) }

    /// Writes to standard error without a line break.
    func drawError(_ text: String) { Self.write(text, to: 2) }

    /// Writes without a line break to standard output.
    func draw(_ text: String) { Self.write(text, to: 1) }

    /// Asks on standard error and reads a line of standard input.
    /// - Returns: nil where standard input is no terminal or ends, and where Ctrl-C is pressed.
    func answer(to question: String) -> String? {
        guard isatty(0) == 1 else { return nil }
        // What was typed before the question is no answer to it.
        tcflush(0, TCIFLUSH)
        drawError(question)
        // By read() and not by a buffered stream: Ctrl-C must come back at once.
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            guard read(0, &byte, 1) == 1 else {
                drawError("\n")
                return nil
            }
            if byte == UInt8(ascii: "\n") {
                return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
            }
            line.append(byte)
        }
    }

    /// Writes all of it. A stream that is closed or full is no reason to stop working: what matters is in the file.
    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                return
            }
            offset += written
        }
    }

    private static var terminalHeight: Int {
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
    }

    private static var terminalWidth: Int {
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}

internal import Dispatch
public import Distillation
internal import Rendering
internal import Synchronization

/// Shows progress as one line at the foot of the terminal, at most ten times a second; nothing where stderr is no terminal.
public final class ProgressPrinter: Sendable {
    private struct State {
        var text = ProgressText()
        var lastDrawn = 0.0
        var isVisible = false
    }

    private let console: Console
    private let state = Mutex(State())

    public init(console: Console) { self.console = console }

    /// For the core.
    public var sink: ProgressSink { ProgressSink { [self] in show($0) } }

    /// Asks a yes-or-no question at the terminal after Ctrl-C; false where nobody can answer, and at another Ctrl-C. Yes
    /// takes the interrupt back.
    public var offer: @Sendable (String) -> Bool {
        { [self] question in
            clear()
            guard console.errorIsTerminal, let answer = console.answer(to: "\(question) [y/N] ") else { return false }
            let isYes = ["y", "yes"].contains(answer.lowercased())
            if isYes { Interrupts.forget() }
            return isYes
        }
    }

    private func show(_ progress: Progress) {
        guard console.errorIsTerminal else { return }
        let now = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
        let line: String? = state.withLock { state in
            // The meter hears of every step, so that its rate is right, even of those that are not drawn.
            let line = state.text.line(
                label: progress.label, done: progress.done, total: progress.total, unit: progress.unit,
                detail: progress.detail,
                seconds: now, style: console.style)
            guard now - state.lastDrawn > 0.1 || progress.done == progress.total else { return nil }
            state.lastDrawn = now
            state.isVisible = true
            return line
        }
        if let line { console.drawError("\r\u{1B}[2K\(line)") }
    }

    /// Takes the line away, before anything else is printed.
    public func clear() {
        let wasVisible = state.withLock { state in
            defer { state.isVisible = false }
            return state.isVisible
        }
        if wasVisible { console.drawError("\r\u{1B}[2K") }
    }
}

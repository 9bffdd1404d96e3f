internal import Notebook
internal import PipelineRuntime
internal import Rendering

/// A `:command` of the REPL: a row of the table that `:help` and running read.
struct REPLCommand: Sendable {
    let name: String
    /// How it is written after the name.
    let usage: String
    let summary: String
    /// - Returns: whether the REPL goes on.
    let run: @Sendable (REPL, String) throws -> Bool

    static let all: [REPLCommand] = [
        REPLCommand(name: "help", usage: "[VERB]", summary: "this list, or what a verb does") { repl, argument in
            repl.help(argument)
            return true
        },
        REPLCommand(name: "cells", usage: "", summary: "the cells with their status") { repl, _ in
            repl.showCells()
            return true
        },
        REPLCommand(name: "vars", usage: "", summary: "the names that are bound") { repl, _ in
            repl.showNames()
            return true
        },
        REPLCommand(name: "run", usage: "", summary: "run the cells that are stale") { repl, _ in
            try repl.runStale()
            return true
        },
        REPLCommand(name: "save", usage: "[FILE]", summary: "save the session as a notebook") { repl, argument in
            try repl.save(argument)
            return true
        },
        REPLCommand(name: "quit", usage: "", summary: "leave (Ctrl-D does too)") { _, _ in false },
    ]
}

import Foundation
import Testing

/// The REPL in a real terminal.
@Suite(.serialized) struct TerminalTests {
    /// A terminal with the REPL in it.
    private final class Terminal {
        private let socket = "distnb-\(UUID().uuidString)"

        /// - Parameter arguments: the program's; the REPL without.
        init?(in folder: String, width: Int = 100, arguments: String = "", home: String? = nil) {
            guard system(["tmux", "-V"]) != nil else {
                print("SKIPPED: no tmux here")
                return nil
            }
            let command =
                "cd '\(folder)' && DISTNB_HOME='\(home ?? folder + "/home")' LC_ALL=C.UTF-8 '\(Binary.path)' \(arguments); echo left with $?; read wait"
            let started = tmux(["new-session", "-d", "-s", "repl", "-x", "\(width)", "-y", "40", command])
            guard started?.code == 0 else {
                Issue.record("tmux did not start: \(started?.code ?? -1)")
                return nil
            }
        }

        deinit { _ = tmux(["kill-server"]) }

        func type(_ keys: String...) { _ = tmux(["send-keys", "-t", "repl"] + keys) }

        var screen: String { tmux(["capture-pane", "-p", "-t", "repl"])?.output ?? "" }

        /// Looks until a text is on the screen; gives up after many looks.
        func shows(_ text: String) -> Bool {
            for _ in 0..<1_500 where screen.contains(text) { return true }
            return false
        }

        /// Runs tmux without what Foundation's threads would have it inherit: open file descriptors, for which
        /// Foundation waits until nobody has them any more, and blocked signals, with which no pane could be ended.
        private func tmux(_ arguments: [String]) -> (output: String, code: Int32)? {
            let script =
                "import os,signal,sys; os.closerange(3,4096); signal.pthread_sigmask(signal.SIG_SETMASK,[]); os.execvp('tmux',sys.argv[1:])"
            return system(["python3", "-c", script, "tmux", "-L", socket, "-f", "/dev/null"] + arguments)
        }
    }

    @Test func severalLinesHistoryAndCtrlCWorkInATerminal() throws {
        let folder = try Folder(["x.csv": "a,b\n1,x\n2,y\n3,x\n"])
        guard let terminal = Terminal(in: folder.path) else { return }
        #expect(terminal.shows("»"), "\(terminal.screen)")
        terminal.type("load \"x.csv\" | where .b in [", "Enter")
        terminal.type("\"x\"] | select .a", "Enter")
        #expect(terminal.shows("a\n─\n1\n3\n"), "\(terminal.screen)")
        terminal.type("never to be run", "C-c")
        terminal.type("\"é 日本\"", "Enter")
        #expect(terminal.shows("\né 日本\n"), "\(terminal.screen)")
        #expect(!terminal.screen.contains("E0"), "\(terminal.screen)")
        terminal.type("C-p", "Enter")
        #expect(terminal.shows("\né 日本\n» \"é 日本\"\né 日本\n"), "\(terminal.screen)")
        terminal.type("C-d")
        #expect(terminal.shows("left with 0"), "\(terminal.screen)")
    }

    @Test func tablesFitANarrowTerminal() throws {
        let folder = try Folder([
            "x.csv":
                "alpha,beta,gamma\n\(String(repeating: "word ", count: 30)),\(String(repeating: "日本", count: 30)),3\n"
        ])
        guard let terminal = Terminal(in: folder.path, width: 40) else { return }
        #expect(terminal.shows("»"))
        terminal.type("load \"x.csv\"", "Enter")
        #expect(terminal.shows("…"), "\(terminal.screen)")
        #expect(terminal.screen.contains("gamma"), "\(terminal.screen)")
    }

    /// Ctrl-C in `finetune` offers the student as it is; refused, the next run goes on from the checkpoint.
    @Test func ctrlCInTrainingOffersTheStudentAsItIs() throws {
        guard Binary.hasWeights else {
            print("SKIPPED: no weights in \(Binary.home)/weights; make weights fetches them")
            return
        }
        let folder = try Folder([
            "q.jsonl": (1...40).map { "{\"prompt\":\"Say the number \($0).\"}\n" }.joined()
        ])
        try folder.notebook(
            "a.distnb",
            [
                "let t = load \"q.jsonl\" | finetune (model \"student\"), target: \"OK\", epochs: 50, rank: 2\nlen(t.losses)"
            ])
        guard let first = Terminal(in: folder.path, arguments: "run a.distnb", home: Binary.home) else { return }
        #expect(first.shows("tokens/s"), "\(first.screen)")
        first.type("C-c")
        #expect(first.shows("[y/N]"), "\(first.screen)")
        #expect(first.screen.contains("Use the half-trained model and run on?"), "\(first.screen)")
        first.type("n", "Enter")
        #expect(first.shows("left with 130"), "\(first.screen)")
        #expect(first.screen.contains("what is done so far is kept"), "\(first.screen)")
        guard let second = Terminal(in: folder.path, arguments: "run a.distnb", home: Binary.home) else { return }
        #expect(second.shows("tokens/s"), "\(second.screen)")
        second.type("C-c")
        #expect(second.shows("[y/N]"), "\(second.screen)")
        second.type("y", "Enter")
        #expect(second.shows("left with 0"), "\(second.screen)")
        #expect(second.screen.contains("You stopped the training after step"), "\(second.screen)")
        #expect(second.screen.contains("finetune went on from its checkpoint, after step"), "\(second.screen)")
        #expect(second.screen.contains("stopped after step"), "\(second.screen)")
    }
}

import Foundation
import Testing

/// The REPL in a real terminal.
@Suite(.serialized) struct TerminalTests {
    /// A terminal with the REPL in it.
    private final class Terminal {
        private let socket = "distnb-\(UUID().uuidString)"

        /// - Parameter arguments: the program's; the REPL without.
        init?(
            in folder: String, width: Int = 100, arguments: String = "", home: String? = nil, environment: String = ""
        ) {
            guard system(["tmux", "-V"]) != nil else {
                print("SKIPPED: no tmux here")
                return nil
            }
            let command =
                "cd '\(folder)' && DISTNB_HOME='\(home ?? folder + "/home")' LC_ALL=C.UTF-8 \(environment) '\(Binary.path)' \(arguments); echo left with $?; read wait"
            let started = tmux(["new-session", "-d", "-s", "repl", "-x", "\(width)", "-y", "40", command])
            guard started?.code == 0 else {
                Issue.record("tmux did not start: \(started?.code ?? -1)")
                return nil
            }
        }

        deinit { _ = tmux(["kill-server"]) }

        func type(_ keys: String...) { _ = tmux(["send-keys", "-t", "repl"] + keys) }

        /// As a terminal pastes: between the marks that a program asked for.
        func paste(_ text: String) {
            _ = tmux(["set-buffer", text])
            _ = tmux(["paste-buffer", "-p", "-t", "repl"])
        }

        func resize(to width: Int) { _ = tmux(["resize-window", "-t", "repl", "-x", "\(width)", "-y", "40"]) }

        /// The screen with its colours as escape sequences.
        var colouredScreen: String { tmux(["capture-pane", "-p", "-e", "-t", "repl"])?.output ?? "" }

        var screen: String { tmux(["capture-pane", "-p", "-t", "repl"])?.output ?? "" }

        /// Looks until a text is on the screen; gives up after so many seconds.
        func shows(_ text: String, within seconds: Int = 30) -> Bool {
            let end = DispatchTime.now() + .seconds(seconds)
            repeat { if screen.contains(text) { return true } } while DispatchTime.now() < end
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

    @Test func tabCompletesVerbsColumnsModelsAndFiles() throws {
        let folder = try Folder(["data/orders.csv": "label,total\nred,1\nblue,2\n"])
        guard let terminal = Terminal(in: folder.path) else { return }
        #expect(terminal.shows("»"), "\(terminal.screen)")
        terminal.type("let o = load \"da", "Tab")
        #expect(terminal.shows("load \"data/"), "\(terminal.screen)")
        terminal.type("o", "Tab")
        #expect(terminal.shows("load \"data/orders.csv"), "\(terminal.screen)")
        terminal.type("\"", "Enter")
        #expect(terminal.shows("o: 2 rows"), "\(terminal.screen)")
        terminal.type("o | whe", "Tab", ".to", "Tab", "> 1 | sel", "Tab", ".la", "Tab", "Enter")
        #expect(terminal.shows("» o | where .total > 1 | select .label"), "\(terminal.screen)")
        #expect(terminal.shows("\nblue\n"), "\(terminal.screen)")
        terminal.type("model \"stu", "Tab")
        #expect(terminal.shows("model \"student"), "\(terminal.screen)")
        terminal.type("C-u", "gr", "Tab")
        #expect(terminal.shows("grader  Says what counts as right"), "\(terminal.screen)")
        terminal.type("C-u", ":he", "Tab", "pl", "Tab", "Enter")
        #expect(terminal.shows("rows | plot"), "\(terminal.screen)")
    }

    @Test func aNotebookIsRunEditedAndUndoneInTheTerminal() throws {
        let folder = try Folder(["edit.sh": "sed -i s/2/3/ \"$1\"\n"])
        try folder.notebook("a.distnb", ["let a = 2", "a * 100", "a | wher . > 1"])
        guard let terminal = Terminal(in: folder.path, arguments: "repl a.distnb", environment: "EDITOR='sh edit.sh'")
        else { return }
        #expect(terminal.shows("[2] a * 100   ← not run"), "\(terminal.screen)")
        terminal.type(":run 2", "Enter")
        #expect(terminal.shows("\n200\n"), "\(terminal.screen)")
        terminal.type(":edit 1", "Enter")
        #expect(terminal.shows("Cell 1 is changed; :run 1 runs it."), "\(terminal.screen)")
        terminal.type("a + 1", "Enter")
        #expect(terminal.shows("`a` comes from cell 1, which is stale."), "\(terminal.screen)")
        terminal.type(":run 2", "Enter")
        #expect(terminal.shows("\n300\n"), "\(terminal.screen)")
        terminal.type("a + 1", "Enter")
        #expect(terminal.shows("\n4\n"), "\(terminal.screen)")
        terminal.type(":delete 3", "Enter", ":cells", "Enter")
        #expect(terminal.shows("[3] current       a + 1"), "\(terminal.screen)")
        terminal.type(":undo", "Enter", ":plan", "Enter")
        #expect(terminal.shows("1 of 4 cells would run"), "\(terminal.screen)")
        terminal.type(":type a", "Enter")
        #expect(terminal.shows("\na number\n"), "\(terminal.screen)")
        terminal.type("C-d")
        #expect(terminal.shows("left with 0"), "\(terminal.screen)")
        #expect(try folder.read("a.distnb").contains("a + 1"))
    }

    @Test func ctrlCEndsTheCellAndNeverTheSession() throws {
        let folder = try Folder()
        guard let terminal = Terminal(in: folder.path) else { return }
        #expect(terminal.shows("»"), "\(terminal.screen)")
        terminal.type("let kept = 41", "Enter")
        #expect(terminal.shows("kept: 41"), "\(terminal.screen)")
        terminal.type("let on = 5; 1..9000 | each (1..9000 | each . * 2 | sum) | sum", "Enter")
        #expect(terminal.shows("on: 5"), "\(terminal.screen)")
        terminal.type("C-c")
        #expect(terminal.shows("E0510"), "\(terminal.screen)")
        terminal.type("kept + 1", "Enter")
        #expect(terminal.shows("\n42\n"), "\(terminal.screen)")
    }

    @Test func ctrlCInASearchOfTheHistoryEndsTheSearchOnly() throws {
        let folder = try Folder()
        guard let terminal = Terminal(in: folder.path) else { return }
        #expect(terminal.shows("»"), "\(terminal.screen)")
        terminal.type("let kept = 41", "Enter")
        #expect(terminal.shows("kept: 41"), "\(terminal.screen)")
        terminal.type("C-r", "kep")
        #expect(terminal.shows("bck:kep"), "\(terminal.screen)")
        terminal.type("C-c")
        terminal.type("kept + 1", "Enter")
        #expect(terminal.shows("\n42\n"), "\(terminal.screen)")
    }

    @Test func aTerminalThatIsResizedLosesNoLine() throws {
        let folder = try Folder()
        guard let terminal = Terminal(in: folder.path) else { return }
        #expect(terminal.shows("»"), "\(terminal.screen)")
        terminal.type("\"é 日本 one ")
        #expect(terminal.shows("one"), "\(terminal.screen)")
        terminal.resize(to: 60)
        terminal.type("two \" + \"three\"", "Enter")
        #expect(terminal.shows("\né 日本 one two three\n"), "\(terminal.screen)")
    }

    @Test func pastedLinesAreTakenAsTheyAre() throws {
        let folder = try Folder()
        guard let terminal = Terminal(in: folder.path) else { return }
        #expect(terminal.shows("»"), "\(terminal.screen)")
        terminal.paste("let list = [{a: 1}, {a: 2}]\nlist\n  | where .a > 1\n  | each \"é ${.a}\"\n")
        terminal.type("Enter")
        #expect(terminal.shows("[\"é 2\"]"), "\(terminal.screen)")
        #expect(!terminal.screen.contains("E0"), "\(terminal.screen)")
    }

    @Test func aDumbTerminalAndNoColourWork() throws {
        let folder = try Folder(["x.csv": "a,b\n1,x\n"])
        guard let dumb = Terminal(in: folder.path, environment: "TERM=dumb") else { return }
        dumb.type("load \"x.csv\"", "Enter")
        #expect(dumb.shows("\n1  x\n"), "\(dumb.screen)")
        guard let plain = Terminal(in: folder.path, width: 200, environment: "NO_COLOR=1") else { return }
        plain.type("load \"x.csv\" | tkae 1", "Enter")
        #expect(plain.shows("did you mean `take`?"), "\(plain.screen)")
        #expect(!plain.colouredScreen.contains("\u{1B}[31m"))
        guard let colour = Terminal(in: folder.path, width: 200, environment: "env -u NO_COLOR") else { return }
        colour.type("load \"x.csv\" | tkae 1", "Enter")
        #expect(colour.shows("did you mean `take`?"), "\(colour.screen)")
        #expect(colour.colouredScreen.contains("\u{1B}[31m"))
    }

    @Test func watchRunsWhatBecameStale() throws {
        let folder = try Folder(["x.csv": "a\n1\n"])
        try folder.notebook("a.distnb", ["let x = load \"x.csv\"", "\"sum ${sum(x.a)}\"", "5"])
        guard let terminal = Terminal(in: folder.path, arguments: "watch a.distnb") else { return }
        #expect(terminal.shows("3 cells ran; watching a.distnb"), "\(terminal.screen)")
        #expect(terminal.screen.contains("sum 1"))
        try folder.write("x.csv", "a\n1\n6\n")
        #expect(terminal.shows("2 cells ran; watching a.distnb"), "\(terminal.screen)")
        #expect(terminal.screen.contains("sum 7"))
        try folder.write("x.csv", "b\n1\n")
        #expect(terminal.shows("cell 2 failed; watching"), "\(terminal.screen)")
        try folder.write("x.csv", "a\n8\n")
        #expect(terminal.shows("sum 8"), "\(terminal.screen)")
        terminal.type("C-c")
        #expect(terminal.shows("left with 130"), "\(terminal.screen)")
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
        #expect(first.shows("tokens/s", within: 120), "\(first.screen)")
        first.type("C-c")
        #expect(first.shows("[y/N]"), "\(first.screen)")
        #expect(first.screen.contains("Use the half-trained model and run on?"), "\(first.screen)")
        first.type("n", "Enter")
        #expect(first.shows("left with 130"), "\(first.screen)")
        #expect(first.screen.contains("what is done so far is kept"), "\(first.screen)")
        guard let second = Terminal(in: folder.path, arguments: "run a.distnb", home: Binary.home) else { return }
        #expect(second.shows("tokens/s", within: 120), "\(second.screen)")
        second.type("C-c")
        #expect(second.shows("[y/N]"), "\(second.screen)")
        second.type("y", "Enter")
        #expect(second.shows("left with 0", within: 120), "\(second.screen)")
        #expect(second.screen.contains("You stopped the training after step"), "\(second.screen)")
        #expect(second.screen.contains("finetune went on from its checkpoint, after step"), "\(second.screen)")
        #expect(second.screen.contains("stopped after step"), "\(second.screen)")
    }
}

import Foundation
import Tables
import Testing

/// The language server as editors start it: the built program over its standard streams, and Neovim.
@Suite struct EditorTests {
    private static let mistaken = """
        let quiz = load "data/q.csv"
        fn tidy(text)   =  trim(text)
        quiz | where .promt == "" | take 5

        """

    private static let data = ["data/q.csv": "prompt,answer\nhi,there\n"]

    // MARK: Over standard streams

    /// A client that speaks to the built program.
    private final class Client {
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()
        private var buffer: [UInt8] = []

        init() throws {
            process.executableURL = URL(fileURLWithPath: Binary.path)
            process.arguments = ["lsp"]
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            // A server that hangs must not hang the tests.
            let process = process
            DispatchQueue.global().asyncAfter(deadline: .now() + 60) { if process.isRunning { process.terminate() } }
        }

        func send(raw text: String) { try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

        func send(_ method: String, _ parameters: Value = [:], id: Int? = nil) {
            let notification: Value = ["jsonrpc": "2.0", "method": .string(method), "params": parameters]
            let message =
                id.map { ["jsonrpc": "2.0", "id": .integer($0), "method": .string(method), "params": parameters] }
                ?? notification
            let body = JSON.text(message)
            send(raw: "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        func end() { try? input.fileHandleForWriting.close() }

        /// The next message that fits; null where the server goes first.
        func next(where fits: (Value) -> Bool) -> Value {
            while true {
                guard let message = next() else { return .null }
                if fits(message) { return message }
            }
        }

        private func next() -> Value? {
            let mark = Array("\r\n\r\n".utf8)
            while true {
                let text = String(decoding: buffer.prefix(64), as: UTF8.self)
                if let end = buffer.firstRange(of: mark), let length = text.firstMatch(of: /Content-Length: (\d+)/),
                    let count = Int(length.1), buffer.count >= end.upperBound + count
                {
                    let body = Array(buffer[end.upperBound..<end.upperBound + count])
                    buffer.removeFirst(end.upperBound + count)
                    return try? JSON.parse(body)
                }
                let more = output.fileHandleForReading.availableData
                if more.isEmpty { return nil }
                buffer += Array(more)
            }
        }

        func exitCode() -> Int32 {
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    private func document(_ folder: Folder, _ name: String, _ text: String) -> Value {
        [
            "textDocument": [
                "uri": .string("file://\(folder.path)/\(name)"), "languageId": "distnb", "version": 1,
                "text": .string(text),
            ]
        ]
    }

    @Test func aSessionOverStandardStreamsEndsWithZero() throws {
        let folder = try Folder(Self.data)
        let client = try Client()
        client.send("initialize", ["capabilities": [:]], id: 1)
        #expect(
            client.next { $0[field: "id"].integer == 1 }[field: "result"][field: "serverInfo"][field: "name"].text
                == "distnb")
        client.send("initialized")
        client.send("textDocument/didOpen", document(folder, "a.dist", Self.mistaken))
        func diagnostics() -> [Value]? {
            client.next { $0[field: "method"].text == "textDocument/publishDiagnostics" }[field: "params"][
                field: "diagnostics"
            ].list
        }
        #expect(diagnostics()?.compactMap { $0[field: "code"].text } == ["E0204"])
        let uri: Value = .string("file://\(folder.path)/a.dist")
        let insertion: Value = ["line": 2, "character": 18]
        client.send(
            "textDocument/didChange",
            [
                "textDocument": ["uri": uri, "version": 2],
                "contentChanges": [["range": ["start": insertion, "end": insertion], "text": "p"]],
            ])
        #expect(diagnostics() == [])
        client.send(
            "textDocument/completion",
            ["textDocument": ["uri": uri], "position": ["line": 2, "character": 14]], id: 2)
        #expect(
            client.next { $0[field: "id"].integer == 2 }[field: "result"].list?.compactMap { $0[field: "label"].text }
                == ["prompt", "answer"])
        client.send("shutdown", .null, id: 3)
        #expect(client.next { $0[field: "id"].integer == 3 }[field: "result"].isNull)
        client.send("exit", .null)
        #expect(client.exitCode() == 0)
    }

    @Test func exitWithoutShutdownEndsWithOne() throws {
        let client = try Client()
        client.send("initialize", ["capabilities": [:]], id: 1)
        client.send("exit", .null)
        #expect(client.exitCode() == 1)
    }

    @Test func theEndOfTheInputEndsTheServer() throws {
        let client = try Client()
        client.send("initialize", ["capabilities": [:]], id: 1)
        _ = client.next { $0[field: "id"].integer == 1 }
        client.end()
        #expect(client.exitCode() == 1)
        let polite = try Client()
        polite.send("initialize", ["capabilities": [:]], id: 1)
        polite.send("shutdown", .null, id: 2)
        polite.end()
        #expect(polite.exitCode() == 0)
    }

    @Test func whatIsNoMessageIsAnsweredAndTheNextOneRead() throws {
        let client = try Client()
        client.send(raw: "GET / HTTP/1.1\r\n\r\nContent-Length: 99999999999999\r\n\r\n")
        #expect(client.next { _ in true }[field: "error"][field: "code"].integer == -32700)
        client.send("initialize", ["capabilities": [:]], id: 1)
        #expect(client.next { $0[field: "id"].integer == 1 }[field: "result"].record != nil)
        client.end()
        #expect(client.exitCode() == 1)
    }

    // MARK: Neovim

    /// The Lua that docs/editors.md tells people to use.
    private func documentedSetUp() throws -> String {
        let page = try String(contentsOfFile: Binary.root + "/docs/editors.md", encoding: .utf8)
        let block = try #require(page.firstMatch(of: /(?s)```lua\n(.*?)```/))
        return String(block.1)
    }

    /// Opens a file in Neovim, set up as documented, and runs Lua there; nil where there is no Neovim.
    /// - Parameter script: sets fields of the table `found`.
    private func neovim(_ folder: Folder, _ file: String, _ script: String) throws -> Value? {
        guard system(["nvim", "--version"])?.code == 0 else {
            print("SKIPPED: no nvim here")
            return nil
        }
        try folder.write("init.lua", try documentedSetUp())
        try folder.write("bin/README", "")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/bin/distnb", withDestinationPath: Binary.path)
        try folder.write(
            "script.lua",
            """
            local found = {}
            local function ask(method, line, character, extra)
              local params = vim.tbl_extend("force", {
                textDocument = { uri = vim.uri_from_bufnr(0) },
                position = { line = line, character = character },
              }, extra or {})
              local answers = vim.lsp.buf_request_sync(0, method, params, 20000) or {}
              for _, answer in pairs(answers) do return answer.result end
            end
            local function mistakes(count)
              return vim.wait(20000, function() return #vim.diagnostic.get(0) == count end, 10)
            end
            local function place(text)
              for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
                local start = string.find(line, text, 1, true)
                if start then return number - 1, start - 1 end
              end
            end
            local ok, message = pcall(function()
              vim.cmd("edit \(file)")
            \(script)
            end)
            found.ok = ok
            found.message = tostring(message)
            vim.fn.writefile({ vim.fn.json_encode(found) }, "found.json")
            vim.cmd("qall!")
            """)
        let result = system([
            "env", "-C", folder.path, "HOME=\(folder.path)/home", "XDG_CONFIG_HOME=\(folder.path)/home",
            "XDG_DATA_HOME=\(folder.path)/home", "XDG_STATE_HOME=\(folder.path)/home",
            "XDG_CACHE_HOME=\(folder.path)/home",
            "PATH=\(folder.path)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")", "timeout",
            "90",
            "nvim", "--headless", "-n", "-i", "NONE", "-u", "init.lua", "-c", "luafile script.lua",
        ])
        #expect(result?.code == 0)
        let found = try JSON.parse(try folder.read("found.json"))
        #expect(found[field: "ok"].bool == true, "\(found[field: "message"].text ?? "")")
        return found
    }

    @Test func neovimShowsCompletesExplainsFindsAndMendsAScript() throws {
        let folder = try Folder(Self.data.merging(["lab.dist": Self.mistaken]) { $1 })
        let script = """
            found.told = mistakes(1)
            local first = vim.diagnostic.get(0)[1]
            found.code = first.code or first.user_data.lsp.code
            found.place = { first.lnum, first.col, first.end_col }
            found.said = first.message
            local items = ask("textDocument/completion", 2, 14)
            found.items = vim.tbl_map(function(item) return item.label end, items.items or items)
            found.hover = ask("textDocument/hover", 2, 29).contents.value
            found.definition = ask("textDocument/definition", 2, 1).range.start
            found.symbols = vim.tbl_map(function(symbol) return symbol.name end,
              ask("textDocument/documentSymbol", 0, 0))
            local whole = { start = { line = 0, character = 0 }, ["end"] = { line = 9, character = 0 } }
            local action = ask("textDocument/codeAction", 0, 0, { range = whole, context = { diagnostics = {} } })[1]
            vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
            found.mended = mistakes(0)
            found.line = vim.api.nvim_buf_get_lines(0, 2, 3, false)[1]
            local edits = ask("textDocument/formatting", 0, 0, { options = { tabSize = 2, insertSpaces = true } })
            if edits then vim.lsp.util.apply_text_edits(edits, vim.api.nvim_get_current_buf(), "utf-16") end
            found.formatted = vim.api.nvim_buf_get_lines(0, 1, 2, false)[1]
            """
        guard let found = try neovim(folder, "lab.dist", script) else { return }
        #expect(found[field: "told"].bool == true)
        #expect(found[field: "code"].text == "E0204")
        #expect(found[field: "place"] == [2, 13, 19])
        #expect(found[field: "said"].text?.contains("did you mean `.prompt`?") == true)
        #expect(found[field: "items"] == ["prompt", "answer"])
        #expect(found[field: "hover"].text?.contains("rows | take n") == true)
        #expect(found[field: "definition"] == ["line": 0, "character": 4])
        #expect(found[field: "symbols"] == ["quiz", "tidy"])
        #expect(found[field: "mended"].bool == true)
        #expect(found[field: "line"].text == "quiz | where .prompt == \"\" | take 5")
        #expect(found[field: "formatted"].text == "fn tidy(text) = trim(text)")
        #expect(try folder.read("lab.dist") == Self.mistaken)
    }

    @Test func neovimUnderstandsANotebooksFile() throws {
        let folder = try Folder(Self.data)
        try folder.notebook(
            "lab.distnb", ["let quiz = load \"data/q.csv\"", "# \"é😀\"\nquiz   | where .promt == \"\""])
        let before = try folder.read("lab.distnb")
        let script = """
            found.told = mistakes(1)
            local first = vim.diagnostic.get(0)[1]
            local line, column = place(".promt")
            found.isThere = first.lnum == line and first.col == column and first.end_col == column + 6
            found.code = first.code or first.user_data.lsp.code
            local text = vim.api.nvim_buf_get_lines(0, line, line + 1, false)[1]
            local at = vim.str_utfindex and select(2, vim.str_utfindex(text, column)) or column
            local items = ask("textDocument/completion", line, at + 1)
            found.items = vim.tbl_map(function(item) return item.label end, items.items or items)
            found.hover = ask("textDocument/hover", line, at - 3).contents.value
            local _, name = place("quiz = load")
            local start = ask("textDocument/definition", line, at - 13).range.start
            found.isDefinition = start.character == name
            local edits = ask("textDocument/formatting", 0, 0, { options = { tabSize = 2, insertSpaces = true } })
            if edits then vim.lsp.util.apply_text_edits(edits, vim.api.nvim_get_current_buf(), "utf-16") end
            found.first = vim.api.nvim_buf_get_lines(0, 0, 2, false)
            found.isFormatted = place('quiz | where') ~= nil
            """
        guard let found = try neovim(folder, "lab.distnb", script) else { return }
        #expect(found[field: "told"].bool == true)
        #expect(found[field: "isThere"].bool == true)
        #expect(found[field: "code"].text == "E0204")
        #expect(found[field: "items"] == ["prompt", "answer"])
        #expect(found[field: "hover"].text?.contains("rows | where condition") == true)
        #expect(found[field: "isDefinition"].bool == true)
        #expect(found[field: "first"] == ["{", " \"cells\": ["])
        #expect(found[field: "isFormatted"].bool == true)
        #expect(try folder.read("lab.distnb") == before)
    }
}

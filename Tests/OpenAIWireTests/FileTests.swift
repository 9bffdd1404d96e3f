import OpenAIWire
import SeededRandom
import Tables
import Testing

/// Uploads as forms, and files of training rows.
@Suite struct FileTests {
    @Test func anUploadIsWrittenAsRFC7578Says() throws {
        let (type, body) = MultipartForm(
            file: Array("{}\n".utf8), name: "a \"b\"\r\n.jsonl", purpose: .fineTune, expiresAfter: 3600
        ).encoded()
        let boundary = try #require(type.split(separator: "=").last)
        #expect(type == "multipart/form-data; boundary=\(boundary)")
        let lines = [
            "--\(boundary)", "Content-Disposition: form-data; name=\"purpose\"", "", "fine-tune", "--\(boundary)",
            "Content-Disposition: form-data; name=\"expires_after[anchor]\"", "", "created_at", "--\(boundary)",
            "Content-Disposition: form-data; name=\"expires_after[seconds]\"", "", "3600", "--\(boundary)",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a %22b%22%0D%0A.jsonl\"",
            "Content-Type: application/json", "", "{}\n", "--\(boundary)--", "",
        ]
        #expect(String(decoding: body, as: UTF8.self) == lines.joined(separator: "\r\n"))
    }

    @Test func whatIsUploadedIsRead() throws {
        var random = SeededRandom(seed: 1)
        let bytes = (0..<5000).map { _ in random.one(of: [0x0D, 0x0A, 0x2D, 0x00, 0xFF, 0x61] as [UInt8]) }
        let form = MultipartForm([
            .init(name: "purpose", content: Array("fine-tune".utf8)), .init(name: "empty", content: []),
            .init(name: "file", filename: "a;\"ü\\.jsonl", contentType: "application/json", content: bytes),
            .init(name: "line", content: [0x0D, 0x0A]),
        ])
        let (type, body) = form.encoded()
        #expect(try MultipartForm(body: body, contentType: type) == form)
        #expect(form.text("purpose") == "fine-tune" && form.text("file") == nil && form["none"] == nil)
    }

    @Test func theBoundaryIsNotInTheContent() throws {
        let first = MultipartForm([.init(name: "a", content: [])]).encoded()
        var boundaries = [String(first.contentType.dropFirst("multipart/form-data; boundary=".count))]
        for _ in 0..<3 {
            let form = MultipartForm([.init(name: "a", content: Array(boundaries.joined(separator: "\r\n--").utf8))])
            let (type, body) = form.encoded()
            #expect(try MultipartForm(body: body, contentType: type) == form)
            let boundary = String(type.dropFirst("multipart/form-data; boundary=".count))
            #expect(!boundaries.contains(boundary))
            boundaries.append(boundary)
        }
    }

    /// As curl, Python's requests and browsers write them: quoted boundaries, a preamble, line feeds alone, an epilogue.
    @Test func formsOfOthersAreRead() throws {
        let curl =
            "preamble\r\n--x y\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\\\"b.jsonl\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n{\"a\": \"--x yz\"}\r\n--x y  \r\n"
            + "content-disposition: form-data; name=purpose\r\n\r\nbatch\r\n--x y--\r\nepilogue"
        let form = try MultipartForm(
            body: Array(curl.utf8), contentType: "Multipart/Form-Data; charset=x; BOUNDARY=\"x y\"")
        #expect(form.parts.map(\.name) == ["file", "purpose"])
        #expect(form["file"]?.filename == "a\"b.jsonl" && form.text("file") == #"{"a": "--x yz"}"#)
        #expect(form.text("purpose") == "batch")
        let feeds = "--b\nContent-Disposition: form-data; name=\"a\"\n\n1\n--b--"
        #expect(
            try MultipartForm(body: Array(feeds.utf8), contentType: "multipart/form-data;boundary=b").text("a") == "1")
    }

    @Test(arguments: [
        ("x", "application/json", "multipart/form-data as Content-Type, found application/json"),
        ("x", "multipart/form-data", "a boundary of 1 to 70 characters"),
        ("x", "multipart/form-data; boundary=b", "the boundary of Content-Type in the form's body"),
        (
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncut", "multipart/form-data; boundary=b",
            "it may have been cut"
        ),
        ("--b\r\nX: y\r\n\r\n1\r\n--b--", "multipart/form-data; boundary=b", "a name in Content-Disposition of part 1"),
        ("--b\r\nX: y\r\n--b--", "multipart/form-data; boundary=b", "an empty line after the headers of part 1"),
    ])
    func whatIsNoFormIsNamed(body: String, type: String, part: String) {
        do throws(WireError) {
            _ = try MultipartForm(body: Array(body.utf8), contentType: type)
            Issue.record("it was read")
        } catch {
            #expect(error.description.contains(part), "\(error)")
        }
    }

    @Test(arguments: 0..<4) func damagedFormsDoNotTrap(seed: Int) {
        let form = MultipartForm(file: Array("a\r\n--b".utf8), name: "x.jsonl", purpose: .evals, expiresAfter: 9)
        let (type, body) = form.encoded()
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var damaged = body
            for _ in 0..<(1 + random.below(3)) where !damaged.isEmpty {
                let place = random.below(damaged.count)
                switch random.below(3) {
                case 0: damaged.remove(at: place)
                case 1: damaged[place] = random.one(of: [0x0D, 0x0A, 0x2D, 0x3A, 0x22, 0xFF])
                default: damaged = Array(damaged.prefix(place + 1))
                }
            }
            _ = try? MultipartForm(body: damaged, contentType: type)
        }
    }

    @Test func trainingRowsAreWrittenAndReadALineEach() throws {
        let rows = [
            ChatTrainingRow(messages: [.system("Be kind."), .user("Zeile\n2 🦊"), .assistant("Ja.", weight: 1)]),
            ChatTrainingRow(
                messages: [.user("?"), .assistant("4")],
                tools: [ChatTool(function: "f", description: "does", parameters: ["type": "object"])]),
        ]
        for mark in [false, true] {
            let bytes = TrainingFile.bytes(rows, hasByteOrderMark: mark)
            #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]) == mark)
            #expect(bytes.count { $0 == 0x0A } == 2)
            #expect(try TrainingFile.rows(bytes, as: ChatTrainingRow.self) == rows)
            #expect(
                try TrainingFile.rows(bytes.dropLast() + [0x0D, 0x0A, 0x20, 0x0A], as: ChatTrainingRow.self) == rows)
        }
        let row = PreferenceTrainingRow(input: [.user("?")], preferred: .assistant("4"), other: .assistant("5"))
        #expect(
            JSON.text(row.json) == #"{"input":{"messages":[{"role":"user","content":"?"}]},"preferred_output":"#
                + #"[{"role":"assistant","content":"4"}],"non_preferred_output":[{"role":"assistant","content":"5"}]}"#)
        let read = try #require(try TrainingFile.rows(TrainingFile.bytes([row]), as: PreferenceTrainingRow.self).first)
        #expect(read.input == [.user("?")] && read.preferred.map(\.text) == ["4"] && read.other.map(\.text) == ["5"])
    }

    @Test func aRowThatIsNoneIsNamedByItsLine() {
        let text = "{\"messages\": []}\n\n{\"messages\": [{\"role\": \"user\"}, {\"content\": \"x\"}]}\n"
        do throws(TrainingFile.BadRow) {
            _ = try TrainingFile.rows(Array(text.utf8), as: ChatTrainingRow.self)
            Issue.record("it was read")
        } catch {
            #expect(
                error.description == "line 3: Expected text in `messages[1].role` of a training row, found nothing.")
        }
    }
}

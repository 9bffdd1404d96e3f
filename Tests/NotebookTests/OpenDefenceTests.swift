import Distillation
import Foundation
import OrderedCollections
import PipelineSyntax
import Tables
import Testing

@testable import Notebook

/// A stranger's notebook reads nothing outside its folder and writes only under out/.
@Suite struct OpenDefenceTests {
    /// A folder with a notebook's folder `lab` in it and a secret beside that.
    private final class Neighbourhood {
        let scratch: Scratch
        var root: String { scratch.folder + "/lab" }
        var outside: String { scratch.folder + "/outside" }
        var files: RootedFiles { RootedFiles(root: root) }

        init() throws {
            scratch = try Scratch(
                cells: [],
                files: ["lab/rows.jsonl": "{\"a\":1}\n", "outside/secret.jsonl": "{\"secret\":\"s3cr3t\"}\n"])
        }

        func link(_ name: String, to target: String) throws {
            try FileManager.default.createSymbolicLink(atPath: root + "/" + name, withDestinationPath: target)
        }

        func folder(_ name: String) throws {
            try FileManager.default.createDirectory(atPath: root + "/" + name, withIntermediateDirectories: true)
        }

        /// What is outside, as it must stay.
        var names: [String] { scratch.names(in: "outside") + scratch.names(in: ".").filter { $0 != "lab.distnb" } }
    }

    private func reason(_ work: () throws(FileError) -> Void) -> FileError.Reason? {
        do throws(FileError) {
            try work()
            return nil
        } catch {
            return error.reason
        }
    }

    private func reading(_ path: String, _ files: RootedFiles) -> FileError.Reason? {
        reason { () throws(FileError) in _ = try files.read(path) }
    }

    private func writing(_ path: String, _ files: RootedFiles) -> FileError.Reason? {
        reason { () throws(FileError) in try files.write(path, [1]) }
    }

    // MARK: Reading

    private static let waysOut = [
        "../outside/secret.jsonl", "x/../../outside/secret.jsonl", "./../outside/secret.jsonl",
        "out/../../outside/secret.jsonl", "//etc/passwd", "/etc/passwd", "/../etc/passwd", "..",
        "../../../../../../../../etc/passwd", "../lab2/x", "~/../../etc/passwd", "/proc/self/environ", "/dev/zero",
    ]

    @Test(arguments: waysOut) func noPathLeadsOut(_ path: String) throws {
        let place = try Neighbourhood()
        #expect(reading(path, place.files) == .outsideRoot)
        #expect(place.files.hash(path) == nil)
        #expect(place.files.refusal(reading: path) != nil)
    }

    @Test func noLinkLeadsOut() throws {
        let place = try Neighbourhood()
        try place.link("file.jsonl", to: place.outside + "/secret.jsonl")
        try place.link("relative.jsonl", to: "../outside/secret.jsonl")
        try place.link("folder", to: place.outside)
        try place.link("up", to: "..")
        try place.link("first.jsonl", to: "file.jsonl")
        try place.link("zero.jsonl", to: "/dev/zero")
        let files = place.files
        for path in [
            "file.jsonl", "relative.jsonl", "folder/secret.jsonl", "up/outside/secret.jsonl", "first.jsonl",
            "zero.jsonl", "up/lab/up/outside/secret.jsonl",
        ] {
            #expect(reading(path, files) == .outsideRoot, "\(path)")
            #expect(files.hash(path) == nil, "\(path)")
        }
        #expect(files.paths(beginning: "folder/") == [])
        #expect(files.paths(beginning: "up/") == [])
        #expect(files.recorded == [:])
    }

    @Test func linksWithinTheRootAreFollowed() throws {
        let place = try Neighbourhood()
        try place.link("again.jsonl", to: "rows.jsonl")
        try place.link("here", to: place.root)
        #expect(reading("again.jsonl", place.files) == nil)
        #expect(reading("here/rows.jsonl", place.files) == nil)
    }

    @Test func linksThatGoRoundAreToldAsFilesThatAreNotThere() throws {
        let place = try Neighbourhood()
        try place.link("a", to: "b")
        try place.link("b", to: "a")
        #expect(reading("a", place.files) != nil)
        #expect(writing("out/../a", place.files) != nil)
    }

    @Test(arguments: ["", ".", "rows.jsonl/", "rows.jsonl/x", "nope", "~", "~/rows.jsonl", "~root/x", "out", "a\nb"])
    func whatIsNoFileIsToldAndNothingElseIsRead(_ path: String) throws {
        let place = try Neighbourhood()
        let found = reading(path, place.files)
        #expect(found != nil || path == "rows.jsonl/")
    }

    @Test(arguments: ["rows.jsonl\0", "rows.jsonl\0/../../outside/secret.jsonl", "\0", "/etc/passwd\0", "out/a\0b.txt"])
    func aNameWithAZeroByteIsRefused(_ path: String) throws {
        let place = try Neighbourhood()
        #expect(reading(path, place.files) != nil)
        #expect(writing(path, place.files) != nil)
        #expect(place.scratch.names(in: "lab") == ["rows.jsonl"])
    }

    @Test func aVeryLongPathIsTold() throws {
        let place = try Neighbourhood()
        let long = String(repeating: "a/", count: 5_000) + "x"
        #expect(reading(long, place.files) != nil)
        #expect(writing("out/" + long, place.files) != nil)
        #expect(reading(String(repeating: "b", count: 5_000), place.files) != nil)
        #expect(writing("out/" + String(repeating: "b", count: 5_000), place.files) == .cannotWrite)
        #expect(reading(String(repeating: "../", count: 5_000) + "etc/passwd", place.files) == .outsideRoot)
    }

    @Test(.timeLimit(.minutes(1))) func pipesAndDevicesAreRefusedAtOnce() throws {
        let place = try Neighbourhood()
        #expect(mkfifo(place.root + "/pipe.jsonl", 0o644) == 0)
        #expect(reading("pipe.jsonl", place.files) == .unreadable)
        #expect(place.files.hash("pipe.jsonl") == nil)
        let granted = RootedFiles(root: place.root, granted: ["/dev/zero"])
        #expect(reading("/dev/zero", granted) == .unreadable)
        #expect(granted.hash("/dev/zero") == nil)
    }

    @Test(.timeLimit(.minutes(1))) func aNotebookThatLoadsAPipeIsToldAtOnce() throws {
        let scratch = try Scratch(cells: ["load \"pipe.jsonl\""])
        #expect(mkfifo(scratch.folder + "/pipe.jsonl", 0o644) == 0)
        let session = try scratch.session()
        _ = session.check()
        _ = session.inspect()
        let listener = Listener()
        #expect(try session.run(observer: listener).failed == 1)
        #expect(listener.mistakes.map(\.code) == [.unreadableFile])
    }

    // MARK: Writing

    @Test(arguments: [
        "a.txt", "../a.txt", "out", "out/", "out/.", "out/..", "out/../a.txt", "out/../../outside/a.txt", "outer/a.txt",
        "/etc/distnb-a.txt", "OUT/a.txt", "./a.txt", ".distnb/blobs/x", "lab.distnb", "~/a.txt", "",
        "out/a/../../b.txt",
    ]) func onlyOutIsWritten(_ path: String) throws {
        let place = try Neighbourhood()
        let before = place.names
        #expect(writing(path, place.files) == .outsideRoot)
        #expect(place.files.refusal(writing: path) != nil)
        #expect(place.names == before)
        #expect(place.scratch.names(in: "lab").filter { $0 != "out" } == ["rows.jsonl"])
        #expect(!place.files.hasWritten)
    }

    @Test func noLinkInOutLeadsOut() throws {
        let place = try Neighbourhood()
        try place.folder("out")
        try place.link("out/away", to: place.outside)
        try place.link("out/file.txt", to: place.outside + "/secret.jsonl")
        try place.link("out/new.txt", to: place.outside + "/new.txt")
        try place.link("out/up", to: "..")
        let before = place.names
        for path in [
            "out/away/a.txt", "out/away/deep/er/a.txt", "out/file.txt", "out/up/a.txt", "out/up/rows.jsonl",
            "out/away/../a/../away/x.txt",
        ] {
            #expect(writing(path, place.files) == .outsideRoot, "\(path)")
            #expect(place.names == before, "\(path)")
        }
        // A link to what is not there may be replaced, but not followed.
        _ = writing("out/new.txt", place.files)
        #expect(place.names == before)
        #expect(place.scratch.names(in: "lab") == ["out", "rows.jsonl"])
        #expect(try place.scratch.read("outside/secret.jsonl") == Array("{\"secret\":\"s3cr3t\"}\n".utf8))
    }

    @Test(arguments: ["out/a.txt", "out/deep/er/a.txt"]) func anOutThatIsALinkIsNotWritten(_ path: String) throws {
        for target in ["../outside", ".", "/tmp"] {
            let place = try Neighbourhood()
            try place.link("out", to: target)
            let before = place.names
            #expect(writing(path, place.files) == .outsideRoot)
            #expect(place.names == before)
            #expect(place.scratch.names(in: "lab") == ["out", "rows.jsonl"])
        }
    }

    @Test func theRootMayItselfBeALink() throws {
        let place = try Neighbourhood()
        try FileManager.default.createSymbolicLink(
            atPath: place.scratch.folder + "/alias", withDestinationPath: place.root)
        let files = RootedFiles(root: place.scratch.folder + "/alias")
        #expect(reading("rows.jsonl", files) == nil)
        #expect(writing("out/a/b.txt", files) == nil)
        #expect(reading("../outside/secret.jsonl", files) == .outsideRoot)
        #expect(place.scratch.names(in: "lab/out/a") == ["b.txt"])
    }

    @Test func anOrdinaryPathIsWritten() throws {
        let place = try Neighbourhood()
        let files = place.files
        for path in ["out/a.txt", "out/b/c/d.txt", "./out/e.txt", "x/../out/f.txt", place.root + "/out/g.txt"] {
            #expect(writing(path, files) == nil, "\(path)")
        }
        #expect(place.scratch.names(in: "lab/out") == ["a.txt", "b", "e.txt", "f.txt", "g.txt"])
        #expect(files.hasWritten)
    }

    // MARK: Notebooks

    private static let hostile = [
        "let a = load \"../outside/secret.jsonl\"", "let b = read(\"/etc/passwd\")",
        "let c = load \"rows.jsonl\" | save \"../stolen.jsonl\"",
        "let m = model \"teacher\"\nlet d = load(\"rows.jsonl\") | generate m",
        "load(\"rows.jsonl\") | save \"out/x.jsonl\"",
        "let e = load(\"rows.jsonl\") | finetune m, target: .prompt\ne | export \"/tmp/distnb-stolen.safetensors\"",
    ]

    @Test func openingRunsNothing() throws {
        let scratch = try Scratch(cells: Self.hostile, files: ["rows.jsonl": "{\"prompt\":\"q\"}\n"])
        let before = try scratch.read("lab.distnb")
        let provider = ScriptedProvider { _ in "yes" }
        let session = try scratch.session(provider: provider)
        _ = session.statuses()
        _ = session.check()
        _ = session.plan(.all)
        _ = session.boundSummaries()
        _ = session.completion(of: "a | where .")
        _ = session.type(of: "load(\"rows.jsonl\") | save \"out/y.jsonl\"")
        let inspection = session.inspect()
        #expect(provider.requests + provider.trainings == 0)
        #expect(try scratch.read("lab.distnb") == before)
        #expect(scratch.names(in: "out") == [])
        #expect(inspection.refused.count == 4)
        #expect(inspection.refused.map { $0.prefix(6) } == ["cell 1", "cell 2", "cell 3", "cell 6"])
    }

    @Test(arguments: hostile.indices.filter { $0 != 3 && $0 != 4 })
    func runningACellThatReachesOutStopsIt(_ index: Int) throws {
        let scratch = try Scratch(
            cells: ["let m = model \"teacher\"", Self.hostile[index]], files: ["rows.jsonl": "{\"prompt\":\"q\"}\n"])
        let listener = Listener()
        #expect(try scratch.session().run(observer: listener).failed == 2)
        #expect(listener.mistakes.map(\.code) == [.outsideRoot])
        #expect(!FileManager.default.fileExists(atPath: "/tmp/distnb-stolen.safetensors"))
        #expect(!FileManager.default.fileExists(atPath: scratch.folder + "/../stolen.jsonl"))
        #expect(scratch.names(in: "out") == [])
    }

    @Test(arguments: ["../../../etc/passwd", "x", String(repeating: "g", count: 64), String(repeating: "a", count: 64)])
    func aBlobThatAStrangerNamesReachesNoFile(_ name: String) throws {
        let scratch = try Scratch(cells: ["let a = 1", "a"])
        _ = try scratch.session().run()
        try scratch.edit {
            $0.cells[0].state?.exports = ["a": ["$type": "value", "blob": .string(name)]]
            $0.cells[1].source = "a + 1"
        }
        let listener = Listener()
        #expect(try scratch.session().run(observer: listener).failed == 2)
        #expect(listener.mistakes.map(\.code) == [.missingState])
    }

    @Test func statesThatAreNoneAreNotBelieved() throws {
        let scratch = try Scratch(cells: ["let a = 1", "a"])
        for own: Value in [5, ["status": "ok"], ["status": "best", "fingerprint": "f"], "x", [1], nil] {
            try scratch.edit { $0.cells[0].own = ["state": own] }
            #expect(try scratch.session().statuses()[0].status == .notRun)
        }
    }
}

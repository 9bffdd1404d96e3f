import Dispatch
import Foundation
import Synchronization
import Testing

/// The memory that `finetune` says it needs is about what it takes.
@Suite(.serialized) struct TrainingMemoryTests {
    private static let rows =
        (1...16).map { row in
            "{\"prompt\":\"\(String(repeating: "Say the number \(row) again. ", count: 1 + row % 4))\",\"output\":\"\(row)\"}\n"
        }.joined()

    /// The estimate is to be within this factor of the measured peak, either way.
    private static let factor = 1.35

    @Test(arguments: ["update: \"lora\", rank: 32", "update: \"full\""])
    func theEstimateIsNearTheMeasuredPeak(options: String) throws {
        guard Binary.hasWeights else {
            print("SKIPPED: no weights in \(Binary.home)/weights; make weights fetches them")
            return
        }
        let folder = try Folder(["q.jsonl": Self.rows])
        try folder.notebook(
            "a.distnb",
            ["let t = load \"q.jsonl\", format: \"jsonl\" | finetune (model \"student\"), epochs: 1, \(options)"])
        let process = try Binary.start(["run", "a.distnb"], in: folder.path)
        let peak = Self.peak(of: process)
        let result = Binary.finish(process, in: folder.path)
        #expect(result.code == 0, "\(result.errors)")
        let said = try #require(Self.megabytes(after: "needs about ", in: result.output), "\(result.output)")
        let measured = try #require(peak)
        print("\(options): said \(said) MB, measured \(measured) MB")
        #expect(said < Self.factor * measured && measured < Self.factor * said, "said \(said), measured \(measured)")
    }

    /// `612 MB` or `1.4 GB` behind some words, in megabytes.
    private static func megabytes(after words: String, in text: String) -> Double? {
        guard let found = text.range(of: words) else { return nil }
        let parts = text[found.upperBound...].split(separator: " ", maxSplits: 2)
        guard parts.count > 1, let number = Double(parts[0]) else { return nil }
        return parts[1].hasPrefix("GB") ? number * 1_000 : number
    }

    /// The most that the process ever held, in megabytes; returns when it has ended.
    private static func peak(of process: Process) -> Double? {
        let most = Mutex<Double?>(nil)
        let path = "/proc/\(process.processIdentifier)/status"
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now(), repeating: .milliseconds(10))
        timer.setEventHandler {
            let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
            if let kilobytes { most.withLock { $0 = max($0 ?? 0, kilobytes * 1_024 / 1e6) } }
        }
        timer.resume()
        process.waitUntilExit()
        timer.cancel()
        return most.withLock { $0 }
    }
}

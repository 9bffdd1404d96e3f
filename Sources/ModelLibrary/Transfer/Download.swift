package import Distillation
package import Foundation

/// Fetches files so that nothing is lost and nothing wrong is kept: cut connections go on by range requests, also in
/// another process; what is whole is hashed from the disk before it gets its name.
package struct Download: Sendable {
    /// One file to fetch.
    package struct Item: Sendable {
        package let url: URL
        /// What messages call it.
        package let name: String
        package let size: Int?
        package let digest: ExpectedDigest

        package init(url: URL, name: String, size: Int? = nil, digest: ExpectedDigest) {
            self.url = url
            self.name = name
            self.size = size
            self.digest = digest
        }
    }

    let client: HTTPClient
    let surroundings: TransferSurroundings

    /// What an attempt came to.
    private enum Outcome {
        case whole
        /// The part is of no use any more; from the beginning.
        case startOver
        case later(status: Int, host: String, seconds: Double?)
    }

    /// Fetches a file, or what is missing of it.
    /// - Parameters:
    ///   - target: where it goes; `target.part` while it comes.
    ///   - arrived: called with the bytes that are there.
    /// - Returns: its hashes and size.
    /// - Throws: `ModelLibraryError`, `Interrupted`; what came is kept, unless it was wrong.
    func fetch(_ item: Item, to target: String, arrived: (Int) -> Void) throws -> FileHashes {
        if let finished = try finished(item, at: target) {
            arrived(finished.bytes)
            return finished
        }
        let part = try PartFile(for: target, url: item.url.withoutSecrets, digest: item.digest)
        var digest = item.digest
        var wasWrong = false
        while true {
            try receive(item, into: part, digest: &digest, arrived: arrived)
            let hashes = try FileHashes(of: part.path, cancellation: surroundings.cancellation)
            do {
                if let size = item.size, size != hashes.bytes {
                    throw ModelLibraryError.wrongSize(file: item.name, expected: size, found: hashes.bytes)
                }
                try hashes.check(digest, file: item.name)
            } catch {
                // Pieces of several requests may not fit together, for instance after a loss of power: once again, whole.
                if part.isResumed, !wasWrong {
                    wasWrong = true
                    surroundings.notice("The pieces of \(item.name) do not fit together; fetching it anew.")
                    try part.clear()
                    continue
                }
                part.remove()
                throw error
            }
            try part.finish(as: target)
            return hashes
        }
    }

    /// What an earlier process finished, where its hash shows that it is the same.
    private func finished(_ item: Item, at target: String) throws -> FileHashes? {
        guard FileManager.default.fileExists(atPath: target) else { return nil }
        switch item.digest {
        case .sha256, .gitBlob:
            let hashes = try FileHashes(of: target, cancellation: surroundings.cancellation)
            if (try? hashes.check(item.digest, file: item.name)) != nil, item.size ?? hashes.bytes == hashes.bytes {
                return hashes
            }
        case .fromServer, .unknown: break
        }
        unlink(target)
        return nil
    }

    /// Fetches until everything is there.
    private func receive(
        _ item: Item, into part: PartFile, digest: inout ExpectedDigest, arrived: (Int) -> Void
    ) throws {
        var failures = 0
        var restarts = 0
        while true {
            try surroundings.cancellation.check()
            let before = part.count
            let wait: Double
            do {
                switch try attempt(item, part, &digest, arrived: arrived) {
                case .whole: return
                case .startOver:
                    restarts += 1
                    try part.clear()
                    guard restarts <= 3 else {
                        throw ModelLibraryError.strangeAnswer(
                            host: host(item.url), what: "another file each time it was asked for \(item.name)")
                    }
                    continue
                case .later(let status, let host, let seconds):
                    failures = part.count > before ? 1 : failures + 1
                    guard failures < surroundings.retries.tries else {
                        throw ModelLibraryError.overloaded(host: host, status: status, tries: failures)
                    }
                    if let seconds, seconds > surroundings.retries.patience {
                        throw ModelLibraryError.askedToWait(host: host, seconds: Int(min(seconds, 1e9)))
                    }
                    wait = seconds ?? surroundings.retries.delay(after: failures)
                    surroundings.notice("\(host) answered \(status); trying again in \(Self.text(wait)).")
                }
            } catch HTTPFailure.cut(let host, let reason) {
                failures = part.count > before ? 1 : failures + 1
                guard failures < surroundings.retries.tries else {
                    throw ModelLibraryError.cut(host: host, reason: reason, kept: part.count, size: item.size)
                }
                wait = surroundings.retries.delay(after: failures)
                surroundings.notice(
                    "The connection broke after \(ByteText.of(part.count, item.size)); trying again in \(Self.text(wait))."
                )
            }
            try surroundings.waiting.seconds(wait, surroundings.cancellation)
        }
    }

    /// One request, for what is missing.
    private func attempt(
        _ item: Item, _ part: PartFile, _ digest: inout ExpectedDigest, arrived: (Int) -> Void
    ) throws -> Outcome {
        var headers = ["Accept-Encoding": "identity"]
        if part.count > 0 {
            headers["Range"] = "bytes=\(part.count)-"
            // Only if it is still the same: else the whole comes.
            if let tag = part.tag { headers["If-Range"] = tag }
        }
        var outcome: Outcome?
        var expected = item.size
        do {
            try client.get(item.url, headers: headers) { response in
                try begin(response, item, part, &digest, &expected, &outcome)
            } onBody: { bytes in
                // Nothing that follows is of use; no need to wait for its end.
                guard outcome == nil else { throw Abandoned() }
                if let expected, part.count + bytes.count > expected {
                    let found = part.count + bytes.count
                    part.remove()
                    throw ModelLibraryError.wrongSize(file: item.name, expected: expected, found: found)
                }
                try part.append(bytes)
                arrived(part.count)
            }
        } catch is Abandoned {}
        if let outcome { return outcome }
        // Closed without a word before its end.
        if let expected, part.count < expected {
            throw HTTPFailure.cut(host: host(item.url), reason: "the end is missing")
        }
        return .whole
    }

    private struct Abandoned: Error {}

    /// What a response's head means for the part.
    private func begin(
        _ response: HTTPClient.Response, _ item: Item, _ part: PartFile, _ digest: inout ExpectedDigest,
        _ expected: inout Int?, _ outcome: inout Outcome?
    ) throws {
        let head = response.head
        let host = response.url.host() ?? ""
        switch head.status {
        case 200:
            let announced = head["content-length"].flatMap(Int.init)
            if let size = item.size, let announced, size != announced {
                // A hotel's login page, say: what came before is still good.
                if part.count == 0 { part.remove() }
                throw ModelLibraryError.wrongSize(file: item.name, expected: size, found: announced)
            }
            if part.count > 0 { try part.clear() }
            try part.expect(tag: head.strongTag)
            expected = item.size ?? announced
            try learn(&digest, item, response)
        case 206:
            guard let range = head.contentRange, range.start == part.count,
                part.tag == nil || head.strongTag == nil || part.tag == head.strongTag,
                item.size == nil || range.total == nil || item.size == range.total
            else { outcome = .startOver; return }
            try part.expect(tag: part.tag ?? head.strongTag)
            expected = item.size ?? range.total
            try learn(&digest, item, response)
        case 416: outcome = part.count > 0 && part.count == item.size ? .whole : .startOver
        case 408, 425, 429, 500...599: outcome = .later(status: head.status, host: host, seconds: head.retryAfter)
        default: throw client.refusal(response, what: item.name)
        }
    }

    /// A hub tells the SHA-256 of a large file with the redirect to where it lies.
    private func learn(_ digest: inout ExpectedDigest, _ item: Item, _ response: HTTPClient.Response) throws {
        guard case .fromServer = item.digest else { return }
        let told = response["x-linked-etag"]?.filter { $0 != "\"" } ?? ""
        guard let found = try? ExpectedDigest(sha256: told) else {
            throw ModelLibraryError.noHash(file: item.name, host: host(item.url))
        }
        digest = found
    }

    private func host(_ url: URL) -> String { url.host() ?? "" }

    private static func text(_ seconds: Double) -> String { "\(Int(seconds.rounded())) s" }
}

/// What a transfer needs of the world.
package struct TransferSurroundings: Sendable {
    package var retries: RetryPolicy
    package var waiting: Waiting
    package var cancellation: Cancellation
    package var progress: ProgressSink
    /// A sentence for the user while it goes on.
    package var notice: @Sendable (String) -> Void
    /// Bytes that are free where a folder lies; nil where the system does not say.
    package var freeBytes: @Sendable (String) -> Int?

    package init(
        retries: RetryPolicy = RetryPolicy(), waiting: Waiting = .real, cancellation: Cancellation = .never,
        progress: ProgressSink = .none, notice: @escaping @Sendable (String) -> Void = { _ in },
        freeBytes: @escaping @Sendable (String) -> Int? = TransferSurroundings.freeBytes(of:)
    ) {
        self.retries = retries
        self.waiting = waiting
        self.cancellation = cancellation
        self.progress = progress
        self.notice = notice
        self.freeBytes = freeBytes
    }

    /// What the file system tells.
    package static func freeBytes(of folder: String) -> Int? {
        (try? FileManager.default.attributesOfFileSystem(forPath: folder))?[.systemFreeSize] as? Int
    }

    /// - Throws: `ModelLibraryError.noSpace` where less is free than is still to come.
    func requireSpace(_ bytes: Int, in folder: String) throws {
        guard bytes > 0, let free = freeBytes(folder) else { return }
        // A disk that is filled to the last byte stops everything else on the machine.
        let (needs, overflow) = bytes.addingReportingOverflow(64_000_000)
        if overflow || needs > free {
            throw ModelLibraryError.noSpace(folder: folder, needs: overflow ? bytes : needs, has: free)
        }
    }
}

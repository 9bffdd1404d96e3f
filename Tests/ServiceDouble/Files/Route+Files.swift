internal import Foundation
internal import OrderedCollections
internal import Synchronization
internal import Tables

extension Route {
    static let files = [
        Route("POST", "/files") { service, call throws(Refusal) in try service.upload(call) },
        Route("GET", "/files") { service, call throws(Refusal) in
            let purpose = call.head.query("purpose")
            let files = service.world.withLock { world in
                world.files.files.values.map(\.record).filter { purpose == nil || $0["purpose"]?.text == purpose }
            }
            return try Page.reply(
                files.map { .record($0) }, call, order: "desc", limit: 10_000, most: 10_000)
        },
        Route("GET", "/files/*") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard let record = service.world.withLock({ $0.files.look(id) }) else { throw .unknown("File", id) }
            return HTTPReply(.record(record))
        },
        Route("GET", "/files/*/content") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard let file = service.world.withLock({ $0.files.files[id] }) else { throw .unknown("File", id) }
            return HTTPReply(200, body: file.bytes, type: "application/octet-stream")
        },
        Route("DELETE", "/files/*") { service, call throws(Refusal) in
            let id = call.argument(0)
            guard service.world.withLock({ $0.files.remove(id) }) else { throw .unknown("File", id) }
            return HTTPReply(["id": .string(id), "object": "file", "deleted": true])
        },
    ]
}

extension Service {
    fileprivate func upload(_ call: Call) throws(Refusal) -> HTTPReply {
        guard let form = MultipartForm(call.request) else {
            throw Refusal(400, "The request is no multipart/form-data with its parts.", param: "file")
        }
        guard let file = form["file"] else {
            throw Refusal(400, "'file' is a required property", param: "file", code: "missing_required_parameter")
        }
        guard let purpose = form["purpose"]?.text else {
            throw Refusal(400, "'purpose' is a required property", param: "purpose", code: "missing_required_parameter")
        }
        guard StoredFiles.purposes.contains(purpose) else {
            throw Refusal(
                400,
                "'\(purpose)' is not one of \(StoredFiles.purposes.sorted().joined(separator: ", ")).",
                param: "purpose", code: "invalid_value")
        }
        guard file.bytes.count <= 512 << 20 else {
            throw Refusal(413, "The file exceeds 512 MB.", param: "file", code: "file_too_large")
        }
        guard !file.bytes.isEmpty else { throw Refusal(400, "The file is empty.", param: "file", code: "empty_file") }
        let name = file.filename ?? "upload.jsonl"
        if ["fine-tune", "evals"].contains(purpose) { _ = try TrainingFile(file.bytes, name: name) }
        let created = Int(options.now().timeIntervalSince1970)
        var expires: Int?
        if let seconds = form["expires_after[seconds]"]?.text {
            guard let number = Int(seconds), (3600...2_592_000).contains(number),
                form["expires_after[anchor]"]?.text == "created_at"
            else {
                throw Refusal(
                    400, "Invalid 'expires_after': anchor is created_at, seconds from 3600 to 2592000.",
                    param: "expires_after", code: "invalid_value")
            }
            expires = created + number
        }
        let (polls, waiting) = (options.filePolls, options.flavour == .azure ? "pending" : "uploaded")
        let record = world.withLock { world in
            world.files.add(
                id: world.id("file-"), name: name, purpose: purpose, bytes: file.bytes, created: created,
                expires: expires, polls: polls, waiting: waiting)
        }
        return HTTPReply(.record(record))
    }
}

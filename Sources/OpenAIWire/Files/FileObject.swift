internal import OrderedCollections
internal import Tables

/// What a file is for.
public struct FilePurpose: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let assistants: FilePurpose = "assistants"
    public static let batch: FilePurpose = "batch"
    public static let fineTune: FilePurpose = "fine-tune"
    /// What a fine-tuning job leaves: its `results.csv`.
    public static let fineTuneResults: FilePurpose = "fine-tune-results"
    public static let evals: FilePurpose = "evals"
    public static let userData: FilePurpose = "user_data"
    public static let vision: FilePurpose = "vision"
}

/// How far a file is.
public struct FileStatus: WireWord {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let uploaded: FileStatus = "uploaded"
    public static let processed: FileStatus = "processed"
    public static let error: FileStatus = "error"
    /// Azure's, before it has looked at the file.
    public static let pending: FileStatus = "pending"
    public static let running: FileStatus = "running"
}

/// A file of the service. Source: openai/openai-openapi, schema `OpenAIFile`.
public struct FileObject: WireObject, Listed {
    public static let form = WireForm("a file", .needs("id", .text))
    public static let listing = Listing.cursors

    /// The largest file that OpenAI and Azure take, in bytes.
    public static let sizeLimit = 512 << 20

    public let fields: WireFields

    public init(fields: WireFields) { self.fields = fields }

    /// A file as a server answers it.
    /// - Parameters:
    ///   - size: its bytes.
    ///   - created: seconds since 1970, as is `expires`.
    public init(
        id: String, size: Int, created: Int, expires: Int? = nil, name: String, purpose: FilePurpose,
        status: FileStatus = .processed
    ) {
        fields = WireFields([
            "id": .string(id), "object": "file", "bytes": .integer(size), "created_at": .integer(created),
            "expires_at": expires.map(Value.integer), "filename": .string(name),
            "purpose": .string(purpose.rawValue), "status": .string(status.rawValue),
        ])
    }

    public var id: String { fields.text("id") ?? "" }

    /// Its bytes.
    public var size: Int? { fields.whole("bytes") }

    /// Seconds since 1970.
    public var created: Int? { fields.whole("created_at") }
    public var expires: Int? { fields.whole("expires_at") }
    public var name: String? { fields.text("filename") }
    public var purpose: FilePurpose? { fields.word("purpose") }

    /// Deprecated by OpenAI; Azure's files can be used once it is `processed`.
    public var status: FileStatus? { fields.word("status") }

    /// Why the file is no good, where its status is `error`.
    public var statusDetails: String? { fields.text("status_details") }
}

/// A page of `GET /files`.
public typealias FileList = WirePage<FileObject>

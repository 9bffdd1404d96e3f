internal import Distillation
internal import OrderedCollections
internal import Tables

/// A model as a notebook's saved state tells it, without its weights: these need not be there to say where they came
/// from.
struct SavedModel {
    let name: String
    let alias: String
    /// `ModelIdentity.id`.
    let id: String
    let system: String?
    /// SHA-256 of what fine-tuning made; nil for a model of the kernel.
    let trainedWeights: String?
    /// How many rows it was trained on, its teachers' included.
    let rowsSeen: Int
    let trainedIn: String?
    /// The ids of the models that wrote its lessons.
    let teachers: Set<String>
    let stoppedAfter: String?
    /// Options of its training, by name.
    let options: Record
    /// How many rows its own training learnt from; nil where that was not kept.
    let lessons: Int?
    private let specification: Value

    /// - Parameters:
    ///   - state: an exported value as the cell's state has it.
    ///   - blobs: where large values lie; a model whose blob is not there is nil.
    init?(_ state: Value, blobs: any BlobStoring) {
        guard state[field: "$type"] == .string(Model.tag), let fields = SavedValue.inner(state, blobs: blobs),
            let alias = fields[field: "alias"].text, let id = fields[field: "id"].text
        else { return nil }
        self.alias = alias
        self.id = id
        name = fields[field: "name"].text ?? fields[field: "suffix"].text.map { "\(alias):\($0)" } ?? alias
        system = fields[field: "system"].text
        trainedWeights = fields[field: "trained_weights"].text
        rowsSeen = fields[field: "trained_on"].list?.count ?? 0
        trainedIn = fields[field: "trained_in"].text
        teachers = Set((fields[field: "teachers"].list ?? []).compactMap(\.text))
        stoppedAfter = fields[field: "stopped_after"].text
        let training = fields[field: "training"]
        options = training[field: "options"].record ?? [:]
        lessons = SavedValue.inner(training[field: "rows"], blobs: blobs)?[field: "count"].integer
        specification = fields[field: "specification"]
    }

    /// Whether another is the same before it was trained.
    func isUntrainedSelf(of other: SavedModel) -> Bool {
        trainedWeights == nil && system == other.system
            && specification[field: "id"] == other.specification[field: "id"]
            && specification[field: "layers"] == other.specification[field: "layers"]
            && specification[field: "adapter"] == other.specification[field: "adapter"]
    }
}

/// Values as they lie in saved state.
enum SavedValue {
    /// What stands behind `{"$type": …}`: in the state itself, or in a blob; nil where the blob is not there.
    static func inner(_ state: Value, blobs: any BlobStoring) -> Value? {
        guard let fields = state.record else { return nil }
        if let value = fields["value"] { return value }
        guard let name = fields["blob"]?.text, let bytes = try? blobs.get(name) else { return nil }
        return try? JSON.parse(bytes)
    }
}

internal import Tables

/// The fields of a `config.json` of Hugging Face's libraries, read with checks. A field that is null counts as absent.
struct HuggingFaceConfiguration {
    let file: String
    let fields: Value

    init(file: String, fields: Value) {
        self.file = file
        self.fields = fields
    }

    /// - Parameter file: what messages call the file.
    /// - Throws: `WeightsError.malformed` where it is no JSON.
    init(_ bytes: [UInt8], file: String) throws {
        do throws(JSONError) {
            self.init(file: file, fields: try JSON.parse(bytes))
        } catch {
            throw WeightsError.malformed(file: file, place: "the file", expected: "JSON", found: "\(error)")
        }
    }

    func has(_ key: String) -> Bool { !fields[field: key].isNull }

    func record(_ key: String) -> HuggingFaceConfiguration? {
        fields[field: key].record.map { HuggingFaceConfiguration(file: file, fields: .record($0)) }
    }

    private func read<Found>(_ key: String, _ expected: String, default fallback: Found?, _ found: Found?) throws
        -> Found
    {
        if let found { return found }
        guard !has(key) else {
            throw WeightsError.malformed(
                file: file, place: "`\(key)`", expected: expected, found: JSON.text(fields[field: key]))
        }
        guard let fallback else { throw WeightsError.missing(file: file, name: key) }
        return fallback
    }

    func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let found = fields[field: key].integer.flatMap { range.contains($0) ? $0 : nil }
        return try read(key, expected, default: fallback, found)
    }

    func positive(_ key: String, default fallback: Float? = nil) throws -> Float {
        let found = fields[field: key].double.map { Float($0) }.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
        return try read(key, "a positive number", default: fallback, found)
    }

    func flag(_ key: String, default fallback: Bool) throws -> Bool {
        try read(key, "true or false", default: fallback, fields[field: key].bool)
    }

    func text(_ key: String, default fallback: String?) throws -> String {
        try read(key, "text", default: fallback, fields[field: key].text)
    }

    /// Whether each of the layers slides, by `layer_types`; nil where there is no such list.
    func layerKinds(_ layers: Int) throws -> [Bool]? {
        let kinds = fields[field: "layer_types"].list?.map { kind -> Bool? in
            switch kind.text {
            case "sliding_attention": true
            case "full_attention": false
            default: nil
            }
        }
        guard has("layer_types") else { return nil }
        let known = kinds.flatMap { $0.contains(nil) || $0.count != layers ? nil : $0.compactMap(\.self) }
        let expected = "`full_attention` or `sliding_attention` for each of \(layers) layers"
        return try read("layer_types", expected, default: nil, known)
    }

    /// - Throws: `WeightsError.unsupported` where a field is there and is another.
    func require(_ key: String, _ wanted: Value, _ supported: String) throws {
        let found = fields[field: key]
        guard found.isNull || found == wanted else {
            throw WeightsError.unsupported(
                file: file, what: "`\(key)`", found: JSON.text(found), supported: supported)
        }
    }
}

internal import OrderedCollections
internal import Tables

/// Reads a grader's fields, each with the message that its absence deserves.
struct GraderFields {
    private let fields: Record
    private let type: String

    init(_ fields: Record, type: String) {
        self.fields = fields
        self.type = type
    }

    func text(_ name: String) throws(WireError) -> String {
        guard let text = fields[name]?.text else {
            throw WireError("text in `\(name)` of a \(type) grader\(found(name))")
        }
        return text
    }

    func word(_ name: String, among words: [String]) throws(WireError) -> String {
        guard let text = fields[name]?.text, words.contains(text) else {
            throw WireError("`\(name)` of a \(type) grader: \(words.joined(separator: ", "))\(found(name))")
        }
        return text
    }

    /// A number that may be missing or null.
    func number(_ name: String) throws(WireError) -> Double? {
        guard let value = fields[name], !value.isNull else { return nil }
        guard let number = value.double, number.isFinite else {
            throw WireError("a number in `\(name)` of a \(type) grader\(found(name))")
        }
        return number
    }

    /// `range`, from 0 to 1 unless given.
    func range() throws(WireError) -> ClosedRange<Double> {
        guard let value = fields["range"], !value.isNull else { return 0...1 }
        guard let ends = value.list, ends.count == 2, let low = ends[0].double, let high = ends[1].double,
            low.isFinite, high.isFinite, low < high
        else { throw WireError("`range` of two numbers, the lower first, such as [1, 5]\(found("range"))") }
        return low...high
    }

    func labels(_ name: String) throws(WireError) -> [String] {
        let labels = fields[name]?.list?.compactMap(\.text) ?? []
        guard !labels.isEmpty, labels.count == fields[name]?.list?.count, Set(labels).count == labels.count,
            !labels.contains(where: \.isEmpty)
        else { throw WireError("different texts in `\(name)` of a \(type) grader\(found(name))") }
        return labels
    }

    func modelRequest() throws(WireError) -> GraderWire.ModelRequest {
        let model = try text("model")
        let messages: [GraderMessage]
        switch fields["input"] {
        case .string(let text)?: messages = [GraderMessage(role: "user", content: text)]
        case .list(let elements)? where !elements.isEmpty:
            var read: [GraderMessage] = []
            for element in elements { read.append(try GraderMessage(element)) }
            messages = read
        default:
            throw WireError("messages in `input` of a \(type) grader, each {role, content}\(found("input"))")
        }
        return GraderWire.ModelRequest(
            model: model, messages: messages, sampling: try GraderSampling(fields["sampling_params"] ?? .null))
    }

    /// The named graders of a `multi`, which do not nest.
    func parts() throws(WireError) -> [GraderWire.Part] {
        guard let graders = fields["graders"]?.record, !graders.isEmpty else {
            throw WireError("named graders in `graders` of a multi grader\(found("graders"))")
        }
        var parts: [GraderWire.Part] = []
        for (name, json) in graders {
            do throws(WireError) {
                let grader = try GraderWire(json)
                guard grader.type != "multi" else { throw WireError("a grader that is no multi; they do not nest") }
                parts.append(GraderWire.Part(name: name, grader: grader))
            } catch {
                throw error.inside("graders.\(name)")
            }
        }
        return parts
    }

    private func found(_ name: String) -> String {
        guard let value = fields[name] else { return "" }
        switch value {
        case .string, .number, .bool, .null:
            let text = JSON.text(value)
            return ", found \(text.count > 60 ? text.prefix(57) + "…" : text)"
        default: return ", found \(value.kindName)"
        }
    }
}

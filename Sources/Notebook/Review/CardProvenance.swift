internal import OrderedCollections
internal import Rendering
internal import Tables

/// Where a card's figures come from, and how to get them again.
struct CardProvenance {
    let file: String
    /// Of the notebook's file.
    let sha256: String
    let kernel: String
    /// Where they differ from the source.
    let parameters: Record
    /// The states of the cell that compares and of all that it needs.
    let cells: [CellState]
    /// When the cell that compares was started.
    let started: String
    /// Those that are compared, where the notebook has bound them.
    let models: [SavedModel]

    /// What is known, a fact a line. Hashes are whole: they are there to be compared.
    var facts: DataSet {
        var lines: [Record] = []
        func line(_ what: String, _ text: String) { lines.append(["fact": .string(what), "value": .string(text)]) }
        let seconds = cells.reduce(0) { $0 + $1.seconds }
        line(
            "run",
            "\(started.isEmpty ? "on an unknown day" : started), \(ProgressText.duration(seconds)) for \(cells.count) cell\(cells.count == 1 ? "" : "s")"
        )
        line("kernel", kernel)
        for (name, value) in parameters { line("parameter", "\(name) = \(JSON.text(value))") }
        line("notebook", file)
        line("SHA-256", sha256)
        var files: OrderedDictionary<String, String> = [:]
        for cell in cells { for name in cell.files.keys.sorted() { files[name] = cell.files[name] } }
        for (name, hash) in files {
            line("data", name)
            line("SHA-256", hash)
        }
        for model in models {
            guard let weights = model.trainedWeights else {
                line("model", "\(model.name): \(model.id)")
                continue
            }
            // The hash of the weights stands in the next line.
            line("model", "\(model.name): \(model.id.replacing(weights, with: "…"))")
            line("weights", weights)
            line("trained", trained(model))
            if !model.options.isEmpty { line("options", Self.options(model.options)) }
        }
        return DataSet(rows: lines)
    }

    private func trained(_ model: SavedModel) -> String {
        var words: [String] = []
        if let lessons = model.lessons { words.append("on \(Number.integer(Int64(lessons)).grouped) rows") }
        words.append("\(Number.integer(Int64(model.rowsSeen)).grouped) rows seen, its teachers' included")
        if let cell = model.trainedIn { words.append("in \(cell)") }
        if let stopped = model.stoppedAfter { words.append("stopped after \(stopped)") }
        return words.joined(separator: ", ")
    }

    private static func options(_ options: Record) -> String {
        options.filter { !$0.value.isNull && $0.value.list?.isEmpty != true }
            .map { name, value in "\(name) \(value.text ?? JSON.text(value, .line))" }.joined(separator: ", ")
    }

    /// What to type to hold the figures against a fresh run, and to run it all again.
    var commands: [String] {
        let given = parameters.map { name, value in " -p \(Self.quoted("\(name)=\(value.text ?? JSON.text(value))"))" }
        let name = Self.quoted(file)
        return [
            "distnb verify \(name) --kernel \(kernel)", "distnb run \(name) --all --kernel \(kernel)\(given.joined())",
        ]
    }

    /// As a shell takes it for one word.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                    || "-_./=,:+".unicodeScalars.contains($0))
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}

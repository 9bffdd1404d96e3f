/// What a service says, fit to be shown: without keys, on one line, short.
package enum KeylessWords {
    /// What stands where a key stood.
    package static let mark = "[key]"
    /// The most characters that are shown.
    private static let limit = 300

    /// A service's message without what it says of keys.
    ///
    /// Services send parts of a key back: `Incorrect API key provided: sk-ab***xyz`.
    package static func shown(_ text: String) -> String {
        let line = text.split { $0.isWhitespace }.map(String.init).joined(separator: " ")
        let words = withoutKeys(line)
        return words.count > limit ? words.prefix(limit) + "…" : words
    }

    /// A text with every run of characters that may be a key, or a part of one, replaced.
    package static func withoutKeys(_ text: String) -> String {
        var result = ""
        var run = ""
        func flush() {
            result += isKey(run) ? mark : run
            run = ""
        }
        for character in text {
            if isOfKey(character) {
                run.append(character)
            } else {
                flush()
                result.append(character)
            }
        }
        flush()
        return result
    }

    private static func isOfKey(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || "*-_•".contains(character)
    }

    /// What the names of jobs, files and requests begin with, which are no secrets and which support asks for.
    private static let names = ["req_", "ftjob-", "file-", "chatcmpl-", "batch_", "ft-", "org-", "proj_"]
    private static let keys = [
        "sk-", "sk_", "eyj", "gsk_", "hf_", "pk-", "rk-", "aiza", "nvapi-", "xai-", "tgp_", "fw_",
    ]

    private static func isKey(_ run: String) -> Bool {
        let lowered = run.lowercased()
        // Stars stand for what a service hides: the rest is shown of a key.
        if run.contains("***") || run.contains("•••") { return true }
        if keys.contains(where: { lowered.hasPrefix($0) && lowered.count >= $0.count + 4 }) { return true }
        if names.contains(where: lowered.hasPrefix) { return false }
        // Azure's keys are 32 hexadecimal digits, or 84 letters and digits.
        let longest = run.split { !($0.isLetter || $0.isNumber) }.max { $0.count < $1.count } ?? ""
        return longest.count >= 32 && longest.contains(where: \.isNumber) && longest.contains(where: \.isLetter)
    }
}

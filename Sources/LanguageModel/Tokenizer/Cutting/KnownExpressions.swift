/// The expressions by which families of byte-level models cut text, as their tokenizer.json files have them.
enum KnownExpressions {
    private static let contractions = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)"#
    private static let white = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// Capital letters, small letters, and letters that are neither, with their marks.
    private static let capitals = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    private static let smalls = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
    private static let beforeWord = #"[^\r\n\p{L}\p{N}]?"#

    /// Llama 3, and others that cut as OpenAI's cl100k does: up to three digits together.
    static let llama3 = cl100k(digits: #"\p{N}{1,3}"#)
    /// Qwen 2 to 3: digits one by one.
    static let qwen2 = cl100k(digits: #"\p{N}"#)
    /// Mistral's Tekken: words are also cut where small letters end.
    static let tekken = cased(behind: "", digits: #"\p{N}"#)
    /// OpenAI's o200k, which Llama 4 shares.
    static let gpt4o = cased(behind: contractions + "?", digits: #"\p{N}{1,3}"#)

    private static func cl100k(digits: String) -> String {
        contractions + "|" + beforeWord + #"\p{L}+|"# + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + white
    }

    private static func cased(behind: String, digits: String) -> String {
        let word = beforeWord + capitals + "*" + smalls + "+" + behind
        let capitalized = beforeWord + capitals + "+" + smalls + "*" + behind
        return word + "|" + capitalized + "|" + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + white
    }

    /// DeepSeek V3: numbers, then Chinese and Japanese, then the rest.
    static let deepseek3 = [
        #"\p{N}{1,3}"#, #"[一-龥\x{3040}-ゟ゠-ヿ]+"#,
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|"##
            + #"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|"# + white,
    ]
    /// What llama.cpp does with a GGUF file that names no family.
    static let unnamed = [
        #"[\p{P}\$\+<=>\^~\|]+"#,
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
        #"\p{N}+"#, "[0-9][0-9][0-9]",
    ]
}

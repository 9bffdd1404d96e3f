import OrderedCollections
import SeededRandom
import Tables
import Testing

@testable import Notebook

@Suite struct RedactionTests {
    private static let tokens = [
        "sk-abcdefghijklmnopqrst", "sk-proj-A1_b2-C3d4E5f6G7h8", "ghp_0123456789abcdefghijABCDEFGHIJ",
        "github_pat_0123456789abcdefghijABCDEFGHIJ", "glpat-0123456789abcdef", "hf_0123456789abcdefghijABCDEFGHIJ",
        "AKIA0123456789ABCDEF", "AIza0123456789abcdefghijABCDEFGHIJ_-x", "xoxb-0123456789-abcdefghij",
        "npm_0123456789abcdefghijABCDEFGHIJ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w",
    ]

    private let redaction = Redaction(
        secrets: ["correct-horse-battery", "correct-horse", "short", "Grüße-aus-Köln"], home: "/home/ann/")

    @Test(arguments: tokens) func tokensOfCommonServicesAreTakenOut(_ token: String) {
        for (before, after) in [("", ""), ("key=", " "), ("\"", "\""), ("(", ")."), ("é: ", "\n")] {
            #expect(Redaction.shapesOnly.apply(to: before + token + after) == before + "[redacted]" + after)
        }
    }

    @Test(arguments: [
        "sk-short", "risk-assessmentoftheworstcase", "hf_small", "task-0123456789012345678901234567890", "eyJ",
        "disk-abcdefghijklmnopqrstuvw", "AKIA", "an ordinary sentence", "https://example.org/a/b?c=d",
    ]) func ordinaryWordsStay(_ text: String) {
        #expect(Redaction.shapesOnly.apply(to: text) == text)
    }

    @Test func secretsAreTakenOutWhereverTheyStand() {
        #expect(redaction.apply(to: "xcorrect-horsey") == "x[redacted]y")
        #expect(redaction.apply(to: "Grüße-aus-Köln!") == "[redacted]!")
    }

    @Test func theLongerOfTwoSecretsWins() {
        #expect(redaction.apply(to: "correct-horse-battery") == "[redacted]")
    }

    @Test func valuesTooShortToBeSecretStay() {
        #expect(redaction.apply(to: "a short text") == "a short text")
        #expect(Redaction(secrets: ["", "x"], home: "").apply(to: "x") == "x")
    }

    @Test(arguments: [
        ("/home/ann", "~"), ("/home/ann/", "~/"), ("/home/ann/a.txt", "~/a.txt"), ("in /home/ann/x,", "in ~/x,"),
        ("\"/home/ann\"", "\"~\""), ("file:///home/ann/x", "file://~/x"),
        ("PATH=/home/ann/bin:/home/ann/b", "PATH=~/bin:~/b"),
    ]) func theHomeFolderBecomesATilde(_ text: String, _ redacted: String) {
        #expect(redaction.apply(to: text) == redacted)
    }

    @Test(arguments: [
        "/home/anna/x", "/home/ann-b", "/home/ann.old/x", "x/home/ann/y", "/mnt/home/ann/x", "/home", "~/home/ann",
        "/home/annä",
    ]) func pathsThatOnlyLookLikeHomeStay(_ text: String) {
        #expect(redaction.apply(to: text) == text)
    }

    @Test func aRootIsNoHome() {
        #expect(Redaction(home: "/").apply(to: "/etc/hosts") == "/etc/hosts")
        #expect(Redaction(home: "").apply(to: "/etc/hosts") == "/etc/hosts")
        #expect(Redaction(home: "/base").apply(to: "/based /base/a x/base/b") == "/based ~/a x/base/b")
    }

    @Test func allTextsOfAValueAreRedacted() {
        let value: Value = [
            "a": ["/home/ann/x", 5, nil], "b": ["c": "correct-horse"], "e": .error(RowError("no /home/ann/y")),
        ]
        #expect(
            redaction.apply(to: value) == [
                "a": ["~/x", 5, nil], "b": ["c": "[redacted]"], "e": .error(RowError("no ~/y")),
            ])
    }

    @Test func namesOfFieldsAreRedacted() {
        let token = "sk-abcdefghijklmnopqrst"
        #expect(redaction.apply(to: [token: 1, "b": 2]) == ["[redacted]": 1, "b": 2] as Value)
    }

    @Test func picturesStayAsTheyAre() {
        let token = "sk-abcdefghijklmnopqrst"
        let bundle: Value = ["image/png": .string(token), "text/plain": .string(token)]
        let output: Value = ["output_type": "display_data", "data": bundle]
        let kept: Value = ["image/png": .string(token), "text/plain": "[redacted]"]
        #expect(redaction.apply(toOutput: output)[field: "data"] == kept)
        // Elsewhere a name is only a name.
        #expect(redaction.apply(to: bundle)[field: "image/png"] == "[redacted]")
    }

    private static let pieces =
        tokens + [
            "correct-horse", "correct-horse-battery", "/home/ann ", "/home/ann/x", "/home/anna", " ", "\n", "=", "\"",
            "é", "sk-", "~", "/", "-", ".", "a", "😀",
        ]

    @Test(arguments: UInt64(0)..<300) func redactingAgainChangesNothing(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let text = (0..<random.below(12)).map { _ in random.one(of: Self.pieces) }.joined()
        let once = redaction.apply(to: text)
        #expect(redaction.apply(to: once) == once)
        #expect(!once.contains("correct-horse"))
    }

    @Test(arguments: UInt64(0)..<50) func textWithNothingToHideIsUnchanged(_ seed: UInt64) {
        for text in HostileTexts(seed: seed).prefix(20) {
            #expect(Array(redaction.apply(to: text).utf8) == Array(text.utf8))
        }
    }
}

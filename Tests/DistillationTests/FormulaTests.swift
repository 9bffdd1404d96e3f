import Tables
import Testing

@testable import Distillation

/// `calculate_output` of OpenAI's `multi` grader.
@Suite struct FormulaTests {
    private func value(_ text: String, _ scores: [String: Double] = ["a": 2, "b": 0.5, "my score": 3]) throws -> Double
    {
        try Formula(text, names: Array(scores.keys)).value(scores)
    }

    @Test func operatorsBindAsInArithmetic() throws {
        #expect(try value("1 + 2 * 3") == 7)
        #expect(try value("(1 + 2) * 3") == 9)
        #expect(try value("2 - 3 - 4") == -5)
        #expect(try value("8 / 4 / 2") == 1)
        #expect(try value("2 ^ 3 ^ 2") == 512)
        #expect(try value("-2 ^ 2") == -4)
        #expect(try value("2 ^ -1") == 0.5)
        #expect(try value("2 * -a + +b") == -3.5)
        #expect(try value("1.5e1 + .5") == 15.5)
    }

    @Test func namesAndFunctionsAreReadWithBlanksInNamesToo() throws {
        #expect(try value("0.25 * a + 0.5*b") == 0.75)
        #expect(try value("my score / a") == 1.5)
        #expect(try value("min(a, b, 1) + max(a, b)") == 2.5)
        #expect(try value("abs(b - a) + floor(1.7) + ceil(1.2) + sqrt(4)") == 6.5)
        #expect(abs(try value("log(exp(a))") - 2) < 1e-12)
        // A grader may have the name of a function; alone it is the grader.
        #expect(try value("max", ["max": 4]) == 4)
        #expect(try value("a_b + a", ["a": 1, "a_b": 10]) == 11)
    }

    @Test func whatHasNoValueIsAnErrorValue() throws {
        for text in [
            "1 / (a - 2)", "log(0)", "log(0 - 1)", "sqrt(0 - 1)", "(0 - 8) ^ 0.5", "exp(1000)", "10 ^ 400", "0 ^ -1",
        ] {
            let formula = try Formula(text, names: ["a"])
            #expect(throws: RowError.self, "\(text)") { try formula.value(["a": 2]) }
        }
        let formula = try Formula("a + b", names: ["a", "b"])
        #expect(throws: RowError.self) { try formula.value(["a": 2]) }
    }

    @Test func whatCannotBeReadSaysWhereAndWhatWasExpected() {
        for (text, offset) in [
            ("", 0), ("1 +", 3), ("a b", 2), ("(1", 2), ("c * 2", 0), ("min()", 4), ("floor(1, 2)", 7), ("1 ? 2", 2),
            ("1..2", 0), ("a ** 2", 3), ("foo(a)", 0),
        ] {
            do throws(FormulaError) {
                _ = try Formula(text, names: ["a", "b"])
                Issue.record("\(text) was read")
            } catch {
                #expect(error.offset == offset, "\(text): \(error)")
            }
        }
    }

    @Test func hostileTextsEndInAnError() {
        for text in [
            String(repeating: "(", count: 1_000), String(repeating: "-", count: 1_500) + "1)",
            String(repeating: "1+", count: 100_000), String(repeating: "2^", count: 900) + "1",
            String(repeating: "abs(", count: 400),
        ] {
            #expect(throws: FormulaError.self) { try Formula(text, names: ["a"]) }
        }
        #expect(throws: Never.self) { try Formula(String(repeating: "1+", count: 900) + "1", names: []).value([:]) }
    }
}

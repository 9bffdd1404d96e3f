import PipelineSyntax
import Testing

@Suite struct MistakeSnapshotTests {
    @Test(arguments: MistakeSnapshots.all) func mistakesAreTold(_ snapshot: MistakeSnapshots.Snapshot) {
        #expect(MistakeSnapshots.told(snapshot.source) == snapshot.told)
    }

    @Test func manyHabitsOfOtherLanguagesAreKnown() { #expect(MistakeSnapshots.all.count > 60) }

    /// A cell with mistakes amid right ones: each mistake is told, and the right statements are in the program.
    @Test func rightStatementsAroundMistakesAreRead() {
        let text = "let a = 1\nlet b = = 2\nlet c = [1, (2 3), 4]\nlet d = 4\nd | where .x = 1 | take 5\nlet e = 5"
        let result = Parser.parse(SourceText(name: "cell 1", text: text))
        #expect(result.diagnostics.map { $0.place?.span.start } == [18, 37, 67])
        #expect(result.program.boundNames == ["a", "d", "e"])
    }

    @Test func aHundredMistakesAreEnough() {
        let text = String(repeating: "let = 1\n", count: 5_000)
        #expect(Parser.parse(SourceText(name: "cell 1", text: text)).diagnostics.count == 100)
    }
}

/// Programs with mistakes, and below each what is told: code, line and column, the words there, message, hint.
enum MistakeSnapshots {
    struct Snapshot: Sendable, CustomTestStringConvertible {
        let source: String
        let told: String
        var testDescription: String { source.split(separator: "\n").first.map(String.init) ?? "" }
    }

    static let all: [Snapshot] = text.split(separator: "\n====\n").compactMap { pair in
        let parts = pair.split(separator: "\n----\n").map(String.init)
        return parts.count == 2 ? Snapshot(source: parts[0], told: parts[1]) : nil
    }

    /// What the parser tells of a program.
    static func told(_ program: String) -> String {
        let source = SourceText(name: "cell 1", text: program)
        let verbs: Set = [
            "where", "take", "generate", "grade", "sort", "show", "select", "each", "finetune", "ask", "model", "load",
            "upper",
        ]
        return Parser.parse(source, words: Parser.Words(verbs: verbs)).diagnostics.map { mistake in
            let span = mistake.place?.span ?? Span(0..<0)
            let (line, column) = source.position(of: span.start)
            let place = "\(mistake.code.rawValue) \(line):\(column) `\(source.text(of: span))`"
            return "\(place) \(mistake.message)" + (mistake.hint.map { "\n  Hint: \($0)" } ?? "")
        }.joined(separator: "\n")
    }

    private static let text = ##"""
        rows | where .a && .b == 1
        ----
        E0101 1:17 `&&` Expected `and`; `&&` doesn't exist.
          Hint: and
        ====
        rows | where .a == 1 || .b == 2
        ----
        E0101 1:22 `||` Expected `or`; `||` doesn't exist.
          Hint: or
        ====
        rows | where .a === 1 and .b !== 2
        ----
        E0101 1:17 `===` Expected `==`; `===` doesn't exist.
          Hint: ==
        E0101 1:30 `!==` Expected `!=`; `!==` doesn't exist.
          Hint: !=
        ====
        rows | where !.a
        ----
        E0101 1:14 `!` Expected `not`; `!` doesn't exist.
          Hint: not
        ====
        rows | where .a <> 1
        ----
        E0101 1:17 `<>` Expected `!=`; `<>` doesn't exist.
          Hint: !=
        ====
        rows %>% take(5)
        ----
        E0101 1:6 `%>%` Expected `|`; `%>%` doesn't exist.
          Hint: |
        ====
        rows |> take(5)
        ----
        E0101 1:6 `|>` Expected `|`; `|>` doesn't exist.
          Hint: |
        ====
        x = 5
        ----
        E0107 1:3 `=` Expected `let` before a name that is given a value.
          Hint: let x = 5
        ====
        x := 5
        ----
        E0107 1:3 `:=` Expected `let` before a name that is given a value.
          Hint: let x = 5
        ====
        x <- 5
        ----
        E0107 1:3 `<-` Expected `let` before a name that is given a value.
          Hint: let x = 5
        ====
        var x = 1
        ----
        E0111 1:1 `var` Expected `let`; `var` doesn't exist.
          Hint: let x = 1
        ====
        const x: Int = 1
        ----
        E0111 1:1 `const` Expected `let`; `const` doesn't exist.
          Hint: let x = …
        ====
        let x == 5
        ----
        E0108 1:7 `==` Expected `=` after `x`, found `==`.
          Hint: let x = 5
        ====
        x += 1
        ----
        E0108 1:3 `+=` Expected a new name; nothing changes its value.
          Hint: let x = x + 1
        ====
        def f(x):
          y = x + 1
          return y
        let z = 1
        ----
        E0111 1:1 `def` Expected `fn`; `def` doesn't exist.
          Hint: fn f(x) = …
        ====
        function f(x) { return x }
        ----
        E0111 1:1 `function` Expected `fn`; `function` doesn't exist.
          Hint: fn f(x) = …
        ====
        f(x) { x + 1 }
        ----
        E0108 1:6 `{` Expected `=` and an expression; an `fn` has no braces.
          Hint: fn twice(x) = x * 2
        ====
        rows | each (x => x.price * 2)
        ----
        E0111 1:16 `=>` Expected an expression; `=>` doesn't exist, the row at hand is a dot.
          Hint: .price * 2
        ====
        rows | each((x, y) => x + y)
        ----
        E0111 1:20 `=>` Expected an expression; `=>` doesn't exist, the row at hand is a dot.
          Hint: fn both(x, y) = …
        ====
        rows | each lambda x: x.price
        ----
        E0111 1:13 `lambda` Expected an expression; `lambda` doesn't exist, the row at hand is a dot.
          Hint: .price
        ====
        rows.map(lambda x: x + 1, 5)
        ----
        E0104 1:5 `.map` Expected `|` before a verb; values have no methods.
          Hint: rows | map lambda x: x + 1, 5
        E0111 1:10 `lambda` Expected an expression; `lambda` doesn't exist, the row at hand is a dot.
          Hint: . + 1
        ====
        rows | each (x -> x.y)
        ----
        E0111 1:16 `->` Expected an expression; `->` doesn't exist, the row at hand is a dot.
          Hint: .y
        ====
        rows.where(.a == 1).take(5)
        ----
        E0104 1:5 `.where` Expected `|` before a verb; values have no methods.
          Hint: rows | where .a == 1
        ====
        rows.head()
        ----
        E0104 1:5 `.head` Expected `|` before a verb; values have no methods.
          Hint: rows | head
        ====
        rows[0:5]
        ----
        E0108 1:7 `:` Expected `]`; a part of a list is taken by verbs.
          Hint: rows | skip 2 | take 3
        ====
        [x * 2 for x in rows]
        ----
        E0111 1:8 `for` Expected a pipeline; verbs work on every row, `for` doesn't exist.
          Hint: rows | derive size: len(.prompt)
        ====
        for (q of rows) {
          print(q)
        }
        ----
        E0111 1:1 `for` Expected a pipeline; verbs work on every row, `for` doesn't exist.
          Hint: rows | derive size: len(.prompt)
        ====
        while x < 3:
          x
        ----
        E0111 1:1 `while` Expected a pipeline; verbs work on every row, `while` doesn't exist.
          Hint: rows | derive size: len(.prompt)
        ====
        import pandas as pd
        ----
        E0111 1:1 `import` Expected a pipeline; there is nothing to import, every verb is there.
          Hint: load "data/rows.jsonl"
        ====
        from pandas import read_csv
        ----
        E0111 1:1 `from` Expected a pipeline; there is nothing to import, every verb is there.
          Hint: load "data/rows.jsonl"
        ====
        return 5
        ----
        E0111 1:1 `return` Expected a pipeline; an `fn` is its value, `return` doesn't exist.
          Hint: fn twice(x) = x * 2
        ====
        SELECT prompt, intent FROM rows WHERE intent = 'refund'
        ----
        E0111 1:1 `SELECT` Expected the rows first; the verbs follow in the order in which they work.
          Hint: rows | where … | select .prompt, .intent
        ====
        rows | where .intent = 'refund' AND .n > 3
        ----
        E0107 1:22 `=` Expected a comparison; `=` belongs to `let`.
          Hint: .intent == 'refund'
        E0111 1:33 `AND` Expected `and`; words of the language are written small.
          Hint: and
        ====
        rows | where .text like '%refund%'
        ----
        E0111 1:20 `like` Expected a function such as `matches`; `like` doesn't exist.
          Hint: matches(.text, "refund")
        ====
        rows | where .n between 1 and 5
        ----
        E0111 1:17 `between` Expected a comparison, or `in` with a range; `between` doesn't exist.
          Hint: .n in 1..5
        ====
        ask m, 'it''s'
        ----
        E0108 1:12 `'s'` Expected one text; `''` is no quote inside '…'.
          Hint: "it's"
        ====
        ask m, "say ""hi"""
        ----
        E0108 1:14 `"` Expected one text; a quote inside "…" is written \".
          Hint: \"
        ====
        {a = 1, b: 2}
        ----
        E0108 1:4 `=` Expected `a:`; `=` belongs to `let`.
          Hint: a: 1
        ====
        f(x = 1, y = 2)
        ----
        E0108 1:5 `=` Expected `x:`; `=` belongs to `let`.
          Hint: x: 1
        E0108 1:12 `=` Expected `y:`; `=` belongs to `let`.
          Hint: y: 2
        ====
        lessons | finetune student, epochs = 3
        ----
        E0108 1:36 `=` Expected `epochs:`; `=` belongs to `let`.
          Hint: epochs: 3
        ====
        x ** 2
        ----
        E0108 1:3 `**` Expected one `*`; a power is a function.
          Hint: power(x, 2)
        ====
        x > 1 ? "a" : "b"
        ----
        E0101 1:7 `?` Expected `if`; `?` and `:` make no choice.
          Hint: if .n > 1 then "many" else "one"
        ====
        // a comment
        let x = 1
        ----
        E0101 1:1 `//` Expected `#` before a comment.
          Hint: # a comment
        ====
        /* a
        comment */ let x = 1
        ----
        E0101 1:1 `/*` Expected `#` before a comment.
          Hint: # a
        ====
        rows | filter x -> x.y | take 5
        ----
        E0111 1:17 `->` Expected an expression; `->` doesn't exist, the row at hand is a dot.
          Hint: .y
        ====
        questions.test generate student
        ----
        E0104 1:16 `generate` Expected `|` or a new line before the verb `generate`.
          Hint: questions.test | generate student
        ====
        lessons | where .correct = 1
        ----
        E0107 1:26 `=` Expected a comparison; `=` belongs to `let`.
          Hint: .correct == 1
        ====
        model "student", system: "You are Cora
        ----
        E0102 1:26 `"` Expected a closing `"` on this line.
          Hint: add it, or use """ for several lines.
        ====
        for q in questions.test
        ----
        E0111 1:1 `for` Expected a pipeline; verbs work on every row, `for` doesn't exist.
          Hint: questions.test | derive size: len(.prompt)
        ====
        len(rows | where .a)
        ----
        E0108 1:10 `|` Expected `,` or `)`; a pipeline as an argument stands in parentheses of its own.
          Hint: len((rows | where .a))
        ====
        if x > 1 then 2
        ----
        E0108 1:16 `` Expected `else`; an `if` always has a value, found the end.
          Hint: if … then … else null
        ====
        let x 5
        ----
        E0108 1:7 `5` Expected `=` after `x`, found `5`.
          Hint: let x = 5
        ====
        rows | take 5 6
        ----
        E0108 1:15 `6` Expected an operator, `,`, `|` or a new line before `6`.
        ====
        f(a b, c d)
        ----
        E0108 1:5 `b` Expected `,` or `)`, which closes the `(` at 1:2, found `b`.
        E0108 1:10 `d` Expected `,` or `)`, which closes the `(` at 1:2, found `d`.
        ====
        rows | where (.a == ) | take 5. | sort desc(.n) 7
        ----
        E0108 1:21 `)` Expected a value, found `)`.
        E0106 1:30 `5.` Expected a digit after the point.
          Hint: 5.0 or 5
        E0108 1:49 `7` Expected an operator, `,`, `|` or a new line before `7`.
        ====
        let a = [1, 2
        let b = 3
        let = 4
        ----
        E0105 1:9 `[` Expected `]` for this `[`.
          Hint: add `]`
        E0108 3:5 `=` Expected a name after `let`, found `=`.
        ====
        f("abc) | take 5
        let y = = 2
        ----
        E0102 1:3 `"` Expected a closing `"` on this line.
          Hint: add it, or use """ for several lines.
        E0108 2:9 `=` Expected a value, found `=`.
          Hint: a comparison is written `==`
        ====
        rows | where .a @ 3 | take )
        let z = [1, (2 3), {a b}, "x ${1 2} y"]
        ----
        E0101 1:17 `@` Expected a name, a number, text or a sign, found `@`.
          Hint: remove it
        E0105 1:28 `)` Expected no `)` here; nothing is open.
          Hint: remove it, or open it with `(`
        E0108 2:16 `3` Expected `,` or `)`, which closes the `(` at 2:13, found `3`.
        E0108 2:23 `b` Expected `,` or `}`, which closes the `{` at 2:20, found `b`.
        E0108 2:34 `2` Expected `}` after the expression in `${…}`, found `2`.
        ====
        rows | | take 5 | 5 | show
        ----
        E0108 1:8 `|` Expected a verb after `|`, found `|`.
          Hint: | take 5
        E0108 1:19 `5` Expected a verb after `|`, found `5`.
          Hint: | take 5
        ====
        {"a" 1, "b": }
        ----
        E0108 1:6 `1` Expected `:` after the field's name, found `1`.
        E0108 1:14 `}` Expected a value, found `}`.
        ====
        f(]
        ----
        E0105 1:3 `]` Expected `)`, which closes the `(` at 1:2, found `]`.
        ====
        [1, 2))
        ----
        E0105 1:6 `)` Expected `]`, which closes the `[` at 1:1, found `)`.
        E0105 1:7 `)` Expected no `)` here; nothing is open.
          Hint: remove it, or open it with `(`
        ====
        rows | where .a = 1 and .b = 2
        ----
        E0107 1:17 `=` Expected a comparison; `=` belongs to `let`.
          Hint: .a == 1
        E0107 1:28 `=` Expected a comparison; `=` belongs to `let`.
          Hint: .b == 2
        ====
        "Hello ${name" | upper
        ----
        E0102 1:8 `${` Expected a closing `}` for this `${`.
          Hint: close it, or write \${ for the signs themselves
        ====
        let x = """abc
        ----
        E0102 1:9 `"""` Expected a closing `"""`.
          Hint: add """
        ====
        fn f(x, 5, y) = x y
        ----
        E0108 1:9 `5` Expected a parameter's name, found `5`.
          Hint: fn f(x, n: 5) = …
        ====
        rows | select .a .b
        ----
        E0108 1:18 `.b` Expected an operator, `,`, `|` or a new line before `.b`.
        ====
        rows | where .a == 1 == 2
        ----
        E0110 1:22 `==` Expected one comparison; two in a row do not chain.
          Hint: join them with `and`, or use `in`: .x in 1..5
        ====
        | take 5
        ----
        E0108 1:1 `|` Expected a value before `|`.
          Hint: rows | take 5
        ====
        rows
          | where .a == "x
          | take 5
        ----
        E0102 2:17 `"` Expected a closing `"` on this line.
          Hint: add it, or use """ for several lines.
        ====
        echo $HOME
        ----
        E0101 1:6 `$` Expected a name, a number, text or a sign, found `$`.
          Hint: ${…} stands only inside "…"
        ====
        “hello”
        ----
        E0101 1:1 `“` Expected a straight quote, found `“`.
          Hint: "hello"
        ====
        rows | take 5;;; let | x
        ----
        E0108 1:22 `|` Expected a name after `let`, found `|`.
        ====
        f([1, 2)
        let x = 5
        ----
        E0105 1:8 `)` Expected `]`, which closes the `[` at 1:3, found `)`.
        ====
        fn f(x) x + 1
        ----
        E0108 1:9 `x` Expected `=` after `fn f(…)`, found `x`.
          Hint: fn f(…) = x + 1
        ====
        f(“a b”, x)
        ----
        E0101 1:3 `“` Expected a straight quote, found `“`.
          Hint: "a b"
        ====
        rows | where (.a == 1 and [.b, .c) | take 5
        ----
        E0105 1:34 `)` Expected `]`, which closes the `[` at 1:27, found `)`.
        ====
        let a = f(1,
          2
        fn g(x) = x
        ----
        E0105 1:10 `(` Expected `)` for this `(`.
          Hint: add `)`
        ====
        rows.where(.a = 1) | take = 5 | sort 1.
        ----
        E0104 1:5 `.where` Expected `|` before a verb; values have no methods.
          Hint: rows | where .a = 1
        E0107 1:15 `=` Expected a comparison; `=` belongs to `let`.
          Hint: .a == 1
        E0107 1:27 `=` Expected `let` before a name that is given a value.
        E0106 1:38 `1.` Expected a digit after the point.
          Hint: 1.0 or 1
        ====
        x => x + 1
        ----
        E0111 1:3 `=>` Expected an expression; `=>` doesn't exist, the row at hand is a dot.
          Hint: . + 1
        ====
        rows | derive a: .x ++, b: .y
        ----
        E0108 1:22 `+` Expected a value, found `+`.
        ====
        rows | where .a is
        ----
        E0108 1:19 `` Expected null, error, text, number, list or record after `is`, found the end.
          Hint: compare values with `==`
        ====
        print("a"; "b")
        ----
        E0108 1:10 `;` Expected `,` or `)` inside the `(`; `;` ends a statement.
          Hint: ,
        """##
}

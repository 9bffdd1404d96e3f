/// The messages of the explanations' wrong programs, by code. Written by
/// `DISTNB_RECORD=1 swift test --filter ExplanationTests`; do not change them by hand.
enum ExplanationMessages {
    static let all: [String: String] = [
        "E0101": #"""
        E0101 cell 2, 1:27   bank | where .category == “refund”
                                                       ^
          Expected a straight quote, found `“`.
          Hint: "refund"
        """#,
        "E0102": #"""
        E0102 cell 2, 1:36   let shy = model "student", system: "Answer in five words
                                                                ^
          Expected a closing `"` on this line.
          Hint: add it, or use """ for several lines.
        """#,
        "E0103": #"""
        E0103 cell 2, 1:15   let path = "C:\data"
                                           ^^
          Expected one of \n \t \r \" \\ \$ \u{…}, found `\d`.
          Hint: write \\ for a backslash, or use '…' for text as it stands
        """#,
        "E0104": #"""
        E0104 cell 2, 1:16   questions.test generate student
                                            ^^^^^^^^
          Expected `|` or a new line before the verb `generate`.
          Hint: questions.test | generate student
        """#,
        "E0105": #"""
        E0105 cell 2, 1:37   bank | where (.category == "refund"))
                                                                 ^
          Expected no `)` here; nothing is open.
          Hint: remove it, or open it with `(`
        """#,
        "E0106": #"""
        E0106 cell 2, 1:31   orders | derive tax: .total * .05
                                                           ^^^
          Expected a digit before the point.
          Hint: 0.05
        """#,
        "E0107": #"""
        E0107 cell 2, 1:24   bank | where .category = "refund"
                                                    ^
          Expected a comparison; `=` belongs to `let`.
          Hint: .category == "refund"
        """#,
        "E0108": #"""
        E0108 cell 2, 1:17   bank | take 2 | | sort .text
                                             ^
          Expected a verb after `|`, found `|`.
          Hint: | take 5
        """#,
        "E0110": #"""
        E0110 cell 2, 1:27   orders | where 5 < .total < 50
                                                       ^
          Expected one comparison; two in a row do not chain.
          Hint: join them with `and`, or use `in`: .x in 1..5
        """#,
        "E0111": #"""
        E0111 cell 2, 1:1    for row in bank
                             ^^^
          Expected a pipeline; verbs work on every row, `for` doesn't exist.
          Hint: bank | derive size: len(.prompt)
        """#,
        "E0201": #"""
        E0201 cell 2, 1:18   questions.test | genrate student
                                              ^^^^^^^
          Expected a verb; there is no `genrate`.
          Hint: did you mean `generate`?
        """#,
        "E0202": #"""
        E0202 cell 2, 1:1    bnak | take 2
                             ^^^^
          Expected a name from `let`; there is no `bnak`.
          Hint: did you mean `bank`?
        """#,
        "E0203": #"""
        E0203 cell 2, 1:18   bank | sample 2, random_state: 7
                                              ^^^^^^^^^^^^^
          Expected an argument of `sample`: n, seed.
          Hint: did you mean `seed:`?
        """#,
        "E0204": #"""
        E0204 cell 2, 1:14   bank | where .categry == "refund"
                                          ^^^^^^^^
          Expected a column of `bank`: category, text.
          Hint: did you mean `.category`?
              cell 1, 1:5    let bank = load "bank.csv"
                                 ^^^^
          `bank` is made here.
        """#,
        "E0205": #"""
        E0205 cell 2, 1:14   bank | where category == "refund"
                                          ^^^^^^^^
          Expected a name from `let`; `category` is a column.
          Hint: .category
        """#,
        "E0206": #"""
        E0206 cell 2, 1:6    mean(.total)
                                  ^^^^^^
          Expected a verb that works on rows around `.total`.
          Hint: rows | derive new: .total
        """#,
        "E0207": #"""
        E0207 cell 2, 1:27   bank | derive prompt: "Q: {{item.text}}"
                                                       ^^^^^^^^^^^^^
          Expected text or ${…}; only graders fill {{…}}.
          Hint: "Q: ${.text}"
        """#,
        "E0208": #"""
        E0208 cell 2, 1:18   questions.test | student
                                              ^^^^^^^
          Expected a verb; `student` is a model.
          Hint: | generate student
              cell 1, 5:5    let student = model "student"
                                 ^^^^^^^
          `student` is made here.
        """#,
        "E0209": #"""
        E0209 cell 2, 1:14   bank | where ___
                                          ^^^
          This is a hole; for `condition` of `where` fits: a condition on `.column`; columns: .text text, .category text.
          Hint: replace ___, as in  rows | where .intent == "refund"
        """#,
        "E0210": #"""
        E0210 cell 2, 1:15   bank | derive category: "x"
                                           ^^^^^^^^^
          Expected a new column's name; the rows already have `.category`.
          Hint: choose another name, or drop .category first
        """#,
        "E0211": #"""
        E0211 cell 2, 1:30   quiz | derive stem: .question.stm
                                                          ^^^^
          Expected a field of `.question`: choices, stem.
          Hint: did you mean `.stem`?
        """#,
        "E0212": #"""
        W0212 cell 2, 1:5    let few = bank | take 2
                                 ^^^
          Expected something to read `few`; nothing does.
          Hint: remove the line, or end the cell with `few` to see it
        """#,
        "E0213": #"""
        W0213 cell 2, 1:4    fn take(rows) = rows | sample 2
                                ^^^^
          Expected a name of its own; from here on this `fn` hides the verb `take`.
          Hint: fn my_take(…) = …
        """#,
        "E0214": #"""
        W0214 cell 2, 1:14   bank | where "category" == "refund"
                                          ^^^^^^^^^^^^^^^^^^^^^^
          Expected a condition on the rows; this one is the same for every row.
          Hint: .category == "refund"
        """#,
        "E0301": #"""
        E0301 cell 2, 1:8    bank | take
                                    ^^^^
          Expected a whole number from 0 (`n`) for `take`.
          Hint: rows | take 5
        """#,
        "E0302": #"""
        E0302 cell 2, 1:28   let shy = model "student", "Answer in five words."
                                                        ^^^^^^^^^^^^^^^^^^^^^^^
          Expected one argument for `model`; this one has no place.
          Hint: model "student", system: "Answer as JSON."
        """#,
        "E0303": #"""
        E0303 cell 2, 1:16   orders | where .total > "10"
                                            ^^^^^^^^^^^^^
          Expected two numbers or two texts around `>`, found a number and text.
          Hint: .total > 10
        """#,
        "E0304": #"""
        E0304 cell 2, 1:37   lessons | finetune student, epochs: 500
                                                                 ^^^
          Expected a whole number from 1 to 50, found 500.
          Hint: lessons | finetune student, epochs: 3
        """#,
        "E0305": #"""
        E0305 cell 2, 1:1    questions | generate student
                             ^^^^^^^^^
          Expected rows; this is a split of train, test.
          Hint: questions.test | generate student
              cell 1, 4:5    let questions = load "questions.jsonl" | split {train: 0.5, test: 0.5}, seed: 7
                                 ^^^^^^^^^
          `questions` is made here.
        """#,
        "E0306": #"""
        E0306 cell 2, 1:24   bank | derive size: 1, size: 2
                                                    ^^^^^
          Expected `size` once; it is given twice.
          Hint: remove one
        """#,
        "E0307": #"""
        E0307 cell 2, 1:1    9223372036854775807 + 1
                             ^^^^^^^^^^^^^^^^^^^^^^^
          Expected a whole number of at most 64 bits; the result does not fit. Use a number with a fraction: 1.0 * …
        """#,
        "E0401": #"""
        E0401 cell 2, 1:19   let pupil = model "studnet"
                                               ^^^^^^^^^
          Expected a model of the kernel `scripted`: broken, silent, student, teacher.
          Hint: did you mean "student"?
        """#,
        "E0402": #"""
        E0402 cell 2, 3:31   compare [student, tuned], on: questions.test, with: correct
                                                           ^^^^^^^^^^^^^^
          Expected rows new to `tuned`; cell 2 trained it on these.
          Hint: train on questions.train.
        """#,
        "E0403": #"""
        E0403 cell 2, 1:1    questions.test | where .intent == "nothing" | generate student
                             ^^^^^^^^^^^^^^
          Expected rows to generate for; there are none.
          Hint: look at what the steps before keep
        """#,
        "E0404": #"""
        E0404 cell 2, 2:18   questions.test | generate b
                                              ^^^^^^^^
          The weights of `broken` are damaged.
          Hint: remove the file; it is fetched again
        """#,
        "E0405": #"""
        E0405 cell 2, 2:18   questions.test | generate s
                                              ^^^^^^^^
          Expected answers; all 4 rows failed. The first: no answer within 60 s.
        """#,
        "E0406": #"""
        E0406 cell 2, 1:51   lessons | finetune student, update: "full", rank: 8
                                                                               ^
          Expected no rank; `update: "full"` trains every weight.
          Hint: leave out rank, or update
        """#,
        "E0408": #"""
        E0408 cell 2, 1:42   let same = grader "string_check", input: "{{item.answer}}", reference: "{{item…
                                                                      ^^^^^^^^^^^^^^^^^
          Expected a template that reads what the model answered; without one every model gets the same grade.
          Hint: input: "{{sample.output_text}}"
        E0408 cell 3, 2:52   compare [student, cora], on: questions.test, with: long
                                                                                ^^^^
          Expected a grader that reads what a model answered; `long` gives every model the same grade.
          Hint: grader .output == .answer
        """#,
        "E0501": #"""
        E0501 cell 2, 1:6    load "broken.jsonl"
                                  ^^^^^^^^^^^^^^
          broken.jsonl, line 2, column 7: expected a JSON value, found `refund`.
          Hint: mend the line, or add bad_rows: "skip" (counted).
        """#,
        "E0502": #"""
        E0502 cell 2, 1:6    load "questons.jsonl"
                                  ^^^^^^^^^^^^^^^^
          There is no file questons.jsonl in the folder lab.
          Hint: did you mean "questions.jsonl"?
        """#,
        "E0503": #"""
        E0503 cell 2, 1:6    load "../secret.csv"
                                  ^^^^^^^^^^^^^^^
          ../secret.csv is outside the notebook's folder, the folder lab, where paths begin.
          Hint: copy it there, run with --root DIR, or make its path a `param` and set it with -p
        """#,
        "E0504": #"""
        E0504 cell 2, 1:6    load "more", format: "csv"
                                  ^^^^^^
          more is a folder, not a file.
          Hint: name a file in it
        """#,
        "E0505": #"""
        E0505 cell 2, 1:6    load "notes.txt"
                                  ^^^^^^^^^^^
          Expected a file that ends in .jsonl, .json, .csv or .tsv, found notes.txt.
          Hint: load "notes.txt", format: "jsonl"
        """#,
        "E0601": #"""
        E0601 cell 2, 2:7    check len(few) == 3, "three rows are taken"
                                   ^^^^^^^^^^^^^
          Not yet: three rows are taken.
        """#,
    ]
}

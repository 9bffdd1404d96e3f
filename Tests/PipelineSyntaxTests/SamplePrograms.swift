/// The sample and the twelve programs of the language's description: the parser's first tests.
enum SamplePrograms {
    static let all = twelve + [sample]

    static let sample = #"""
        # 1 · Load
        param rows = 1000
        let questions = load "data/zava-questions.jsonl"
          | sample rows, seed: 7
          | rename prompt: .question
          | split {train: 0.6, validation: 0.1, test: 0.3}, by: .intent, seed: 7

        # 2 · Models: the kernel decides who "teacher" and "student" are
        let cora = model "teacher", system: read("prompts/cora.md")
        let student = model "student", system: "You are Cora. Answer as JSON."
        ask [student, cora], "Where is my order 10441?"

        # 3 · What counts as right
        let correct = grader .output_json.intent == .intent

        # 4 · Before
        let before = questions.test | generate student | grade correct

        # 5 · The teacher writes the lessons; keep the right ones
        let lessons = questions.train
          | generate cora, temperature: 0.2, store: {lab: "3.3"}
          | grade correct
          | where .correct == 1

        # 6 · Fine-tune
        let tuned = lessons | finetune student, epochs: 3, validation: questions.validation

        # 7 · Compare
        compare [student, tuned, cora], on: questions.test, with: correct
        """#

    static let twelve: [String] = [
        #"""
        # 1 look
        let bank = load "data/banking77.csv"
        bank | group .category, n: count(), length: mean(len(words(.text)))
          | sort desc(.n) | take 5
        """#,
        #"""
        # 2 clean and split
        fn tidy(text) = trim(replace(text, '\s+', " "))
        let parts = load "data/bitext.csv"
          | derive prompt: tidy(.utterance)
          | where len(.prompt) in 8..400 and .intent is not null
          | dedupe .prompt, similarity: 0.9
          | split {train: 0.8, test: 0.2}, by: .intent, seed: 7
        """#,
        #"""
        # 3 join
        let orders = load "data/orders.csv" | rename order: ."Order ID"
        load "data/tickets.csv" | join orders, on: .order, keep: "left"
          | where .status is null
        """#,
        #"""
        # 4 nested JSON
        fn menu(c) = join_text((c | each "${.label}) ${.text}"), "\n")
        let quiz = load "data/csqa.jsonl"
          | derive prompt: "${.question.stem}\n${menu(.question.choices)}"
        """#,
        #"""
        # 5 talk
        let shy = model "student", system: "Answer in five words."
        ask [shy, student], "Do you sell paint?", temperature: 0
        """#,
        #"""
        # 6 reason, but teach only the answer
        let right = grader last_number(.output) == .answer
        let sums = math.train | generate cora, reasoning: "cot", samples: 4, seed: 1
          | grade right | where .right == 1 | distinct .prompt
        """#,
        #"""
        # 7 OpenAI's graders, as they are
        let same = grader json(read("graders/openai.json"))
        let polite = grader "score_model", model: "judge", range: [1, 5],
          input: "Rate politeness 1 to 5: {{sample.output_text}}"
        before | grade same, polite | scores
        """#,
        #"""
        # 8 grade the grader
        let gold = load "data/gold.jsonl" | grade polite
        audit polite, on: gold, truth: .human
        gold | where abs(.polite - .human) >= 2
        """#,
        #"""
        # 9 soft labels, watched
        let soft = lessons | finetune student, method: "soft", teacher: cora,
          temperature: 2, validation: questions.validation, watch: ["Where is my order?"]
        plot soft.losses, x: .step, y: [.train, .validation]
        """#,
        #"""
        # 10 where do they differ?
        let result = compare [student, soft, cora], on: parts.test, with: correct, by: .intent
        result.rows | where .cora.correct == 1 and .soft.correct == 0 | show 10
        """#,
        #"""
        # 11 how many lessons are enough?
        fn after(n) = parts.test | generate (lessons | take n | finetune student) | grade correct
        let curve = [50, 100, 200] | each {rows: ., score: mean(after(.).correct)}
        plot curve, x: .rows, y: .score
        """#,
        #"""
        # 12 stored completions
        completions where: {lab: "3.3"}, since: "2026-11-01"
          | where .output is not error
          | save "out/lessons.jsonl", format: "openai"
        """#,
    ]
}

import PipelineSyntax
import Testing

@Suite struct FormatterSnapshotTests {
    @Test(arguments: FormatterSnapshots.all) func programsAreWrittenInTheStyle(_ snapshot: FormatterSnapshots.Snapshot)
    {
        let source = SourceText(name: "cell 1", text: snapshot.source)
        #expect(ProgramFormatter.format(source) == snapshot.formatted)
        #expect(
            ProgramFormatter.format(SourceText(name: "cell 1", text: snapshot.formatted)) == snapshot.formatted,
            "twice is once")
    }
}

/// Programs as people write them, and below each as the formatter does.
enum FormatterSnapshots {
    struct Snapshot: Sendable, CustomTestStringConvertible {
        let source: String
        let formatted: String
        var testDescription: String { source.split(separator: "\n").first.map(String.init) ?? "" }
    }

    static let all: [Snapshot] = text.split(separator: "\n====\n").compactMap { pair in
        let parts = pair.split(separator: "\n----\n").map(String.init)
        return parts.count == 2 ? Snapshot(source: parts[0], formatted: parts[1]) : nil
    }

    private static let text = #"""
        let   x=1
        ----
        let x = 1
        ====
        rows|take(5)|show()
        ----
        rows | take 5 | show
        ====
        rows | where(.a==1 and not(.b)) | each( if .>1 then 2 else 3 )
        ----
        rows | where .a == 1 and not (.b) | each if . > 1 then 2 else 3
        ====
        a;b ;; c
        ----
        a
        b
        c
        ====
        # the head



        # of the file
        let a = 1   # one
           # before b
        let b = 2


        # the end
        ----
        # the head

        # of the file
        let a = 1 # one
        # before b
        let b = 2

        # the end
        ====
        let questions = load "data/zava-questions.jsonl" | sample rows, seed: 7 | rename prompt: .question | split {train: 0.6, test: 0.4}
        ----
        let questions = load "data/zava-questions.jsonl"
          | sample rows, seed: 7
          | rename prompt: .question
          | split {train: 0.6, test: 0.4}
        ====
        rows
          | take 5
        ----
        rows | take 5
        ====
        let polite = grader "score_model", model: "judge", range: [1, 5], input: "Rate politeness 1 to 5: {{sample.output_text}}"
        ----
        let polite = grader "score_model", model: "judge", range: [1, 5],
          input: "Rate politeness 1 to 5: {{sample.output_text}}"
        ====
        let soft = lessons | finetune student, method: "soft", teacher: cora, temperature: 2, validation: questions.validation, watch: ["Where is my order?"]
        ----
        let soft = lessons
          | finetune student, method: "soft", teacher: cora, temperature: 2,
            validation: questions.validation, watch: ["Where is my order?"]
        ====
        let ages = [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35]
        ----
        let ages = [
          1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
          28, 29, 30, 31, 32, 33, 34, 35
        ]
        ====
        let people = [{name: "Ada", born: 1815, field: "mathematics"}, {name: "Grace", born: 1906, field: "compilers"}]
        ----
        let people = [
          {name: "Ada", born: 1815, field: "mathematics"},
          {name: "Grace", born: 1906, field: "compilers"}
        ]
        ====
        let settings = {train:0.6,validation:0.1,test:0.3,names:["one","two","three"],nested:{deep:true,deeper:{deepest:null,},},}
        ----
        let settings = {
          train: 0.6,
          validation: 0.1,
          test: 0.3,
          names: ["one", "two", "three"],
          nested: {deep: true, deeper: {deepest: null}}
        }
        ====
        each([1,2], {"a b":.x,'c':.y,.z,w})
        ----
        each([1, 2], {"a b": .x, 'c': .y, .z, w})
        ====
        check(mean(result.rows.correct) >= 0.8, "the student should be right in four of five rows", hints: ["more epochs", "more lessons"])
        ----
        check(
          mean(result.rows.correct) >= 0.8,
          "the student should be right in four of five rows",
          hints: ["more epochs", "more lessons"]
        )
        ====
        fn size(text)=if len(text)>100 then "long" else "short"
        ----
        fn size(text) = if len(text) > 100 then "long" else "short"
        ====
        fn size(text, long: 100, middle: 50) = if len(words(text)) > long then "long" else if len(words(text)) > middle then "middle" else "short"
        ----
        fn size(text, long: 100, middle: 50) = if len(words(text)) > long then "long"
          else if len(words(text)) > middle then "middle"
          else "short"
        ====
        rows | where .language == "english" and .intent in ["refund", "cancel_order"] and len(words(.prompt)) in 3 .. 40 and .answer is not null
        ----
        rows
          | where .language == "english"
              and .intent in ["refund", "cancel_order"]
              and len(words(.prompt)) in 3..40
              and .answer is not null
        ====
        let total = (first_quarter + second_quarter) * price_of_one_piece + third_quarter * price_of_one_piece - discount
        ----
        let total = (first_quarter + second_quarter) * price_of_one_piece +
          third_quarter * price_of_one_piece -
          discount
        ====
        -x + - y * -1..- 2
        ----
        -x + -y * -1 .. -2
        ====
        . .. .x
        ----
        . .. .x
        ====
        result.rows[ 0 ].cora['label']
        ----
        result.rows[0].cora['label']
        ====
        let m = model "student", system: """
            You are Cora.

              Answer as JSON.
            """
        ----
        let m = model "student", system: """
            You are Cora.

              Answer as JSON.
            """
        ====
        rows | derive prompt: """
          Q: ${.question}
          """ | take 5
        ----
        rows
          | derive prompt: """
          Q: ${.question}
          """
          | take 5
        ====
        rows
          # only the good ones
          | where .correct == 1 # by the grader


          # and few of them
          | take 5
        ----
        rows
          # only the good ones
          | where .correct == 1 # by the grader

          # and few of them
          | take 5
        ====
        let x = [ # numbers
          1, 2 # two
          , 3
          # the end
        ]
        ----
        let x = [ # numbers
          1, 2, # two
          3
          # the end
        ]
        ====
        let y =
          # why
          5
        ----
        let y =
          # why
          5
        ====
        model "student", watch: ["Where is my order?", "Do you sell paint?", "How long is the warranty?", "Who are you?"]
        ----
        model "student",
          watch: ["Where is my order?", "Do you sell paint?", "How long is the warranty?", "Who are you?"]
        ====
        generate (lessons | take n | finetune student, epochs: 3, validation: questions.validation, method: "lora"), temperature: 0.2
        ----
        generate (
          lessons | take n | finetune student, epochs: 3, validation: questions.validation, method: "lora"
        ), temperature: 0.2
        ====
        len((["a", "b"] | where . != "a"))
        ----
        len((["a", "b"] | where . != "a"))
        ====
        questions | where ___ | derive size: ___(.prompt)  | ___ | take ___
        ----
        questions | where ___ | derive size: ___(.prompt) | ___ | take ___
        ====
        load "a.csv", format:"csv"|rename order:."Order ID"|where .a is  not  error|where 'x' not   in .tags
        ----
        load "a.csv", format: "csv"
          | rename order: ."Order ID"
          | where .a is not error
          | where 'x' not in .tags
        ====
        x ?? y ?? "a rather long text that stands for nothing at all" ?? "another long text that stands for nothing"
        ----
        x
          ?? y
          ?? "a rather long text that stands for nothing at all"
          ?? "another long text that stands for nothing"
        ====
        {prompt: "Where is my order?", answer: """
          On its way.
          """}
        ----
        {
          prompt: "Where is my order?",
          answer: """
          On its way.
          """
        }
        ====
        param rows=1_000;param rate = 5e-4
        ----
        param rows = 1_000
        param rate = 5e-4
        ====
        rows | f( # why
          5 )
        ----
        rows
          | f( # why
            5
          )
        ====
        let r = compare [student_with_a_long_name, soft_student_with_a_long_name, cora_the_teacher_of_both], on: parts.test, with: correct
        ----
        let r = compare [student_with_a_long_name, soft_student_with_a_long_name, cora_the_teacher_of_both],
          on: parts.test, with: correct
        """#
}

import OpenAIWire
import OrderedCollections
import Tables
import Testing

/// Graders as people have them: read, and written back the same.
@Suite struct GraderWireTests {
    /// One of each type, as OpenAI's documentation and examples write them, with fields that are unknown here.
    static let graders = [
        #"{"type": "string_check", "name": "Match output", "input": "{{ sample.output_text }}", "reference": "{{item.label}}", "operation": "ilike"}"#,
        #"{"type": "text_similarity", "name": "near", "input": "{{sample.output_text}}", "reference": "{{item.answer}}", "evaluation_metric": "fuzzy_match", "pass_threshold": 0.8, "x_note": {"by": ["ann", 1.0]}}"#,
        #"{"type": "score_model", "name": "polite", "model": "gpt-4o-2024-08-06", "input": [{"role": "developer", "content": "You grade."}, {"type": "message", "role": "user", "content": {"type": "input_text", "text": "Rate: {{sample.output_text}}"}}, {"role": "user", "content": [{"type": "input_text", "text": "a"}, "b"]}], "range": [1, 10], "pass_threshold": 4, "sampling_params": {"seed": 7, "temperature": 0.2, "top_p": 1, "max_completions_tokens": 300, "reasoning_effort": "low"}}"#,
        #"{"type": "label_model", "name": "tone", "model": "judge", "input": [{"role": "user", "content": "{{sample.output_text}}"}], "labels": ["polite", "rude"], "passing_labels": ["polite"]}"#,
        #"{"type": "multi", "name": "total", "graders": {"near": {"type": "text_similarity", "name": "near", "input": "{{sample.output_text}}", "reference": "{{item.answer}}", "evaluation_metric": "bleu"}, "same": {"type": "string_check", "name": "same", "input": "{{sample.output_text}}", "reference": "{{item.answer}}", "operation": "eq"}}, "calculate_output": "0.5 * near + same"}"#,
    ]

    @Test(arguments: graders) func whatIsReadIsWrittenBackByteForByte(text: String) throws {
        let json = try JSON.parse(text)
        let wire = try GraderWire(json)
        #expect(JSON.text(wire.json, .canonical) == JSON.text(json, .canonical))
        #expect(JSON.text(wire.json) == JSON.text(json))
        #expect(try GraderWire(wire.json) == wire)
        #expect(GraderWire.types.contains(wire.type))
    }

    @Test func theFieldsMeanWhatOpenAISays() throws {
        guard
            case .scoreModel(let request, let range, let threshold) = try GraderWire(JSON.parse(Self.graders[2])).kind
        else {
            Issue.record("no score_model")
            return
        }
        #expect(request.model == "gpt-4o-2024-08-06")
        #expect(request.messages.map(\.role) == ["system", "user", "user"])
        #expect(request.messages.map(\.content) == ["You grade.", "Rate: {{sample.output_text}}", "a\nb"])
        #expect(range == 1...10 && threshold == 4)
        #expect(request.sampling.seed == 7 && request.sampling.temperature == 0.2 && request.sampling.topP == 1)
        #expect(request.sampling.maxTokens == 300 && request.sampling.others == ["reasoning_effort"])
        let plain = try GraderWire(
            JSON.parse(#"{"type": "score_model", "model": "m", "input": [{"role": "user", "content": "x"}]}"#))
        guard case .scoreModel(_, 0...1, nil) = plain.kind else {
            Issue.record("\(plain.kind)")
            return
        }
        #expect(plain.name == nil)
        #expect(plain.json(name: "polite")[field: "name"].text == "polite")
    }

    @Test func listsAndWhatHoldsThemAreRead() throws {
        let list = "[\(Self.graders.joined(separator: ", "))]"
        let eval = #"{"name": "lab", "data_source_config": {"type": "custom"}, "testing_criteria": \#(list)}"#
        for text in [list, eval] {
            guard case .several(let graders) = try GraderWire.graders(in: JSON.parse(text)) else {
                Issue.record("not several")
                continue
            }
            #expect(graders.map(\.type) == GraderWire.types)
        }
        let run = #"{"grader": \#(Self.graders[0]), "model_sample": "x"}"#
        guard case .one(let grader) = try GraderWire.graders(in: JSON.parse(run)) else {
            Issue.record("not one")
            return
        }
        #expect(grader.name == "Match output")
    }

    @Test(arguments: [
        ("4", "a grader object with a `type`, found a whole number"), ("{}", "a grader's `type`"),
        (#"{"type": "exact"}"#, "there is no `exact`"),
        (#"{"type": "string_check", "input": 4}"#, "text in `input` of a string_check grader, found 4"),
        (
            #"{"type": "string_check", "input": "a", "reference": "b", "operation": "equals"}"#,
            "eq, ne, like, ilike, found \"equals\""
        ),
        (
            #"{"type": "text_similarity", "input": "a", "reference": "b", "evaluation_metric": "rouge"}"#,
            "rouge_l, found \"rouge\""
        ),
        (
            #"{"type": "text_similarity", "input": "a", "reference": "b", "evaluation_metric": "bleu", "pass_threshold": "high"}"#,
            "a number in `pass_threshold`"
        ),
        (#"{"type": "score_model", "model": "m", "input": []}"#, "messages in `input`"),
        (
            #"{"type": "score_model", "model": "m", "input": [{"role": "judge", "content": "x"}]}"#,
            "a role in each message"
        ),
        (
            #"{"type": "score_model", "model": "m", "input": [{"role": "user", "content": {"type": "input_image"}}]}"#,
            "`input_image` is not read"
        ),
        (
            #"{"type": "score_model", "model": "m", "input": "x", "range": [5, 1]}"#,
            "`range` of two numbers, the lower first"
        ),
        (#"{"type": "score_model", "model": "m", "input": "x", "sampling_params": {"top_p": 2}}"#, "top_p from 0 to 1"),
        (
            #"{"type": "label_model", "model": "m", "input": "x", "labels": ["a"], "passing_labels": ["b"]}"#,
            "among the labels a, found `b`"
        ),
        (
            #"{"type": "label_model", "model": "m", "input": "x", "labels": ["a", "a"], "passing_labels": ["a"]}"#,
            "different texts in `labels`"
        ),
        (#"{"type": "multi", "graders": [], "calculate_output": "1"}"#, "named graders in `graders`"),
        (
            #"{"type": "multi", "graders": {"a": {"type": "multi"}}, "calculate_output": "1"}"#,
            "in graders.a"
        ),
    ])
    func whatIsWrongIsNamed(text: String, part: String) throws {
        let json = try JSON.parse(text)
        do throws(WireError) {
            _ = try GraderWire(json)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.description.contains(part), "\(error)")
        }
    }

    @Test func pythonIsRefusedWithAnExpressionInItsPlace() throws {
        let json = try JSON.parse(
            #"[{"type": "python", "name": "exact", "source": "def grade(sample, item): return 1.0"}]"#)
        do throws(WireError) {
            _ = try GraderWire.graders(in: json)
            Issue.record("Python was read")
        } catch {
            #expect(error.description.contains("Python is not run here"))
            #expect(error.description.contains("in the grader `exact`"))
            #expect(error.hint?.hasPrefix("grader .output_json") == true)
        }
    }
}

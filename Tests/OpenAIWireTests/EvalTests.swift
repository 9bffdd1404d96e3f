import OpenAIWire
import OrderedCollections
import Tables
import Testing

/// Evals, their runs, graders on their own, and embeddings.
@Suite struct EvalTests {
    @Test func dataSourcesAreReadAsTheyWereBuilt() throws {
        let source = EvalDataSource.completions(
            model: "m", input: .template([.developer("Be kind."), .user("{{item.q}}"), .assistant("Yes.")]),
            source: .rows([.init(item: ["q": "a"]), .init(item: ["q": "b"], sample: ["output_text": "c"])]),
            temperature: 0.5, maxCompletionTokens: 20, seed: 1)
        let read = try EvalDataSource(bytes: source.bytes)
        #expect(read == source && read.model == "m" && read.type == "completions")
        guard case .template(let messages)? = read.input else {
            Issue.record("no template")
            return
        }
        #expect(messages.map(\.role) == [.developer, .user, .assistant])
        #expect(messages.map(\.text) == ["Be kind.", "{{item.q}}", "Yes."])
        #expect(
            try read.source?.rows() == [.init(item: ["q": "a"]), .init(item: ["q": "b"], sample: ["output_text": "c"])])
        let sampling = try read.sampling()
        #expect(sampling.temperature == 0.5 && sampling.maxTokens == 20 && sampling.seed == 1)
        #expect(
            EvalDataSource.completions(model: "m", input: .reference("item.x"), source: .file("f")).input
                == .reference("item.x"))
        #expect(try EvalSource(["type": "file_id", "id": "f"]).rows().isEmpty)
    }

    @Test func aRowWithoutAnItemIsNamed() throws {
        do throws(WireError) {
            _ = try EvalSource(["type": "file_content", "content": [["item": [:]], ["sample": [:]]]]).rows()
            Issue.record("it was read")
        } catch {
            #expect(error.description == "Expected an object in `content[1].item`, found nothing.")
        }
    }

    @Test func theAnswerToAnEvalHasTheSchemaOfAWholeRow() throws {
        let asked = EvalDataSourceConfig.custom(itemSchema: ["type": "object"], includesSample: true)
        #expect(asked.itemSchema == ["type": "object"] && asked.includesSample)
        let answered = asked.answered(
            schema: ["type": "object", "properties": ["item": ["type": "object"], "sample": ["type": "object"]]])
        #expect(answered.itemSchema == ["type": "object"] && answered.includesSample)
        #expect(!EvalDataSourceConfig.custom(itemSchema: [:]).includesSample)
        #expect(EvalDataSourceConfig.logs(metadata: ["a": "b"]).metadata == ["a": "b"])
    }

    @Test func runsSayHowTheyWent() throws {
        let run = try EvalRun([
            "id": "r", "status": "completed",
            "result_counts": ["total": 4, "passed": 2, "failed": 1, "errored": 1],
            "per_testing_criteria_results": [["testing_criteria": "near", "passed": 2, "failed": 1], ["passed": 1]],
            "per_model_usage": [
                ["model_name": "m", "invocation_count": 4, "prompt_tokens": 9, "completion_tokens": 2]
            ],
            "error": nil,
        ])
        #expect(run.counts == .init(total: 4, passed: 2, failed: 1, errored: 1) && run.status.isFinal)
        #expect(run.criteria == [.init(name: "near", passed: 2, failed: 1)] && run.failure == nil)
        #expect(run.usage == [.init(model: "m", calls: 4, promptTokens: 9, completionTokens: 2)])
        let failed = try EvalRun(["id": "r", "status": "failed", "error": ["code": "x", "message": "No."]])
        #expect(
            failed.failure == EvalFailure(code: "x", message: "No.") && failed.counts == nil && failed.usage.isEmpty)
        #expect(!EvalRunStatus.queued.isFinal && !EvalRunStatus.inProgress.isFinal && EvalRunStatus.canceled.isFinal)
    }

    /// What could not be graded is told apart from a score of 0, and what passed from what nothing is said of.
    @Test func rowsThatCouldNotBeGradedHaveNoScore() throws {
        let item = try EvalOutputItem([
            "id": "i",
            "results": [
                ["name": "a", "score": nil, "passed": false], ["name": "b", "score": 0, "passed": true], ["name": "c"],
            ],
            "sample": ["output": [["role": "assistant", "content": "x"], ["role": "assistant"]], "error": nil],
        ])
        #expect(item.results.map(\.score) == [nil, 0, nil] && item.results.map(\.passed) == [false, true, nil])
        #expect(item.sample?.output == "x" && item.sample?.failure == nil)
        let response = GraderRunResponse(
            reward: 0, name: "a", type: "score_model", errors: ["model_grader_parse_error"], seconds: 1)
        #expect(response.errors == ["model_grader_parse_error"])
        let unknown = try GraderRunResponse([
            "reward": 1, "metadata": ["errors": ["new_error": true, "other_error": false]],
        ])
        #expect(unknown.errors == ["new_error"] && unknown.reward == 1)
    }

    @Test func gradersInBodiesAreNamed() throws {
        let request = try EvalRequest([
            "data_source_config": ["type": "custom"], "testing_criteria": [["type": "string_check", "name": "same"]],
        ])
        do throws(WireError) {
            _ = try request.graders()
            Issue.record("it was read")
        } catch {
            #expect(error.description.contains("`input`") && error.description.contains("in the grader `same`"))
        }
        #expect(throws: WireError.self) { try GraderValidation(["grader": ["type": "python"]]).grader() }
        #expect(throws: WireError.self) {
            try EvalRequest(["data_source_config": ["type": "x"], "testing_criteria": []])
        }
        #expect(DeletedEval.run("r").isDeleted && DeletedEval.eval("e")[field: "eval_id"] == "e")
    }

    @Test func embeddingsComeAsNumbersOrBase64() throws {
        let vector: [Float] = [0, 1.5, -2.25, .leastNonzeroMagnitude, 3.4e38, 0.1]
        for isBase64 in [false, true] {
            let embedding = Embedding(index: 0, vector: vector, isBase64: isBase64)
            #expect(try Embedding(bytes: JSON.bytes(embedding.json)).vector == vector)
        }
        // As OpenAI's own client reads it: numpy's frombuffer of "<f4".
        let known: Value = ["embedding": "AADAPwAAEMA=", "index": 0]
        #expect(try Embedding(known).vector == [1.5, -2.25])
        for wrong: Value in ["AADAPwAAEM", "AAD!PwAAEMA=", "AADAPw==AAAA", "A===", 4, [1, "x"], "AAA="] {
            #expect(throws: WireError.self) { try Embedding(["embedding": wrong]) }
        }
        #expect(try Embedding(["embedding": ""]).vector.isEmpty)
    }

    @Test func vectorsComeInTheOrderOfTheTexts() throws {
        let one = Embedding(index: 1, vector: [1])
        let zero = Embedding(index: 0, vector: [0])
        let response = EmbeddingResponse(model: "e", embeddings: [one, zero], promptTokens: 4)
        #expect(try response.vectors(count: 2) == [[0], [1]] && response.promptTokens == 4)
        #expect(
            try EmbeddingResponse(["data": [["embedding": [2]], ["embedding": [3]]]]).vectors(count: 2) == [[2], [3]])
        let wrong: [([Embedding], Int)] = [
            ([one], 1), ([one, one], 2), ([zero], 2), ([zero, Embedding(index: 1, vector: [1, 2])], 2),
        ]
        for (embeddings, count) in wrong {
            let response = EmbeddingResponse(model: "e", embeddings: embeddings, promptTokens: 0)
            #expect(throws: WireError.self) { try response.vectors(count: count) }
        }
        #expect(try EmbeddingResponse(["data": []]).vectors(count: 0).isEmpty)
    }
}

import Tables
import Testing

@testable import Jinja

@Suite struct TransformersTests {
    @Test func chatTemplatesRenderAsTransformersRendersThem() throws {
        let cases = try fixture("templates")
        let conversations = try #require(cases[field: "conversations"].list)
        let special = try #require(cases[field: "special"].record).map { ($0.key, input($0.value)) }
        for template in try #require(cases[field: "templates"].list) {
            let name = template[field: "name"].text ?? ""
            let parsed = try Template(try #require(template[field: "source"].text))
            for result in try #require(template[field: "results"].list) {
                let index = try #require(result[field: "conversation"].integer)
                let prompts = try #require(result[field: "add_generation_prompt"].bool)
                let tools = result[field: "with_tools"].bool == true ? input(cases[field: "tools"]) : .none
                check(
                    result,
                    {
                        try parsed.render(
                            special + [
                                ("messages", input(conversations[index])), ("tools", tools), ("documents", .none),
                                ("add_generation_prompt", .bool(prompts)),
                            ], date: pinnedDate)
                    }, "\(name), conversation \(index), prompt \(prompts)")
            }
        }
    }

    @Test func piecesOfJinjaMeanWhatTheyMeanInTransformers() throws {
        let cases = try fixture("expressions")
        var variables = try #require(cases[field: "variables"].record).map { (name: $0.key, value: input($0.value)) }
        variables += [("messages", .list([])), ("tools", .none), ("documents", .none)]
        for item in try #require(cases[field: "cases"].list) {
            let source = try #require(item[field: "source"].text)
            check(item, { try Template(source).render(variables, date: pinnedDate) }, source)
        }
    }
}

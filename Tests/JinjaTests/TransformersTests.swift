import Jinja
import Tables
import Testing

@Suite struct TransformersTests {
    @Test func chatTemplatesRenderAsTransformersRendersThem() throws {
        let cases = try fixture("templates")
        let conversations = try #require(cases[field: "conversations"].list)
        let special = try #require(cases[field: "special"].record).map { (name: $0.key, value: input($0.value)) }
        for template in try #require(cases[field: "templates"].list) {
            let name = template[field: "name"].text ?? ""
            let parsed = try JinjaTemplate(try #require(template[field: "source"].text))
            for result in try #require(template[field: "results"].list) {
                let index = try #require(result[field: "conversation"].integer)
                let prompts = result[field: "add_generation_prompt"].bool == true
                let tools = result[field: "with_tools"].bool == true ? input(cases[field: "tools"]) : .none
                let variables: [(name: String, value: TemplateInput)] = [
                    ("messages", input(conversations[index])), ("tools", tools), ("documents", .none),
                    ("add_generation_prompt", .bool(prompts)),
                ]
                check(
                    result, { try parsed.render(special + variables, date: pinnedDate) },
                    "\(name), conversation \(index), prompt \(prompts)")
            }
        }
    }

    @Test func piecesOfJinjaMeanWhatTheyMeanInTransformers() throws {
        let cases = try fixture("expressions")
        var variables = try #require(cases[field: "variables"].record).map { (name: $0.key, value: input($0.value)) }
        for name in ["messages", "tools", "documents"] {
            variables.append((name: name, value: name == "messages" ? .list([]) : .none))
        }
        for item in try #require(cases[field: "cases"].list) {
            let source = try #require(item[field: "source"].text)
            check(item, { try JinjaTemplate(source).render(variables, date: pinnedDate) }, source)
        }
    }
}

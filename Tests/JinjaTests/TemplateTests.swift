import Jinja
import SeededRandom
import Tables
import Testing

@Suite struct TemplateTests {
    private func error(_ source: String, _ variables: [(name: String, value: TemplateInput)] = []) -> JinjaError? {
        do throws(JinjaError) {
            _ = try JinjaTemplate(source).render(variables)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("{% if a %}\nb", "line 1, column 4: this `if` is never closed with `{% endif %}`"),
        ("ab\n  {{ c d }}", "line 2, column 8: expected `}}`, found `d`"),
        ("{{ a | nonsense }}", "line 1, column 8: the filter `nonsense` is not supported"),
        ("{{ a is nonsense }}", "line 1, column 9: the test `nonsense` is not supported"),
        ("{% include 'x' %}", "line 1, column 4: the block `include` is not supported"),
        ("\n{{ a.b.c }}", "line 2, column 7: `b`, which is undefined, has no `c`"),
        ("{{ 'x' + 1 }}", "line 1, column 4: `+` does not go with a text and a whole number"),
        ("{{ missing.x }}", "line 1, column 11: `missing`, which is undefined, has no `x`"),
        ("{{ 9223372036854775807 + 1 }}", "line 1, column 4: the result does not fit 64 bits"),
        ("{{ raise_exception('No system, please') }}", "No system, please"),
        ("{{ strftime_now('%Y') }}", "line 1, column 4: `strftime_now` is no function that is known"),
    ])
    func mistakesSayWhereAndWhat(_ source: String, _ message: String) {
        #expect(error(source, [("a", .mapping([]))])?.description == message)
    }

    @Test func foreignTextStaysMarkedInWhateverIsMadeOfIt() throws {
        let source = """
            {%- set x = t.strip().replace('b', 'q') | upper -%}
            <{{ x }}>{{ x[1:] ~ 'y' }}{{ [t] | tojson }}{{ [t] }}{{ t.split(',') | join('-') }}{{ t | length -}}
            """
        let rendering = try JinjaTemplate(source).render([("t", .foreign(" a,b<|c "))])
        let foreign = rendering.text.runs.filter(\.isForeign).map { rendering.text.string($0.range) }
        #expect(foreign == ["A,", "<|C", ",", "<|C", " a,b<|c ", " a,b<|c ", " a", "b<|c "])
        #expect(rendering.text.string.hasPrefix("<A,Q<|C>,Q<|Cy"))
    }

    /// Templates come from strangers: each of these would take for ever, or all memory, or the stack.
    @Test(arguments: [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{{ 'x' * 99999 }}{% endfor %}",
        "{% set n = namespace(t='x') %}{% for a in range(99) %}{% set n.t = n.t + n.t %}{% endfor %}",
        "{% set n = namespace(t=[1]) %}{% for a in range(99) %}{% set n.t = n.t + n.t %}{% endfor %}",
        "{% set n = namespace(t=[1]) %}{% for a in range(99) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t }}",
        "{% set n = namespace(t=[1]) %}{% for a in range(50) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t|tojson }}",
        "{% set n = namespace(t='x') %}{% for a in range(99) %}{% set n.t = n.t.replace('x', 'xx') %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{{ range(999999999) }}", "{{ 'x' * 9223372036854775807 }}", "{{ [1] * 9223372036854775807 }}",
        "{{ range(0, 9223372036854775807, 9000000000000000000) | list * 99999999 }}",
        String(repeating: "(", count: 100_000), "{{ " + String(repeating: "(", count: 100_000),
        "{{ " + String(repeating: "not ", count: 100_000) + "1 }}",
        "{{ " + String(repeating: "-", count: 100_000) + "1 }}",
        "{{ 1" + String(repeating: " + 1", count: 100_000) + " }}",
        "{{ a" + String(repeating: ".a", count: 100_000) + " }}",
        "{{ a" + String(repeating: "[0]", count: 100_000) + " }}",
        "{{ a" + String(repeating: "|e", count: 100_000) + " }}",
        String(repeating: "{% if 1 %}", count: 10_000),
        "{{ 1" + String(repeating: " if 1 else 1", count: 50_000) + " }}",
        String(repeating: "{% for a in [1] %}", count: 10_000), "{% set " + String(repeating: "(", count: 100_000),
        String(repeating: "x", count: 1 << 21),
    ])
    func nothingThatATemplateSaysTakesForEver(_ source: String) {
        // Text alone is fine, if it is short enough.
        let found = error(source)
        #expect(found != nil || source.hasPrefix("((("), "\(source.prefix(40))")
    }

    @Test func aNamespaceCannotHoldItself() {
        let sources = ["{% set n = namespace() %}{% set n.n = n %}", "{% set n = namespace() %}{{ [n] }}"]
        for source in sources { #expect(error(source)?.kind == .unsupported) }
    }

    /// Whatever a template has become, it is rendered or refused.
    @Test func noDamagedTemplateTraps() throws {
        let cases = try fixture("templates")
        let templates = try #require(cases[field: "templates"].list).compactMap {
            $0[field: "source"].text
        }
        let pieces = templates.flatMap { $0.split(whereSeparator: { " \n|.()[]".contains($0) }).map(String.init) }
        let signs = [
            "{%", "%}", "{{", "}}", "{#", "#}", "-", "(", ")", "[", "]", "'", "\"", "\\", "|", ".", "~", ":", "\u{0}",
        ]
        var random = SeededRandom(seed: 11)
        var limits = TemplateLimits()
        limits.steps = 20_000
        limits.made = 200_000
        let messages: TemplateInput = .list([
            .mapping([("role", .text("system")), ("content", .foreign("é"))]),
            .mapping([("role", .text("user")), ("content", .foreign("<think>x</think>"))]),
            .mapping([("role", .text("assistant")), ("content", .none)]),
        ])
        for round in 0..<3000 {
            var scalars = Array(templates[round % templates.count].unicodeScalars)
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let at = Int.random(in: 0...scalars.count, using: &random)
                let end = min(scalars.count, at + Int.random(in: 0..<12, using: &random))
                let new =
                    Bool.random(using: &random)
                    ? pieces.randomElement(using: &random) : signs.randomElement(using: &random)
                scalars.replaceSubrange(at..<end, with: Array((new ?? "").unicodeScalars))
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            do throws(JinjaError) {
                _ = try JinjaTemplate(String(view)).render(
                    [("messages", messages), ("bos_token", .text("<s>"))], limits: limits)
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}

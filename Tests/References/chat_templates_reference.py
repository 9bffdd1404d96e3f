"""Chat templates and pieces of Jinja, rendered by `transformers` → ../JinjaTests/Fixtures/{templates,expressions}.json.

templates.json: each template of the folder ChatTemplates (written for these tests, with the constructs that models'
own templates use) × conversations × add_generation_prompt. `text` is what `transformers` renders, or `error` is true
where the template refuses; `generated` are the code points within `{% generation %}` blocks.

expressions.json: short templates with a few variables (VARIABLES), one construct each; `error` as above.

The environment is transformers' own (`_compile_jinja_template`); only `strftime_now` is pinned to 26 July 2024.

`--templates FOLDER` reads other templates, for example models' own ones, which are not kept here.
"""

import argparse
import datetime
import pathlib

from reference_common import write

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent / "JinjaTests" / "Fixtures"
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}

CONVERSATIONS = [
    [("user", "Hi")],
    [("system", "You are brief."), ("user", "What is the capital of France?")],
    [("user", "  spaces around \n"), ("assistant", "\n and here  "), ("user", "Go on\n\nplease")],
    [("system", "Be kind.\n"), ("user", "2+2?"), ("assistant", "4"), ("user", "3+3?"), ("assistant", "6")],
    [("user", "你好 👩🏽‍💻 é e\u0301 ſt İ ß"), ("assistant", "Grüße \u2028 \u00a0 مرحبا")],
    [("user", "<b>\"quotes\" & 'single' {{ 7 * 7 }} {% if x %} \\n")],
    [("user", "Why?"), ("assistant", "<think>\nBecause 1 < 2.\n</think>\n\nSo."), ("user", "And?")],
    [("user", "Why?"), ("assistant", "<think>\nHm.\n</think>\n\nSo.")],
    [("user", ""), ("assistant", "")],
    [("assistant", "I begin."), ("user", "No.")],
    [("user", "one"), ("user", "two")],
    [("system", "Only this.")],
    [("user", "Weather?"), ("tool", "{\"sun\": true}"), ("assistant", "Sunny")],
]

TOOLS = [
    {"type": "function", "function": {"name": "weather", "description": "Tells \"the\" weather <now>", "parameters": {
        "type": "object", "properties": {"city": {"type": "string", "enum": ["Köln", "Paris"]}, "days": {
            "type": ["integer", "null"], "default": 1.5}}, "required": ["city"]}, "return": "text"}},
    {"type": "function", "function": {"name": "stop", "description": "", "parameters": {}}},
]  # fmt: skip

VARIABLES = {
    "n": 7, "x": 2.5, "big": 123456789012, "t": "  Ab cD éß\n", "word": "banana", "yes": True, "nil": None,
    "list": [3, 1, 2], "words": ["b", "A", "c", "a"], "empty": [], "lines": "one\ntwo\n\nthree",
    "d": {"b": 1, "a": "x", "items2": [1, {"k": None}]}, "html": "<a href='x'>\"&\"</a>",
    "rows": [{"role": "user", "n": 2, "t": "x"}, {"role": "tool", "n": 1}, {"role": "user", "n": 3, "t": ""}],
    "nested": [{"a": {"b": 1}}, {"a": {"b": 2}}], "uni": "你好 \u2028 \x07 \U0001f600 é",
}

EXPRESSIONS = """
{{ n + 1 }} {{ n - 9 }} {{ n * 2 }} {{ n / 2 }} {{ n // 2 }} {{ -n // 2 }} {{ n % 4 }} {{ -n % 4 }} {{ n ** 2 }} {{ 2 ** -1 }}
{{ x * 2 }} {{ x + n }} {{ x // 1 }} {{ -x }} {{ +n }} {{ 1e3 }} {{ 1.5e-7 }} {{ 1_000 }} {{ 10 / 5 }} {{ 1e16 }} {{ 0.1 + 0.2 }}
{{ 7 // 0 }}
{{ 7.5 % 2 }} {{ -7.5 % 2 }} {{ 7 % -2 }} {{ 2 + 3 * 4 - 1 }} {{ (2 + 3) * 4 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }}
{{ n == 7 and x > 2 }} {{ n != 7 or not yes }} {{ 1 < n <= 7 }} {{ 1 < 2 > 3 }} {{ 'a' < 'b' }} {{ 1 == 1.0 }} {{ true == 1 }}
{{ 'ana' in word }} {{ 'x' not in word }} {{ 3 in list }} {{ 'a' in d }} {{ 1 in d.values() }} {{ 'q' in missing }}
{{ 1 in 5 }}
{{ none in word }}
{{ 'yes' if n > 3 else 'no' }} {{ 'a' if false }} {{ 'a' if no else 'b' if yes else 'c' }}
{{ 'a' ~ 1 ~ none ~ true ~ 2.0 ~ missing ~ 'b' }} {{ 1 ~ 2 }}
{{ 1 ~ 2 + 3 }}
{{ 'a' + 'b' * 3 }} {{ [1] + [2, 3] }} {{ [0] * 3 }} {{ (1, 2) + (3,) }} {{ 'a' 'b' "c" }}
{{ 'a' + 1 }}
[{{ missing }}]
{{ missing.a }}
{{ d.missing }}|{{ d['zz'] }}|{{ list[9] }}|{{ word[99] }}|{{ none.x }}
{{ missing + 1 }}
{{ d.a }} {{ d['a'] }} {{ d.items2[1].k }} {{ d.items2.1 }} {{ list[0] }} {{ list[-1] }} {{ word[1] }} {{ word[-1] }}
{{ list[1:] }} {{ list[:-1] }} {{ list[::-1] }} {{ word[1:4] }} {{ word[::2] }} {{ word[::-1] }} {{ word[10:] }} {{ word[-3:-1] }} {{ list[5:1:-1] }} {{ word[:] }} {{ list[1:2:1] }}
{{ list[::0] }}
{{ true }} {{ false }} {{ none }} {{ True }} {{ None }} {{ [] }} {{ {} }} {{ () }} {{ (1,) }} {{ 1, 2 }} {{ [1, 'a', none, true, 2.5] }} {{ {'a': [1], 2: 'x'} }}
{{ ['it\\'s', 'say "x"', "both ' and \\"", 'tab\\tnl\\n', '\\\\', uni] }}
{{ d }} {{ d.items() | list }} {{ d.keys() | list }} {{ d.get('a') }} {{ d.get('z') }} {{ d.get('z', 5) }}
{{ t.strip() }}|{{ t.lstrip() }}|{{ t.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ t | trim }}|{{ 'xxaxx' | trim('x') }}|{{ t.upper() }}|{{ t.lower() }}|{{ t.title() }}
{{ t | upper }}|{{ t | lower }}|{{ word | capitalize }}|{{ 'hELLO wORLD-x (y)' | title }}|{{ 'ǆ ﬁ ß'.capitalize() }}|{{ 'ß'.upper() }}
{{ word.split('a') }} {{ 'a b  c'.split() }} {{ ' a b '.split(' ') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'a  b c'.split(none, 1) }} {{ lines.splitlines() }}
{{ word.split('') }}
{{ word.startswith('ba') }} {{ word.endswith(('x', 'na')) }} {{ word.find('n') }} {{ word.rfind('n') }} {{ word.find('z') }} {{ word.count('a') }} {{ word.index('n') }}
{{ word.replace('a', 'o') }} {{ word.replace('a', 'o', 1) }} {{ word | replace('an', '<>') }} {{ word | replace('a', 'b', 2) }} {{ word.replace('', '-') }}
{{ '-'.join(words) }} {{ words | join }} {{ words | join(', ') }} {{ rows | join(',', attribute='n') }} {{ list | join('/') }}
{{ 'abc'.isdigit() }} {{ '12'.isdigit() }} {{ 'abc'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' '.isspace() }} {{ 'AB'.isupper() }} {{ 'ab1'.islower() }} {{ 'abcd'.removeprefix('ab') }} {{ 'abcd'.removesuffix('cd') }}
{{ word.nothing() }}
{{ list.append(4) }}
{{ words | length }} {{ word | count }} {{ d | length }} {{ missing | length }}
{{ n | length }}
{{ words | first }} {{ words | last }} {{ word | first }} {{ empty | first }}| {{ words | list }} {{ word | list }} {{ d | list }}
{{ list | sort }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ list | sort(reverse=true) }} {{ rows | sort(attribute='n') | map(attribute='n') | list }}
{{ list | min }} {{ list | max }} {{ list | sum }} {{ rows | sum(attribute='n') }} {{ words | unique | list }} {{ list | reverse | list }} {{ word | reverse }}
{{ words | map('upper') | list }} {{ rows | map(attribute='role') | join(',') }} {{ nested | map(attribute='a.b') | list }} {{ rows | map(attribute='t', default='-') | list }} {{ words | map('replace', 'a', 'z') | list }}
{{ rows | selectattr('role', 'equalto', 'user') | map(attribute='n') | list }} {{ rows | rejectattr('role', 'eq', 'user') | list }} {{ rows | selectattr('t') | list | length }} {{ rows | selectattr('t', 'defined') | list | length }} {{ list | select('gt', 1) | list }} {{ list | reject('odd') | list }} {{ [0, 1, ''] | select | list }} {{ rows | selectattr('n', 'in', [1, 2]) | list | length }}
{{ missing | default('x') }} {{ '' | default('x') }}| {{ '' | default('x', true) }} {{ none | d('y') }} {{ missing | d }}| {{ none | default('z', boolean=true) }}
{{ '3' | int }} {{ '3.9' | int }} {{ 'x' | int }} {{ 'x' | int(9) }} {{ 2.9 | int }} {{ '2.5' | float }} {{ n | float }} {{ -3 | abs }} {{ 2.5 | round }} {{ 2.567 | round(1) }} {{ 2.1 | round(0, 'ceil') }} {{ n | string }}
{{ d | tojson }} {{ uni | tojson }} {{ d | tojson(indent=2) }} {{ [] | tojson(indent=2) }} {{ {} | tojson }} {{ d | tojson(sort_keys=true) }} {{ uni | tojson(ensure_ascii=true) }} {{ [1, 2] | tojson(separators=(',', ':')) }} {{ none | tojson }} {{ 'a"b\\\\c/\\n' | tojson }} {{ x | tojson }} {{ true | tojson }}
{{ missing | tojson }}
{{ html | escape }} {{ html | e }} {{ html | safe }} {{ html }}
{{ lines | indent }}|{{ lines | indent(2, true) }}|{{ lines | indent(2, false, true) }}|{{ lines | indent('> ') }}
{{ d | items | list }} {{ d | dictsort }} {{ d.items() | list }} {{ 'a b c' | wordcount }}
{{ missing is defined }} {{ n is defined }} {{ d.z is undefined }} {{ nil is none }} {{ n is number }} {{ x is float }} {{ n is integer }} {{ yes is boolean }} {{ yes is true }} {{ yes is integer }} {{ word is string }} {{ d is mapping }} {{ list is iterable }} {{ word is sequence }} {{ word is iterable }} {{ n is iterable }} {{ list is sequence }} {{ d is sequence }} {{ nil is not none }}
{{ n is odd }} {{ n is even }} {{ n is divisibleby 7 }} {{ n is divisibleby(3) }} {{ n is eq 7 }} {{ n is gt 3 }} {{ n is in [7] }} {{ 'a' is lower }} {{ 'A' is upper }} {{ n is sameas n }} {{ range is callable }} {{ n is ne 8 and n is lt 9 }} {{ not n is odd }}
{{ n is nonsense }}
{{ n | nonsense }}
{{ nonsense(1) }}
{% set a = 1 %}{% set b, c = 2, 3 %}{{ a }}{{ b }}{{ c }} {% set e = 1, 2 %}{{ e }}
{% set a %}x{{ n }}{% endset %}[{{ a }}] {% set a | upper %}abc{% endset %}{{ a }}
{% set ns = namespace(i=0, s='') %}{% for w in words %}{% set ns.i = ns.i + 1 %}{% set ns.s = ns.s ~ w %}{% endfor %}{{ ns.i }}{{ ns.s }}{{ ns.none is defined }}
{% set i = 0 %}{% for w in words %}{% set i = i + 1 %}{{ i }}{% endfor %}{{ i }}
{% if false %}{% set z = 1 %}{% else %}{% set z = 2 %}{% endif %}{{ z }}
{% for w in words %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.cycle('x', 'y') }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}
{% for w in empty %}x{% else %}none{% endfor %} {% for w in missing %}x{% else %}none{% endfor %} {% for c in 'abc' %}{{ c }}.{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for r in rows if r.role == 'user' %}{{ loop.index }}/{{ loop.length }}:{{ r.n }} {% endfor %}
{% for a in [1, 2] %}{% for b in [3, 4] %}{{ loop.index }}{{ loop.depth }} {% endfor %}{{ loop.index }}|{% endfor %}
{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %} {{ range(3) | list }} {{ range(1, 6, 2) | list }} {{ range(3, 0, -1) | list }}
{% for i in 5 %}{% endfor %}
{% for a, b in [1] %}{% endfor %}
{% for i in none %}{% endfor %}
{% macro m(a, b='B', c=none) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 2) }} {{ m(c=3, a=1) }} {{ m() }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro down(n) %}{{ n }}{% if n > 0 %},{{ down(n - 1) }}{% endif %}{% endmacro %}{{ down(5) }}
{% macro box(t) %}<{{ t }}>{{ caller() }}</{{ t }}>{% endmacro %}{% call box('b') %}in {{ n }}{% endcall %}{% macro each(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(v) each([1, 2]) %}[{{ v }}]{% endcall %}
{% set g = 1 %}{% macro m() %}{{ g }}{% set g = 5 %}{{ g }}{% endmacro %}{{ m() }}{{ g }}
{% filter upper %}abc {{ word }}{% endfilter %} {% filter replace('a', 'o') | upper %}banana{% endfilter %}
{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}
{% raw %}{{ not run }} {% if %}{% endraw %} {%- raw -%}  x  {%- endraw -%}  y
{# a comment #}a{#- b -#}  c
{{ '\\u00e9\\x41\\n\\t\\'\\"\\\\ \\101 \\q' }}
{{ raise_exception('stop: ' + word) }}
{{ strftime_now('%d %b %Y') }} {{ strftime_now('%Y-%m-%d') }} {{ strftime_now('%B %-d, %Y') }}
{{ dict(a=1, b='x') }} {{ dict({'a': 1}, c=2) }} {{ {'a': {'b': {'c': 1}}}.a.b.c }} {{ {'}}': 1}['}}'] }}
{{ namespace(a=1).a }} {{ [1, 2, 3,] }} {{ {'a': 1,} }} {{ ((1)) }} {{ [[1, 2], [3]][0][1] }} {{ 'abc'[1:][0] }} {{ (1, 2)[0] }} {{ "x".upper().lower() ~ 'y' | upper }}
{{ 1 if }}
{% if n %}
{% endif %}
{{ n
{% unknown %}
{% for %}{% endfor %}
{{ 'open }}
{{ a b }}
{{ [1, 2 }}
{% else %}
{% include 'x' %}
{{ ''.__class__ }}
{% set d.a = 1 %}
{{ loop is defined }} {{ n.nothing is defined }}
""".strip("\n").split("\n")

# With line breaks, for the control of white space: separated by lines of `~`.
LAYOUTS = """
a
  {% if yes %}
    b
  {% endif %}
c
~
a
  {%- if yes -%}
    b
  {%- endif -%}
c
~
a
  {%+ if yes +%}
    b
  {%+ endif +%}
c
~
  {{ n }}
  {{- n }}
  {{ n -}}
  x
~
{% for i in list %}
  * {{ i }}
{% endfor %}
end

~
{% for i in list -%}
  * {{ i }}
{%- endfor %}

end
~
  {# comment #}
x {# comment #} y
  {#- comment -#}
z
~
c {# multi
line #}d
x {% set a = 1 %}
   {% set b = 2 %}  
{% set c = 3 %}

y
~
{% if yes %}{% if n %}
deep
{% endif %}{% endif %}
{{ '  kept  ' }}
   
	{% if yes %}	tab{% endif %}
~
{%- macro m() %}
  inside
{% endmacro -%}
[{{ m() }}]
~
{% raw %}
  {{ x }}
{% endraw %}
y
~
{% generation %}
a {{ n }}
{% endgeneration %}
b{% generation %}c{% endgeneration %}
~
{% set text %}
  two
  {{ n }}
{% endset %}
[{{ text }}]
~
a\r\nb\rc
{% if yes %}\r\nd{% endif %}\r\n
""".strip("\n").replace("\\r", "\r").replace("\\n", "\n").split("\n~\n")


def render(source, **variables):
    from transformers.utils.chat_template_utils import _compile_jinja_template, _render_with_assistant_indices

    day = datetime.datetime(2024, 7, 26)
    compiled = _compile_jinja_template(source)
    compiled.globals["strftime_now"] = lambda form: day.strftime(form)
    messages = variables.pop("messages", [])
    tools, documents = variables.pop("tools", None), variables.pop("documents", None)
    prompt = variables.pop("add_generation_prompt", False)
    text, generated = _render_with_assistant_indices(
        compiled_template=compiled, messages=messages, tools=tools, documents=documents,
        add_generation_prompt=prompt, **variables,
    )  # fmt: skip
    return {"text": text, "generated": [list(pair) for pair in generated]}


def attempt(source, **variables):
    try:
        return render(source, **variables)
    except Exception as error:  # what the template refuses, in any of Python's ways
        return {"error": True, "says": f"{type(error).__name__}: {error}"[:200]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--templates", default=HERE / "ChatTemplates", type=pathlib.Path)
    parser.add_argument("--out", default=OUT, type=pathlib.Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    from importlib.metadata import version

    head = {"made_by": "Tests/References/chat_templates_reference.py",
            "versions": {name: version(name) for name in ("transformers", "jinja2")}}  # fmt: skip

    conversations = [[{"role": role, "content": content} for role, content in turns] for turns in CONVERSATIONS]
    templates = []
    for path in sorted(options.templates.glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        results = []
        for index, messages in enumerate(conversations):
            for prompt in (True, False):
                result = attempt(source, messages=messages, add_generation_prompt=prompt, **SPECIAL)
                results.append({"conversation": index, "add_generation_prompt": prompt, **result})
        result = attempt(source, messages=conversations[1], tools=TOOLS, add_generation_prompt=True, **SPECIAL)
        results.append({"conversation": 1, "add_generation_prompt": True, "with_tools": True, **result})
        templates.append({"name": path.stem, "source": source, "results": results})
    write(options.out / "templates.json", {**head, "special": SPECIAL, "tools": TOOLS}, conversations=conversations, templates=templates)

    cases = [{"source": source, **attempt(source, **VARIABLES)} for source in EXPRESSIONS + LAYOUTS]
    write(options.out / "expressions.json", {**head, "variables": VARIABLES}, cases=cases)
    print(len(templates), "templates,", len(cases), "expressions,", sum("error" in case for case in cases), "refused")


if __name__ == "__main__":
    main()

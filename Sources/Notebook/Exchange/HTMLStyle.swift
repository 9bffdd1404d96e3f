/// How an exported page looks: light and dark, on a wide screen, on a phone, on paper.
enum HTMLStyle {
    /// The style sheet. Contrasts of text are 4.5:1 or more (WCAG 2.2, 1.4.3).
    static let sheet = """
        :root {
          color-scheme: light dark;
          --page: #fbfaf8; --ink: #24262b; --soft: #62666f; --line: #e3e0da; --card: #ffffff; --code: #f5f3ef;
          --link: #1f5fa8; --good: #2d6e46; --good-back: #e6f2ea; --warn: #865200; --warn-back: #fbf0da;
          --bad: #a8261c; --bad-back: #fcecea;
          --keyword: #8a3a8f; --verb: #1f5fa8; --text: #2d6e46; --number: #9a4a00; --field: #0f6570; --label: #5d5a86;
          --sign: #6b6a66; --comment: #6b7078;
          --mono: ui-monospace, "SFMono-Regular", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #16181c; --ink: #e2e3e6; --soft: #9ea3ad; --line: #30343b; --card: #1c1f24; --code: #22262c;
            --link: #8ab8ee; --good: #8fd0a6; --good-back: #1d3325; --warn: #ecc06f; --warn-back: #3a2f18;
            --bad: #f59a90; --bad-back: #3b2120;
            --keyword: #d7a1dd; --verb: #8ab8ee; --text: #a3d3ad; --number: #efb27a; --field: #7fcbd4; --label: #b9b4ea;
            --sign: #a2a6ae; --comment: #939aa5;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--page); color: var(--ink); overflow-wrap: break-word;
          font: 1.0625rem/1.65 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
        }
        main { max-width: 54rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
        header { border-bottom: 1px solid var(--line); margin-bottom: 2rem; padding-bottom: 1rem; }
        header .title { margin: 0; }
        header p.title { font-weight: 600; }
        .facts { list-style: none; display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: .15rem 0 0; padding: 0; }
        .facts li { color: var(--soft); font-size: .875rem; }
        h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 2.25rem 0 .75rem; text-wrap: balance; }
        h1 { font-size: 1.875rem; letter-spacing: -.015em; }
        h2 { font-size: 1.375rem; }
        h3 { font-size: 1.125rem; }
        h4, h5, h6 { font-size: 1rem; }
        a { color: var(--link); text-underline-offset: .15em; }
        img { max-width: 100%; height: auto; }
        .markdown > :first-child { margin-top: 0; }
        .markdown > :last-child { margin-bottom: 0; }
        section { margin: 1.5rem 0; }
        section.markdown { max-width: 46rem; }
        section.markdown:has(> h1:first-child, > h2:first-child) { margin-top: 2.5rem; }
        header + section.markdown:has(> h1:first-child) { margin-top: 0; }
        blockquote { margin: 1rem 0; padding: 0 1rem; border-left: 3px solid var(--line); color: var(--soft); }
        hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
        pre, code { font-family: var(--mono); font-size: .875rem; }
        pre { margin: 0; padding: .75rem 1rem; overflow-x: auto; line-height: 1.5; tab-size: 4; }
        pre code { font-size: inherit; }
        .output.stream { white-space: pre-wrap; overflow-wrap: anywhere; }
        .markdown :not(pre) > code { background: var(--code); border-radius: .25rem; padding: .1em .3em; }
        .markdown pre, pre.raw { background: var(--code); border-radius: .5rem; margin: 1rem 0; }
        table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1rem 0; font-size: .9375rem; }
        th, td { padding: .35rem .75rem; border-bottom: 1px solid var(--line); text-align: left; }
        th { font-weight: 600; }
        td[align="right"], th[align="right"] { text-align: right; font-variant-numeric: tabular-nums; }
        td[align="center"], th[align="center"] { text-align: center; }
        .cell { border: 1px solid var(--line); border-radius: .5rem; background: var(--card); overflow: hidden; }
        .bar {
          display: flex; justify-content: space-between; align-items: center; padding: .35rem 1rem 0;
          background: var(--code); font-size: .75rem; line-height: 1.5;
        }
        .place { color: var(--soft); font-family: var(--mono); text-decoration: none; }
        .place::before { content: "["; }
        .place::after { content: "]"; }
        .badge {
          padding: .05rem .55rem; border-radius: 1rem; font-weight: 600; color: var(--warn);
          background: var(--warn-back);
        }
        .is-current .badge { color: var(--good); background: var(--good-back); }
        .is-failed .badge, .is-broken .badge, .is-interrupted .badge { color: var(--bad); background: var(--bad-back); }
        .is-not-run .badge { color: var(--soft); background: none; box-shadow: inset 0 0 0 1px var(--line); }
        .code { background: var(--code); padding-top: .35rem; }
        .output { border-top: 1px solid var(--line); }
        .output.markdown, div.output { padding: .75rem 1rem; }
        .output.stream { color: var(--soft); }
        .output.failure { color: var(--bad); background: var(--bad-back); }
        pre.output { font-size: .8125rem; }
        .output.result { line-height: 1.4; }
        .output img { display: block; margin: 0 auto; background: #ffffff; border-radius: .25rem; }
        p.verdict { font-size: 1.125rem; font-weight: 600; }
        p.warning { color: var(--warn); background: var(--warn-back); border-radius: .5rem; padding: .5rem 1rem; }
        section.card td { overflow-wrap: break-word; vertical-align: top; }
        section.card img { display: block; background: #ffffff; border: 1px solid var(--line); border-radius: .5rem; }
        .keyword { color: var(--keyword); }
        .verb { color: var(--verb); font-weight: 600; }
        .text { color: var(--text); }
        .number { color: var(--number); }
        .field { color: var(--field); }
        .label { color: var(--label); }
        .sign { color: var(--sign); }
        .hole { color: var(--bad); font-weight: 600; }
        .comment { color: var(--comment); font-style: italic; }
        :focus-visible { outline: 2px solid var(--link); outline-offset: -2px; }
        @media (max-width: 40rem) {
          body { font-size: 1rem; }
          main { padding: 1.25rem 1rem 3rem; }
          h1 { font-size: 1.5rem; }
          pre, code { font-size: .8125rem; }
          pre.output { font-size: .75rem; }
          .cell { margin-left: -.5rem; margin-right: -.5rem; }
          pre, .output.markdown, div.output { padding-left: .75rem; padding-right: .75rem; }
          .bar { padding-left: .75rem; padding-right: .75rem; }
        }
        @media print {
          :root {
            --page: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --card: #ffffff; --code: #ffffff;
            --link: #000000; --good: #1d4d30; --good-back: #ffffff; --warn: #6b4200; --warn-back: #ffffff;
            --bad: #8a1c14; --bad-back: #ffffff; --keyword: #6b2a70; --verb: #17477f; --text: #1d4d30;
            --number: #7a3a00; --field: #0c5059; --label: #45426e; --sign: #444444; --comment: #555555;
          }
          body { font-size: 10.5pt; }
          main { max-width: none; padding: 0; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; }
          pre, code, pre.output { font-size: 8pt; }
          h1, h2, h3, h4, .bar { break-after: avoid; }
          img, tr { break-inside: avoid; }
          .cell { overflow: visible; border-radius: 0; }
        }
        """
}

"""The Markdown engine: what is a link, what is maths, and what stays text."""

from __future__ import annotations

import pytest

from codex_jupyter.render.bounds import BODY_HTML
from codex_jupyter.render.markdown_html import BRACKETS, bounded, parse, render
from tests.unit.render.parsed import read

NEW_TAB = 'target="_blank" rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    "source",
    [
        "costs $5 and then $10",
        "between $5 and 10$ each",
        "$5-$10, or $1,000/month for US$20",
        "$HOME and $PATH",
        "$HOME/$USER or ${HOME}/${USER}",
        "echo $A:$B:$C",
        "the PID is $$ and the parent's $$ too",
        "`$x$` and ``$y$``",
        "```\nexport PATH=$HOME/bin:$PATH\n```",
        "    echo $a$b",
        r"\$x\$ is escaped",
        r"\[optional\] and \(sic\)",
        r"\[not a link\](x)",
        r"the pattern \[a-z\] or \[^0-9A-F\]",
        "$ x $",
        "$$\n\nnot closed",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\class{x}{y}$ and $\def\x{y}$ and $\unicode{x41}$",
        "$$\n\\require{html}\n$$",
        "regex ^a$ and b$",
        "$(date) and $(whoami)",
    ],
)
def test_dollars_stay_dollars(source: str) -> None:
    assert "mathjax_process" not in render(source)


@pytest.mark.parametrize(
    ("source", "maths"),
    [
        ("$x$", "$x$"),
        ("so $x^2 + y_1$.", "$x^2 + y_1$"),
        ("$O(n \\log n)$, quickly", "$O(n \\log n)$"),
        ("$n$-th and ($k=3$)", "$n$"),
        ("costs $5 but $\\alpha$ is free", "$\\alpha$"),
        ("$a < b$", "$a < b$"),
        ("$a & b$", "$a & b$"),
        ("$5$", "$5$"),
        (r"\(y = mx\)", r"\(y = mx\)"),
        (r"\(a-b\)", r"\(a-b\)"),
        (r"inline \[z = 1\] display", r"\[z = 1\]"),
        ("$$E = mc^2$$", "$$E = mc^2$$"),
        ("$$\nE = mc^2\n$$", "$$\nE = mc^2\n$$"),
        ("\\[\na \\\\\nb\n\\]", "\\[\na \\\\\nb\n\\]"),
        ("- item\n  $$\n  a_1\n  $$", "$$\na_1\n$$"),
        ("| $x$ |\n|---|\n| $y$ |", "$x$"),
        ("**$x$**", "$x$"),
        ("text $$x_1$$ text", "$$x_1$$"),
    ],
)
def test_intended_maths_reaches_mathjax(source: str, maths: str) -> None:
    html = render(source)
    assert 'class="cj-math mathjax_process tex2jax_process">' in html
    found = html.split('tex2jax_process">')[1].split("</")[0]
    assert found.replace("&lt;", "<").replace("&amp;", "&") == maths


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("[a](https://e.org)", f'<p><a href="https://e.org" {NEW_TAB}>a</a></p>'),
        ("<https://e.org>", f'<p><a href="https://e.org" {NEW_TAB}>https://e.org</a></p>'),
        (
            "see https://e.org/a_b(c).",
            f'<p>see <a href="https://e.org/a_b(c)" {NEW_TAB}>https://e.org/a_b(c)</a>.</p>',
        ),
        ("(https://e.org/)", f'<p>(<a href="https://e.org/" {NEW_TAB}>https://e.org/</a>)</p>'),
        (
            "**https://e.org**",
            f'<p><strong><a href="https://e.org" {NEW_TAB}>https://e.org</a></strong></p>',
        ),
        ("[m](mailto:a@b.c)", f'<p><a href="mailto:a@b.c" {NEW_TAB}>m</a></p>'),
        ("[b](javascript:alert(1))", "<p>[b](javascript:alert(1))</p>"),
        ("[b](JaVaScRiPt:alert%281%29)", "<p>[b](JaVaScRiPt:alert%281%29)</p>"),
        (
            "[b](vbscript:x) [c](file:///etc/passwd)",
            "<p>[b](vbscript:x) [c](file:///etc/passwd)</p>",
        ),
        ("[b](data:text/html,x)", "<p>[b](data:text/html,x)</p>"),
        ("[load.py](/src/load.py:12)", "<p>load.py (/src/load.py:12)</p>"),
        ("[src/load.py](src/load.py)", "<p>src/load.py</p>"),
        ("[here](#there)", "<p>here</p>"),
        ("[x](//evil.example/)", "<p>x (//evil.example/)</p>"),
        (
            "![plot](https://e.org/p.png)",
            f'<p><a href="https://e.org/p.png" {NEW_TAB}>plot</a></p>',
        ),
        ("![plot](data:image/png;base64,AAAA)", "<p>[image: plot]</p>"),
        ("![plot](p.png)", "<p>[image: plot]</p>"),
        (
            "[![badge](https://e.org/b.svg)](https://e.org)",
            f'<p><a href="https://e.org" {NEW_TAB}>[image: badge]</a></p>',
        ),
        ("www.e.org ftp://e.org xhttps://e.org", "<p>www.e.org ftp://e.org xhttps://e.org</p>"),
        (
            "[a]: https://e.org\n\n[a]",
            f'<p>[a]: <a href="https://e.org" {NEW_TAB}>https://e.org</a></p>\n<p>[a]</p>',
        ),
    ],
)
def test_links_and_images(source: str, html: str) -> None:
    assert render(source) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<b>x</b> & <script>", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &lt;script&gt;</p>"),
        ("<!-- x -->", "<p>&lt;!-- x --&gt;</p>"),
        ("a\x00b\x1b[31mc\u202ed", "<p>ab[31mcd</p>"),
        ("~~x~~", "<p><s>x</s></p>"),
        (
            "- [ ] a\n- [x] b",
            '<ul>\n<li class="cj-task">☐ a</li>\n<li class="cj-task">☑ b</li>\n</ul>',
        ),
        ("```nope\nx < 1\n```", '<pre class="cj-code cj-lang-nope"><code>x &lt; 1\n</code></pre>'),
        (
            "```\n\nfirst line blank\n```",
            '<pre class="cj-code"><code>\nfirst line blank\n</code></pre>',
        ),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        ("", ""),
    ],
)
def test_text_stays_text(source: str, html: str) -> None:
    assert render(source) == html


def test_code_is_highlighted_in_classes_of_ours() -> None:
    html = render("```python\nimport os  # <b>\n```")
    assert '<span class="cj-kn">import</span>' in html
    assert "&lt;b&gt;" in html
    assert read(html).complaints == []


def test_alignment_is_a_class() -> None:
    html = render("|a|b|c|\n|:-|-:|:-:|\n|1|2|3|")
    assert '<td>1</td>\n<td class="cj-right">2</td>\n<td class="cj-center">3</td>' in html


def test_a_long_text_keeps_start_and_end() -> None:
    html = bounded("Start.\n\n" + "word " * 200_000 + "\n\nEnd.")
    assert html.startswith("<p>Start.</p>")
    assert html.endswith("<p>End.</p>")
    assert "characters omitted" in html
    assert len(html) <= BODY_HTML


@pytest.mark.growth
@pytest.mark.parametrize(
    "unit", ["<", '"', "`x` ", "# a\n", "```python\nimport os\n```\n", "[a](https://e.org)", "| a "]
)
def test_html_is_bounded_whatever_the_text(unit: str) -> None:
    html = bounded(unit * (1_000_000 // len(unit)))
    assert len(html) <= BODY_HTML
    assert read(html).complaints == []


def test_a_text_that_was_cut_inside_of_code_goes_on_as_code() -> None:
    html = bounded("```\n" + "# not a heading\n" * 100_000)
    assert "<h1>" not in html
    assert html.count("<pre") == 2


def test_brackets_are_not_tried_for_ever() -> None:
    many = "[" * (BRACKETS + 50)
    assert render(f"{many}x](https://e.org)").startswith(f"<p>{many}x](")
    links = "[a](https://e.org) " * (2 * BRACKETS)
    assert render(links).count("<a ") == 2 * BRACKETS


def test_deep_nesting_loses_nothing() -> None:
    assert "deep" in render("> " * 25 + "deep")
    assert "deep" in render("".join("  " * n + "- x\n" for n in range(20)) + "  " * 20 + "- deep")
    assert "deep" in render("> " * 500 + "deep")


def test_top_level_tokens_have_maps() -> None:
    # What streaming settles by.
    for source in (
        "# a",
        "a\n===",
        "- a",
        "> a",
        "```\na\n```",
        "    a",
        "---",
        "|a|\n|-|",
        "$$\nx_1\n$$",
        "a",
    ):
        assert all(t.map for t in parse(source) if t.level == 0 and t.nesting >= 0)


@pytest.mark.parametrize(
    "formula",
    [
        r"\rule{1000em}{1000em}", r"a\hspace{1000em}b", r"\kern 99999pt x", r"\vspace{500cm}", r"\raise 400em\hbox{x}", r"x \\[900em] y",
        r"\mkern 18000mu", r"\moveleft 1000,5em x", r"\rule{30em}{1em}\rule{30em}{1em}", r"\begin{array}{*{5000}{c}} 1 \end{array}",
        r"\phantom{\rule{1em}{999em}}", r"\genfrac{}{}{999em}{}{a}{b}", "{" * 60 + "x" + "}" * 60, r"\sqrt" * 200 + " x",
        r"\begin{array}{c}" + r"1\\" * 300 + r"\end{array}", r"\rule{99999999999999em}{1em}", r"\hskip1000 em", r"\above 1000em",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["$${}$$", "so ${}$ then", "\\[{}\\]", "so \\({}\\) then"])
def test_a_formula_that_takes_more_room_than_its_source_is_shown_as_source(
    formula: str, around: str
) -> None:
    assert "mathjax_process" not in render(around.replace("{}", formula))


@pytest.mark.parametrize(
    "formula",
    [
        r"\int_0^1 x\,dx", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"a \hspace{2em} b", r"\frac{10\,\text{cm} + 20\,\text{cm}}{2}",
        r"x = 400 cm + 800 cm", r"\underbrace{a+b}_{n}", r"\begin{aligned} a &= b \\[4pt] c &= d \end{aligned}", r"\phantom{x} y",
    ],
)  # fmt: skip
def test_ordinary_formulas_are_formulas(formula: str) -> None:
    assert "mathjax_process" in render(f"$${formula}$$")

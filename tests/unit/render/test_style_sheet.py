"""What a saved output brings of the style sheet."""

from __future__ import annotations

import re

from codex_jupyter.render import style_sheet


def test_only_what_can_be_met_is_there() -> None:
    sheet = style_sheet.of('<div class="cj"><pre class="cj-term"><code>x</code></pre></div>')
    assert ".cj.cj .cj-term{" in sheet
    assert ".cj.cj :is(code,pre){" in sheet
    assert ".cj a{" not in sheet
    assert ".cj-f1" not in sheet
    assert "@container" not in sheet
    assert "@media print{.cj pre{max-height:none!important;" in sheet


def test_a_selector_of_a_list_comes_alone() -> None:
    sheet = style_sheet.of('<div class="cj"><div class="cj-note">x</div></div>')
    assert ".cj-note{opacity" in sheet
    assert ".cj-hunk" not in sheet


def test_choices_that_weigh_differently_stay_together() -> None:
    sheet = style_sheet.of('<div class="cj"><div class="cj-diff"></div><pre class="cj-exact">')
    assert ".cj.cj :is(pre.cj-exact,.cj-files .cj-rows){" in sheet


def test_a_variable_comes_with_the_rules_that_read_it() -> None:
    red = style_sheet.of('<div class="cj cj-gd"></div>')
    assert "--cj-bad:" in red
    assert "--cj-ok" not in red


def test_of_everything_nothing_is_left_out() -> None:
    whole = style_sheet.whole()
    names = {*re.findall(r"\.(cj[a-z0-9-]*)", whole)}
    tags = "a button code details div em fieldset figure h1 h2 h3 h4 h5 h6 hr i input kbd label legend li ol p pre span summary table td th tr ul blockquote"
    html = "".join(f'<{tag} class="{" ".join(names)}">' for tag in tags.split())
    saved = style_sheet.of(html).replace(":scope ", "")
    assert saved.count("{") == saved.count("}")
    rules = re.findall(r"[^{}]+\{[^{}]+\}", whole.partition(".cj-prose>:is([data-cj-settled]")[0])
    for rule in rules:
        assert rule.partition("{")[0].strip("}") in saved, rule
        assert rule.partition("{")[2].rstrip("}") in saved, rule


def test_a_sheet_holds_for_its_own_output_and_controls_have_none() -> None:
    sheet = style_sheet.of('<div class="cj"><button class="cj-button"></button></div>')
    assert sheet.startswith("@scope{\n")
    assert ".cj-button" not in sheet
    assert ".cj-button" in style_sheet.whole()
    assert "/*" not in style_sheet.whole()

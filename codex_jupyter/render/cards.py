"""An open request: live as a form with its buttons, saved as the record of what was asked.

The attributes are those of docs/protocol.md; the page reads them, nothing else. What is asked for is drawn whole and spelled
out by ``exact.py``; the words around it come spelled out (``core/cards.py``).
"""

from __future__ import annotations

from codex_jupyter.core.document import Card, ExactFacts, Field, Option
from codex_jupyter.render.bodies import body
from codex_jupyter.render.characters import shown
from codex_jupyter.render.markup import FRAMED, QUIET, UNMARKED, advice, element, folded, text


def form(card: Card) -> str:
    """The card with its controls."""
    row = [option for option in card.options if not option.confirm]
    apart = [option for option in card.options if option.confirm]
    content = (
        _title(card)
        + _asked(card, saved=False)
        + "".join(_field(each) for each in card.fields)
        + element("div", "".join(_button(option) for option in row), "cj-options")
        + _explained(row)
        + "".join(_apart(option) for option in apart)
        + (element("div", text(card.footnote), "cj-footnote") if card.footnote else "")
    )
    return element(
        "form",
        content,
        "cj-card",
        data_cj_request=card.request_id,
        method="dialog",  # submitting it by the Enter key can lead nowhere
        autocomplete="off",
    )


def record(card: Card) -> str:
    """The card without controls: what was asked and which answers were offered."""
    offered = " · ".join(option.label for option in card.options)
    content = (
        _title(card)
        + _asked(card, saved=True)
        + "".join(_question(each) for each in card.fields)
        + (
            element("div", text(f"Choices: {offered}"), "cj-footnote", style=QUIET)
            if offered
            else ""
        )
        + element("div", "Not answered yet.", "cj-footnote", style=QUIET)
    )
    return element("div", content, "cj-card", style=FRAMED)


def _title(card: Card) -> str:
    title, emphasis = text(card.title), text(card.emphasis)
    strong = element("strong", emphasis, "cj-emph") if emphasis else ""
    if strong and emphasis in title:
        title, strong = title.replace(emphasis, strong, 1), ""
    return element("div", f"{title} {strong}".strip(), "cj-cardtitle")


def _asked(card: Card, *, saved: bool) -> str:
    parts = "".join(body(each, saved=saved) for each in card.body)
    parts += body(ExactFacts(card.facts), saved=saved) if card.facts else ""
    return parts + (element("div", text(card.undrawn), "cj-undrawn") if card.undrawn else "")


def _button(option: Option) -> str:
    key = element("kbd", text(option.key), "cj-hint", aria_hidden="true") if option.key else ""
    return element(
        "button",
        text(option.label) + key,
        "cj-button cj-primary" if option.primary else "cj-button",
        type="button",
        data_cj_choice=option.choice,
        data_cj_key_hint=option.key or None,
        data_cj_confirm=option.confirm or None,
        aria_keyshortcuts=option.key or None,
        title=shown(option.explains) or None,
    )


def _explained(options: list[Option]) -> str:
    rows = " ".join(
        element("span", f"{element('b', text(option.label))}: {advice(option.explains)}")
        for option in options
        if option.explains
    )
    return element("div", rows, "cj-explains") if rows else ""


def _apart(option: Option) -> str:
    """A choice that outlives the notebook stands apart, folded, with what it does before its button."""
    explains = element("div", advice(option.explains), "cj-explains") if option.explains else ""
    return folded(text(option.label), explains + _button(option), "cj-apart")


def _field(field: Field) -> str:
    label = text(field.label) + (" (required)" if field.required else "")
    said = element("div", text(field.description), "cj-note") if field.description else ""
    if field.type in ("choice", "choices"):
        legend = element("legend", label)
        return element("fieldset", legend + said + _choices(field), "cj-field")
    if field.type == "boolean":
        box = _input(field, type="checkbox", value="true", checked=field.default == "true")
        return element("div", element("label", f"{box} {label}") + said, "cj-field")
    if field.type == "secret":
        made = _input(field, type="password", autocomplete="off", spellcheck="false")
    elif field.type in ("number", "integer"):
        step = "1" if field.type == "integer" else "any"
        made = _input(field, type="number", step=step, value=field.default or None)
    else:
        made = _input(field, type="text", value=field.default or None)
    return element("div", element("label", f"{label} {made}") + said, "cj-field")


def _choices(field: Field) -> str:
    kind = "radio" if field.type == "choice" else "checkbox"
    rows = [
        element(
            "label",
            _input(
                field,
                type=kind,
                value=value,
                required=False,
                checked=field.ticked or value == field.default,
            )
            + f" {text(label)}"
            + (element("span", f" {text(description)}", "cj-note") if description else ""),
            "cj-choice",
        )
        for value, label, description in field.options
    ]
    if field.free_text:
        free = _input(field, type="text", placeholder="another answer", required=False)
        rows.append(element("label", f"Or: {free}", "cj-choice"))
    return "".join(rows)


def _input(field: Field, *, required: bool | None = None, **attributes: str | bool | None) -> str:
    needed = field.required if required is None else required
    return element(
        "input",
        "",
        "cj-input",
        name=field.id,
        data_cj_type=field.type,
        required=needed,
        **attributes,
    )


def _question(field: Field) -> str:
    needed = " (required)" if field.required else ""
    preset = f" (preset: {text(field.default)})" if field.default and field.type != "secret" else ""
    asked = element("div", element("b", text(field.label)) + needed + preset)
    if field.description:
        asked += element("div", text(field.description), "cj-note", style=QUIET)
    sign = "○" if field.type == "choice" else "☐"
    options = "".join(
        element("li", text(f"{sign} {label} ({description})" if description else f"{sign} {label}"))
        for _value, label, description in field.options
    )
    return asked + (element("ul", options, "cj-lines", style=UNMARKED) if options else "")

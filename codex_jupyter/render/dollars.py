r"""Dollars that are no maths, for readers that keep none of our classes.

MathJax finds a formula only where both its marks stand in one piece of text. So in everything but maths each mark stands
in an element of its own: where a viewer drops the classes that keep MathJax away, ``$5 and $10`` still stays two prices.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"\$|\\(?=[(\[]|begin\{)")


def unpaired(html: str) -> str:
    r"""Escaped text in which no two marks of maths can meet; it reads the same.

    Example:
        >>> unpaired("$5 and $10")
        '<span>$</span>5 and <span>$</span>10'
    """
    if "$" not in html and "\\" not in html:
        return html
    return _MARK.sub(r"<span>\g<0></span>", html)

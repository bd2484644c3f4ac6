"""Figures and images as PNG: drawn now, or as a cell showed them. What may be drawn unasked, ``objects.drawing`` says."""

from __future__ import annotations

import binascii
import sys
import warnings
import weakref
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from typing import Any

from codex_jupyter import journal
from codex_jupyter.notebook.wrapped_method import WrappedMethod

log = journal.logger("workbench")

#: Pixels of the longer side of an image; pictures of figures that are kept, and bytes of one.
SIDE, SHOWN, BYTES = 1_568, 20, 4_000_000


def picture_of(obj: Any) -> bytes | None:
    """The PNG of a matplotlib figure or a PIL image, drawn now; None for anything else.

    Drawing may run code of what is in it: ``drawable`` tells beforehand. For the main thread.
    """
    from codex_jupyter.objects.figures import is_figure, is_image

    if is_figure(obj):
        buffer = BytesIO()
        width, height = (float(n) for n in obj.get_size_inches())
        dpi = min(float(obj.dpi), SIDE / max(width, height, 0.1))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # how they are shown may be somebody's
            obj.savefig(buffer, format="png", dpi=dpi)
        return buffer.getvalue()
    if is_image(obj):
        image = obj.copy()
        image.thumbnail((SIDE, SIDE))
        if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
            image = image.convert("RGB")
        buffer = BytesIO()
        image.save(buffer, format="PNG")
        return buffer.getvalue()
    return None


def smaller(data: bytes) -> bytes:
    """A large image made smaller with PIL, if that is installed; else nothing."""
    try:
        from PIL import Image
    except ImportError:
        return b""
    try:
        with Image.open(BytesIO(data)) as image:
            return picture_of(image.copy()) or b""
    except (OSError, ValueError, Image.DecompressionBombError):
        return b""


class ShownFigures:
    """The pictures that cells showed of figures: for a figure that cannot be drawn again unasked.

    Args:
        shell: whose cells. Its figures are kept by nobody here, their pictures as long as they are.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._wrapped: WrappedMethod | None = None
        self._shown: dict[int, tuple[Callable[[], Any], bytes]] = {}
        self._of_svg: dict[int, bytes] = {}

    def install(self) -> None:
        """Begin to listen; twice is once."""
        if self._wrapped is None:
            formatter = self._shell.display_formatter
            self._wrapped = WrappedMethod(formatter, "format", self._formatted)

    def uninstall(self) -> None:
        """Stop listening, and forget."""
        if self._wrapped is not None:
            self._wrapped.undo()
            self._wrapped = None
        self._shown.clear()
        self._of_svg.clear()

    def of(self, figure: Any) -> bytes | None:
        """The picture that a cell showed of a figure last, or None."""
        found = self._shown.get(id(figure))
        return found[1] if found is not None and found[0]() is figure else None

    def of_svg(self, svg: Any) -> bytes:
        """The picture of a figure that a cell showed as this SVG, which no model sees; else nothing."""
        return self._of_svg.get(hash(svg), b"") if type(svg) is str else b""

    def _formatted(self, inner: Callable[..., Any], obj: Any, *args: Any, **kwargs: Any) -> Any:
        made = inner(obj, *args, **kwargs)
        if _is_figure(obj) and type(made) is tuple and made and type(made[0]) is dict:
            picture = _png(made[0].get("image/png")) or self._drawn_besides(obj, made[0])
            if picture and len(picture) <= BYTES:
                self._shown.pop(id(obj), None)
                self._shown[id(obj)] = (weakref.ref(obj), picture)
                for old in list(self._shown)[:-SHOWN]:
                    del self._shown[old]
        return made

    def _drawn_besides(self, figure: Any, data: dict[str, Any]) -> bytes:
        """A figure that the cell shows, and so draws, in no format that a model sees."""
        svg = data.get("image/svg+xml")
        if type(svg) is not str:
            return b""
        try:
            picture = picture_of(figure) or b""
        except Exception as error:
            log.debug("a figure that was shown could not be drawn again", exc_info=error)
            return b""
        self._of_svg[hash(svg)] = picture
        for old in list(self._of_svg)[:-SHOWN]:
            del self._of_svg[old]
        return picture


def _is_figure(obj: Any) -> bool:
    """``objects.figures.is_figure``, which nobody has to import before there is a figure."""
    if "matplotlib.figure" not in sys.modules:
        return False
    from codex_jupyter.objects.figures import is_figure

    return is_figure(obj)


def _png(data: Any) -> bytes:
    if type(data) is bytes:
        return data
    try:
        return b64decode(data) if type(data) is str else b""
    except (binascii.Error, ValueError):
        return b""

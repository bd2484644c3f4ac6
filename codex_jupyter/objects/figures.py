"""Figures and images by their parts: how large, which axes, what they are called. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.arrays import plain_array
from codex_jupyter.objects.preview import preview


@dataclass(frozen=True, slots=True)
class FigureParts:
    """A figure of matplotlib: its size in inches, and its axes in the order in which they were added."""

    width: float
    height: float
    axes: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ImageParts:
    """An image of PIL: its size in pixels, its mode, and the format of the file that it is from, or ``""``."""

    size: tuple[int, int]
    mode: str
    format: str


def is_figure(obj: Any) -> bool:
    """Whether it is matplotlib's own figure."""
    return statics.is_type(obj, "matplotlib.figure", "Figure")


def is_image(obj: Any) -> bool:
    """Whether it is one of PIL's own images."""
    image = statics.loaded("PIL.Image", "Image")
    return (
        image is not statics.MISSING
        and statics.derives(type(obj), image)
        and statics.genuine(type(obj), "PIL")
    )


def figure_parts(figure: Any) -> FigureParts | None:
    """The parts of matplotlib's own figure; None where they are not what they should be."""
    held = statics.instance_dict(figure) or {}
    points = plain_array((statics.instance_dict(held.get("bbox_inches")) or {}).get("_points"))
    stack = (statics.instance_dict(held.get("_axstack")) or {}).get("_axes")
    if (
        points is None
        or points.shape != (2, 2)
        or points.dtype.kind != "f"
        or type(stack) is not dict
    ):
        return None
    (_, _), (width, height) = points.tolist()
    return FigureParts(width, height, tuple(axes for axes, _ in statics.snapshot(stack)))


def axes_title(axes: Any) -> str:
    """What matplotlib's own axes are called: title and labels, as they were set."""
    if not statics.genuine(type(axes), "matplotlib", "mpl_toolkits"):
        return ""
    held = statics.instance_dict(axes) or {}
    labels = (
        (name, _text((statics.instance_dict(held.get(f"{name}axis")) or {}).get("label")))
        for name in "xy"
    )
    parts = [_text(held.get("title")), *(f"{name}: {text}" for name, text in labels if text)]
    told = ", ".join(part for part in parts if part)
    return preview(told, 80) if told else ""


def image_parts(image: Any) -> ImageParts | None:
    """The parts of one of PIL's own images; None where they are not what they should be."""
    if not is_image(image):
        return None
    held = statics.instance_dict(image) or {}
    size, mode = held.get("_size"), held.get("_mode", held.get("mode"))
    if type(size) is not tuple or len(size) != 2 or not all(type(n) is int for n in size):
        return None
    if type(mode) is not str:
        return None
    kind = held.get("format", statics.class_attribute(type(image), "format"))
    return ImageParts(size, statics.text(mode), statics.text(kind))


def _text(artist: Any) -> str:
    if not statics.genuine(type(artist), "matplotlib"):
        return ""
    held = (statics.instance_dict(artist) or {}).get("_text")
    return held[:200] if type(held) is str else ""

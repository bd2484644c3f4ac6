"""A table of real data for the first tutorial: 5,000 reports of birds that aircraft struck. ``samples/README.md`` says whence.

Standard library only; what reads the table is the tutorial's.
"""

from __future__ import annotations

import gzip
from pathlib import Path

NAME = "bird_strikes.csv"


def write_bird_strikes(folder: str | Path = ".") -> Path:
    """Write the table into ``folder`` (made if need be) as ``bird_strikes.csv``.

    Returns:
        The file, absolute.

    Raises:
        FileExistsError: the folder holds another file of this name. Nothing was written.
    """
    path = Path(folder).expanduser().absolute() / NAME
    content = gzip.decompress((Path(__file__).with_name("samples") / f"{NAME}.gz").read_bytes())
    if path.exists() and path.read_bytes() != content:
        raise FileExistsError(f"{path} is not the sample's; choose another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path

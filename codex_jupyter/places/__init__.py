"""Where files of ours lie: the only rooms that make folders or files which the user did not name, and how they are opened.

``where`` chooses the folder: never one that a sandboxed command may write to. ``private`` makes folders in it that are
this user's alone, holds them by descriptor and removes them. ``named`` writes the files that a user names (a transcript,
a log) and edits those that are the user's own (rules). Every file is 0600 and opened so that a link is never followed.

Nothing here imports anything of ours, and nothing decides what is kept: that say the callers.
"""

from codex_jupyter.places.named import create, strike_line
from codex_jupyter.places.private import KINDS, Kept, PrivateFolder, fresh, kept, sweep
from codex_jupyter.places.where import NoPlaceError, base, exposed, keep_out_of

__all__ = [
    "KINDS",
    "Kept",
    "NoPlaceError",
    "PrivateFolder",
    "base",
    "create",
    "exposed",
    "fresh",
    "keep_out_of",
    "kept",
    "strike_line",
    "sweep",
]

"""The phases of a turn, and what may happen in which of them. A table; ``turn_run.py`` alone moves along it.

    phase      what is true                                              leaves by
    queued     it waits for the turns before it in its conversation     come: its turn has come; stop, fail
    preparing  runtime, account and conversation are made ready          send; stop, fail
    sending    the call that begins it is on its way                     begin: the runtime says which turn it is; stop,
                                                                         end, fail
    running    the runtime works                                         stop, end, fail
    stopping   it was told to stop                                       end, fail
    closing    it has ended: what waits is withdrawn, what was left      close
               running ended, what was lent taken back
    done       its result is known; nothing of it runs                   nothing

A turn leaves ``closing`` once, and nothing leaves ``done``: whatever comes late changes nothing.
"""

from __future__ import annotations

from typing import Literal

Phase = Literal["queued", "preparing", "sending", "running", "stopping", "closing", "done"]
Step = Literal["come", "send", "begin", "stop", "end", "fail", "close"]

#: What may happen in which phase, and where it leads. Anything else comes too late, and changes nothing.
TRANSITIONS: dict[tuple[Phase, Step], Phase] = {
    ("queued", "come"): "preparing",
    ("queued", "stop"): "closing",
    ("queued", "fail"): "closing",
    ("preparing", "send"): "sending",
    ("preparing", "stop"): "closing",
    ("preparing", "fail"): "closing",
    ("sending", "begin"): "running",
    ("sending", "stop"): "stopping",
    ("sending", "end"): "closing",
    ("sending", "fail"): "closing",
    ("running", "stop"): "stopping",
    ("running", "end"): "closing",
    ("running", "fail"): "closing",
    ("stopping", "end"): "closing",
    ("stopping", "fail"): "closing",
    ("closing", "close"): "done",
}
#: Phases in which the runtime may work for the turn.
AT_WORK: tuple[Phase, ...] = ("sending", "running", "stopping")

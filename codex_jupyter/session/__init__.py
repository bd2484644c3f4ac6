"""The one writer: a loop in its own thread, the actor that owns turns, the broker of open requests, named sessions.

May import ``runtime``, ``render`` and ``core``; knows nothing of IPython, widgets or cells. Whoever shows turns
implements ``presentation.Presenter``.
"""

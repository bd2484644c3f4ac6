"""The live kernel as Codex's workbench: its variables, cells and figures as tools, with the user's consent.

    statics -> preview -> tables, facts -> listing, naming, inspecting     look, and run nothing
    secrets                                                               what is never told
    recorder, cells                                                       what cells printed and showed
    execution, interrupting, idle, running                                run code for the agent, on the main thread
    figures, drawing                                                      images the model can open
    context, mentions, proposals, functions, fixing                       what goes to the model besides
    specs, bench                                                          the tools' schemas; ``Workbench``, who answers calls

Belongs to ``notebook``: may use IPython and everything below; nothing outside imports more than ``bench``, ``mentions``,
``context``, ``fixing`` and ``proposals``.
"""

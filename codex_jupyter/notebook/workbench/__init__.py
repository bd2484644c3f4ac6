"""The live kernel as tools for Codex: its variables, cells and figures, with the user's consent.

    kernel_tools                       ``KernelTools``: what turns carry, and who answers the agent's calls
    tool_schemas, tool_context         the tools as the model sees them; what they work with
    reading_tools, running_tools       the tools that look, the tools that run or change something
    recorder, record, cells            what cells printed and showed
    execution, interrupting, running   code of the agent on the kernel's main thread
    shell_state, idle                  what all sessions of a shell share; when its main thread is idle
    figures, inline_figures            images the model can open; figures that a run drew
    turn_note, mentions, proposals, functions, fixing   what goes to the model besides
    clean_cut                          what is long: cleaned, then cut

Belongs to ``notebook``: may use IPython and everything below. Python values are looked at by ``codex_jupyter.objects``.
"""

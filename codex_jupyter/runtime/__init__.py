"""The Codex runtime's side of the house: the only importer of ``openai_codex``.

    launch.py       how the runtime's process is started, and what of it may outlive us (nothing)
    tap.py          the ``CodexClient`` under a real ``AsyncCodex``; every private SDK name is used there and nowhere else
    client.py       ``Runtime``: one running app-server; arrivals in batches, requests parked, raw calls
    arrivals.py     what ``Runtime`` hands over
    fields.py       reading JSON that may be anything
    wire_items.py   wire items -> ``core.items``
    translate.py    notifications -> ``core.events``, server requests -> ``core.requests``; total
    replies.py      ``core.requests.Answer`` -> what the runtime is told
    threads.py      parameters of thread/start, thread/resume and turn/start
    history.py      stored threads, as typed functions
    account.py      sign-in attempts, account, limits
    environment.py  secrets stay out of commands
    probe.py        does the sandbox work on this machine?

Nothing here decides who may do what: that is the session's broker. Importing this package is cheap; ``openai_codex``
is loaded when a runtime is started.
"""

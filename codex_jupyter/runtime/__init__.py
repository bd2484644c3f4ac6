"""The Codex runtime's side of the house: the only importer of ``openai_codex``.

    launch.py         how the runtime's process is started, and what of it may outlive us (nothing)
    tap.py            the ``CodexClient`` under a real ``AsyncCodex``; private SDK names are used there and nowhere else
    inbox.py          from the thread that reads to the loop, in batches
    outgoing.py       what we send, from a thread of its own
    parking.py        requests that wait for an answer
    client.py         ``Runtime``: one running app-server; arrivals in batches, requests parked, raw calls
    arrivals.py       what ``Runtime`` hands over
    failures.py       what can go wrong in between
    wire_requests.py  server requests -> ``core.requests``
    translate.py      notifications -> ``core.events``; total; what is about one kind of item, ``core/items`` reads
    notices.py        notifications that only say something
    announcements.py  notifications of threads, account and servers -> arrivals
    replies.py        ``core.requests.Answer`` -> what the runtime is told
    threads.py        parameters of thread/start, thread/resume and turn/start
    results.py        a turn's outcome in the SDK's own types
    history.py        stored threads, as typed functions
    reviews.py        overruling the automatic reviewer
    account.py        account, limits
    sign_in.py        sign-in attempts
    callback.py       a pasted address, relayed to the runtime
    environment.py    secrets stay out of commands
    probe.py          does the sandbox work on this machine?

Nothing here decides who may do what: that is the session's broker. Importing this package is cheap; ``openai_codex``
is loaded when a runtime is started.
"""

"""The Codex runtime's side of the house: the only importer of ``openai_codex``.

    versions.py       what a version of Codex has, asked of it or known of it
    sdk.py            whether the installed SDK can be stood on
    binary.py         which executable is the runtime, looked at before it is used
    child.py          a process that we start: what it does not inherit (ignored and blocked signals), and how it is ended
    launch.py         what the runtime's process is started with, and what of it may outlive us (nothing)
    kept.py           that process as the kernel holds it: its pipes, its number, its end
    keeper.py         a program of its own between the two: nothing that the runtime started outlives it, nor it the kernel
    strays.py         what commands of a conversation left running, found and ended
    tap.py            the ``CodexClient`` under a real ``AsyncCodex``; private SDK names are used there and nowhere else
    private_names.py  those names, looked up at each start and pinned by a test
    inbox.py          from the thread that reads to the loop, in batches
    outgoing.py       what we send, from a thread of its own
    transport.py      what a session needs of a running app-server: to ask, to answer, to hear; a protocol
    client.py         ``Runtime``, the real one: arrivals in batches, raw calls
    api.py            the runtime's methods, one typed coroutine each; what starts work takes ``Rights``
    arrivals.py       what ``Runtime`` hands over
    failures.py       what can go wrong in between
    wire_requests.py  server requests -> ``core.requests``
    translate.py      notifications -> ``core.events``; total; what is about one kind of item, ``core/items`` reads
    notices.py        notifications that only say something
    announcements.py  notifications of threads, account and servers -> arrivals
    replies.py        ``core.requests.Answer`` -> what the runtime is told
    wire_rights.py    ``core.rights`` in the runtime's words, both ways
    sdk_rights.py     what the SDK's own turns may do: never more than a turn of ours without options
    threads.py        parameters of thread/start, thread/resume and turn/start
    images.py         which pictures can go along with a prompt
    results.py        a turn's outcome in the SDK's own types
    history.py        stored threads and their turns, as the wire describes them
    reviews.py        how a denial of the automatic reviewer is spelled
    account.py        account, limits, as the wire describes them
    sign_in.py        sign-in attempts
    callback.py       a pasted address, relayed to the runtime
    environment.py    secrets stay out of commands
    probe.py          does the sandbox work on this machine?
    network.py        why a provider cannot be reached
    began_with.py     with which tools a stored conversation began
    databases.py      whether another program holds a database of Codex

Nothing here decides who may do what: that is the session's broker. Importing this package is cheap; ``openai_codex``
is loaded when a runtime is started.
"""

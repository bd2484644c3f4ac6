"""The live panel of a turn: what the page has, what the file has, and what is shown where there is no page.

    Panel                joins the parts for one turn; decides nothing that one of them could
    LiveFeed             what the page has: hellos, numbered batches, snapshots, acknowledgements
    SavedCopy            what the file has: the static copy while the turn goes on, the final bundle once
    StaticFallback       no page spoke: static output in the panel's place, until one does
    Schedule             their clock, timers and threads; scripted in tests

Half of the panel lives in the page and mirrors this, file for file: `wire`, `live_feed`, `saved_copy` and `panel` in
`js/src/`; `docs/protocol.md` is what both hold to. Importing this package imports no widgets; only a page needs those.
"""

"""The journal: bounded, in order, from every thread, and nobody else's handler hears of it."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import threading
import weakref
from collections.abc import Iterator

import pytest

from codex_jupyter import journal
from codex_jupyter.session.loop import LoopThread

LOG = journal.logger("a-test")


class Heard(logging.Handler):
    """What a handler of the user's root logger hears."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture
def root() -> Iterator[Heard]:
    """A root logger at DEBUG, with one handler of the user's."""
    heard, logger = Heard(), logging.getLogger()
    level = logger.level
    logger.addHandler(heard)
    logger.setLevel(logging.DEBUG)
    yield heard
    logger.removeHandler(heard)
    logger.setLevel(level)


def said() -> list[str]:
    """The texts of this file's entries, oldest first."""
    return [entry.text for entry in journal.entries() if entry.room == "a-test"]


def alone() -> tuple[logging.Logger, journal.Ring]:
    """A logger with a ring of its own, which nothing else listens to: pytest's own handlers hold on to records."""
    log, ring = logging.Logger("codex_jupyter.alone"), journal.Ring()
    log.addHandler(ring)
    return log, ring


def test_entries_come_in_order_with_their_level_and_part() -> None:
    LOG.error("first %s", 1)
    LOG.debug("second")
    LOG.warning("third")
    newest = journal.entries()[-3:]
    assert [(e.level, e.room, e.text, e.serious) for e in newest] == [
        (logging.ERROR, "a-test", "first 1", True),
        (logging.DEBUG, "a-test", "second", False),
        (logging.WARNING, "a-test", "third", True),
    ]
    assert [e.number for e in newest] == sorted({e.number for e in newest})


def test_it_is_bounded_and_small_remarks_push_no_error_out() -> None:
    LOG.error("the one that matters")
    for i in range(3 * journal.KEPT_REMARKS):
        LOG.debug("remark %s", i)
    kept = journal.entries()
    assert len(kept) <= journal.KEPT_SERIOUS + journal.KEPT_REMARKS
    assert "the one that matters" in said()
    assert said()[-1] == f"remark {3 * journal.KEPT_REMARKS - 1}" and "remark 0" not in said()
    for i in range(3 * journal.KEPT_SERIOUS):
        LOG.error("error %s", i)
    assert "the one that matters" not in said()
    assert sum(e.serious for e in journal.entries()) == journal.KEPT_SERIOUS


def test_what_is_too_long_is_left_out_whole() -> None:
    """Cut, it could hold half of a secret, which nobody would find any more."""
    LOG.error("secret" * journal.LONGEST_TEXT)
    assert "secret" not in said()[-1] and f"{6 * journal.LONGEST_TEXT} characters" in said()[-1]
    try:
        raise ValueError("secret" * journal.LONGEST_TRACE)
    except ValueError:
        LOG.exception("failed")
    trace = journal.entries()[-1].trace
    assert "secretsecret" not in trace and len(trace) <= journal.LONGEST_TRACE + 100
    assert "ValueError" in trace and "test_journal.py" in trace


def test_a_traceback_is_kept_as_text_and_holds_no_object() -> None:
    log, ring = alone()

    class Big:
        pass

    def fail() -> weakref.ref[Big]:
        big = Big()
        try:
            raise KeyError("a column")
        except KeyError:
            log.exception("failed with %r", big)
        return weakref.ref(big)

    held = fail()
    gc.collect()
    assert held() is None
    (entry,) = ring.entries()
    assert "in fail" in entry.trace
    assert entry.trace.endswith("KeyError: 'a column'")


def test_an_argument_that_fails_breaks_nothing_and_prints_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log, ring = alone()

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    log.error("%r", Broken())
    log.error("%s %s", "one")
    assert [entry.text for entry in ring.entries()] == [
        "an entry could not be written: RuntimeError",
        "an entry could not be written: TypeError",
    ]
    assert capsys.readouterr() == ("", "")


def test_threads_write_and_read_at_once() -> None:
    start = threading.Barrier(5)
    failed: list[BaseException] = []

    def write(name: int) -> None:
        start.wait()
        for i in range(200):
            LOG.error("%s-%s", name, i)

    def read() -> None:
        start.wait()
        try:
            for _ in range(200):
                numbers = [e.number for e in journal.entries()]
                assert numbers == sorted(set(numbers))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    threads.append(threading.Thread(target=read))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    for name in range(4):  # each thread's own entries are in its order
        own = [int(t.partition("-")[2]) for t in said() if t.startswith(f"{name}-")]
        assert own == sorted(own)
    numbers = [e.number for e in journal.entries()]
    assert len(numbers) == len(set(numbers))


def test_nobody_elses_handler_hears_of_it(root: Heard, capsys: pytest.CaptureFixture[str]) -> None:
    LOG.critical("ours alone")
    assert said()[-1] == "ours alone"
    assert root.told == []
    assert capsys.readouterr() == ("", "")


def test_who_asks_for_it_gets_it(root: Heard) -> None:
    asked = Heard()
    ours = logging.getLogger("codex_jupyter")
    ours.addHandler(asked)
    try:
        LOG.info("told")
    finally:
        ours.removeHandler(asked)
    assert asked.told == ["codex_jupyter.a-test: told"]


def test_making_a_loop_tells_the_users_handlers_nothing(root: Heard) -> None:
    made = LoopThread("a-test")
    assert not made.loop.is_closed()
    made.stop()
    assert root.told == []
    asyncio.new_event_loop().close()  # the user's own loops are told of, as ever
    assert [t for t in root.told if "selector" in t]


def test_while_one_thread_is_quiet_the_others_are_heard(root: Heard) -> None:
    foreign = logging.getLogger("asyncio")
    with journal.quiet("asyncio"):
        foreign.error("from here")
        other = threading.Thread(target=foreign.error, args=("from there",))
        other.start()
        other.join()
    foreign.error("afterwards")
    assert root.told == ["asyncio: from there", "asyncio: afterwards"]


def test_what_fails_on_the_loop_and_nobody_takes_is_an_entry(root: Heard) -> None:
    made = LoopThread("a-test")
    ended = threading.Event()

    def fail() -> None:
        made.loop.call_soon(ended.set)
        raise ValueError("a callback of ours")

    made.post(fail)
    assert ended.wait(30)
    made.stop()
    newest = [e for e in journal.entries() if e.room == "loop"][-1]
    assert newest.level == logging.ERROR and newest.trace.endswith("a callback of ours")
    assert root.told == []


def test_reloading_keeps_the_entries_and_the_one_ring() -> None:
    LOG.error("before")
    try:
        again = importlib.reload(journal)
        again.logger("a-test").error("after")
        texts = [e.text for e in again.entries() if e.room == "a-test"]
    finally:
        importlib.reload(journal)
    assert texts[-2:] == ["before", "after"]
    handlers = logging.getLogger("codex_jupyter").handlers
    assert sum(handler.name == "codex_jupyter.journal" for handler in handlers) == 1


def test_an_exception_can_be_told_without_its_words() -> None:
    try:
        raise ValueError("sk-1234")
    except ValueError as error:
        told = journal.without_words(error)
    assert told.startswith("ValueError\n") and "test_journal.py" in told
    assert journal.level_of(ValueError()) == logging.ERROR
    assert journal.level_of(KeyboardInterrupt()) == logging.DEBUG

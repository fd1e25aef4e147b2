"""What sessions share: one computation for many, a budget, and nothing that crosses from one reader to another."""

import threading
import time

import numpy as np
import pytest

from geo_data.errors import AccessError
from geo_data.people import Person
from scoping.clustering.solving import Stopped
from screens import session
from screens.kept import Kept, Tasks


def together(number, work):
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)


def test_many_who_ask_at_once_wait_for_one_computation():
    kept, begun, given = Kept(64), [], []

    def work():
        begun.append(1)
        time.sleep(0.1)
        return object()

    together(8, lambda: given.append(kept.get("key", work)))
    assert len(begun) == 1 and len(given) == 8 and len(set(map(id, given))) == 1


def test_a_failure_is_told_to_everybody_and_not_kept():
    kept, told = Kept(64), []

    def work():
        time.sleep(0.1)
        raise ValueError("no")

    def ask():
        with pytest.raises(ValueError):
            kept.get("key", work)
        told.append(1)

    together(4, ask)
    assert len(told) == 4 and kept.get("key", lambda: 7) == 7


def test_who_stops_does_not_stop_the_others():
    kept, begun, given = Kept(64), [], []

    def work():
        begun.append(1)
        time.sleep(0.1)
        if len(begun) == 1:
            raise Stopped("enough")
        return 7

    def ask():
        try:
            given.append(kept.get("key", work))
        except Stopped:
            given.append("stopped")

    together(3, ask)
    assert sorted(map(str, given)) == ["7", "7", "stopped"] and len(begun) == 2


def test_the_least_recently_used_gives_way_to_the_budget():
    kept = Kept(3)
    for name in "abc":
        kept.get(name, lambda: np.zeros(2**20, np.uint8))
    kept.get("a", lambda: 0)  # used again
    kept.get("d", lambda: np.zeros(2**20, np.uint8))
    assert kept.find("b") is None and all(kept.find(name) is not None for name in "acd")
    kept.get("huge", lambda: np.zeros(2**23, np.uint8))
    assert kept.find("huge") is not None and kept.find("d") is None  # what is asked for is always given


def test_what_values_only_point_to_is_counted_once():
    kept, rows = Kept(64), np.zeros(2**20)
    for key in range(20):
        kept.get(key, lambda: {"rows": rows, "own": np.zeros(2**10)}, lambda value: (value["rows"],))
    assert len([key for key in range(20) if kept.find(key)]) == 20 and kept.held < 2**19


def test_what_was_made_before_the_last_import_is_let_go():
    kept = Kept(64)

    def have(version):
        kept.turn("demo", version)
        return kept.get(("scoped", "demo", version, "", 1), lambda: version)

    kept.turn("other", "d")
    kept.get(("scoped", "other", "d"), lambda: "d")
    kept.get("of no version", lambda: 1)
    for version in ("", "a", "b", "b", "a", "c"):
        assert have(version) == version
    found = {version: kept.find(("scoped", "demo", version, "", 1)) for version in ("", "a", "b", "c")}
    assert found == {"": "", "a": None, "b": "b", "c": "c"}  # a page drawn before the import goes on with b
    assert kept.find(("scoped", "other", "d")) == "d" and kept.find("of no version") == 1


def test_what_is_found_at_hand_is_used():
    """A result that is shown again and again stays, though nobody has to work it out (`worked.ready`)."""
    kept = Kept(2)
    for name in "ab":
        kept.get(name, lambda: np.zeros(2**20, np.uint8))
    assert kept.find("a") is not None
    kept.get("c", lambda: np.zeros(2**20, np.uint8))
    assert kept.find("a") is not None and kept.find("b") is None


def test_a_task_that_nobody_wants_any_more_ends_early():
    tasks, going = Tasks(), threading.Event()

    def work(task):
        going.set()
        for k in range(1000):
            task.tell("step", k / 1000)
            time.sleep(0.01)
        return "all of it"

    first = tasks.ask("slow", "one", work)
    assert tasks.ask("slow", "two", work) is first and going.wait(5)
    tasks.leave("slow", "one")
    assert not first.done.wait(0.1)  # the other still wants it
    tasks.ask("quick", "two", lambda task: 7).done.wait(5)
    assert first.done.wait(5) and isinstance(first.fault, Stopped)


@pytest.mark.usefixtures("demo")
def test_two_readers_never_share_and_the_same_need_to_know_does(monkeypatch):
    """Rows, results and map payloads of a reader come from that reader's rows alone, whoever asked first."""
    everybody = session.opened().locations("demo")
    areas = sorted(everybody["responsible_la"].unique())[:1]
    people = {"all": Person("1", "A", frozenset({"analyst"}), "police", frozenset({"*"})),
              "one": Person("2", "B", frozenset({"analyst"}), "police", frozenset(areas)),
              "like one": Person("3", "C", frozenset({"analyst"}), "police", frozenset(areas))}
    seen = {}
    for name, who in people.items():
        monkeypatch.setattr(session, "person", lambda who=who: who)
        version = session.version("demo")
        seen[name] = version, session.data("demo", version).locations()
    assert seen["all"][0] != seen["one"][0] and len(seen["one"][1]) < len(seen["all"][1]) == len(everybody)
    assert set(seen["one"][1]["responsible_la"].astype(str)) == set(areas)
    assert seen["one"][1] is seen["like one"][1]
    with pytest.raises(AccessError):  # a version of somebody else's is refused, kept or not
        session.data("demo", seen["all"][0])


def test_no_map_waits_for_the_works_of_other_pages():
    tasks, end = Tasks(), threading.Event()
    for k in range(8):
        tasks.ask(f"review {k}", f"one {k}", lambda task: end.wait(20), beside=True)
    drawn = tasks.ask("map", "two", lambda task: "drawn")
    assert drawn.done.wait(5) and drawn.result == "drawn"
    end.set()

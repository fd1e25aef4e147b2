"""Results that take long: the visible window first, then all of it; a computation nobody wants; data that change under a page."""

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from geo_data.errors import ParameterError
from geo_data.keeping.store import Store
from geo_data.memory import size_of
from scoping.change import findings
from scoping.clustering.solving import Stopped
from scoping.parameters import Parameters, WindowScheme
from scoping.showing import desk
from scoping.showing.disclosure import Rules
from screens import reviewed, session, viewing, waiting, worked
from screens.kept import Kept, Task
from screens.results import Given
from screens.worked import Asked, Data
from tests.scoping.worlds import locations

SCRIPT = Path(__file__).resolve().parents[2] / "start.py"


def demo_data() -> Data:
    version = session.version("demo")
    return Data("demo", version, session.store(), session.kept(), 64, session.gazetteer, "")


@pytest.mark.usefixtures("demo")
def test_what_is_made_ready_at_the_start_is_what_the_first_visitor_asks_for(monkeypatch):
    session.kept().clear()
    session.prepare()
    monkeypatch.setattr(worked, "work", lambda *_: pytest.fail("the first look was worked out once more"))
    app = AppTest.from_file(str(SCRIPT), default_timeout=60).run()
    assert not app.exception and len(app.dataframe)


@pytest.mark.usefixtures("demo")
def test_what_is_made_ready_later_is_what_a_release_asks_for(monkeypatch):
    session.kept().clear()
    session.prepare_rest()
    monkeypatch.setattr(Store, "episodes", lambda *_, **__: pytest.fail("the records were read once more"))
    monkeypatch.setattr(session, "addresses", lambda *_: pytest.fail("the grid was made once more"))
    assert len(session.whole("demo").episodes(desk.NEEDED)) and len(session.grid().count)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("scheme", ["month", "rolling:91d:28d"])
@pytest.mark.parametrize("start", ["", "2024-06-10"])
def test_the_first_look_says_of_its_window_what_the_whole_says(scheme, start):
    """Whether its rows alone are read from the store or all are in memory: the same places, counts and coverage."""
    asked = Asked(Parameters(roles=("found",), window=WindowScheme.parse(scheme)), session.rules(), session.today())
    data = demo_data()
    before = data.first_look(asked, start)
    whole = data.drawn(asked).release
    after = data.first_look(asked, start)
    k = worked.window([span[0] for span in whole.spans], whole.partial, start)
    for first in (before.release, after.release):
        assert first.labels == (whole.labels[k],) and first.spans == (whole.spans[k],) and first.partial == (whole.partial[k],)
        mine = whole.hotspots[(whole.hotspots["window"] == k) & whole.hotspots["children"].notna()]
        here = first.hotspots
        assert len(here) and sorted(zip(here["children"], here["episodes"], strict=True)) == sorted(
            zip(mine["children"], mine["episodes"], strict=True))
        assert set(here["change"]) == {"first"} and all(name.startswith("no. ") for name in here["hotspot_id"])
        told = ["locations", "used", "episodes", "children", "not_mappable", "left_out", "filtered", "shown"]
        assert first.windows.iloc[0][told].tolist() == whole.windows.iloc[k][told].tolist()


@pytest.mark.usefixtures("demo")
def test_work_that_was_begun_on_a_guess_is_not_begun_anew_and_ends_when_the_guess_was_wrong(monkeypatch):
    begun, ended, going = [], [], threading.Event()

    def slow(data, asked, _start, task):
        begun.append(asked.parameters.eps_m)
        try:
            while not going.wait(0.01):
                task.tell("", 0.0)
        except Stopped:
            ended.append(asked.parameters.eps_m)
            raise
        return data.drawn(asked)

    monkeypatch.setattr(worked, "work", slow)
    monkeypatch.setattr(waiting, "_me", lambda: "somebody")
    session.kept().clear()
    given = Given("demo", session.version("demo"), Parameters(), session.rules(), session.today())
    waiting.begin(given, "")
    assert not begun  # the rows are not at hand: how the first look comes is not for a guess to say
    demo_data().explorer()
    wrong, right = (given._replace(parameters=Parameters(eps_m=eps)) for eps in (300, 400))
    waiting.begin(wrong, "")
    waiting.begin(right, "")
    going_on = threading.Timer(0.5, going.set)
    going_on.start()
    assert waiting.soon(right, "", st.empty()) is not None
    assert sorted(begun) in ([300, 400], [400]) and ended == begun[:-1]
    waiting.begin(right, "")
    assert begun[-1] == 400 and begun.count(400) == 1  # at hand


@pytest.mark.usefixtures("demo")
def test_the_map_comes_before_the_filters_where_its_results_come_soon_and_not_else(monkeypatch):
    begun, free = threading.Event(), threading.Event()

    def slow(data, asked, *_rest):
        begun.set()
        free.wait(30)
        return data.drawn(asked)

    monkeypatch.setattr(worked, "work", slow)
    monkeypatch.setattr(waiting, "_me", lambda: "somebody")
    monkeypatch.setattr(waiting, "SOON_S", 0.05)
    session.kept().clear()
    given = Given("demo", session.version("demo"), Parameters(roles=("pickup",)), session.rules(), session.today())
    assert waiting.soon(given, "", st.empty()) is None and begun.is_set()
    free.set()
    monkeypatch.setattr(waiting, "SOON_S", 60.0)
    found = waiting.soon(given, "", st.empty())  # the same work, not begun anew
    assert found is not None and found.release.parameters["roles"] == ["pickup"]
    monkeypatch.setattr(worked, "work", lambda *_: pytest.fail("what is at hand was worked out once more"))
    assert waiting.soon(given, "", st.empty()).release is found.release


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("other", [{"eps_m": 200.0}, {"eps_m": 300.0}, {"min_children": 4}, {"min_children": 6}])
def test_a_window_alone_under_other_settings_shows_what_all_windows_would_show_of_it(other):
    """The question whether a result lasts asks for four such settings, of one window."""
    asked = Asked(Parameters(roles=("found",), window=WindowScheme.parse("rolling:91d:28d")), session.rules(), session.today())
    changed = replace(asked.parameters, **other)
    data = demo_data()
    whole = data.release(asked._replace(parameters=changed))

    def outlines(release, rows):
        return sorted((np.vstack(release.shapes[int(shape)]).tolist(), int(children), int(episodes))
                      for shape, children, episodes in zip(rows["shape"], rows["children"], rows["episodes"], strict=True))

    for k in (0, 7, len(whole.labels) - 1):
        alone = data.window_alone(asked, k, changed)
        mine = whole.hotspots[(whole.hotspots["window"] == k) & whole.hotspots["children"].notna()]
        assert alone.labels == (whole.labels[k],)
        assert len(mine) and outlines(alone, alone.hotspots) == outlines(whole, mine)


class PartStore:
    """A store whose reader may read some rows of a longer collection."""

    part = True

    def __init__(self, rows):
        self.rows, self.asked = rows, 0

    def collections(self):
        at = pd.to_datetime(["2020-01-01", "2026-01-01"], utc=True)
        return pd.DataFrame({"name": ["episodes"], "locations": [10**6], "first_at": at[:1], "last_at": at[1:]})

    def locations(self, collection, *, coded, between=None):
        self.asked += 1
        rows = self.rows
        return rows if between is None else rows[(rows["at"] >= pd.Timestamp(between[0], unit="us", tz="UTC"))
                                                 & (rows["at"] < pd.Timestamp(between[1], unit="us", tz="UTC"))]


def test_the_first_look_of_who_may_read_a_part_is_cut_from_their_own_days(gazetteer):
    """The first and last day of all records would tell of rows they may not see, and cut other windows than the whole has."""
    at = pd.date_range("2024-03-10", "2024-06-20", periods=40, tz="UTC")
    store = PartStore(locations(np.zeros(40), np.zeros(40), at, np.arange(40)))
    data = Data("episodes", "v-part", store, Kept(64), 8, lambda: gazetteer, "")
    asked = Asked(Parameters(roles=("found",)), Rules(), at[-1].date())
    first = data.first_look(asked, "").release
    whole = data.release(asked)
    k = worked.window([span[0] for span in whole.spans], whole.partial, "")
    assert first.spans == (whole.spans[k],) and store.asked == 1  # read once, though the columns are not made yet


@pytest.mark.usefixtures("demo")
def test_a_long_reading_draws_the_window_first_and_then_everything(monkeypatch):
    from screens import hotspots

    seen, draw = [], hotspots._results
    monkeypatch.setattr(worked, "LARGE_TO_READ", 1)
    monkeypatch.setattr(hotspots, "_results", lambda shown, **more: (seen.append(shown), draw(shown, **more)))
    slow = worked.method.scope

    def scope(*given, **more):
        if more.get("spans") is None:
            waiting.time.sleep(1.5)  # the whole takes its time
        return slow(*given, **more)

    monkeypatch.setattr(worked.method, "scope", scope)
    app = AppTest.from_file(SCRIPT, default_timeout=240).run()
    assert not app.exception and [shown.whole for shown in seen] == [False, True]
    assert not [button for button in app.button if button.key == "cancel"]


@pytest.mark.usefixtures("demo")
def test_work_ends_at_the_next_stage_when_nobody_wants_it():
    asked = Asked(Parameters(roles=("found",)), session.rules(), session.today())
    task = Task()  # wanted by nobody
    with pytest.raises(Stopped):
        worked.work(demo_data(), asked, "", task)
    assert demo_data().ready(asked) is None


def test_cancel_goes_back_to_the_filters_before(monkeypatch):
    monkeypatch.setattr(waiting.st, "session_state", {
        viewing.TRAIL: [{"strand": [], "question": None}, {"strand": ["care"], "question": None}], "strand": ["care"], "me": "x"})
    waiting.stop("key")
    assert waiting.st.session_state["strand"] == [] and "stopped" not in waiting.st.session_state


def test_cancel_with_nothing_before_says_so(monkeypatch):
    monkeypatch.setattr(waiting.st, "session_state", {viewing.TRAIL: [{"question": None}], "me": "x"})
    waiting.stop("key")
    assert waiting.st.session_state["stopped"] == "key"


def beside():
    import streamlit as st

    from geo_data.errors import ParameterError
    from screens import waiting
    try:
        st.session_state["told"] = waiting.beside("it", "key of it", st.session_state["work"])
    except ParameterError as error:
        st.session_state["told"] = error.what


def test_what_a_page_needs_is_made_beside_it_and_what_it_raises_is_raised_there():
    done, app = [], AppTest.from_function(beside, default_timeout=60)
    app.session_state["work"] = done.append
    app.run()
    assert app.session_state["told"] is True and len(done) == 1 and not app.exception

    def broken(task):
        raise ParameterError("No such window.", fix="Choose another.")

    app.session_state["work"] = broken
    app.run()
    assert app.session_state["told"] == "No such window."


def test_work_that_was_stopped_is_not_begun_until_somebody_says_so(monkeypatch):
    done, app = [], AppTest.from_function(beside, default_timeout=60)
    app.session_state["work"] = done.append
    app.session_state["stopped"] = "key of it"
    app.run()
    assert app.session_state["told"] is False and not done and "Stopped" in app.get("html")[0].body
    app.button(key="go-on").click().run()
    assert app.session_state["told"] is True and len(done) == 1
    monkeypatch.setattr(waiting.st, "session_state", {"me": "x"})
    waiting.leave("another")
    assert waiting.st.session_state["stopped"] == "another"


def test_long_work_beside_a_page_says_how_far_it_has_come_and_can_be_left(monkeypatch):
    said, buttons = [], []
    monkeypatch.setattr(waiting, "TELL_S", 0.0)
    monkeypatch.setattr(waiting, "STOP_S", 0.0)
    monkeypatch.setattr(DeltaGenerator, "progress", lambda _, share, words: said.append((share, words)))
    monkeypatch.setattr(waiting.st, "button", lambda label, **more: buttons.append(label))

    def work(task):
        task.tell("Counting", 0.5)
        waiting.time.sleep(0.8)

    app = AppTest.from_function(beside, default_timeout=60)
    app.session_state["work"] = work
    app.run()
    assert not app.exception and (0.5, "Counting …") in said and buttons == ["Cancel"]


def test_work_whose_share_is_not_known_says_for_how_long_and_draws_no_bar(monkeypatch):
    said = []
    monkeypatch.setattr(waiting, "TELL_S", 0.0)
    monkeypatch.setattr(waiting.look, "clock", lambda words, seconds: said.append((words, seconds)) or words)
    monkeypatch.setattr(DeltaGenerator, "progress", lambda *_: pytest.fail("a bar that stands still"))

    def work(task):
        task.tell("Counting")
        waiting.time.sleep(2.5)

    app = AppTest.from_function(beside, default_timeout=60)
    app.session_state["work"] = work
    app.run()
    assert not app.exception and {("Counting", second) for second in (0, 1, 2)} <= set(said)


@pytest.mark.usefixtures("demo")
def test_a_first_look_is_not_silent_while_the_map_is_waited_for(monkeypatch):
    free = threading.Event()

    class Place:
        told: list = []

        def __getattr__(self, name):
            return lambda *words: self.told.append((name, *words)) or free.set()

    monkeypatch.setattr(waiting, "TELL_S", 0.01)
    monkeypatch.setattr(waiting, "SOON_S", 30.0)
    monkeypatch.setattr(waiting, "_me", lambda: "somebody")
    monkeypatch.setattr(worked, "work", lambda data, asked, *_: free.wait(20) and data.drawn(asked))
    session.kept().clear()
    given = Given("demo", session.version("demo"), Parameters(), session.rules(), session.today())
    assert waiting.soon(given, "", Place()) is not None
    assert [name for name, *_ in Place.told] == ["progress", "empty"]  # said, and taken away once the map is there


@pytest.mark.usefixtures("demo")
def test_what_is_kept_is_not_waited_for(monkeypatch):
    session.kept().clear()
    session.kept().get("known", lambda: "a value")
    monkeypatch.setattr(waiting.TASKS, "ask", lambda *_: pytest.fail("it is at hand"))
    assert waiting.of_kept("it", "known", "Counting", lambda: pytest.fail("once more")) == "a value"


@pytest.mark.usefixtures("demo")
def test_what_is_made_ready_for_the_page_of_changes_is_what_it_asks_for(monkeypatch):
    session.kept().clear()
    reviewed.prepare()
    monkeypatch.setattr(findings, "find", lambda *_, **__: pytest.fail("the changes were looked for once more"))
    monkeypatch.setattr(worked.method, "scope", lambda *_, **__: pytest.fail("hotspots were looked for once more"))

    def changes():
        from screens import changes, look
        look.dress()
        changes.page()

    app = AppTest.from_function(changes, default_timeout=60).run()
    assert not app.exception and len(app.dataframe)


@pytest.mark.usefixtures("demo")
def test_new_data_are_said_at_the_next_look(monkeypatch):
    app = AppTest.from_file(SCRIPT, default_timeout=240).run()
    assert not app.exception and not any("New data" in block.body for block in app.get("html"))
    app.session_state["version_shown"] = {"demo": "another"}
    app.run()
    assert any("New data" in block.body for block in app.get("html"))


@pytest.mark.usefixtures("demo")
def test_results_weigh_what_is_theirs_and_the_rows_are_weighed_with_their_columns():
    data = demo_data()._replace(kept=Kept(512))
    weighed = data.explorer().columns.__dict__.keys() >= {"rising", "role", "tier", "episode", "child"}
    before = data.kept.held
    assert weighed and before > 2 * size_of(data.locations())  # for themselves, and where the explorer holds them
    found = data.scoped(Asked(Parameters(), Rules(), session.today()))
    assert 0 < data.kept.held - before < size_of(found) - size_of(found.locations)
    data.kept.clear()  # what gave way is not read again to weigh anything
    loads = []
    store = SimpleNamespace(locations=lambda *_, **__: loads.append(1) or found.locations)
    small = data._replace(kept=Kept(1), store=store)
    for eps in (150.0, 250.0, 350.0):
        small.scoped(Asked(Parameters(eps_m=eps), Rules(), session.today()))
    assert len(loads) <= 6  # a frame for the rows, and one for the explorer that gave way

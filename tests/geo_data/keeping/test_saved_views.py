"""Kept views: one's own and the team's, replaced by name, deleted by whoever kept them, never more than filters."""

import pytest

from geo_data.errors import InputError
from geo_data.keeping.saved_views import SavedViews, read
from geo_data.keeping.store import Store

VIEW = {"role": "pickup", "age": ["12-14"]}


@pytest.fixture
def book(ready_url):
    with Store(ready_url) as store:
        yield SavedViews(store)


def names(book, who, collection="episodes"):
    return list(book.of(who, collection)["name"])


def test_a_view_comes_back_as_it_was_kept(book):
    book.keep("ann", "episodes", "  School   gates ", VIEW)
    found = book.of("ann", "episodes")
    assert names(book, "ann") == ["School gates"] and read(found["view"].iloc[0]) == VIEW


def test_ones_own_stay_ones_own_and_the_teams_come_after(book):
    book.keep("ann", "episodes", "Mine", VIEW)
    book.keep("bob", "episodes", "All of us", VIEW, team=True)
    book.keep("bob", "episodes", "His", VIEW)
    assert names(book, "ann") == ["Mine", "All of us"] and names(book, "bob") == ["All of us", "His"]
    assert names(book, "ann", "demo") == []


def test_the_same_name_is_replaced_and_not_doubled(book):
    book.keep("ann", "episodes", "Mine", VIEW)
    book.keep("ann", "episodes", "Mine", {"role": "found"})
    assert [read(view) for view in book.of("ann", "episodes")["view"]] == [{"role": "found"}]


def test_only_whoever_kept_a_view_deletes_it(book):
    book.keep("ann", "episodes", "Mine", VIEW, team=True)
    number = int(book.of("ann", "episodes")["id"].iloc[0])
    with pytest.raises(InputError):
        book.forget("bob", number)
    assert names(book, "bob") == ["Mine"]
    book.forget("ann", number)
    assert names(book, "ann") == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "a\x1b[31mb"])
def test_a_name_that_cannot_be_shown_is_refused_and_nothing_kept(book, name):
    with pytest.raises(InputError):
        book.keep("ann", "episodes", name, VIEW)
    assert names(book, "ann") == []


def test_too_much_is_refused(book):
    with pytest.raises(InputError):
        book.keep("ann", "episodes", "Mine", {"place": ["x" * 5_000]})


@pytest.mark.parametrize("text", ["", "[1]", "{", "null"])
def test_a_view_that_cannot_be_read_is_no_view(text):
    assert read(text) == {}

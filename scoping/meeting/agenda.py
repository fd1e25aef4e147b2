"""What a review has to decide: places on the map without a decision, places that changed since one, actions that are late.

Places of a release and places of the register are the same when they share 500 m cells, so neither a new radius nor
a new id loses what was decided. Items come in the order in which a meeting takes them, which is no ranking of harm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from geo_data.concern import ACTION_KINDS, OPEN_STATUSES, STATUSES, Held, cells_of
from geo_data.schema import ROLE_LABELS
from scoping.showing.contents import Release
from scoping.showing.editions import Edition
from scoping.showing.partition import CELL_M
from scoping.transitions import TOLD_AS

# in the order in which a meeting takes them; of those with the same reason what changed comes first
REASONS = {
    "undecided": "On the map, and no decision yet",
    "changed": "Changed since the last decision",
    "returned": "Back on the map after it was dismissed or closed",
    "expired": "An action has run out",
    "review_due": "An action is due for review",
    "no_action": "Agreed as a location of concern, and nothing was begun",
    "faded": "No longer on the map: close it, or keep watching",
}
AGENDA = ("hotspot_id", "concern", "name", "place_type", "change", "said", "stands", "review", "reasons", "open_actions",
          "hotspots")
NEWS = ("born", "reactivated", "grew", "moved", "merged", "split")  # changes that a decision must look at again
_NEWEST = (*NEWS, "shrank")  # of the changes of one place, the first of these is told
Cell = tuple[int, int]  # its south-west corner, EPSG:27700 metres
DAYS_TO_BEGIN = 28  # after which a location of concern without an action comes back
LATE = ("action", "concern", "name", "kind", "owner", "agency", "day", "days_late", "why")


def of_edition(edition: Edition, held: Held) -> Held:
    """What of the register the review of an edition is about: places agreed under its role, and those that lie on its map.

    A review's decisions are kept by the period alone, and each role of a month has a review of its own.
    """
    return _about(held, (edition.role,), (cell for place in edition.places for cell in place.cells), CELL_M)


def called(held: Held, role: str) -> dict[int, str]:
    """What the group calls each place, by its number; one that was agreed under another role than `role` with that role."""
    places = held.places
    return {int(place): name if own == role else f"{name} (agreed among {ROLE_LABELS[own].lower()} places)"
            for place, name, own in zip(places["id"], places["name"], places["role"], strict=True)}


def matches(release: Release, places: pd.DataFrame) -> pd.Series:
    """Of each place shown in the release the number of the CONCERN row that shares most cells with it; missing: none.

    Index: hotspot_id. One agreed under the release's own role goes before others; of several equally near ones the latest opened.
    """
    shared = _shared(release, places)
    own = shared["concern"].isin(places.loc[places["role"].isin(_roles(release)), "id"])
    best = shared.assign(own=own).sort_values(["hotspot_id", "own", "shared", "concern"]).drop_duplicates("hotspot_id", keep="last")
    index = pd.Index(sorted(set(release.hotspots["hotspot_id"])), dtype="str")
    return best.set_index("hotspot_id")["concern"].astype("Int64").reindex(index)


def agenda(release: Release, names: dict[str, str], held: Held, *, review: str, today: date) -> pd.DataFrame:
    """One row a place that the review has to look at: the columns of `AGENDA`.

    `release`'s last window is the one under review; `review` its period as verdicts are kept ("2025-03"); `names` by
    hotspot_id. `reasons` are keys of REASONS joined by "|", and `hotspots` the ids of all hotspots of the window that are the
    place's: the change told is the newest of theirs, the count the largest, and `hotspot_id` the one that has it.
    """
    mine = _of(release, held)
    book = _Book(mine, today)
    spots = _shown(release)
    of_place = _on(spots, release, mine.places)
    taken = {hotspot for hotspots in of_place.values() for hotspot in hotspots}
    rows: list[tuple[Any, ...]] = [
        (hotspot, None, names.get(hotspot, ""), spot["kind"] or "not_known", spot["change"], spot["said"], "", "", "undecided", 0,
         hotspot) for hotspot, spot in spots.items() if hotspot not in taken]
    for place, known in book.places.items():
        stands, at = book.stands(place)
        here = [spots[hotspot] for hotspot in of_place.get(place, ())]
        if here:
            why = [reason for spot in here for reason in _on_the_map(spot["change"], stands, at, review)]
        elif stands in ("concern", "watch"):
            why = ["faded"] if at != review else []  # it is of the release's role: of the others only what is on the map is here
        else:
            continue  # closed or dismissed, and not on the map
        spot = _as_one(here)
        reasons = "|".join(dict.fromkeys([*why, *book.late(place)]))
        rows.append((spot["hotspot_id"], place, known["name"], known["place_type"], spot["change"], spot["said"], stands, at,
                     reasons, len(book.open(place)), "|".join(of_place.get(place, ()))))
    order = {name: position for position, name in enumerate(REASONS)}
    kept = sorted((row for row in rows if row[8]),
                  key=lambda row: (min(order[name] for name in row[8].split("|")), row[4] not in NEWS, row[2]))
    return pd.DataFrame(kept, columns=list(AGENDA)).astype({"hotspot_id": "str", "concern": "Int64", "open_actions": "int64"})


def late(held: Held, today: date) -> pd.DataFrame:
    """Open actions past their last or review day, and locations of concern on which nothing was begun: `LATE`."""
    book = _Book(held, today)
    rows: list[tuple[Any, ...]] = []
    for place, known in book.places.items():
        for row in book.open(place):
            overdue = [(day, why) for day, why in ((_day(row["expires"]), "expired"), (_day(row["review_by"]), "review_due"))
                       if day and day < today]
            for day, why in overdue[:1]:
                rows.append((row["action"], place, known["name"], row["kind"], row["owner"], row["agency"], day,
                             (today - day).days, why))
        if "no_action" in book.late(place):
            agreed = book.agreed(place)
            rows.append((None, place, known["name"], "", "", "", agreed, (today - agreed).days, "no_action"))
    rows.sort(key=lambda row: (-row[7], row[2]))
    return pd.DataFrame(rows, columns=list(LATE)).astype({"action": "Int64", "concern": "Int64", "days_late": "int64"})


class Standing(NamedTuple):
    """Where the group stands on a place, and the actions that are open there, in words."""

    name: str
    verdict: str
    review: str
    actions: tuple[str, ...]


def standings(cells: pd.DataFrame, held: Held) -> dict[str, tuple[Standing, ...]]:
    """What the group knows of hotspots: by hotspot_id the places of the register that share a cell with it.

    `cells`: rows of hotspot_id, cell_e and cell_n of a release of 500 m cells. A hotspot that no place touches is not in it.
    """
    book, taken, found = _Book(held, date.max), defaultdict[Cell, list[int]](list), defaultdict[str, set[int]](set)
    for place, known in book.places.items():
        for cell in cells_of(known["cells"]):
            taken[cell].append(place)
    rows = cells[["hotspot_id", "cell_e", "cell_n"]].drop_duplicates()
    for hotspot, e, n in zip(rows["hotspot_id"].tolist(), rows["cell_e"].tolist(), rows["cell_n"].tolist(), strict=True):
        found[hotspot].update(taken.get((int(e), int(n)), ()))
    return {hotspot: tuple(book.standing(place) for place in sorted(places)) for hotspot, places in found.items() if places}


def waiting(held: Held, today: date) -> list[tuple[str, date]]:
    """Locations of concern at which nothing was begun yet: name and the day they were agreed, the longest first; late or not."""
    book = _Book(held, today)
    return sorted(((str(known["name"]), book.agreed(place)) for place, known in book.places.items() if book.idle(place)),
                  key=lambda each: (each[1], each[0]))


def since(release: Release, held: Held, before: str) -> pd.DataFrame:
    """What was decided at the review `before`, and what the last window shows of each place now.

    Columns: concern, name, verdict, reason, change, said. `change` is empty where the place is not on the map.
    """
    mine, spots = _of(release, held), {str(spot["hotspot_id"]): spot for spot in _last(release)}
    shown = _on(_shown(release), release, mine.places)
    known = _on(spots, release, mine.places) | shown  # what is on the map says more than what has gone from it
    rows = []
    for row in mine.verdicts[mine.verdicts["review"] == before].drop_duplicates("concern", keep="last").to_dict("records"):
        place = int(row["concern"])
        spot = _as_one([spots[hotspot] for hotspot in known.get(place, ())])
        rows.append((place, mine.names[place], row["verdict"], row["reason"], spot["change"],
                     spot["said"] if place in shown else ""))
    return pd.DataFrame(rows, columns=["concern", "name", "verdict", "reason", "change", "said"])


def sentence(reasons: str, change: str = "") -> str:
    """The reasons of an agenda row in words."""
    said = [REASONS[name] for name in reasons.split("|") if name]
    if change and "changed" in reasons.split("|"):
        said = [f"{text} ({TOLD_AS[change]})" if text == REASONS["changed"] else text for text in said]
    return "; ".join(said)


def _last(release: Release) -> list[dict[str, Any]]:
    """The rows of the window under review."""
    now = release.hotspots[release.hotspots["window"] == len(release.labels) - 1]
    return [{str(name): value for name, value in row.items()} for row in now.to_dict("records")]


def _shown(release: Release) -> dict[str, dict[str, Any]]:
    """Those of them that are on the map, by hotspot_id; the others are gone from this window."""
    return {str(spot["hotspot_id"]): spot for spot in _last(release) if _is_shown(spot)}


def _roles(release: Release) -> tuple[str, ...]:
    """What its places are to the children."""
    said = release.parameters
    return (said["role"],) if "role" in said else tuple(said["roles"])


def _of(release: Release, held: Held) -> Held:
    """As `of_edition`, by the release's last window."""
    cells = release.cells[release.cells["window"] == len(release.labels) - 1]
    return _about(held, _roles(release), zip(cells["cell_e"].tolist(), cells["cell_n"].tolist(), strict=True), release.cell_side)


def _about(held: Held, roles: Collection[str], cells: Iterable[Cell], side: int) -> Held:
    """The places of these roles or on these cells of so many metres, with their decisions and actions."""
    shown, places = set(cells), held.places
    about = [role in roles or not shown.isdisjoint(_corners(text, side))
             for role, text in zip(places["role"], places["cells"], strict=True)]
    mine = places[pd.Series(about, index=places.index, dtype=bool)]
    return Held(mine, *(rows[rows["concern"].isin(mine["id"])] for rows in held[1:]))


def _corners(text: str, side: int) -> set[Cell]:
    """The cells of so many metres that a place of the register lies in."""
    return {(e // side * side, n // side * side) for e, n in cells_of(text)}


def _shared(release: Release, places: pd.DataFrame) -> pd.DataFrame:
    """hotspot_id, concern and how many cells both have, for each pair that shares any."""
    shown = release.cells.drop_duplicates(["hotspot_id", "cell_e", "cell_n"])
    known = [(place, e, n) for place, text in zip(places["id"], places["cells"], strict=True)
             for e, n in sorted(_corners(text, release.cell_side))]
    cells = pd.DataFrame(known, columns=["concern", "cell_e", "cell_n"])
    return shown.merge(cells, on=["cell_e", "cell_n"]).groupby(["hotspot_id", "concern"]).size().reset_index(name="shared")


def _on(spots: Collection[str], release: Release, places: pd.DataFrame) -> dict[int, list[str]]:
    """By the number of a place of the register those of these hotspots that share a cell with it, in order."""
    found = defaultdict[int, list[str]](list)
    shared = _shared(release, places)
    for place, hotspot in sorted(zip(shared["concern"].tolist(), shared["hotspot_id"].astype(str), strict=True)):
        if hotspot in spots:
            found[int(place)].append(hotspot)
    return dict(found)


def _as_one(spots: list[dict[str, Any]]) -> dict[str, Any]:
    """What is told of several hotspots of one place: the one with the largest count, and the newest change of any."""
    if not spots:
        return {"hotspot_id": None, "change": "", "said": ""}
    most = max(spots, key=lambda spot: next((float(spot[name]) for name in ("low", "children") if not pd.isna(spot[name])), 0.0))
    changes = [spot["change"] for spot in spots]
    return most | {"change": next((change for change in _NEWEST if change in changes), most["change"])}


def _is_shown(spot: dict[str, Any]) -> bool:
    return not (pd.isna(spot["low"]) and pd.isna(spot["children"]))


def _on_the_map(change: str, stands: str, at: str, review: str) -> list[str]:
    """Why a place on the map comes up, by where it stands."""
    if not stands:
        return ["undecided"]
    if at == review:
        return []  # decided at this very review
    if stands in ("dismiss", "close"):
        return ["returned"] if change in NEWS else []
    return ["changed"] if change in (*NEWS, "shrank") else []


def _day(moment: Any) -> date | None:
    return None if pd.isna(moment) else moment.date()


def _told(moment: Any) -> str:
    return f"{moment.day} {moment:%b %Y}"


class _Book:
    """The register as plain rows, by place."""

    def __init__(self, held: Held, today: date) -> None:
        self.today = today
        self.places: dict[int, dict[Any, Any]] = {int(row["id"]): row for row in held.places.to_dict("records")}
        self._verdicts = {int(row["concern"]): row for row in held.verdicts.to_dict("records")}  # the last of a place holds
        self._actions = held.actions.to_dict("records")

    def stands(self, place: int) -> tuple[str, str]:
        """The verdict that holds and its review; empty when there is none."""
        row = self._verdicts.get(place)
        return (row["verdict"], row["review"]) if row else ("", "")

    def agreed(self, place: int) -> date:
        """The day of the verdict that holds."""
        agreed: date = self._verdicts[place]["at"].date()
        return agreed

    def open(self, place: int) -> list[dict[Any, Any]]:
        """Actions at the place that are planned or under way."""
        return [row for row in self._actions if row["concern"] == place and row["status"] in OPEN_STATUSES]

    def standing(self, place: int) -> Standing:
        verdict, review = self.stands(place)
        return Standing(str(self.places[place]["name"]), verdict, review, tuple(
            f"{ACTION_KINDS[row['kind']].label} ({row['agency']}, {row['owner']}): {STATUSES[row['status']].lower()}, from "
            f"{_told(row['starts'])}, look again by {_told(row['review_by'])}" for row in self.open(place)))

    def idle(self, place: int) -> bool:
        """Agreed as a location of concern, and nothing was ever begun there."""
        return self.stands(place)[0] == "concern" and not any(row["concern"] == place for row in self._actions)

    def late(self, place: int) -> list[str]:
        """What at the place is late."""
        going = self.open(place)
        why = [name for name, column in (("expired", "expires"), ("review_due", "review_by"))
               if any((day := _day(row[column])) and day < self.today for row in going)]
        if self.idle(place) and (self.today - self.agreed(place)).days > DAYS_TO_BEGIN:
            why.append("no_action")
        return why

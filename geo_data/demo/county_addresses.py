"""Street names, addresses and postcodes of the invented county.

Postcodes begin with QX, a pair Royal Mail has never used; their shape (outcode, sector, unit letters) is the
real one, with about 13 addresses each. EPSG:27700 metres.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geo_data.demo.county_plan import SETTLEMENTS, Array

PER_POSTCODE = 14
HOUSEHOLD = 2.35  # people an address, ONS-like
UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # no C I K M O V, as in real units


def _words(text: str) -> list[str]:
    return text.split()


_TREES = _words(
    "Alder Aspen Beech Birch Bramble Briar Broom Cedar Chestnut Clover Elder Elm Fern Gorse Hazel Holly Ivy "
    "Juniper Larch Laurel Lilac Lime Linden Maple Myrtle Oak Olive Pine Rowan Sorrel Spruce Sycamore Thistle "
    "Thorn Walnut Willow Yew"
)
_BIRDS = _words(
    "Avocet Bunting Curlew Dipper Dove Dunlin Falcon Finch Gannet Goldcrest Grebe Heron Jackdaw Kestrel "
    "Kingfisher Kittiwake Lapwing Linnet Merlin Nightingale Osprey Partridge Petrel Pintail Pipit Plover Redshank "
    "Sandpiper Siskin Skylark Swallow Swift Teal Tern Wagtail Warbler Whimbrel Wren"
)
_TRADES = _words(
    "Baker Brewer Carter Chandler Collier Cooper Cutler Draper Dyer Farrier Fletcher Fuller Glover Hatter Mason "
    "Mercer Miller Netmaker Potter Roper Saddler Sawyer Shearer Shipwright Skinner Slater Smith Tanner Thatcher "
    "Tinker Turner Weaver Wheelwright"
)
_PEOPLE = _words(
    "Albert Alexandra Alma Arthur Beatrice Coronation Edith Edward Eleanor Emily Ernest Florence Frederick George "
    "Grace Harold Henrietta Jubilee Laura Leopold Louisa Mafeking Percy Regent Rosebery Sydney Trafalgar Victor "
    "Victoria"
)
_LAND = _words(
    "Abbey Bank Beacon Brook Castle Cliff Common Copper Cross Dean Fallow Field Foundry Furlong Garth Glebe "
    "Grange Hall Haugh High Hollow Iron Kiln Lamb Limekiln Lodge Low Malt Manor Marsh Meadow Mill Moor Orchard "
    "Paddock Park Pasture Pit Priory Quarry River Rope Sand Shepherd Spring Tithe Vale Wagon Water Well West "
    "Wharf Wood"
)
_ENDINGS = {
    "centre": ("Street", "Row", "Gate", "Lane", "Place", "Yard", "Hill"),
    "terrace": ("Street", "Terrace", "Road", "Row", "Place", "View"),
    "interwar": ("Avenue", "Road", "Drive", "Grove", "Gardens", "Crescent"),
    "estate": ("Way", "Road", "Drive", "Walk", "Avenue", "Green"),
    "close": ("Close", "Court", "Mews", "Croft", "Rise"),
    "distributor": ("Road", "Lane", "Way", "Bank"),
    "industrial": ("Way", "Road", "Park Road", "Works Road"),
    "village": ("Lane", "Road", "Street", "Row", "Bank", "Garth"),
}
_WORDS = {
    "centre": _TRADES + _LAND, "terrace": _PEOPLE + _TREES + _TRADES + _LAND, "interwar": _TREES + _PEOPLE + _LAND,
    "estate": _BIRDS + _TREES + _LAND, "close": _BIRDS + _TREES + _LAND + _PEOPLE, "distributor": _LAND + _TRADES,
    "industrial": _TRADES + _LAND, "village": _LAND + _TREES,
}
# pairs that are real settlements, which a gazetteer would find instead of a street
_SETTLEMENTS = {"Abbey Road", "Collier Row", "Grange Hill", "Hazel Grove", "Moor Row", "Park Street", "Partridge Green",
                "Wood Green"}
_OWNED = {"centre", "terrace"}  # zones where a trade takes an 's: Cooper's Row
# metres of frontage an address needs before the town's own population scales it
FRONTAGE = {"A": 22.0, "B": 14.0, "distributor": 12.0, "residential": 9.0, "close": 8.5, "lane": 160.0}


def name_streets(styles: list[str], names: list[str], rng: np.random.Generator) -> list[str]:
    """A name for every street that has none, no two alike in one town."""
    used = _SETTLEMENTS.union(names)
    pools = {style: [f"{word}'s {ending}" if style in _OWNED and word in _TRADES else f"{word} {ending}"
                     for word in _WORDS[style] for ending in _ENDINGS[style]] for style in _ENDINGS}
    for style in sorted(pools):
        rng.shuffle(pools[style])
    named = []
    for style, given in zip(styles, names, strict=True):
        pool, name = pools[style], given
        while not name:
            choice = pool.pop() if pool else f"{rng.choice(_LAND)} {rng.choice(_TREES)} {rng.choice(_ENDINGS[style])}"
            name = "" if choice in used else choice
        used.add(name)
        named.append(name)
    return named


def addresses(streets: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per address along the streets: street (row of `streets`), town, number, easting, northing.

    Frontages follow the class of street and are scaled so that each settlement houses its population.
    Numbers are odd on one side and even on the other, as on a real street.
    """
    frames = []
    length = shapely.length(streets.geometry.to_numpy())
    for settlement in SETTLEMENTS:
        mine = np.flatnonzero((streets["town"] == settlement.name).to_numpy())
        usable = np.clip(length[mine] - 26, 0, None)
        need = usable / streets["kind"].iloc[mine].map(FRONTAGE).to_numpy()
        per_side = settlement.population / HOUSEHOLD / 2
        frames.append(_along(streets, mine, np.round(need * per_side / need.sum()).astype(int)))
    lanes = np.flatnonzero((streets["town"] == "").to_numpy())
    farms = rng.poisson(np.clip(length[lanes] - 200, 0, None) / 420)
    frames.append(_along(streets, lanes, farms, inset=120.0, setback=30.0))
    return pd.concat(frames, ignore_index=True)


def _along(streets: pd.DataFrame, rows: Array, count: Array, inset: float = 13.0, setback: float = 12.0
           ) -> pd.DataFrame:
    """`count` addresses on each side of each street in `rows`."""
    side_count = np.repeat(count, 2)
    street = np.repeat(np.repeat(rows, 2), side_count)
    side = np.repeat(np.tile([1, -1], len(rows)), side_count)
    starts = np.concatenate([[0], np.cumsum(side_count)[:-1]])
    place = np.arange(side_count.sum()) - np.repeat(starts, side_count)
    lines = streets.geometry.to_numpy()[street]
    long = shapely.length(lines)
    at = inset + (long - 2 * inset) * (place + 0.5) / np.repeat(side_count, side_count)
    xy = beside(lines, at, setback * side)
    towns = streets["town"].to_numpy()[street]
    return pd.DataFrame({"street": street, "town": towns, "number": 2 * place + np.where(side == 1, 1, 2), "at": at,
                         "easting": xy[:, 0], "northing": xy[:, 1]})


def beside(lines: Array, at: Array, offset: Array) -> Array:
    """Points `at` metres along each line, `offset` metres to its left (right when negative); shape (n, 2)."""
    here = shapely.get_coordinates(shapely.line_interpolate_point(lines, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, at + 2.0))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(at - 2.0, 0)))
    way = ahead - behind
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    points: Array = here + np.column_stack([-way[:, 1], way[:, 0]]) * np.asarray(offset)[:, None]
    return points


def postcodes(houses: pd.DataFrame, streets: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Give every address a unit postcode: (postcode of each address, table of postcodes).

    A postcode is a run of neighbours on one street. Its point is the address nearest the mean, as in
    Code-Point Open. Outcodes split the city by bearing round its centre; sectors run east to west in strips.
    """
    order = houses.sort_values(["street", "at", "number"], kind="stable")
    place = order.groupby("street").cumcount()
    size = order.groupby("street")["at"].transform("size")
    runs = np.maximum(1, np.round(size / PER_POSTCODE)).astype(int)
    run = place * runs // size
    unit = pd.Series(pd.factorize(order["street"] * 10_000 + run)[0], index=order.index)
    mean = order.groupby(unit)[["easting", "northing"]].transform("mean")
    gap = pd.Series(np.hypot(*(order[["easting", "northing"]] - mean).to_numpy().T), index=order.index)
    nearest = order.loc[gap.groupby(unit).idxmin()]
    table = pd.DataFrame({"easting": nearest["easting"].round().to_numpy(),
                          "northing": nearest["northing"].round().to_numpy(),
                          "street": streets["name"].to_numpy()[nearest["street"]], "town": nearest["town"].to_numpy(),
                          "addresses": unit.value_counts().sort_index().to_numpy()})
    table["outcode"] = _outcodes(table)
    code = pd.concat([pd.Series(_units(str(outcode), mine), index=mine.index)
                      for outcode, mine in table.groupby("outcode", sort=True)]).sort_index()
    table.insert(0, "postcode", code)
    table.insert(1, "sector", code.str[:-2])
    return unit.map(code).reindex(houses.index), table.sort_values("postcode", ignore_index=True)


def _outcodes(table: pd.DataFrame) -> Array:
    """The settlement's outcode; country addresses take the nearest settlement's, the city's five are shared out."""
    xy = table[["easting", "northing"]].to_numpy()
    centres = np.array([settlement.centre for settlement in SETTLEMENTS])
    reach = np.array([settlement.radius_m for settlement in SETTLEMENTS])
    away = np.hypot(*(xy[:, None, :] - centres[None]).transpose(2, 0, 1))
    nearest = np.maximum(away - reach, 0).argmin(axis=1)
    code: Array = np.array([settlement.outcodes[0] for settlement in SETTLEMENTS], dtype=object)[nearest]
    for k, settlement in enumerate(SETTLEMENTS):
        if len(settlement.outcodes) == 1:
            continue
        mine = np.flatnonzero(nearest == k)
        bearing = np.arctan2(*(xy[mine] - centres[k]).T[::-1])
        outer = np.array(settlement.outcodes[1:], dtype=object)
        quarter = np.clip(((bearing + np.pi) / (2 * np.pi) * len(outer)).astype(int), 0, len(outer) - 1)
        code[mine] = np.where(away[mine, k] < 0.3 * settlement.radius_m, settlement.outcodes[0], outer[quarter])
    return code


def _units(outcode: str, mine: pd.DataFrame) -> list[str]:
    """Sector digit and unit letters for one outcode: strips of about 260 from west to east, south to north within."""
    sectors = min(9, max(1, round(len(mine) / 260)))
    strip = (mine["easting"].rank(method="first") - 1) * sectors // len(mine)
    within = mine["northing"].groupby(strip).rank(method="first").astype(int) - 1
    letters = [a + b for a in UNIT_LETTERS for b in UNIT_LETTERS]
    step = 7  # coprime with 400; units are not in order of space on the real ground either
    return [f"{outcode} {int(digit) + 1}{letters[rank * step % 400]}"
            for digit, rank in zip(strip, within, strict=True)]
